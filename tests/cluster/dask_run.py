#!/usr/bin/env python3
"""A real Dask cluster on this machine: two workers, one of them killed mid-run. The merged bytes
must be those of a single run, and a restarted driver runs only the missing shards.

    tests/cluster/dask_run.py KZSIM SCENARIO

Needs dask.distributed. Everything listens on the loopback interface and lies in a temporary folder.
"""

import filecmp
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

DRIVER = pathlib.Path(__file__).resolve().parents[2] / "cluster" / "kzsim_dask.py"
SHARDS, ROUNDS = 12, 120_000


def start(arguments, log):
    with log.open("wb") as out:
        return subprocess.Popen(arguments, stdout=out, stderr=subprocess.STDOUT)


def wait_for(what, seconds, test):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = test()
        if found:
            return found
        time.sleep(0.2)
    raise SystemExit(f"not within {seconds} s: {what}")


def same(one, two):
    names = sorted(p.name for p in one.iterdir())
    assert names == sorted(p.name for p in two.iterdir()), (one, two)
    equal, different, unreadable = filecmp.cmpfiles(one, two, names, shallow=False)
    assert not different and not unreadable, (different, unreadable)
    print(f"the same bytes in {len(equal)} files")


def main():
    kzsim, scenario = (os.path.abspath(p) for p in sys.argv[1:3])
    work = pathlib.Path(tempfile.mkdtemp())
    running = []
    try:
        single = [kzsim, "run", scenario, "--rounds", str(ROUNDS), "--keep-rounds", "--quiet"]
        subprocess.run([*single, "--out", str(work / "single")], check=True)
        log = work / "scheduler.log"
        scheduler = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
        running.append(
            start([*scheduler, "--host", "127.0.0.1", "--port", "0", "--no-dashboard"], log)
        )
        address = wait_for(
            "the scheduler", 60, lambda: re.search(r"tcp://127\.0\.0\.1:\d+", log.read_text())
        ).group()
        worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--no-nanny"]
        worker += ["--nthreads", "1", "--host", "127.0.0.1", "--no-dashboard"]
        for i in range(2):
            own = ["--name", f"w{i}", "--local-directory", str(work / f"w{i}")]
            running.append(start([*worker, *own], work / f"w{i}.log"))
        shards = work / "shards"
        driver = [sys.executable, str(DRIVER), scenario, "--shards", str(SHARDS), "--rounds", str(ROUNDS)]
        driver += ["--keep-rounds", "--kzsim", kzsim, "--scheduler", address]
        driver += ["--out", str(work / "merged"), "--shards-dir", str(shards)]
        told = work / "driver.log"
        run = start(driver, told)
        running.append(run)
        done = lambda: len(list(shards.glob("shard_*"))) if shards.is_dir() else 0
        wait_for("the first shards", 120, lambda: done() >= 2 or run.poll() is not None)
        assert done() < SHARDS and run.poll() is None, told.read_text()
        victim = running[2]
        victim.send_signal(signal.SIGKILL)
        print(f"a worker was killed after {done()} of {SHARDS} shards")
        assert run.wait(timeout=300) == 0, told.read_text()
        same(work / "single", work / "merged")

        shutil.rmtree(shards / f"shard_03_of_{SHARDS}")
        shutil.rmtree(work / "merged")
        again = subprocess.run(driver, capture_output=True, text=True, timeout=300)
        assert again.returncode == 0, again.stderr
        assert "11 shards are already complete" in again.stderr, again.stderr
        assert "1 of 1 shards" in again.stderr, again.stderr
        same(work / "single", work / "merged")

        other = subprocess.run([*driver, "--seed", "5"], capture_output=True, text=True, timeout=300)
        assert other.returncode == 1 and "shards of a different run" in other.stderr, other.stderr
        same(work / "single", work / "merged")
        print("shards of another run are refused")
    finally:
        for process in running:
            process.kill()
        for process in running:
            process.wait()
        shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    main()
