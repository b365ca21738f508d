"""Repeats docs/VALIDATION.md: case tables, fits by cross-validation, scores, ablations.

    python history/validate.py FOLDER --out DIR [--write docs/VALIDATION.md] [--quick]

FOLDER holds the files that history/prepare.py names. Every command is printed before it is run, so that it can be run by hand.
The tables are written to DIR/tables.md, and with --write between the markers of a document.
"""

import argparse
import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
TEMPLATES = HERE.parent / "scenarios" / "history"
# Of `g_rel` the data say nothing: it stays at its prior.
CONTEST = ["fact", "g_rank", "g_ten", "g_age", "g_tried", "g_per", "luck"]
STAY = ["fall", "k_ten", "k_tried", "k_mil", "leave", "k_mon"]
FOLLOW = ["actors.troops.opportunism=1", "actors.guard.opportunism=1"]
ALONE = ["actors.troops.opportunism=0", "actors.guard.opportunism=0"]

# Each fit: its name, template, frame, event, coefficients, settings.
FITS = [
    ("C1 Colpus", "contest", "colpus", "succeeds", CONTEST, []),
    ("C1 Cline", "contest", "cline", "succeeds", CONTEST, []),
    ("C1 Powell & Thyne (no plotters coded)", "contest", "powell_thyne", "succeeds", CONTEST, []),
    ("C2 in office a year later", "stay", "leader_years", "stays", STAY, []),
    ("C2 fell within a year", "stay", "leader_years", "irregular", STAY, []),
]
# The columns that matter: the regression that is hardest to beat.
FOUR = ",".join(f"parameters.{column}" for column in ("rank", "tenure", "old", "tried"))
# What is taken out, with the coefficients that have nothing to do then.
ABLATIONS = [
    ("no expectations: everybody holds all outcomes equally likely", ["dynamics.prospect_weight=0"], []),
    ("no expectations: nobody cares who wins", ALONE, []),
    ("no loyalty: everybody follows the expected winner", FOLLOW, ["g_ten", "g_age"]),
    ("no offices: the ruler's orders count for nothing", ["offices.palace.authority.troops=0"], []),
    ("no rank", ["parameters.g_rank=0"], ["g_rank"]),
    ("no counterbalancing", ["parameters.g_tried=0", "parameters.g_per=0"], ["g_tried", "g_per"]),
]
TABLES = ("scores", "beside the logit", "coefficients", "ablations")


class Fault(Exception):
    """What the user can mend."""


def program(named):
    """kzsim: as named, by the environment, of this checkout, or on the path."""
    built = HERE.parent / "target" / "release" / "kzsim"
    found = named or os.environ.get("KZSIM") or (str(built) if built.exists() else shutil.which("kzsim"))
    if not found:
        raise Fault("kzsim is not found: build it with `cargo build --release`, or name it with --kzsim")
    return found


def run(line):
    """A command; its exit code 4, a check that found something, is an answer."""
    print("$", " ".join(str(part) if " " not in str(part) else f"'{part}'" for part in line), flush=True)
    done = subprocess.run([str(part) for part in line], capture_output=True, text=True)
    if done.returncode not in (0, 4):
        raise Fault((done.stderr or done.stdout).strip())
    return done.stdout


class Fitted:
    def __init__(self, folder):
        with open(folder / "fit_scores.csv", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row["part"] == "folds"]
        self.rows = {(row["forecaster"], row["metric"], row["baseline"]): row for row in rows}
        with open(folder / "coefficients.csv", newline="") as file:
            self.coefficients = list(csv.DictReader(file))

    def number(self, forecaster, metric, baseline="", digits=3, interval=True):
        row = self.rows.get((forecaster, metric, baseline))
        if row is None or not row["value"]:
            return ""
        text = f"{float(row['value']):.{digits}f}"
        if interval and row["ci_low"]:
            text += f" ({float(row['ci_low']):.{digits}f} to {float(row['ci_high']):.{digits}f})"
        return text.replace("-", "−")

    def cases(self):
        row = self.rows["engine", "brier", ""]
        return row["cases"], row["clusters"]


def fit(kzsim, data, out, name, template, frame, event, coefficients, settings, options):
    folder = out / re.sub("[^a-z0-9]+", "_", name.lower()).strip("_")
    files = [TEMPLATES / f"{template}.toml", data / f"{frame}_cases.csv", data / f"{frame}_observed.csv"]
    line = [kzsim, "fit", *files, "--event", event, "--params", ",".join(f"parameters.{c}" for c in coefficients)]
    for setting in settings:
        line += ["--set", setting]
    run([*line, *options, "--out", folder, "--force", "--quiet"])
    return Fitted(folder)


