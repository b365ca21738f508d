#!/usr/bin/env bash
# A real Slurm on this machine alone, started by hand: an array of shards, a lost shard played again,
# and a merge that waits. The merged bytes must be those of one run.
#
#     tests/cluster/slurm.sh KZSIM SCENARIO
#
# Needs Debian's slurmctld, slurmd, slurm-client and munge, and the right to start them (root).
# Everything lies in a temporary folder and listens on the loopback interface; all of it is stopped
# and removed at the end.
set -euo pipefail

kzsim="$(realpath "$1")"
scenario="$(realpath "$2")"
shards=6
rounds=6000

work="$(mktemp -d)"
chmod 755 "$work"
pids=()
stop() {
    for pid in "${pids[@]}"; do
        kill "$pid" 2> /dev/null || true
    done
    wait 2> /dev/null || true
    rm -rf "$work"
}
trap stop EXIT

say() {
    printf '%s\n' "-- $*"
}

# Waits until a command succeeds, at most so many seconds.
until_true() {
    local left=$1
    shift
    until "$@" > /dev/null 2>&1; do
        left=$((left - 1))
        if [ "$left" -le 0 ]; then
            echo "not within its time: $*" >&2
            tail -n 20 "$work"/*.log >&2 || true
            exit 1
        fi
        sleep 1
    done
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

say "munge"
head -c 1024 /dev/urandom > "$work/munge.key"
chmod 400 "$work/munge.key"
mkdir "$work/munge"
chmod 711 "$work/munge"
munged --foreground --force --key-file="$work/munge.key" --socket="$work/munge/socket" \
    --pid-file="$work/munge/pid" --log-file="$work/munged.log" --seed-file="$work/munge/seed" \
    --num-threads=2 > "$work/munged.out" 2>&1 &
pids+=($!)
until_true 20 test -S "$work/munge/socket"

say "slurmctld and slurmd"
host="$(hostname -s)"
mkdir "$work/state" "$work/spool"
export SLURM_CONF="$work/slurm.conf"
cat > "$SLURM_CONF" << CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$(free_port)
SlurmdPort=$(free_port)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$work/munge/socket
CryptoType=crypto/munge
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/slurmd.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SwitchType=switch/none
ReturnToService=2
SlurmctldTimeout=30
SlurmdTimeout=30
InactiveLimit=0
MinJobAge=300
SchedulerParameters=sched_interval=1,sched_min_interval=0
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 RealMemory=2000 State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
slurmctld -D -i > "$work/slurmctld.out.log" 2>&1 &
pids+=($!)
slurmd -D -N "$host" > "$work/slurmd.out.log" 2>&1 &
pids+=($!)
until_true 60 bash -c "sinfo -h -o %T | grep -qx idle"
sinfo

say "one run, to compare with"
cd "$work"
"$kzsim" run "$scenario" --rounds "$rounds" --keep-rounds --threads 2 --out "$work/single" > /dev/null

say "an array of $shards shards, and a merge that waits for it"
"$kzsim" submit slurm "$scenario" --shards "$shards" --rounds "$rounds" --keep-rounds --cpus 1 \
    --mem 300M --out "$work/merged" --folder "$work/job" --go
squeue
until_true 180 bash -c '[ -z "$(squeue -h)" ]'
until_true 5 test -e "$work/merged/manifest.json"
diff -r "$work/single" "$work/merged"
echo "the same bytes"

say "a shard is lost: the merge names it, and the job plays it again alone"
lost="$(find "$work/job/shards" -mindepth 1 -maxdepth 1 | sort | sed -n 3p)"
rm -r "$lost"
rm -r "$work/merged"
if "$kzsim" merge "$work"/job/shards/* --out "$work/merged" 2> "$work/refused.txt"; then
    echo "a merge with a missing shard was not refused" >&2
    exit 1
fi
cat "$work/refused.txt"
grep -q -- "--shard 2/$shards" "$work/refused.txt"
cd "$work/job"
sbatch --wait --array=2 play.sbatch
"$kzsim" merge "$work"/job/shards/* --out "$work/merged" > /dev/null
diff -r "$work/single" "$work/merged"
echo "the same bytes"
