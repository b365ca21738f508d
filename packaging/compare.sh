#!/usr/bin/env bash
# Compares two programs byte by byte: whether another machine gives the same results.
#
#     packaging/compare.sh PROGRAM OTHER [RUNNER …]
#     packaging/compare.sh target/release/kzsim kzsim-aarch64 qemu-aarch64-static
#     packaging/compare.sh target/release/kzsim kzsim.exe wine
#
# Each command plays few rounds, since an emulator is slow; bits do not depend on their number.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[ "$#" -ge 2 ] || { echo "usage: packaging/compare.sh PROGRAM OTHER [RUNNER …]" >&2; exit 2; }
one="$(realpath "$1")"
other="$(realpath "$2")"
shift 2
runner=("$@")
work="$(mktemp -d -p .)"
trap 'rm -rf "$work"' EXIT

both() {
    local name="$1"
    shift
    "$one" "$@" --out "$work/one/$name" > /dev/null
    "${runner[@]}" "$other" "$@" --out "$work/other/$name" > /dev/null
    diff -r "$work/one/$name" "$work/other/$name"
    echo "the same bytes: $*"
}

for scenario in scenarios/*.toml scenarios/*/base.toml; do
    both "$(dirname "$scenario" | tr / _)_$(basename "$scenario" .toml)" run "$scenario" --rounds 300 --keep-rounds --quiet
done
both given run scenarios/base.toml --rounds 300 --quiet --given scenarios/kazakhstan/evidence/known_on_12_january.toml
both compare compare scenarios/base.toml scenarios/kazakhstan/what_if/no_troops.toml --rounds 200
both sensitivity sensitivity scenarios/minimal.toml --rows 64
both weigh weigh scenarios/kazakhstan/readings/spontaneous.toml scenarios/kazakhstan/readings/coopted.toml \
    --evidence scenarios/kazakhstan/evidence/january_2022.toml --rounds 200
echo "All results have the same bytes."
