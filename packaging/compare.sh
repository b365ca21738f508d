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
. packaging/commands.sh

both() {
    local name="$1"
    shift
    "$one" "$@" --out "$work/one/$name" --quiet
    "${runner[@]}" "$other" "$@" --out "$work/other/$name" --quiet
    diff -r "$work/one/$name" "$work/other/$name"
    echo "the same bytes: $*"
}

# The same for what a command prints.
said() {
    "$one" "$@" > "$work/one/said"
    "${runner[@]}" "$other" "$@" > "$work/other/said"
    cmp "$work/one/said" "$work/other/said"
    echo "the same bytes: $*"
}

mkdir -p "$work/one" "$work/other"
each_result both "$work/one" 300
for scenario in scenarios/*.toml scenarios/*/base.toml; do
    [ "$scenario" != scenarios/base.toml ] || continue
    both "$(dirname "$scenario" | tr / _)_$(basename "$scenario" .toml)" run "$scenario" --rounds 300 --keep-rounds
done
for country in scenarios/*/evidence/reports.toml; do
    country="$(dirname "$country" | xargs dirname)"
    both "weigh_$(basename "$country")" weigh "$country"/readings/*.toml --evidence "$country/evidence/reports.toml" \
        --rounds 200
done

# What is made of results.
both pictures report "$work/one/base" --format svg
both pages report "$work/one/weigh" "$work/one/base"
said trace scenarios/base.toml --round 7
said trace scenarios/base.toml --outcome president_consolidates --typical --rounds 300
said check scenarios/base.toml --day0=300
said check scenarios/minimal.toml --coverage=300
echo "All results have the same bytes."
