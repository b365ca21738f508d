//! The `kzsim` program; everything is in the library.

fn main() -> std::process::ExitCode {
    kzsim::main()
}
