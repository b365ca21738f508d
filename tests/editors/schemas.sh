#!/usr/bin/env bash
# Lints every shipped scenario, evidence file and template by the schemas, with Tombi and with Taplo: no error, no
# warning. tests/editors/schemas.sh PROGRAM BIN, where BIN is the folder of both linters (requirements.txt beside this).
set -euo pipefail
program="$(realpath "$1")"
bin="$(realpath "$2")"
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
export NO_COLOR=1

cd "$folder"
cp "$root/tombi.toml" .
for template in two_actors palace street guarantor every_section evidence; do
    "$program" new "$template" --template "$template" --schema --quiet
done
cp -r "$root/scenarios" "$root/schemas" .
mapfile -t files < <(find . -name '*.toml' -not -name tombi.toml | LC_ALL=C sort)
echo "${#files[@]} files"
"$bin/tombi" lint --offline --error-on-warnings "${files[@]}"
"$bin/taplo" lint "${files[@]}" > taplo.told 2>&1 || { cat taplo.told; exit 1; }
if grep -E "WARN|ERROR" taplo.told; then
    exit 1
fi

# What is wrong is found, or nothing has been looked at.
for wrong in 's/^rounds = .*/rounds = "many"/' 's/^start = .*/start = "soon"/' 's/^days  *= /dayz = /'; do
    sed "$wrong" two_actors.toml > wrong.toml
    cmp -s two_actors.toml wrong.toml && { echo "two_actors.toml has no such line: $wrong"; exit 1; }
    if "$bin/tombi" lint --offline wrong.toml > told 2>&1; then
        echo "Tombi finds nothing wrong with $wrong"
        exit 1
    fi
    if "$bin/taplo" lint wrong.toml > told 2>&1; then
        echo "Taplo finds nothing wrong with $wrong"
        exit 1
    fi
done
echo "no error and no warning in ${#files[@]} files, and three faults found"
