"""A scenario as a function."""

import dataclasses
import pickle

import numpy as np
import pandas as pd
import pytest

import kzsim

MINIMAL = "scenarios/minimal.toml"
ANGER, AMBITION = "parameters.anger", "parameters.ambition"


@pytest.fixture
def model():
    return kzsim.Model(MINIMAL, [ANGER, AMBITION], rounds=300, seed=5)


def test_a_point_gives_the_shares_of_a_run(model):
    point = {ANGER: 0.3, AMBITION: 1.0}
    with kzsim.run(MINIMAL, rounds=300, seed=5, set=point) as result:
        wanted = result.outcomes.set_index("outcome")["probability"].to_dict()
    assert model(point) == wanted
    assert sum(model(point).values()) == pytest.approx(1)


def test_many_points_at_once_are_the_points_one_by_one(model):
    points = pd.DataFrame({AMBITION: [0.6, 0.9, 1.2], ANGER: [0.2, 0.4, 0.6]}, index=[30, 10, 20])
    found = model.evaluate(points)
    assert list(found.index) == [30, 10, 20]
    for label, row in points.iterrows():
        assert model(row.to_dict()) == found.loc[label].to_dict()
    assert found.nunique().max() == 3, "the settings did nothing"


def test_arrays_are_taken_in_the_order_of_the_names(model):
    array = np.array([[0.2, 0.6], [0.6, 1.2]])
    frame = pd.DataFrame(array, columns=model.names)
    pd.testing.assert_frame_equal(model.evaluate(array), model.evaluate(frame))
    with pytest.raises(ValueError, match=r"shape \(2, 1\)"):
        model.evaluate(array[:, :1])
    with pytest.raises(ValueError, match="no points"):
        model.evaluate(frame.iloc[:0])


def test_more_points_than_one_call_takes(model, monkeypatch):
    points = np.column_stack([np.linspace(0.1, 0.7, 7), np.linspace(0.5, 1.3, 7)])
    whole = model.evaluate(points)
    monkeypatch.setattr("kzsim.model.MOST_POINTS", 3)
    pd.testing.assert_frame_equal(model.evaluate(points), whole)


def test_names_outcomes_and_flags():
    with kzsim.run(MINIMAL, rounds=10) as result:
        outcome, flag = result.outcomes["outcome"].iloc[-1], result.flags["flag"].iloc[0]
    model = kzsim.Model(
        MINIMAL, {"anger": ANGER}, outcomes=[outcome], flags=[flag], rounds=200, set={AMBITION: 1.0}
    )
    assert list(model(anger=0.3)) == [outcome, flag]
    assert model(anger=0.3) == kzsim.Model(
        MINIMAL, [ANGER, AMBITION], outcomes=[outcome], flags=[flag], rounds=200
    )({ANGER: 0.3, AMBITION: 1.0})
    with pytest.raises(ValueError, match="no value for 'anger'; 'angr' is not a setting"):
        model(angr=0.3)
    with pytest.raises(ValueError, match="unknown outcome nobody_wins; known are:"):
        kzsim.Model(MINIMAL, [ANGER], outcomes=["nobody_wins"], rounds=10)({ANGER: 0.3})


def test_other_rounds_and_processes(model):
    point = {ANGER: 0.3, AMBITION: 1.0}
    assert model.with_seed(6)(point) != model(point)
    assert pickle.loads(pickle.dumps(model))(point) == model(point)


def test_points_have_rounds_of_their_own(model, monkeypatch):
    own = dataclasses.replace(model, own_rounds=True)
    points = pd.DataFrame({ANGER: [0.3] * 7, AMBITION: [1.0] * 7})
    shared, found = model.evaluate(points), own.evaluate(points)
    assert shared.nunique().max() == 1 and found.nunique().max() > 3
    assert found.iloc[0].to_dict() == shared.iloc[0].to_dict(), "the first has the first rounds"
    monkeypatch.setattr("kzsim.model.MOST_POINTS", 3)
    pd.testing.assert_frame_equal(own.evaluate(points), found)


def test_what_is_no_model():
    with pytest.raises(ValueError, match="at least one"):
        kzsim.Model(MINIMAL, [])
    with pytest.raises(ValueError, match="twice"):
        kzsim.Model(MINIMAL, {"a": ANGER, "b": ANGER})


def test_pyabc_infers_what_it_was_shown():
    """Approximate Bayesian computation finds the anger behind a share that the model gave."""
    pyabc = pytest.importorskip("pyabc")
    # Ambition is held, so that the share moves with anger alone.
    model = kzsim.Model(
        MINIMAL, {"anger": ANGER}, rounds=400, seed=5, set={AMBITION: 0.9}, threads=1
    )
    shown = model(anger=0.6)
    moving = max(shown, key=lambda name: abs(shown[name] - model(anger=0.2)[name]))
    abc = pyabc.ABCSMC(
        model,
        pyabc.Distribution(anger=pyabc.RV("uniform", 0.1, 0.6)),
        lambda x, y: abs(x[moving] - y[moving]),
        population_size=24,
        sampler=pyabc.SingleCoreSampler(),
    )
    abc.new("sqlite://", shown)
    history = abc.run(max_nr_populations=4)
    frame, weights = history.get_distribution()
    assert np.average(frame["anger"], weights=weights) == pytest.approx(0.6, abs=0.08)
