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

# The same for what a command prints.
said() {
    mkdir -p "$work/one" "$work/other"
    "$one" "$@" > "$work/one/said"
    "${runner[@]}" "$other" "$@" > "$work/other/said"
    cmp "$work/one/said" "$work/other/said"
    echo "the same bytes: $*"
}

for scenario in scenarios/*.toml scenarios/*/base.toml; do
    both "$(dirname "$scenario" | tr / _)_$(basename "$scenario" .toml)" run "$scenario" --rounds 300 --keep-rounds --quiet
done
known=scenarios/kazakhstan/evidence/known_on_12_january.toml
for method in weights resampling; do
    both "given_$method" run scenarios/base.toml --rounds 300 --quiet --given "$known" --given-by "$method"
done
both compare compare scenarios/base.toml scenarios/kazakhstan/what_if/no_troops.toml --rounds 200
for method in sobol morris given; do
    both "sensitivity_$method" sensitivity scenarios/minimal.toml --rows 64 --method "$method"
done
both sweep sweep scenarios/minimal.toml --over parameters.anger=0..1:3 --rounds 200
both discover discover scenarios/minimal.toml --rounds 1000
both signposts signposts scenarios/base.toml --rounds 1000
both weigh weigh scenarios/kazakhstan/readings/spontaneous.toml scenarios/kazakhstan/readings/coopted.toml \
    --evidence scenarios/kazakhstan/evidence/january_2022.toml --rounds 200
for country in scenarios/*/evidence/reports.toml; do
    country="$(dirname "$country" | xargs dirname)"
    both "weigh_$(basename "$country")" weigh "$country"/readings/*.toml --evidence "$country/evidence/reports.toml" \
        --rounds 200
done
both score score tests/data/scores/forecasts.csv tests/data/scores/observed.csv

# A template over cases, and its coefficients from what happened in them.
{
    echo case,parameters.anger
    for i in 1 2 3 4 5 6 7 8 9; do echo "case_$i,0.$i"; done
} > "$work/cases.csv"
{
    echo case,outcome
    for i in 1 2 3 4 5 6 7 8 9; do [ "$((i % 3))" -eq 0 ] && echo "case_$i,minister_rules" || echo "case_$i,nothing_happens"; done
} > "$work/observed.csv"
both cases cases scenarios/minimal.toml "$work/cases.csv" --rounds 200
both fit fit scenarios/minimal.toml "$work/cases.csv" "$work/observed.csv" --params parameters.ambition --rounds 20 --draws 100 --boot 50

# What is made of results.
both pool pool "$work/one/scenarios_base" "$work/one/given_weights" --log
both pictures report "$work/one/scenarios_base" --format svg
both pages report "$work/one/weigh" "$work/one/scenarios_base"
said trace scenarios/base.toml --round 7
said trace scenarios/base.toml --outcome president_consolidates --typical --rounds 300
said check scenarios/base.toml --day0=300
said check scenarios/minimal.toml --coverage=300
echo "All results have the same bytes."
