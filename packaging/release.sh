#!/usr/bin/env bash
# Makes what a release consists of: for each target that this machine can build, a wheel and an archive.
#
#     packaging/release.sh [--out FOLDER] [TARGET …]
#
# It needs `rustup target add TARGET`, and `pip install maturin cargo-zigbuild ziglang`: the C of Zig links for other systems
# and for an older glibc than this machine's. Programs for macOS are built on macOS. A target that cannot be built is told, and
# the exit code is then 1; the others are still made.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Linux with glibc 2.28 (RHEL 8, Debian 10, Ubuntu 20.04) or newer, any Linux (musl), Windows, macOS.
targets=(
    x86_64-unknown-linux-gnu
    aarch64-unknown-linux-gnu
    x86_64-unknown-linux-musl
    aarch64-unknown-linux-musl
    x86_64-pc-windows-gnu
    aarch64-apple-darwin
    x86_64-apple-darwin
)
out=dist
if [ "${1:-}" = "--out" ]; then
    out="$2"
    shift 2
fi
[ "$#" -eq 0 ] || targets=("$@")
mkdir -p "$out"
out="$(realpath "$out")"
built="$(realpath -m "${CARGO_TARGET_DIR:-target}")"
version="$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)"

wheel() {
    case "$1" in
        *-linux-gnu) maturin build --release --locked --zig --compatibility manylinux_2_28 --target "$1" --out "$out" ;;
        *-linux-musl) maturin build --release --locked --zig --compatibility musllinux_1_2 --target "$1" --out "$out" ;;
        *-windows-gnu) maturin build --release --locked --zig --target "$1" --out "$out" ;;
        *) maturin build --release --locked --target "$1" --out "$out" ;;
    esac
}

# The program that went into the wheel, with what it is licensed under.
archive() {
    local name="kzsim-$version-$1" program="$built/$1/release/kzsim"
    [ -f "$program" ] || program="$program.exe"
    local folder
    folder="$(mktemp -d)"
    mkdir "$folder/$name"
    cp "$program" README.md LICENSE-MIT LICENSE-APACHE "$folder/$name"
    tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@${SOURCE_DATE_EPOCH:-0}" \
        -C "$folder" -cf - "$name" | gzip -n > "$out/$name.tar.gz"
    rm -rf "$folder"
}

missed=()
for target in "${targets[@]}"; do
    if wheel "$target" && archive "$target"; then
        echo "made: $target"
    else
        missed+=("$target")
    fi
done
(cd "$out" && sha256sum ./*.whl ./*.tar.gz > SHA256SUMS && cat SHA256SUMS)
if [ "${#missed[@]}" -gt 0 ]; then
    echo "NOT MADE: ${missed[*]}" >&2
    exit 1
fi
