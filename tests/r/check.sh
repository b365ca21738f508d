#!/usr/bin/env bash
# Runs the example in R and compares what it prints with outcomes.csv as the shell reads it.
#
#   tests/r/check.sh target/release/kzsim      # needs Rscript (Debian: r-base-core)
set -euo pipefail
cd "$(dirname "$0")/../.."
KZSIM="$(realpath "$1")"
export KZSIM
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

# A place with a blank in it, as analysts have.
out="$work/my results"
Rscript examples/r/outcomes.R scenarios/minimal.toml "$out" "$work/outcomes.pdf" 2000 | tee "$work/said"
awk -F, 'NR > 1 { printf "%.1f\n", 100 * $6 }' "$out/outcomes.csv" | sort -rn > "$work/wanted"
[ -s "$work/wanted" ]
while read -r share; do
    grep -q -- " $share " "$work/said" || { echo "R does not print the share $share" >&2; exit 1; }
done < "$work/wanted"
[ "$(head -c 5 "$work/outcomes.pdf")" = "%PDF-" ]

# R reads every table, with the rows that the shares come from.
Rscript - "$out" << 'R'
folder <- commandArgs(trailingOnly = TRUE)[1]
text <- paste(readLines(file.path(folder, "manifest.json"), warn = FALSE), collapse = "\n")
files <- list.files(folder, "\\.csv$")
stopifnot(length(files) >= 8)
for (file in files) {
  table <- read.csv(file.path(folder, file), na.strings = "", check.names = FALSE)
  stopifnot(nrow(table) > 0, grepl(paste0('"', file, '"'), text, fixed = TRUE))
  stopifnot(!anyDuplicated(names(table)))
}
outcomes <- read.csv(file.path(folder, "outcomes.csv"), na.strings = "")
stopifnot(abs(sum(outcomes$probability) - 1) < 1e-12, sum(outcomes$count) == outcomes$rounds[1])
stopifnot(identical(outcomes$probability, outcomes$count / outcomes$rounds))
R

# A faulty scenario is a fault in R too.
printf 'schema = 1\n' > "$work/faulty.toml"
if Rscript examples/r/outcomes.R "$work/faulty.toml" "$work/none" "$work/none.pdf" 2> "$work/fault"; then
    echo "a faulty scenario was played" >&2
    exit 1
fi
grep -q "exit code 2" "$work/fault"
echo "R reads what kzsim writes"
