# Daily commands: `just` lists them. Everything that must hold: `just ci`, or a part of it by name.

_default:
    @just --list

# Does it compile, tests and benches included?
check:
    cargo check --all-targets --locked

# Formats, and looks for faults as CI does.
lint:
    cargo fmt
    cargo clippy --all-targets --locked -- -D warnings

# Runs tests, all or those whose names contain FILTER.
test *FILTER:
    cargo test --locked {{ FILTER }}

# Runs tests with the code for every instruction set of this machine; CI compares files of the program instead.
test-all:
    cargo test --locked --features all-isas

# Writes what is made from the code again: the picture of ARCHITECTURE.md, the column reference, the schema.
bless:
    BLESS=1 cargo test --locked picture
    BLESS=1 cargo test --locked columns
    BLESS=1 cargo test --locked documents
    BLESS=1 cargo test --locked schema

# Runs the program as it is released.
run *ARGS:
    cargo run --release --locked --quiet -- {{ ARGS }}

# Reads the documentation of the library.
doc:
    cargo doc --no-deps --locked --open

# Measures: `just bench ratios`.
bench NAME="ratios":
    cargo bench --locked --features internals --bench {{ NAME }}

# Parts of CI by name, or all of it; `just ci --list` lists them.
ci *PARTS:
    .ci/run {{ PARTS }}
