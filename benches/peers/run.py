#!/usr/bin/env python3
"""Speed of kzsim beside other tools on scenarios/bench.toml, and the test that they play the same model.

    python3 benches/peers/run.py                  builds everything, measures, prints a table
    python3 benches/peers/run.py --check          compares the distributions; exits 1 if one disagrees
    python3 benches/peers/run.py --only numpy     one peer (mesa, numpy, numba, ixa, krabmaga, scalar)

Needs cargo, and a Python that the pinned requirements install on (3.11, or say which with --python).
What is compared and what "fair" means here stands in README.md beside this file.
"""

import argparse
import csv
import datetime
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SCENARIO = ROOT / "scenarios" / "bench.toml"

# id: name, language, program, how many times as fast kzsim means to be while both play alone, rounds of a first
# run, rounds of the test
TOOLS = {
    "mesa": ("Mesa", "python", "mesa_port.py", 250, 100, 3_000),
    "numpy": ("NumPy", "python", "numpy_port.py", 2.5, 30_000, 100_000),
    "numba": ("Numba", "python", "numba_port.py", 4, 10_000, 100_000),
    "ixa": ("ixa", "rust", "ixa_port", 10, 2_000, 100_000),
    "krabmaga": ("krABMaga", "rust", "krabmaga_port", 10, 2_000, 100_000),
    "scalar": ("scalar Rust", "rust", "scalar", 4, 10_000, 100_000),
}
# kzsim, as others are timed and as a whole.
ALONE, WHOLE = "kzsim, playing alone", "kzsim, whole process"
KZSIM_FIRST = 30_000
CHECK_ROUNDS = 400_000  # of kzsim
CHECK_SEED = 424_242  # of kzsim; the peers play seed 1
FALSE_ALARM = 1e-4  # of the whole test


def say(text):
    print(text, file=sys.stderr, flush=True)


def call(command, **more):
    done = subprocess.run([str(c) for c in command], **more)
    if done.returncode:
        if done.stderr:
            say(done.stderr)
        sys.exit(f"failed: {' '.join(str(c) for c in command)}")
    return done.stdout


# Building


def exe(path):
    return path.with_suffix(".exe") if os.name == "nt" else path


def built(default, name):
    """Where cargo puts a release binary; CARGO_TARGET_DIR is relative to the folder cargo runs in."""
    folder = os.environ.get("CARGO_TARGET_DIR")
    return exe((ROOT / folder if folder else default) / "release" / name)


def build_python(venv, python):
    interpreter = venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    requirements = HERE / "python" / "requirements.txt"
    stamp = venv / "requirements.txt"
    if not interpreter.exists():
        say(f"making {venv}")
        call([python, "-m", "venv", venv], stdout=sys.stderr)
    if not stamp.exists() or stamp.read_bytes() != requirements.read_bytes():
        say("installing requirements")
        call([interpreter, "-m", "pip", "install", "--quiet", "--require-hashes",
              "--only-binary", ":all:",
              "--requirement", requirements],
             stdout=sys.stderr)
        stamp.write_bytes(requirements.read_bytes())
    return interpreter


def build_kzsim():
    say("building kzsim")
    call(["cargo", "build", "--release"], cwd=ROOT, stdout=sys.stderr)
    return built(ROOT / "target", "kzsim")


def build_limit():
    """The engine alone, and the limit."""
    say("building the limit")
    call(["cargo", "build", "--release", "--package", "kzsim-limit"], cwd=ROOT, stdout=sys.stderr)
    return built(ROOT / "target", "kzsim-limit")


def build_rust():
    say("building the Rust ports")
    # kzsim, NumPy and Numba take the widest instructions that the machine has by themselves; rustc
    # has to be told to.
    env = dict(os.environ)
    env.setdefault("RUSTFLAGS", "-C target-cpu=native")
    call(["cargo", "build", "--release", "--locked",
          "--manifest-path", HERE / "rust" / "Cargo.toml"], cwd=ROOT, env=env, stdout=sys.stderr)
    return HERE / "rust" / "target"


