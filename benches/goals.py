#!/usr/bin/env python3
"""The table of goals for speed: kzsim against the limit, against an earlier version, against other tools, on two
threads, and its memory.

    python3 benches/goals.py --before PATH        # PATH: a kzsim 0.1 built in a checkout of its own
    python3 benches/goals.py --skip peers,memory  # parts: limit, before, threads, peers, memory

Builds what is missing, then plays for about eight minutes on one machine: what is compared takes turns, the
median counts, and lowest and highest stand beside it. Only ratios mean anything on another machine.

An earlier version plays its own scenarios: those of the checkout in which it was built, unless
--before-scenarios names a folder. Its rounds end with their outcome, where ours go on to the last day; so the
base case is compared by what an actor costs in a step.
"""

import argparse
import csv
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE / "peers"))
import run as peers_run  # noqa: E402  (the comparison with other tools)

PARTS = ("limit", "before", "threads", "peers", "memory")
SCENARIOS = ROOT / "scenarios"


def say(text):
    print(text, file=sys.stderr, flush=True)


def run(kzsim, scenario, rounds, threads, seed, folder, *more):
    """Seconds and peak memory, in MB, of a run as a whole process."""
    command = [kzsim, "run", scenario, "--rounds", rounds, "--threads", threads, "--seed", seed,
               "--out", folder, "--quiet", *more]
    # An earlier result in the way would be continued, or refused.
    shutil.rmtree(folder, ignore_errors=True)
    begin = time.perf_counter()
    process = subprocess.Popen([str(c) for c in command], stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"failed: {' '.join(map(str, command))}")
    return seconds, used.ru_maxrss / 1024


def in_turn(contestants, seconds, repeat):
    """Rates of runs that take turns: `contestants` by name, each with a function of rounds and seed that gives
    seconds. Returns rounds a second: all of them, by name."""
    rounds = {}
    for name, play in contestants.items():
        rounds[name] = 2_000
        for _ in range(2):
            took = play(rounds[name], 1)
            rounds[name] = max(1_000, round(rounds[name] * seconds / took))
    rates = {name: [] for name in contestants}
    for i in range(repeat):
        for name, play in contestants.items():
            rates[name].append(rounds[name] / play(rounds[name], 2 + i))
        say(f"  {', '.join(contestants)}: {i + 1} of {repeat}")
    return rates


def shown(values, factor=1.0):
    middle, low, high = (f(values) * factor for f in (statistics.median, min, max))
    return f"{peers_run.number(middle)} ({peers_run.number(low)} to {peers_run.number(high)})"


def by_turn(a, b):
    """Ratios of what was measured in the same turn."""
    return [x / y for x, y in zip(a, b)]


