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
case "$shards" in
    "" | 0* | *[!0-9]*)
        echo "invalid number of shards \`$shards\`: expected a whole number from 1" >&2
        exit 2
        ;;
esac
kzsim="${KZSIM:-kzsim}"
home="${out%/}_shards"
mkdir -p -- "$home"

# A word for any POSIX shell, here and on other machines.
quoted() {
    printf "'%s' " "${1//\'/\'\\\'\'}"
}

# One whole command per shard, with nothing left for parallel to replace: a template would have it run
# the Perl between {= and =} in the name of a file.
command="$(for word in "$kzsim" run --rounds "$rounds" "$@" --threads 1 --resume --quiet; do
    quoted "$word"
done)"
for ((shard = 0; shard < shards; shard++)); do
    printf '%s--shard %d/%d %s-- %s\0' "$command" "$shard" "$shards" \
        "$(quoted "--out=$home/shard_$shard")" "$(quoted "$scenario")"
done > "$home/commands"

# Each shard has its own range of rounds, so there are no seeds to distribute and no collisions.
# kzsim itself knows what has been completed, so --resume is more reliable than parallel's job log.
parallel --null --jobs "${JOBS:-100%}" --joblog "$home/joblog" --retries 3 --halt soon,fail=10% \
    < "$home/commands"

"$kzsim" merge --out="$out" -- "$home"/shard_*
