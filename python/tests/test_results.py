"""Folders as frames: types, gaps, hashes, and what a damaged folder is told."""

import concurrent.futures
import json
import os
import pickle
import shutil
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

import kzsim

MINIMAL = Path(__file__).resolve().parents[2] / "scenarios" / "minimal.toml"
PANDAS = {
    "string": "string",
    "int64": "int64",
    "float64": "float64",
    "bool": "bool",
    "date": "datetime64[s]",
}
POLARS = {
    "string": pl.String,
    "int64": pl.Int64,
    "float64": pl.Float64,
    "bool": pl.Boolean,
    "date": pl.Datetime("us"),
}


def dtypes(result, table):
    return result.columns(table)["dtype"]


def test_every_table_has_the_types_of_the_manifest(kept):
    assert set(kept.tables) >= {"outcomes", "flags", "actions", "timeline", "rounds", "variance"}
    for table in kept.tables:
        frame = kept.table(table)
        assert list(frame.columns) == list(dtypes(kept, table).index)
        for name, dtype in dtypes(kept, table).items():
            assert str(frame[name].dtype) == PANDAS[dtype], (table, name)


def test_polars_has_the_same_values(kept):
    for table in kept.tables:
        one = kept.table(table)
        two = kept.table(table, engine="polars")
        for name, dtype in dtypes(kept, table).items():
            assert two.schema[name] == POLARS[dtype], (table, name)
            left = [None if pd.isna(x) else x for x in one[name]]
            assert left == two[name].to_list(), (table, name)
    opened = kzsim.load(kept.path, engine="polars")
    assert isinstance(opened.outcomes, pl.DataFrame)


def test_numbers_are_those_of_the_file_to_the_last_digit(kept):
    lines = (kept.path / "outcomes.csv").read_text(encoding="utf-8").splitlines()[1:]
    column = list(dtypes(kept, "outcomes").index).index("ci_low")
    # No name of this scenario has a comma.
    assert list(kept.outcomes["ci_low"]) == [float(line.split(",")[column]) for line in lines]


def test_gaps_are_missing_values_and_nothing_else_is(kept):
    assert kept.actors.loc[kept.actors["contender"] == "aside", "loyalty_start"].isna().all()
    assert kept.actors["contender"].notna().all()
    nobody = kept.actions["by"].isna()
    resolved = kept.manifest["resolved"]["actions"]
    assert list(nobody) == ["by" not in resolved[action] for action in kept.actions["action"]]


def test_dates_are_dates(kept):
    first = kept.timeline.iloc[0]
    assert first["date"] == pd.Timestamp(2030, 5, 1) and first["day"] == 0.0


def test_some_columns_in_the_order_asked_for(kept):
    for engine in ("pandas", "polars"):
        frame = kept.table("rounds", ["outcome", "round"], engine=engine)
        assert list(frame.columns) == ["outcome", "round"] and len(frame) == 1500
    with pytest.raises(KeyError, match="did you mean 'outcome'"):
        kept.table("rounds", ["outcom"])


def test_categories_keep_the_order_of_the_scenario(kept):
    ids = list(kept.outcomes["outcome"])
    frame = kept.table("outcome_by_day", categories=True)
    assert list(frame["outcome"].cat.categories) == ids
    polars = kept.table("outcome_by_day", engine="polars", categories=True)
    assert polars["outcome"].dtype.categories.to_list() == ids


def test_rounds_add_up_to_outcomes(kept):
    counts = kept.rounds["outcome"].value_counts()
    for row in kept.outcomes.itertuples():
        assert counts.get(row.outcome, 0) == row.count
    assert kept.played == 1500 and kept.seed == 7 and kept.command == "run"


def test_a_table_is_read_once_and_unknown_ones_are_named(kept):
    assert kept.outcomes is kept.outcomes
    assert "timeline" in dir(kept)
    with pytest.raises(AttributeError, match="did you mean 'outcomes'"):
        kept.outcome
    with kzsim.run("scenarios/minimal.toml", rounds=10) as small:
        with pytest.raises(AttributeError, match="keep_rounds"):
            small.rounds
    assert "1500 rounds, seed 7" in repr(kept)


@pytest.fixture
def copy(kept, tmp_path):
    return shutil.copytree(kept.path, tmp_path / "copy")