def actor_steps(kzsim, scenario, ends_early):
    """Actors times steps of a round, on average."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "results"
        run(kzsim, scenario, 2_000, 1, 1, folder, "--keep-rounds")
        resolved = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["resolved"]
        with open(folder / "rounds.csv", encoding="utf-8", newline="") as rows:
            days = [float(row["day"]) for row in csv.DictReader(rows)]
    played = statistics.fmean(days) if ends_early else resolved["clock"]["days"]
    # Both versions play the base case in steps of 6 h.
    return len(resolved["actors"]) * played * 4


def limit_part(args, table):
    rows = peers_run.call([args.limit, "--json", "--repeat", args.repeat], stdout=subprocess.PIPE, text=True)
    found = {row["what"]: row for row in map(json.loads, rows.splitlines())}
    limit, engine, free = (found[what] for what in ("limit", "engine", "free"))

    def rate(row):
        low, middle, high = (peers_run.number(row[key]) for key in ("min", "median", "max"))
        return f"{middle} ({low} to {high})"

    table.append(("bench.toml, engine alone, against the limit", "≥ 0.50",
                  f"{engine['median'] / limit['median']:.2f}",
                  f"{rate(engine)} and {rate(limit)} rounds/s, {limit['isa']}"))
    table.append(("the same where bits may differ", "",
                  f"{engine['median'] / free['median']:.2f}", f"{rate(free)} rounds/s"))


def before_part(args, table):
    if not args.before:
        say("no --before: nothing is compared with an earlier version")
        return
    with tempfile.TemporaryDirectory() as scratch:
        for name, goal in (("bench.toml", "≥ 2.2"), ("base.toml", "≥ 2")):
            sides = {"now": (args.kzsim, SCENARIOS / name),
                     "before": (args.before, args.before_scenarios / name)}
            plays = {}
            for side, (kzsim, scenario) in sides.items():
                plays[side] = lambda rounds, seed, k=kzsim, s=scenario, f=side: run(
                    k, s, rounds, 1, seed, Path(scratch) / f)[0]
            rates = in_turn(plays, args.seconds, args.repeat)
            work = {"now": 1.0, "before": 1.0}
            if name == "base.toml":
                work = {side: actor_steps(*sides[side], side == "before" and not args.before_plays_on)
                        for side in sides}
            ratios = [x * work["now"] / work["before"] for x in by_turn(rates["now"], rates["before"])]
            what = ("bench.toml against before, whole process" if name == "bench.toml"
                    else "base against before, per actor and step, whole process")
            note = f"{shown(rates['now'])} and {shown(rates['before'])} rounds/s"
            if name == "base.toml":
                note += f"; {work['now']:,.0f} and {work['before']:,.0f} actor-steps a round"
            table.append((what, goal, shown(ratios), note))


def threads_part(args, table):
    with tempfile.TemporaryDirectory() as scratch:
        plays = {
            f"{n} threads": lambda rounds, seed, n=n: run(
                args.kzsim, SCENARIOS / "base.toml", rounds, n, seed, Path(scratch) / str(n))[0]
            for n in (1, 2)
        }
        rates = in_turn(plays, args.seconds, args.repeat)
    ratios = by_turn(rates["2 threads"], rates["1 threads"])
    table.append(("base, two threads against one, whole process", "1.95", shown(ratios),
                  f"{shown(rates['2 threads'])} and {shown(rates['1 threads'])} rounds/s"))


def peers_part(args, table):
    rows = peers_run.measure_all(args.kzsim, args.limit, args.venv, args.python, args.repeat, args.seconds)
    for row in rows:
        table.append((f"{row['name']}, playing alone", f"≥ {row['meant']:g}", shown(row["alone"]),
                      f"{shown(row['rates'])} rounds/s; kzsim as a whole process {shown(row['whole'])} times"))


def memory_part(args, table):
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "results"
        sizes = {"bench.toml": (10**5, 10**6, 10**7), "base.toml": (10**5, 10**6)}
        for name, rounds in sizes.items():
            peaks = []
            for n in rounds:
                say(f"  memory: {name}, {n:,} rounds")
                peaks.append(run(args.kzsim, SCENARIOS / name, n, 2, 1, folder)[1])
            at = ", ".join(f"10^{len(str(n)) - 1}" for n in rounds)
            table.append((f"peak memory, {name}, {at} rounds, two threads", "32 MB",
                          ", ".join(f"{peak:.1f}" for peak in peaks) + " MB", ""))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=Path, metavar="PATH", help="a kzsim of an earlier version")
    parser.add_argument("--before-scenarios", type=Path, metavar="FOLDER",
                        help="its bench.toml and base.toml (scenarios of the checkout in which it was built)")
    parser.add_argument("--before-plays-on", action="store_true",
                        help="its rounds go on after their outcome (since 0.2)")
    parser.add_argument("--skip", default="", metavar="PART,…", help="parts to leave out, of " + ", ".join(PARTS))
    parser.add_argument("--repeat", type=int, default=5, help="runs of each; at least five for the record")
    parser.add_argument("--seconds", type=float, default=2.0, help="about how long a run lasts")
    parser.add_argument("--kzsim", type=Path, help="a kzsim that is built already")
    parser.add_argument("--limit", type=Path, help="a kzsim-limit that is built already")
    parser.add_argument("--venv", type=Path, default=HERE / "peers" / ".venv", help="folder for Python packages")
    parser.add_argument("--python", default=sys.executable, help="the Python that makes it")
    args = parser.parse_args()
    skip = {part.strip() for part in args.skip.split(",") if part.strip()}
    if unknown := skip - set(PARTS):
        parser.error(f"no part {', '.join(sorted(unknown))}; one of {', '.join(PARTS)}")
    args.venv = args.venv.resolve()
    args.kzsim = args.kzsim.resolve() if args.kzsim else peers_run.build_kzsim()
    args.limit = args.limit.resolve() if args.limit else peers_run.build_limit()
    if args.before:
        args.before = args.before.resolve()
        args.before_scenarios = args.before_scenarios or args.before.parent.parent.parent / "scenarios"
    table = []
    begin = time.perf_counter()
    for part in PARTS:
        if part not in skip:
            say(part)
            globals()[f"{part}_part"](args, table)
    print(peers_run.markdown([("what", "goal", "reached", "of"), *table], ["---", "---:", "---:", "---"]))
    print(f"\n{peers_run.machine(args.python)}; {args.repeat} runs of each, in turn: median (lowest to highest). "
          f"{time.perf_counter() - begin:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