def commands(only, venv, python):
    """The command of each tool that was asked for."""
    languages = {TOOLS[tool][1] for tool in only}
    interpreter = build_python(venv, python) if "python" in languages else None
    folder = build_rust() if "rust" in languages else None
    found = {}
    for tool in only:
        _, language, program, *_ = TOOLS[tool]
        if language == "python":
            found[tool] = [interpreter, HERE / "python" / program]
        else:
            found[tool] = [built(folder, program)]
    return found


# Running


def run_peer(command, rounds, seed, threads):
    out = call([*command, "--rounds", rounds, "--seed", seed, "--threads", threads],
               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    report = json.loads(out)
    if report["rounds"] != rounds or sum(report["outcomes"].values()) != rounds:
        sys.exit(f"{report['tool']} was to play {rounds} rounds and counted others: {out}")
    return report


def run_kzsim(kzsim, rounds, seed, threads, folder, *more):
    """The whole process: start, reading, playing, counting the timeline, writing results."""
    begin = time.perf_counter()
    call([kzsim, "run", SCENARIO, "--rounds", rounds, "--seed", seed, "--threads", threads,
          "--out", folder, *more], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    return time.perf_counter() - begin


def run_alone(limit, rounds, seed, threads):
    """The engine while it plays: no start, no partners, no timeline, no files."""
    out = call([limit, "--only", "engine", "--json", "--repeat", 1, "--rounds", rounds, "--seed", seed,
                "--threads", threads], stdout=subprocess.PIPE, text=True)
    return rounds / json.loads(out)["median"]


# Speed


def cpu():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            for line in lines:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    if sys.platform == "darwin":
        return subprocess.run(["sysctl", "-n", "machdep.cpu.brand_string"], capture_output=True,
                              text=True, check=False).stdout.strip()
    return platform.processor() or platform.machine()


def number(value):
    """Three figures, as a person writes them."""
    digits = max(0, 2 - math.floor(math.log10(value)))
    step = 10 ** max(0, math.floor(math.log10(value)) - 2)
    return f"{round(value / step) * step:,.0f}" if digits == 0 else f"{value:.{digits}f}"


def measure(kzsim, limit, peers, repeat=5, seconds=2.0, threads=1, first_seed=1):
    """Rounds a second of all runs, by tool, and the versions of the tools."""
    versions = {}

    def play(tool, rounds, seed, folder):
        """Seconds for these rounds."""
        if tool == WHOLE:
            return run_kzsim(kzsim, rounds, seed, threads, folder)
        if tool == ALONE:
            return run_alone(limit, rounds, seed, threads)
        report = run_peer(peers[tool], rounds, seed, threads)
        versions[tool] = report["version"]
        return report["seconds"]

    tools = [ALONE, WHOLE, *peers]
    rates = {tool: [] for tool in tools}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "results"
        own = call([kzsim, "--version"], stdout=subprocess.PIPE, text=True).split()[-1]
        versions |= {ALONE: own, WHOLE: own}
        rounds = {}
        for tool in tools:
            rounds[tool] = TOOLS[tool][4] if tool in TOOLS else KZSIM_FIRST
            # The start of a process must stay below a hundredth of what is measured.
            wanted = max(seconds, 3.0) if tool == WHOLE else seconds
            # Twice, because a short run says little about a long one.
            for _ in range(2):
                took = play(tool, rounds[tool], first_seed, folder)
                rounds[tool] = max(1, round(rounds[tool] * wanted / took))
            say(f"{tool}: {rounds[tool]:,} rounds a run")
        for turn in range(repeat):
            for tool in tools:
                took = play(tool, rounds[tool], first_seed + 1 + turn, folder)
                rates[tool].append(rounds[tool] / took)
            say(f"turn {turn + 1} of {repeat}")
    return rates, versions


def measure_all(kzsim, limit, venv, python, repeat, seconds):
    """How many times as fast kzsim is as each tool, alone and as a whole, turn by turn."""
    rates, _ = measure(kzsim, limit, commands(list(TOOLS), venv, python), repeat, seconds)
    for tool, (name, *_, meant, _, _) in TOOLS.items():
        times = {own: [x / y for x, y in zip(rates[own], rates[tool])] for own in (ALONE, WHOLE)}
        yield {"name": name, "meant": meant, "rates": rates[tool], "alone": times[ALONE],
               "whole": times[WHOLE]}


def table_of(rates, versions):
    middle = {tool: statistics.median(of) for tool, of in rates.items()}
    table = [("tool", "version", "rounds/s: median (min–max)", "kzsim alone over it", "goal", "reached",
              "kzsim whole over it")]
    for tool, of in rates.items():
        span = f"{number(middle[tool])} ({number(min(of))}–{number(max(of))})"
        if tool not in TOOLS:
            table.append((tool, versions[tool], span, "", "", "", ""))
            continue
        name, meant = TOOLS[tool][0], TOOLS[tool][3]
        alone, whole = (middle[own] / middle[tool] for own in (ALONE, WHOLE))
        table.append((name, versions[tool], span, number(alone), f"{meant:g}",
                      "yes" if alone >= meant else "no", number(whole)))
    return table


def machine(python=sys.executable):
    text = "import platform; print(platform.python_version())"
    version = call([python, "-c", text], stdout=subprocess.PIPE, text=True).strip()
    return f"{cpu()}, {os.cpu_count()} cores, {platform.system()}, Python {version}; {datetime.date.today()}"


def notes(args):
    threads = "1 thread" if args.threads == 1 else f"{args.threads} threads (Mesa: processes)"
    return (
        f"{machine(args.python)}; {threads}; {args.repeat} runs of each, in turn.\n"
        "Playing alone: the rounds, and nothing else. Whole process: with reading the scenario, tables of "
        "priors, partner rounds, the timeline and the result files."
    )


def plain(table):
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    return "\n".join(
        "  ".join(cell.ljust(w) if i < 2 else cell.rjust(w)
                  for i, (cell, w) in enumerate(zip(row, widths))).rstrip()
        for row in table
    )


def markdown(table, rule):
    head, *rows = table
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, rule, *rows])


