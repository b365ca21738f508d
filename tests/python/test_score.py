"""Scores of forecasts as scikit-learn, model-diagnostics and scoringrules have them.

The invented forecasts of tests/data/scores are scored by `kzsim score`, and so are freshly drawn ones.
"""

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

SCORES = Path(__file__).parents[1] / "data" / "scores"
sys.path.insert(0, str(SCORES))

import make  # noqa: E402


def score(program, folder, *arguments):
    out = folder / "scored"
    line = [program, "score", *map(str, arguments), "--boot", "0", "--out", str(out), "--force"]
    done = subprocess.run([*line, "--json"], capture_output=True, text=True, check=True)
    rows = json.loads(done.stdout)["tables"]["scores"]
    return {row["metric"]: row["value"] for row in rows}


def compare(found, known):
    for name in ("brier", "log", "auc", "calibration_slope", "calibration_intercept", "calibration_in_the_large"):
        if name in known:
            assert found[name] == pytest.approx(known[name], abs=1e-10), name
    for rule in ("brier", "log"):
        for part in ("miscalibration", "discrimination", "uncertainty"):
            expected = known[f"corp_{rule}"][part]
            assert found[f"{rule}_{part}"] == pytest.approx(expected, abs=1e-12), (rule, part)


@pytest.fixture
def program(request):
    found = request.config.getoption("--program")
    if found is None:
        pytest.skip("no program to start: name it with --program FILE")
    return found


def test_the_answers_of_the_folder_are_those_of_these_libraries():
    known = json.loads((SCORES / "answers.json").read_text())
    again = make.known()
    for kind in known:
        for name, value in known[kind].items():
            assert again[kind][name] == pytest.approx(value, abs=1e-13), (kind, name)


def test_events(program, tmp_path):
    found = score(program, tmp_path, SCORES / "forecasts.csv", SCORES / "observed.csv")
    compare(found, make.known()["events"])


def test_classes(program, tmp_path):
    files = SCORES / "class_forecasts.csv", SCORES / "class_observed.csv"
    found = score(program, tmp_path, *files, "--order", "early,late,never")
    for name, value in make.known()["classes"].items():
        assert found[name] == pytest.approx(value, abs=1e-12), name


@pytest.mark.parametrize("seed", range(5))
def test_other_forecasts(program, tmp_path, seed):
    rng = np.random.default_rng(seed)
    n = 40 * 3**seed
    p = rng.beta(0.8, 1.2, n).clip(0.002, 0.998)
    y = (rng.random(n) < p**1.3).astype(int)
    for name, header, column in (("f.csv", "p", p), ("o.csv", "outcome", y)):
        with open(tmp_path / name, "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["case", header])
            writer.writerows((f"c{i}", repr(x.item())) for i, x in enumerate(column))
    found = score(program, tmp_path, tmp_path / "f.csv", tmp_path / "o.csv")
    compare(found, make.answers(p, y))


def test_an_event_is_observed_by_name_or_by_number(program, tmp_path):
    forecasts = "case,outcome,probability\n" + "".join(
        f"c{i},{o},{p}\n" for i, row in enumerate(((0.2, 0.8), (0.6, 0.4), (0.7, 0.3))) for o, p in zip(("falls", "stays"), row)
    )
    (tmp_path / "f.csv").write_text(forecasts)
    (tmp_path / "names.csv").write_text("case,outcome\nc0,stays\nc1,falls\nc2,stays\n")
    (tmp_path / "numbers.csv").write_text("case,outcome\nc0,0\nc1,1\nc2,0\n")
    files = [(tmp_path / "f.csv", tmp_path / name) for name in ("names.csv", "numbers.csv")]
    found = [score(program, tmp_path, *pair, "--event", "falls")["brier"] for pair in files]
    assert found[0] == pytest.approx((0.04 + 0.16 + 0.49) / 3) == found[1]