def scores_table(fits):
    lines = [
        "| frame | forecaster | cases (countries) | Brier | skill over the base rate | log | AUC | slope |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    names = {"engine": "kzsim, fitted", "prior": "kzsim, before it is fitted", "logit": "ridge logit, same columns", "pool": "mean of kzsim and logit"}
    for name, fitted in fits:
        for forecaster, said in names.items():
            if (forecaster, "brier", "") not in fitted.rows:
                continue
            cases, countries = fitted.cases()
            cells = [
                fitted.number(forecaster, "brier", digits=4),
                fitted.number(forecaster, "brier_skill", "base_rate"),
                fitted.number(forecaster, "log"),
                fitted.number(forecaster, "auc"),
                fitted.number(forecaster, "calibration_slope", digits=2),
            ]
            lines.append(f"| {name} | {said} | {cases} ({countries}) | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def beside_table(fits):
    lines = ["| frame | Brier: kzsim better than the logit by | pool better than the logit by |", "| --- | --- | --- |"]
    for name, fitted in fits:
        engine, pool = (fitted.number(who, "brier_difference", "logit", 4) for who in ("engine", "pool"))
        lines.append(f"| {name} | {engine} | {pool} |")
    return "\n".join(lines)


def coefficients_table(fits):
    lines = ["| frame | coefficient | before | after (5th to 95th percentile) | learned |", "| --- | --- | --- | --- | --- |"]
    for name, fitted in fits:
        for row in fitted.coefficients:
            numbers = [float(row[c]) for c in ("prior_mean", "posterior_mean", "p05", "p95", "learned")]
            before, after, low, high, learned = (f"{x:.2f}".replace("-", "−") for x in numbers)
            path = row["path"].removeprefix("parameters.")
            lines.append(f"| {name} | `{path}` | {before} | {after} ({low} to {high}) | {learned} |")
    return "\n".join(lines)


def ablations_table(results):
    lines = ["| taken out | Colpus: Brier | AUC | slope | Cline: Brier | AUC | slope |", "| --- | --- | --- | --- | --- | --- | --- |"]
    for name, pair in results:
        cells = []
        for fitted in pair:
            cells += [fitted.number("engine", m, digits=d, interval=False) for m, d in (("brier", 4), ("auc", 3), ("calibration_slope", 2))]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def markers(name):
    return f"<!-- {name} -->", f"<!-- end of {name} -->"


def check_markers(document, names):
    """Said before anything is fitted."""
    text = document.read_text(encoding="utf-8")
    for begin, end in map(markers, names):
        if begin not in text or end not in text.split(begin, 1)[1]:
            raise Fault(f"{document}: expected the markers `{begin}` and `{end}`")


def write_into(document, tables):
    text = document.read_text(encoding="utf-8")
    for name, table in tables.items():
        begin, end = markers(name)
        before, rest = text.split(begin, 1)
        text = before + begin + "\n\n" + table + "\n\n" + end + rest.split(end, 1)[1]
    document.write_text(text, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="the folder with the downloaded files")
    parser.add_argument("--out", type=Path, required=True, help="where case tables, results and tables are written")
    parser.add_argument("--kzsim", help="the program, where it is not found by itself")
    parser.add_argument("--rounds", type=int, default=300, help="rounds of a case under each vector of coefficients")
    parser.add_argument("--threads", type=int, help="threads of the program")
    parser.add_argument("--write", type=Path, metavar="FILE", help="also write the tables between the markers of this document")
    parser.add_argument("--quick", action="store_true", help="C1 of Colpus alone, without intervals: does everything run?")
    args = parser.parse_args()
    try:
        kzsim = program(args.kzsim)
        if args.write:
            check_markers(args.write, TABLES[:-1] if args.quick else TABLES)
        data = args.out / "cases"
        prepared = subprocess.run([sys.executable, HERE / "prepare.py", args.folder, "--out", data], capture_output=True, text=True)
        if prepared.returncode:
            raise Fault(prepared.stderr.strip().removeprefix("error: "))
        print(prepared.stdout, end="")
        options = ["--threads", args.threads] if args.threads else []
        plain = [*options, "--boot", 0]
        # Leader-years are many, and ablations are compared with each other alone: a third of the rounds will do.
        fewer = ["--rounds", max(args.rounds // 3, 50)]
        fits = []
        for name, template, frame, *rest in FITS[:1] if args.quick else FITS:
            rounds = fewer if frame == "leader_years" else ["--rounds", args.rounds]
            more = [*rounds, *(plain if args.quick else options)]
            fits.append((name, fit(kzsim, data, args.out, name, template, frame, *rest, more)))
        for name, fitted in fits:
            print(name, fitted.number("engine", "brier", digits=4), flush=True)
        ablations = []
        for name, settings, idle in [] if args.quick else ABLATIONS:
            kept = [c for c in CONTEST if c not in idle]
            pair = [
                fit(kzsim, data, args.out, f"{name} {frame}", "contest", frame, "succeeds", kept, settings, [*fewer, *plain])
                for frame in ("colpus", "cline")
            ]
            ablations.append((name, pair))
        four = []
        for name, template, frame, *rest in [] if args.quick else FITS[:2]:
            name += ", regression on four columns"
            more = ["--ridge", FOUR, "--rounds", args.rounds, *options]
            four.append((name, fit(kzsim, data, args.out, name, template, frame, *rest, more)))
        tables = dict(zip(TABLES, (scores_table(fits), beside_table(fits + four), coefficients_table(fits))))
        if ablations:
            tables["ablations"] = ablations_table(ablations)
        text = "\n\n".join(tables.values())
        (args.out / "tables.md").write_text(text + "\n", encoding="utf-8")
        print(text)
        if args.write:
            write_into(args.write, tables)
    except (Fault, OSError) as fault:
        print(f"error: {fault}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