# Check


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def reference(kzsim, threads):
    """kzsim's own counts, and the mean and the variance of the day of the outcome."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "results"
        say(f"kzsim plays {CHECK_ROUNDS:,} rounds")
        run_kzsim(kzsim, CHECK_ROUNDS, CHECK_SEED, threads, folder, "--keep-rounds")
        counts = {
            kind: {row[kind[:-1]]: int(row["count"]) for row in read(folder / f"{kind}.csv")}
            for kind in ("outcomes", "flags", "actions")
        }
        days = [float(row["day"]) for row in read(folder / "rounds.csv")]
    return counts, statistics.fmean(days), statistics.pvariance(days)


def exact_z(k1, n1, k2, n2):
    """The two-sided z that has the p of Fisher's exact test, for counts too small for a normal law."""

    def choose(n, k):
        return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)

    def probability(k):
        return math.exp(choose(n1, k) + choose(n2, total - k) - choose(n1 + n2, total))

    total = k1 + k2
    seen = probability(k1)
    among = range(max(0, total - n2), min(n1, total) + 1)
    p = min(1.0, sum(q for q in map(probability, among) if q <= seen * (1 + 1e-9)))
    size = statistics.NormalDist().inv_cdf(1 - max(p, 1e-15) / 2)
    return math.copysign(size, k1 / n1 - k2 / n2)


def z_of_counts(k1, n1, k2, n2):
    pooled = (k1 + k2) / (n1 + n2)
    # A share near 1 is judged by what is missing from it.
    expected = min(pooled, 1 - pooled) * min(n1, n2)
    if expected < 10:
        if pooled > 0.5:
            return -exact_z(n1 - k1, n1, n2 - k2, n2)
        return exact_z(k1, n1, k2, n2)
    return (k1 / n1 - k2 / n2) / math.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))


