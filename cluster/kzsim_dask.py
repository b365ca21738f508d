#!/usr/bin/env python3
"""Runs a kzsim scenario in shards on a Dask cluster and merges them.

    python cluster/kzsim_dask.py scenarios/base.toml --shards 64 --rounds 10000000 \\
        --out results/base --scheduler tcp://10.0.0.5:8786

Without --scheduler it starts workers on this machine. The merged result is byte for byte that of a
single run, whichever worker ran which shard and however often one of them died: a shard is
determined by its range of rounds, and a lost shard is run again.

Workers need nothing but the kzsim program. Scenario files are sent to them, and results returned,
over Dask's own connections, so no shared folder is needed. Completed shards are stored in
--shards-dir; a restarted driver runs only the missing ones, and refuses a folder with shards of a
different run.

Requires dask.distributed. With dask-jobqueue and dask-kubernetes, Dask runs on Slurm, PBS, LSF, SGE
and Kubernetes.
"""

import argparse
import hashlib
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib


def files_of(scenario):
    """Returns the scenario file and every file it extends, the scenario first."""
    found, left = [], [pathlib.Path(scenario)]
    while left:
        path = left.pop()
        if path in found:
            continue
        found.append(path)
        with path.open("rb") as file:
            below = tomllib.load(file).get("extends")
        if below is not None:
            left.append(pathlib.Path(os.path.normpath(path.parent / below)))
    return found


def pack(paths):
    """Packs files into an archive with their relative locations; returns its bytes and the name of
    the first file in it."""
    paths = [pathlib.Path(os.path.abspath(p)) for p in paths]
    root = pathlib.Path(os.path.commonpath([p.parent for p in paths]))
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for path in paths:
            archive.add(path, arcname=str(path.relative_to(root)))
    return out.getvalue(), str(paths[0].relative_to(root))


def unpack(data, folder):
    """Extracts an archive into a folder; entries that lead outside it are an error."""
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as archive:
        archive.extractall(folder, filter="data")


def play(program, version, scenario, name, options, shard, shards):
    """On a worker: runs one shard and returns its folder as the bytes of an archive."""
    found = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    if found.stdout.strip() != version:
        raise RuntimeError(f"this worker has {found.stdout.strip()}, the driver {version}")
    with tempfile.TemporaryDirectory(prefix="kzsim-") as folder:
        unpack(scenario, folder)
        out = pathlib.Path(folder) / "shard"
        command = [program, "run", str(pathlib.Path(folder) / name), *options]
        command += ["--shard", f"{shard}/{shards}", "--out", str(out)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
        if done.returncode != 0:
            raise RuntimeError(f"shard {shard}/{shards}: {done.stderr.strip()}")
        data = io.BytesIO()
        with tarfile.open(fileobj=data, mode="w:gz", compresslevel=1) as archive:
            archive.add(out, arcname=".")
        return data.getvalue()


def keep(data, folder):
    """Stores a shard in its folder, completely or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".kzsim-") as temporary:
        unpack(data, temporary)
        shutil.rmtree(folder, ignore_errors=True)
        target = pathlib.Path(temporary)
        # The temporary folder itself must remain for its own clean-up.
        inner = target / "shard"
        inner.mkdir()
        for entry in list(target.iterdir()):
            if entry != inner:
                entry.rename(inner / entry.name)
        inner.rename(folder)


def is_complete(folder):
    """Returns whether a folder holds a complete shard; its manifest is written last."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return all((folder / entry["file"]).is_file() for entry in manifest.get("files", []))


def claim(home, run):
    """Reserves a folder for one run by storing its description; refuses the folder of a different run."""
    kept = home / "run.json"
    if kept.exists():
        existing = json.loads(kept.read_text(encoding="utf-8"))
        differ = [
            f"{key}: {existing.get(key)} in the folder, {run.get(key)} now"
            for key in sorted({*existing, *run})
            if existing.get(key) != run.get(key)
        ]
        if differ:
            raise SystemExit(f"{home} has shards of a different run:\n  " + "\n  ".join(differ))
        return
    if any(home.glob("shard_*")):
        raise SystemExit(f"{home} has shards of an unknown run; choose a different --shards-dir")
    home.mkdir(parents=True, exist_ok=True)
    temporary = home / f".run.json.{os.getpid()}"
    temporary.write_text(json.dumps(run, indent=2) + "\n", encoding="utf-8")
    temporary.replace(kept)


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("scenario", help="the scenario file")
    parser.add_argument("--shards", type=int, required=True, help="number of shards")
    parser.add_argument("--rounds", type=int, help="total number of rounds [default: the scenario's]")
    parser.add_argument("--seed", type=int, help="seed [default: the scenario's]")
    parser.add_argument("--set", action="append", default=[], metavar="PATH=VALUE")
    parser.add_argument("--keep-rounds", action="store_true", help="also write one row per round")
    parser.add_argument("--follow", metavar="NAME,...", help="also record these quantities day by day")
    parser.add_argument("--out", required=True, help="folder for the merged result")
    parser.add_argument("--shards-dir", help="folder for the shards [default: OUT_shards]")
    parser.add_argument("--scheduler", help="address of a Dask scheduler, for example tcp://HOST:8786")
    parser.add_argument("--workers", type=int, default=0, help="local workers [default: one per core]")
    parser.add_argument("--kzsim", default="kzsim", help="the program, on the driver and the workers")
    parser.add_argument("--retries", type=int, default=3, help="retries of a failed shard")
    found = parser.parse_args()
    if found.shards < 1:
        parser.error("--shards must be at least 1")
    return found


def connect(args):
    from dask.distributed import Client, LocalCluster

    if args.scheduler:
        return Client(args.scheduler)
    workers = args.workers or os.cpu_count() or 1
    cluster = LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None)
    return Client(cluster)


