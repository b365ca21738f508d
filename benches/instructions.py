#!/usr/bin/env python3
"""Counts the instructions of a whole run, which no busy machine can blur, and holds them against
the record in benches/README.md.

    python3 benches/instructions.py            # count and compare: exit 1 beyond 5 %
    python3 benches/instructions.py --update   # count and write the record anew

Needs valgrind (Debian: apt install valgrind) and a release build of kzsim. The AVX2 code is
counted, as callgrind knows no AVX-512.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
RECORD = ROOT / "benches" / "README.md"
ROUNDS = 5_000
ALLOWED = 0.05
ROW = re.compile(r"^\| ([\d,]+) \| ([^|]*) \| ([^|]*) \| ([^|]*) \|$", re.MULTILINE)


def output_of(*command):
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown"


def count(kzsim):
    with tempfile.TemporaryDirectory() as folder:
        command = [
            "valgrind",
            "--tool=callgrind",
            f"--callgrind-out-file={folder}/callgrind",
            str(kzsim),
            "run",
            "scenarios/base.toml",
            f"--rounds={ROUNDS}",
            "--threads=1",
            f"--out={folder}/results",
        ]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, "KZSIM_ISA": "avx2"},
            capture_output=True,
            text=True,
        )
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not found:
        sys.exit(f"callgrind did not count:\n{done.stderr}")
    return int(found[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--update", action="store_true", help="write the record anew")
    target = os.environ.get("CARGO_TARGET_DIR", ROOT / "target")
    parser.add_argument("--kzsim", default=pathlib.Path(target) / "release" / "kzsim")
    args = parser.parse_args()
    text = RECORD.read_text(encoding="utf-8")
    row = ROW.search(text)
    if not row:
        sys.exit(f"{RECORD}: there is no record of instructions")
    now = count(args.kzsim)
    recorded = int(row[1].replace(",", ""))
    change = now / recorded - 1
    print(f"instructions of {ROUNDS:,} rounds of the base case (AVX2): {now:,}")
    print(f"recorded: {recorded:,} at commit {row[2]}, {row[3]}; change {change:+.2%}")
    if args.update:
        cells = (f"{now:,}", output_of("git", "rev-parse", "--short", "HEAD"), output_of("rustc", "--version"), processor())
        RECORD.write_text(text.replace(row[0], "| {} | {} | {} | {} |".format(*cells)), encoding="utf-8")
        print(f"written to {RECORD.relative_to(ROOT)}")
    elif abs(change) > ALLOWED:
        sys.exit(f"beyond {ALLOWED:.0%}: find out why, or write the record anew with --update")


if __name__ == "__main__":
    main()