def test_a_changed_file_is_told(copy):
    file = copy / "outcomes.csv"
    file.write_bytes(file.read_bytes().replace(b"minimal", b"maximal", 1))
    with pytest.raises(kzsim.ResultError, match=r"outcomes\.csv was modified"):
        kzsim.load(copy)
    assert kzsim.load(copy, verify=False).outcomes["scenario"].iloc[0] == "maximal"


def test_every_missing_file_is_told(copy):
    (copy / "outcomes.csv").unlink()
    (copy / "flags.csv").unlink()
    with pytest.raises(kzsim.ResultError, match=r"outcomes\.csv is missing; flags\.csv is missing"):
        kzsim.load(copy)


def test_rows_that_were_lost_are_told_without_hashes(copy):
    file = copy / "rounds.csv"
    file.write_bytes(file.read_bytes().rsplit(b"\n", 2)[0] + b"\n")
    with pytest.raises(kzsim.ResultError, match="1499 rows; the manifest says 1500"):
        kzsim.load(copy, verify=False).rounds


def test_other_folders_are_no_results(tmp_path, copy):
    with pytest.raises(kzsim.ResultError, match="manifest.json is missing"):
        kzsim.load(tmp_path)
    manifest = copy / "manifest.json"
    told = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps({**told, "version": "9.0.0"}), encoding="utf-8")
    with pytest.raises(kzsim.VersionMismatch, match="9.0.0"):
        kzsim.load(copy)
    manifest.write_text(json.dumps({**told, "program": "other"}), encoding="utf-8")
    with pytest.raises(kzsim.ResultError, match="not a manifest of kzsim"):
        kzsim.load(copy)
    manifest.write_text("{", encoding="utf-8")
    with pytest.raises(kzsim.ResultError, match="cannot be read"):
        kzsim.load(copy)


def outcomes_of(seed):
    return kzsim.run(MINIMAL, rounds=200, seed=seed, keep_rounds=True, threads=1)


def test_results_come_from_a_pool_of_processes():
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        found = list(pool.map(outcomes_of, [1, 2]))
    for seed, result in zip([1, 2], found, strict=True):
        here = outcomes_of(seed)
        result.verify()
        assert result.outcomes.equals(here.outcomes)
        assert len(result.table("rounds", columns=["outcome"])) == 200
        folder = result.path
        result.close()
        assert not folder.exists()


def test_a_result_that_is_gone_cannot_be_pickled(tmp_path):
    with outcomes_of(1) as result:
        copy = pickle.loads(pickle.dumps(result))
    with pytest.raises(kzsim.ResultError, match="has been closed"):
        pickle.dumps(result)
    assert copy.outcomes.shape[0] > 0
    # A folder that stays is pickled as its path; what lies there must still be it.
    kept = kzsim.run(MINIMAL, rounds=200, seed=1, out=tmp_path / "kept")
    pickled = pickle.dumps(kept)
    assert pickle.loads(pickled).outcomes.equals(kept.outcomes)
    kzsim.run(MINIMAL, rounds=300, seed=1, out=tmp_path / "kept")
    with pytest.raises(kzsim.ResultError, match="another result"):
        pickle.loads(pickled)
    shutil.rmtree(tmp_path / "kept")
    with pytest.raises(kzsim.ResultError, match="is missing"):
        pickle.loads(pickled)


def test_a_result_is_shown_with_its_ranges_and_caveat(kept, tmp_path):
    html = kept._repr_html_()
    first = kept.outcomes.sort_values("probability", ascending=False).iloc[0]
    assert html.index(first["name"]) < html.index(kept.outcomes.iloc[-1]["name"])
    assert f"{100 * first['probability']:.1f}&nbsp;%" in html
    assert f"{100 * first['guesses_low']:.1f} to {100 * first['guesses_high']:.1f}" in html
    assert "across forms of the model" in html and "not forecasts" in html
    # What a scenario says is text.
    title = {"title": "<script>alert(1)</script>"}
    with kzsim.run(MINIMAL, rounds=20, set=title, out=tmp_path / "hostile") as hostile:
        shown = hostile._repr_html_()
    assert "&lt;script&gt;" in shown and "<script" not in shown
    with kzsim.run(MINIMAL, rounds=20) as closed:
        pass
    assert "kzsim run of minimal" in closed._repr_html_(), "a result that was closed"


def test_other_results_show_their_tables():
    with kzsim.sweep(MINIMAL, {"parameters.anger": [0.2, 0.4]}, rounds=20) as result:
        assert "points.csv" in result._repr_html_() and "not forecasts" in result._repr_html_()