def main():
    args = arguments()
    program = shutil.which(args.kzsim) or args.kzsim
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    files = files_of(args.scenario)
    scenario, name = pack(files)
    options = ["--threads", "1"]
    for flag, value in [("--rounds", args.rounds), ("--seed", args.seed)]:
        if value is not None:
            options += [flag, str(value)]
    for setting in args.set:
        options += ["--set", setting]
    if args.keep_rounds:
        options.append("--keep-rounds")
    if args.follow:
        options.append(f"--follow={args.follow}")
    out = pathlib.Path(args.out)
    home = pathlib.Path(args.shards_dir or f"{out}_shards")
    run = {"version": version.stdout.strip(), "shards": args.shards, "options": options[2:]}
    for i, path in enumerate(files):
        run[f"SHA-256 of file {i}, {path.name}"] = hashlib.sha256(path.read_bytes()).hexdigest()
    claim(home, run)
    digits = len(str(args.shards - 1))
    folders = [home / f"shard_{i:0{digits}}_of_{args.shards}" for i in range(args.shards)]
    missing = [i for i in range(args.shards) if not is_complete(folders[i])]
    if len(missing) < args.shards:
        print(f"{args.shards - len(missing)} shards are already complete", file=sys.stderr)
    if missing:
        from dask.distributed import as_completed

        with connect(args) as client:
            data = client.scatter(scenario, broadcast=True)
            tasks = {
                client.submit(
                    play, program, version.stdout.strip(), data, name, options, i, args.shards,
                    pure=False, retries=args.retries, key=f"kzsim-shard-{i}",
                ): i
                for i in missing
            }
            for n, (task, result) in enumerate(as_completed(tasks, with_results=True), 1):
                keep(result, folders[tasks[task]])
                task.release()
                print(f"{n} of {len(missing)} shards", file=sys.stderr)
    merge = [program, "merge", *map(str, folders), "--out", str(out)]
    return subprocess.run(merge).returncode


if __name__ == "__main__":
    sys.exit(main())
