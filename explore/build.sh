#!/usr/bin/env bash
# Builds the module that pages of `kzsim explore` play with, and notes what it came from:
#
#     explore/build.sh            build it, if its sources have changed
#     explore/build.sh --check    build it elsewhere, and compare
#
# The same sources make the same bytes on every machine with the toolchain of rust-toolchain.toml.
# Exit codes: 0 done, 1 what is there is not what its sources make, 3 it cannot be built here.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
target=wasm32-unknown-unknown
module=src/report/explore/engine.wasm.gz
record=explore/built.sha256

# What the module is made from. Pages, tables and commands are not in it.
sources() {
    {
        find src/{internal,parallel,files,math,scenario,plan,engine,ensemble,analysis,study,table,result,text}{,.rs} \
            explore/src -type f 2> /dev/null
        echo src/lib.rs
        echo src/caveat.txt
        echo Cargo.lock
        echo Cargo.toml
        echo explore/Cargo.toml
        echo explore/build.sh
        echo rust-toolchain.toml
    } | LC_ALL=C sort | xargs -d '\n' sha256sum | sha256sum | cut -d' ' -f1
}

now="$(sources)"
if [ -f "$module" ] && grep -qx "$now  sources" "$record" 2> /dev/null; then
    echo "$module is that of its sources"
    exit
fi
if ! [ -d "$(rustc --print sysroot)/lib/rustlib/$target" ] \
    && ! { command -v rustup > /dev/null && timeout 120 rustup target add "$target"; }; then
    echo "the target $target cannot be installed here" >&2
    exit 3
fi

home="${CARGO_HOME:-$HOME/.cargo}"
export RUSTFLAGS="-C target-feature=+simd128 --remap-path-prefix=$PWD=. \
--remap-path-prefix=$home=cargo --remap-path-prefix=$(rustc --print sysroot)=rust"
cargo build --package kzsim-explore --lib --profile module --target "$target" --locked
built="${CARGO_TARGET_DIR:-target}/$target/module/kzsim_explore.wasm"
hash="$(sha256sum "$built" | cut -d' ' -f1)"
echo "$(wc -c < "$built") bytes, $hash"
if [ "${1:-}" = "--check" ] && ! grep -qx "$hash  module" "$record"; then
    echo "$module is not what its sources make: run explore/build.sh and commit $module and $record" >&2
    exit 1
fi
gzip --best --no-name < "$built" > "$module"
printf '%s  sources\n%s  module\n' "$now" "$hash" > "$record"
echo "$(wc -c < "$module") bytes packed"
