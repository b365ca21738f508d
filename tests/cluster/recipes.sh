#!/usr/bin/env bash
# The recipes: GNU parallel played for real, Kubernetes held against the schemas of its API.
#
#     tests/cluster/recipes.sh KZSIM SCENARIO PYTHON
#
# PYTHON has kubernetes-validate.
set -euo pipefail

kzsim="$(realpath "$1")"
scenario="$(realpath "$2")"
python="$3"
here="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

echo "-- GNU parallel"
bash -n "$here/cluster/gnu_parallel.sh"
KZSIM="$kzsim" bash "$here/cluster/gnu_parallel.sh" "$scenario" 5 4000 "$work/merged" --keep-rounds
"$kzsim" run "$scenario" --rounds 4000 --keep-rounds --quiet --out "$work/single"
diff -r "$work/single" "$work/merged"
echo "the same bytes"
# Started again it plays what is missing, and never mixes runs.
rm -r "$work/merged_shards/shard_2" "$work/merged"
KZSIM="$kzsim" bash "$here/cluster/gnu_parallel.sh" "$scenario" 5 4000 "$work/merged" --keep-rounds
diff -r "$work/single" "$work/merged"
if KZSIM="$kzsim" bash "$here/cluster/gnu_parallel.sh" "$scenario" 5 5000 "$work/merged" \
    --keep-rounds 2> "$work/refused.txt"; then
    echo "shards of another run were taken" >&2
    exit 1
fi
grep -q "rounds, over all shards: 4000 instead of 5000" "$work/refused.txt"
diff -r "$work/single" "$work/merged"
echo "goes on, and refuses shards of another run"
# Nothing in a name is run, by parallel, by Perl or by a shell.
name="it's {= system('touch ran') =} {} {#} \$(touch ran) \`touch ran\`"
mkdir "$work/names"
(
    cd "$work/names"
    cp "$scenario" "$name.toml"
    KZSIM="$kzsim" bash "$here/cluster/gnu_parallel.sh" "$name.toml" 3 300 "out $name"
    "$kzsim" run "$name.toml" --rounds 300 --quiet --out single
    diff -r single "out $name"
    [ ! -e ran ]
)
echo "a name is a name"

echo "-- Kubernetes"
"$python" - "$here/cluster/kubernetes.yaml" << 'PYTHON'
import sys

import kubernetes_validate
import yaml

with open(sys.argv[1], encoding="utf-8") as file:
    documents = list(yaml.safe_load_all(file))
version = kubernetes_validate.latest_version()
for document in documents:
    kubernetes_validate.validate(document, version, strict=True)
    print(document["kind"], document["metadata"]["name"], "is good for Kubernetes", version)
first = documents[0]["spec"]
script = first["template"]["spec"]["containers"][0]["args"][0]
assert first["completionMode"] == "Indexed" and f"auto/{first['completions']}" in script
broken = {**documents[0], "spec": {**first, "completions": "many"}}
try:
    kubernetes_validate.validate(broken, version, strict=True)
except kubernetes_validate.ValidationError:
    pass
else:
    raise SystemExit("the validator accepts anything")
PYTHON