def test_tables_are_arrays(kept):
    pytest.importorskip("xarray")
    line = kept.to_xarray("timeline")
    assert set(line.sizes) >= {"day", "variable"} and set(line.coords) >= {"date", "scenario"}
    rows = kept.timeline
    row = rows.iloc[len(rows) // 2]
    at = {key: row[key] for key in ("day", "variable")}
    if "outcome" in rows.columns:
        at["outcome"] = "" if pd.isna(row["outcome"]) else row["outcome"]
    assert float(line["p50"].sel(at)) == row["p50"]
    shares = kept.to_xarray()
    assert shares["outcome"].values.tolist() == kept.outcomes["outcome"].tolist()
    assert shares["name"].sel(outcome=shares["outcome"][0]) == kept.outcomes["name"].iloc[0]
    assert shares.attrs["seed"] == 7 and "not forecasts" in shares.attrs["note"]
    assert line["day"].attrs["units"] == "day" and line["p50"].attrs["long_name"]
    for table in kept.tables:
        array = kept.to_xarray(table)
        assert max(array.sizes.values()) > 0, table
    with pytest.raises(ValueError, match="same variable"):
        kept.to_xarray("timeline", dims=["variable"])
    with pytest.raises(KeyError, match="no column 'dai'"):
        kept.to_xarray("timeline", dims=["dai"])


def test_a_sweep_is_a_cube():
    pytest.importorskip("xarray")
    over = {"parameters.anger": [0.4, 0.2], "parameters.ambition": [0.5, 1.0, 1.2]}
    with kzsim.sweep(MINIMAL, over, rounds=100) as result:
        cube = result.to_xarray(dims=[*over, "outcome"])
        line = result.to_xarray()
        rows = result.outcomes
    assert cube["probability"].shape == (2, 3, rows["outcome"].nunique())
    assert cube["parameters.anger"].values.tolist() == [0.4, 0.2], "in the order of the file"
    for row in rows.itertuples(index=False):
        at = {"parameters.anger": row[2], "parameters.ambition": row[3], "outcome": row.outcome}
        assert float(cube["probability"].sel(at)) == row.probability
    assert line["parameters.anger"].sel(point=5) == 0.2


def test_quantities_move_day_by_day(kept):
    rows = kept.timeline
    own = rows[rows["outcome"].isna()] if "outcome" in rows.columns else rows
    name = own["variable"].iloc[0]
    moved = kept.day_by_day(name)
    assert moved["p50"].tolist() == own[own["variable"] == name]["p50"].tolist()
    assert moved.index.is_monotonic_increasing and moved.index.is_unique
    with pytest.raises(KeyError, match=f"did you mean '{name}'"):
        kept.day_by_day(name[:-1])


def test_quantities_move_by_outcome(kept):
    """All rounds together are those of each outcome, where both are counted."""
    rows = kept.table("timeline")
    name = rows["variable"].iloc[0]
    whole = kept.day_by_day(name)
    parts = [kept.day_by_day(name, one) for one in rows["outcome"].dropna().unique()]
    assert len(parts) > 1 and "outcome" not in whole.columns
    total = pd.concat(parts).assign(sum=lambda f: f["mean"] * f["rounds"]).groupby("date").sum()
    whole = whole.loc[total.index]
    assert (total["rounds"] == whole["rounds"]).all()
    assert (total["sum"] / total["rounds"]).tolist() == pytest.approx(whole["mean"].tolist(), rel=1e-9)
    with pytest.raises(KeyError, match="no 'nobody' here"):
        kept.day_by_day(name, "nobody")
    pytest.importorskip("xarray")
    cube = kept.to_xarray("timeline")["mean"].sel(variable=name)
    assert cube.sel(outcome="").values.tolist() == kept.day_by_day(name)["mean"].tolist()

def test_links_and_pipes_in_a_result_are_refused(tmp_path):
    made = kzsim.run(MINIMAL, rounds=50, out=tmp_path / "r")
    for file in ["outcomes.csv", "manifest.json"]:
        path = made.path / file
        content = path.read_bytes()
        path.unlink()
        (tmp_path / "elsewhere").write_bytes(content)
        path.symlink_to(tmp_path / "elsewhere")
        with pytest.raises(kzsim.ResultError, match="symbolic link|not a regular file"):
            kzsim.load(made.path)
        path.unlink()
        os.mkfifo(path)
        with pytest.raises(kzsim.ResultError, match="missing|not a regular file"):
            kzsim.load(made.path)
        path.unlink()
        path.write_bytes(content)
