#!/usr/bin/env bash
# Plays a run in shards with GNU parallel, and merges them.
#
#     cluster/gnu_parallel.sh scenarios/base.toml SHARDS ROUNDS OUT [more options of kzsim run]
#
# Stopped and started again it goes on where it was; shards of another run in the same place are
# refused. JOBS says how many run side by side
# [default: one a core]; KZSIM names the program. With parallel's --sshlogin the same works on many
# machines that see one folder: put it into PARALLEL, as in PARALLEL='--sshlogin a,b,c --workdir .'
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

# Shard I has rounds of its own, by their numbers: no seeds to hand out, nothing to collide.
# What has been played already, kzsim knows better than a log of jobs: it goes by what was played.
seq 0 $((shards - 1)) | parallel --jobs "${JOBS:-100%}" --joblog "$home/joblog" \
    --retries 3 --halt soon,fail=10% --quote \
    "$kzsim" run "$scenario" --rounds "$rounds" "$@" --threads 1 \
    --shard "{}/$shards" --out "$home/shard_{}" --resume --quiet

"$kzsim" merge "$home"/shard_* --out "$out"