def check(args, kzsim, peers):
    own, own_days, variance = reference(kzsim, args.threads)
    found = []
    for tool, command in peers.items():
        rounds = TOOLS[tool][5]
        say(f"{tool} plays {rounds:,} rounds")
        # One thread, so that the rounds are the same ones every time.
        report = run_peer(command, rounds, args.seed, 1)
        for kind, counts in own.items():
            if list(counts) != list(report[kind]):
                sys.exit(f"{tool}: {kind} are {list(report[kind])}, not {list(counts)}")
            for key, count in counts.items():
                z = z_of_counts(report[kind][key], rounds, count, CHECK_ROUNDS)
                shares = report[kind][key] / rounds, count / CHECK_ROUNDS
                found.append((tool, f"{kind[:-1]} {key}", *shares, z))
        error = math.sqrt(variance * (1 / rounds + 1 / CHECK_ROUNDS))
        z = (report["mean_days"] - own_days) / error
        found.append((tool, "mean day", report["mean_days"], own_days, z))

    bound = -statistics.NormalDist().inv_cdf(FALSE_ALARM / len(found) / 2)
    rows = [("tool", "what", "its", "kzsim's", "z")]
    rows += [(t, what, f"{a:.5f}", f"{b:.5f}", f"{z:+.2f}") for t, what, a, b, z in found]
    print(plain(rows))
    for tool in peers:
        worst = max((f for f in found if f[0] == tool), key=lambda f: abs(f[4]))
        print(f"{tool}: largest |z| {abs(worst[4]):.2f}, {worst[1]}")
    wrong = [f for f in found if not abs(f[4]) <= bound]
    print(f"{len(found)} comparisons, bound {bound:.2f} for {FALSE_ALARM:g} over them all")
    for tool, what, a, b, z in wrong:
        print(f"DISAGREES: {tool}, {what}: {a:.5f}, kzsim {b:.5f}, z {z:+.2f}")
    if not wrong:
        print("all agree")
    return 1 if wrong else 0


def tools(text):
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in TOOLS:
            raise argparse.ArgumentTypeError(f"no tool {name}; one of {', '.join(TOOLS)}")
    return [name for name in TOOLS if name in names]


def above_0(kind):
    def parse(text):
        value = kind(text)
        if not value > 0:
            raise argparse.ArgumentTypeError("must be above 0")
        return value

    return parse


def main():
    parser = argparse.ArgumentParser(
        description="Speed of kzsim beside other tools, and whether they play the same model")
    parser.add_argument("--check", action="store_true", help="compare distributions, not speed")
    parser.add_argument("--only", type=tools, default=list(TOOLS), metavar="TOOL,…",
                        help="peers, of " + ", ".join(TOOLS))
    parser.add_argument("--repeat", type=above_0(int), default=5, help="runs of each tool")
    parser.add_argument("--seconds", type=above_0(float), default=2.0, help="about how long a run lasts")
    parser.add_argument("--threads", type=above_0(int), default=1)
    parser.add_argument("--seed", type=int, default=1, help="of the peers' rounds")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the table there as well")
    parser.add_argument("--venv", type=Path, default=HERE / ".venv", help="folder for Python packages")
    parser.add_argument("--python", default=sys.executable, help="the Python that makes it")
    parser.add_argument("--kzsim", type=Path, help="a kzsim that is built already")
    parser.add_argument("--limit", type=Path, help="a kzsim-limit that is built already")
    args = parser.parse_args()
    args.venv = args.venv.resolve()

    kzsim = args.kzsim.resolve() if args.kzsim else build_kzsim()
    peers = commands(args.only, args.venv, args.python)
    if args.check:
        return check(args, kzsim, peers)
    limit = args.limit.resolve() if args.limit else build_limit()
    table = table_of(*measure(kzsim, limit, peers, args.repeat, args.seconds, args.threads, args.seed))
    print(plain(table))
    print(notes(args))
    if args.markdown:
        rule = ["---", "---", "---:", "---:", "---:", "---", "---:"]
        args.markdown.write_text(f"{notes(args)}\n\n{markdown(table, rule)}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
