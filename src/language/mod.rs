//! The language server: scenarios in an editor, with their faults, what may be written, and what words mean.
//!
//! It speaks the Language Server Protocol and knows nothing of its own: keys come from the grammar, ids from the
//! scenario and what it extends, faults from the reader. A text that is being written counts in place of what its file
//! holds.

mod cursor;
mod document;
mod faults;
mod meaning;
mod offer;
mod server;

pub(crate) use server::serve;
