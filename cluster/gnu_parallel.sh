#!/usr/bin/env bash
# Runs a scenario in shards with GNU parallel and merges them.
#
#     cluster/gnu_parallel.sh scenarios/base.toml SHARDS ROUNDS OUT [more options of kzsim run]
#
# If stopped and started again, it continues where it left off; shards of a different run in the same
# folder are refused. JOBS is the number of shards that run at a time [default: one per core]; KZSIM
# names the program. To use several machines with a shared folder, set parallel's --sshlogin through
# PARALLEL, for example PARALLEL='--sshlogin a,b,c --workdir .'
set -euo pipefail

if [ "$#" -lt 4 ]; then
    sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
scenario=$1 shards=$2 rounds=$3 out=$4
shift 4
kzsim="${KZSIM:-kzsim}"
home="${out%/}_shards"
mkdir -p "$home"

# Each shard has its own range of rounds, so there are no seeds to distribute and no collisions.
# kzsim itself knows what has been completed, so --resume is more reliable than parallel's job log.
seq 0 $((shards - 1)) | parallel --jobs "${JOBS:-100%}" --joblog "$home/joblog" \
    --retries 3 --halt soon,fail=10% --quote \
    "$kzsim" run "$scenario" --rounds "$rounds" "$@" --threads 1 \
    --shard "{}/$shards" --out "$home/shard_{}" --resume --quiet

"$kzsim" merge "$home"/shard_* --out "$out"
