//! The model's own arithmetic: functions built from IEEE basic operations alone, and the operations
//! of expressions. Everything else in the program may use it; it uses nothing.

mod functions;
pub mod operation;

pub use functions::*;
pub use operation::Operation;
