"""Sensitivity indices against SALib's, from the same rows.

`KZSIM_SALIB_DIR=DIR cargo test what_salib` writes the rows and our indices,
`pytest tests/python --salib DIR` compares. Names of indices are SALib's; where SALib draws rows
anew before it computes an index, its functions are called on the rows as they are.
"""

import numpy as np
import pandas as pd
import pytest
from SALib.analyze import delta, morris, pawn, sobol

PROBLEM = {"num_vars": 3, "names": ["x0", "x1", "x2"], "bounds": [[0.0, 1.0]] * 3}
OUTPUTS = ["ishigami", "high"]
EXACT = {"rtol": 1e-9, "atol": 1e-12}


@pytest.fixture
def tables(salib):
    """Reads rows and indices of a method."""

    def read(method):
        rows = pd.read_csv(salib / f"{method}.csv")
        indices = pd.read_csv(salib / f"{method}_indices.csv")
        return rows, indices

    return read


def of(indices, output, name):
    """An index of all inputs for one output."""
    chosen = indices[indices["output"] == output]
    assert list(chosen["input"]) == PROBLEM["names"]
    return chosen[name].to_numpy()


def classes(n):
    """Borders of SALib's classes of equal size."""
    exponent = 2.0 / (7.0 + np.tanh((1500.0 - n) / 500.0))
    return np.linspace(0, n, min(int(np.ceil(n**exponent)), 48) + 1)


@pytest.mark.parametrize("output", OUTPUTS)
def test_sobol_indices(tables, output):
    rows, indices = tables("saltelli")
    theirs = sobol.analyze(PROBLEM, rows[output].to_numpy(), calc_second_order=False, seed=1)
    for name in ["S1", "ST"]:
        np.testing.assert_allclose(of(indices, output, name), theirs[name], **EXACT)
    # Either is known to 1/√200 of itself: 0.4 is four errors of their ratio.
    for name in ["S1_conf", "ST_conf"]:
        np.testing.assert_allclose(of(indices, output, name), theirs[name], rtol=0.4)


@pytest.mark.parametrize("output", OUTPUTS)
def test_elementary_effects(tables, output):
    rows, indices = tables("morris")
    inputs = rows[PROBLEM["names"]].to_numpy()
    values = rows[output].to_numpy().astype(float)
    theirs = morris.analyze(PROBLEM, inputs, values, num_levels=4, seed=1)
    for name in ["mu", "mu_star", "sigma"]:
        wanted = np.asarray(theirs[name], dtype=float)
        np.testing.assert_allclose(of(indices, output, name), wanted, **EXACT)
    wanted = np.asarray(theirs["mu_star_conf"], dtype=float)
    np.testing.assert_allclose(of(indices, output, "mu_star_conf"), wanted, rtol=0.4, atol=1e-9)


@pytest.mark.parametrize("output", OUTPUTS)
def test_first_order_from_given_data(tables, output):
    rows, indices = tables("given")
    values = rows[output].to_numpy().astype(float)
    n, borders = len(values), classes(len(values))
    raw = np.array([delta.sobol_first(values, rows[x].to_numpy(), borders) for x in PROBLEM["names"]])
    np.testing.assert_allclose(of(indices, output, "S1_raw"), raw, **EXACT)
    corrected = 1 - (1 - raw) * (n - 1) / (n - (len(borders) - 1))
    np.testing.assert_allclose(of(indices, output, "S1"), corrected, **EXACT)
    np.random.seed(1)
    conf = [
        delta.sobol_first_conf(values, rows[x].to_numpy(), borders, 100, 0.95, n)
        for x in PROBLEM["names"]
    ]
    np.testing.assert_allclose(of(indices, output, "S1_conf"), conf, rtol=0.4)


def test_delta_of_numbers(tables):
    rows, indices = tables("given")
    values = rows["ishigami"].to_numpy()
    n, borders = len(values), classes(len(values))
    grid = np.linspace(values.min(), values.max(), 100)
    rng = np.random.default_rng(1)
    for i, name in enumerate(PROBLEM["names"]):
        x = rows[name].to_numpy()
        raw = delta.calc_delta(values, grid, x, borders)
        # Ours shares each value between two nodes of a grid before it is smoothed.
        assert of(indices, "ishigami", "delta_raw")[i] == pytest.approx(raw, abs=1e-4)
        draws = [rng.integers(n, size=n) for _ in range(100)]
        again = np.array([delta.calc_delta(values[d], grid, x[d], borders) for d in draws])
        # The mean of 100 replicates, on either side, is known to less than 0.002.
        corrected = 2 * raw - again.mean()
        assert of(indices, "ishigami", "delta")[i] == pytest.approx(corrected, abs=0.008)
        conf = 1.96 * again.std(ddof=1)
        assert of(indices, "ishigami", "delta_conf")[i] == pytest.approx(conf, rel=0.4)


def test_delta_of_yes_or_no(tables):
    """The definition, with NumPy: SALib smooths 0 and 1 as if they were numbers."""
    rows, indices = tables("given")
    values = rows["high"].to_numpy()
    borders = classes(len(values))
    for i, name in enumerate(PROBLEM["names"]):
        ranks = rows[name].rank(method="first").to_numpy()
        parts = [values[(ranks > a) & (ranks <= b)] for a, b in zip(borders, borders[1:])]
        each = [len(p) * abs(p.mean() - values.mean()) for p in parts]
        wanted = sum(each) / len(values)
        assert of(indices, "high", "delta_raw")[i] == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("output", OUTPUTS)
def test_pawn(tables, output):
    rows, indices = tables("given")
    inputs, values = rows[PROBLEM["names"]].to_numpy(), rows[output].to_numpy()
    theirs = pawn.analyze(PROBLEM, inputs, values, S=10, seed=1)
    for name in ["minimum", "mean", "median", "maximum", "CV"]:
        np.testing.assert_allclose(of(indices, output, name), theirs[name], **EXACT)
