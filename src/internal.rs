//! Internal errors: for states that the rest of the program rules out.

use std::fmt::Display;

/// Stops: a wrong result is never written. The program ends with exit code 1.
///
/// # Panics
/// Always.
#[cold]
#[inline(never)]
#[track_caller]
pub(crate) fn internal_error(what: impl Display) -> ! {
    panic!("internal error: {what}; this is a bug in kzsim")
}
