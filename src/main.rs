//! The `kzsim` program; everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    // An internal error has printed its message by then.
    std::panic::catch_unwind(kzsim::main).unwrap_or(ExitCode::FAILURE)
}
