"""Makes the invented forecasts of this folder, and their scores by other libraries.

scikit-learn, model-diagnostics and scoringrules score them; a calibration line is what Newton's method of
NumPy finds. Run it in the environment of tests/python/requirements.txt; nothing in it is data of anybody.
"""

import csv
import json
from pathlib import Path

import numpy as np
import scoringrules
from model_diagnostics.scoring import LogLoss, SquaredError, decompose
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

HERE = Path(__file__).parent


def line(p, y, slope_fixed=False):
    """Intercept and slope of logit P(y) on logit p."""
    x = np.log(p / (1 - p))
    columns = np.stack([np.ones_like(x)] + ([] if slope_fixed else [x]), axis=1)
    offset = x if slope_fixed else 0.0
    beta = np.zeros(columns.shape[1])
    for _ in range(100):
        fitted = 1 / (1 + np.exp(-(columns @ beta + offset)))
        hessian = columns.T @ (columns * (fitted * (1 - fitted))[:, None])
        beta = beta + np.linalg.solve(hessian, columns.T @ (y - fitted))
    return [float(b) for b in beta]


def parts(p, y, scoring):
    found = decompose(y_obs=y, y_pred=p, scoring_function=scoring)
    return {name: float(found[name][0]) for name in ("miscalibration", "discrimination", "uncertainty", "score")}


def answers(p, y):
    intercept, slope = line(p, y)
    return {
        "brier": float(brier_score_loss(y, p)),
        "brier_again": float(np.mean(scoringrules.brier_score(y, p))),
        "log": float(log_loss(y, p)),
        "log_again": float(np.mean(scoringrules.log_score(y, p))),
        "auc": float(roc_auc_score(y, p)),
        "calibration_slope": slope,
        "calibration_intercept": intercept,
        "calibration_in_the_large": line(p, y, True)[0],
        "corp_brier": parts(p, y, SquaredError()),
        "corp_log": parts(p, y, LogLoss()),
    }


def answers_of_classes(p, k):
    y = np.eye(p.shape[1])[k]
    return {
        "brier": float(np.mean(np.sum((p - y) ** 2, axis=1))),
        "log": float(log_loss(k, p, labels=list(range(p.shape[1])))),
        "rps": float(np.mean(scoringrules.rps_score(k + 1, p))),
    }


def read(name):
    with open(HERE / name, newline="") as file:
        return list(csv.DictReader(file))


def write(name, header, rows):
    with open(HERE / name, "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def known():
    """The answers for the files of this folder."""
    forecasts = {row["case"]: float(row["p"]) for row in read("forecasts.csv")}
    observed = read("observed.csv")
    p = np.array([forecasts[row["case"]] for row in observed])
    y = np.array([int(row["outcome"]) for row in observed])
    names = ["early", "late", "never"]
    shares = {(row["case"], row["outcome"]): float(row["probability"]) for row in read("class_forecasts.csv")}
    seen = read("class_observed.csv")
    matrix = np.array([[shares[row["case"], name] for name in names] for row in seen])
    k = np.array([names.index(row["outcome"]) for row in seen])
    return {"events": answers(p, y), "classes": answers_of_classes(matrix, k)}


def make():
    rng = np.random.default_rng(7)
    n = 90
    p = np.round(rng.beta(1.3, 1.6, n), 2).clip(0.01, 0.99)
    y = (rng.random(n) < 1 / (1 + np.exp(-(0.3 + 0.7 * np.log(p / (1 - p)))))).astype(int)
    regions = [f"r{rng.integers(25):02}" for _ in range(n)]
    years = rng.integers(1990, 2020, n)
    write("forecasts.csv", ["case", "p"], [(f"c{i:02}", x) for i, x in enumerate(p)])
    rows = zip((f"c{i:02}" for i in range(n)), y, regions, (f"{d}-06-{1 + i % 28:02}" for i, d in enumerate(years)))
    write("observed.csv", ["case", "outcome", "cluster", "date"], rows)
    names = ["early", "late", "never"]
    classes = np.round(rng.dirichlet([1.0, 2.0, 1.5], 40), 3)
    classes[:, 2] = np.round(1 - classes[:, 0] - classes[:, 1], 3)
    k = [rng.choice(3, p=row / row.sum()) for row in classes]
    rows = [(f"k{i:02}", name, x) for i, row in enumerate(classes) for name, x in zip(names, row)]
    write("class_forecasts.csv", ["case", "outcome", "probability"], rows)
    write("class_observed.csv", ["case", "outcome"], [(f"k{i:02}", names[j]) for i, j in enumerate(k)])
    (HERE / "answers.json").write_text(json.dumps(known(), indent=1) + "\n")


if __name__ == "__main__":
    make()
