"""Reads every file of a results folder as an analyst would, and checks what docs/OUTPUTS.md says.

    pytest tests/python --results DIR

DIR was written by `kzsim run --keep-rounds`. Each file is read with pandas, Polars and DuckDB.
"""

import hashlib
import json
import math

import duckdb
import pandas as pd
import polars as pl
import pytest

# What few rounds do not have.
RANGES = ["guesses.csv", "forms.csv"]
FEWEST = 512
FILES = [
    "outcomes.csv",
    "flags.csv",
    "actions.csv",
    "timeline.csv",
    "outcome_by_day.csv",
    "action_by_day.csv",
    "actors.csv",
    "variance.csv",
    *RANGES,
    "rounds.csv",
]

# Columns that hold an id: never empty, never taken for "missing".
IDS = {"scenario", "outcome", "flag", "action", "variable", "actor", "contender"}

# Columns that may be empty, by file; in rounds.csv these are the first days of actions.
MAY_BE_EMPTY = {
    "outcomes.csv": {"day_p05", "day_p50", "day_p95", "guesses_low", "guesses_high", "forms_low", "forms_high"},
    "forms.csv": {"ci_low", "ci_high"},
    "timeline.csv": {"outcome"},
    "actions.csv": {"by", "day_p05", "day_p50", "day_p95"},
    "actors.csv": {"loyalty_start", "loyalty_end"},
    "variance.csv": {"from_priors", "ci_low", "ci_high", "from_chance"},
}

POLARS = {
    "string": pl.String,
    "int64": pl.Int64,
    "float64": pl.Float64,
    "bool": pl.Boolean,
    "date": pl.String,  # unless it is asked to parse dates
}
DUCKDB = {
    "string": {"VARCHAR"},
    "int64": {"BIGINT"},
    "float64": {"DOUBLE"},
    "bool": {"BOOLEAN"},
    "date": {"DATE", "TIMESTAMP"},
}


def manifest(folder):
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def has_ranges(folder):
    return manifest(folder)["rounds"] >= FEWEST


def files_of(folder):
    return [file for file in FILES if file not in RANGES or has_ranges(folder)]


@pytest.fixture(autouse=True)
def ranges_are_of_many_rounds(request):
    values = getattr(request.node, "callspec", None)
    if values and values.params.get("file") in RANGES and not has_ranges(values.params["folder"]):
        pytest.skip(f"a run of fewer than {FEWEST} rounds has no ranges")


def entry(folder, file):
    return next(f for f in manifest(folder)["files"] if f["file"] == file)


def columns(folder, file):
    return {c["name"]: c["dtype"] for c in entry(folder, file)["columns"]}


def read_pandas(folder, file):
    return pd.read_csv(folder / file)


def read_polars(folder, file):
    # The whole column decides its type: some columns begin with many empty fields.
    return pl.read_csv(folder / file, infer_schema_length=None)


def pandas_dtype(series):
    if pd.api.types.is_bool_dtype(series):
        return "bool"
    if pd.api.types.is_integer_dtype(series):
        return "int64"
    if pd.api.types.is_float_dtype(series):
        return "float64"
    if pd.api.types.is_string_dtype(series):
        return "string"
    return str(series.dtype)


def wilson(count, rounds):
    z = 1.959963984540054
    p = count / rounds
    centre = (p + z * z / (2 * rounds)) / (1 + z * z / rounds)
    half = z / (1 + z * z / rounds) * math.sqrt(p * (1 - p) / rounds + (z / (2 * rounds)) ** 2)
    return centre - half, centre + half


# ------------------------------------------------------------------------------- the manifest


def test_manifest_says_whose_and_what(folder):
    m = manifest(folder)
    assert m["program"] == "kzsim"
    assert m["rounds"] >= 1
    assert 1 <= m["rounds_followed"] <= min(m["rounds"], 16_384)
    assert [f["file"] for f in m["files"]] == files_of(folder)
    assert m["resolved"]["schema"] == 1
    compact = json.dumps(m["resolved"], separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(compact.encode()).hexdigest() == m["resolved_sha256"]
    for source in m["sources"]:
        assert "/" not in source["name"] or source["name"].startswith("--set")
        text = source["content"].encode()
        assert hashlib.sha256(text).hexdigest() == source["sha256"]


def test_nothing_but_the_files_of_the_manifest(folder):
    found = sorted(p.name for p in folder.iterdir())
    state = manifest(folder)["state"]
    assert found == sorted([*files_of(folder), "manifest.json", state["file"]])
    data = (folder / state["file"]).read_bytes()
    assert hashlib.sha256(data).hexdigest() == state["sha256"]


@pytest.mark.parametrize("file", FILES)
def test_hash_rows_and_header(folder, file):
    e = entry(folder, file)
    data = (folder / file).read_bytes()
    assert hashlib.sha256(data).hexdigest() == e["sha256"]
    data.decode("utf-8")
    assert not data.startswith(b"\xef\xbb\xbf") and b"\r" not in data
    header = data.split(b"\n", 1)[0].decode().split(",")
    assert header == [c["name"] for c in e["columns"]]
    assert len(set(header)) == len(header)
    assert len(read_pandas(folder, file)) == e["rows"]
    assert len(read_polars(folder, file)) == e["rows"]


# --------------------------------------------------------------------------- types and gaps


@pytest.mark.parametrize("file", FILES)
def test_pandas_finds_the_types(folder, file):
    table = read_pandas(folder, file)
    for name, dtype in columns(folder, file).items():
        if table[name].isna().all():
            continue  # nothing to infer from
        expected = "string" if dtype == "date" else dtype
        assert pandas_dtype(table[name]) == expected, name


@pytest.mark.parametrize("file", FILES)
def test_polars_finds_the_types(folder, file):
    table = read_polars(folder, file)
    for name, dtype in columns(folder, file).items():
        if table[name].null_count() == len(table):
            continue
        assert table.schema[name] == POLARS[dtype], name


@pytest.mark.parametrize("file", FILES)
def test_polars_takes_the_types_of_the_manifest(folder, file):
    schema = {name: POLARS[dtype] for name, dtype in columns(folder, file).items()}
    table = pl.read_csv(folder / file, schema=schema)
    assert dict(table.schema) == schema
    assert len(table) == entry(folder, file)["rows"]


@pytest.mark.parametrize("file", FILES)
def test_duckdb_finds_the_types(folder, file):
    path = str(folder / file)
    described = duckdb.execute(
        "describe select * from read_csv(?, header = true, sample_size = -1)", [path]
    ).fetchall()
    types = {row[0]: str(row[1]).upper() for row in described}
    assert list(types) == list(columns(folder, file))
    full = read_polars(folder, file)
    for name, dtype in columns(folder, file).items():
        if full[name].null_count() == len(full):
            continue
        assert types[name] in DUCKDB[dtype], (name, types[name])
    counted = duckdb.execute(
        "select count(*) from read_csv(?, header = true, sample_size = -1)", [path]
    ).fetchall()
    assert counted == [(entry(folder, file)["rows"],)]


@pytest.mark.parametrize("file", FILES)
def test_no_id_is_missing_and_no_cell_is_infinite(folder, file):
    table = read_pandas(folder, file)
    for name, dtype in columns(folder, file).items():
        empty = MAY_BE_EMPTY.get(file, set())
        if name not in empty and not name.startswith("first."):
            assert table[name].notna().all(), name
        if name in IDS:
            assert table[name].dropna().astype(str).str.fullmatch(r"[a-z][a-z0-9_.]*").all(), name
        if dtype == "float64":
            assert not table[name].astype(float).isin([math.inf, -math.inf]).any(), name
    assert (table["scenario"] == manifest(folder)["scenario"]).all()


@pytest.mark.parametrize("file", FILES)
def test_floats_show_a_point_and_bools_are_words(folder, file):
    raw = pl.read_csv(folder / file, infer_schema=False)
    for name, dtype in columns(folder, file).items():
        cells = raw[name].drop_nulls()
        if dtype == "float64":
            assert cells.str.contains(r"^-?[0-9]+\.[0-9]+(e-?[0-9]+)?$").all(), name
        elif dtype == "bool":
            assert cells.is_in(["true", "false"]).all(), name
        elif dtype == "int64":
            assert cells.str.contains(r"^[0-9]+$").all(), name


# ------------------------------------------------------------------------------ the numbers


def test_outcomes_are_a_partition(folder):
    table = read_pandas(folder, "outcomes.csv")
    m = manifest(folder)
    assert list(table["outcome"]) == list(m["resolved"]["outcomes"])
    assert (table["rounds"] == m["rounds"]).all()
    assert table["count"].sum() == m["rounds"]
    assert table["probability"].sum() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("file", ["outcomes.csv", "flags.csv", "actions.csv"])
def test_shares_and_intervals(folder, file):
    table = read_pandas(folder, file)
    for row in table.itertuples():
        assert row.probability == row.count / row.rounds
        assert 0 <= row.ci_low <= row.probability <= row.ci_high <= 1
        low, high = wilson(row.count, row.rounds)
        assert row.ci_low == pytest.approx(low, abs=1e-12)
        assert row.ci_high == pytest.approx(high, abs=1e-12)


@pytest.mark.parametrize("file", ["outcomes.csv", "actions.csv"])
def test_days_are_there_when_something_was_counted(folder, file):
    table = read_pandas(folder, file)
    days = manifest(folder)["resolved"]["clock"]["days"]
    for row in table.itertuples():
        found = [row.day_p05, row.day_p50, row.day_p95]
        if row.count == 0:
            assert all(math.isnan(x) for x in found)
        else:
            assert 0 <= found[0] <= found[1] <= found[2] <= days


def test_ranges_are_those_of_their_tables(folder):
    outcomes = read_pandas(folder, "outcomes.csv").set_index("outcome")
    ranges = outcomes[["guesses_low", "guesses_high", "forms_low", "forms_high"]]
    if not has_ranges(folder):
        assert "ranges" not in manifest(folder) and ranges.isna().all().all()
        return
    assert ranges.notna().all().all()
    played = manifest(folder)["ranges"]
    guesses = read_pandas(folder, "guesses.csv")
    assert (guesses["ci_low"] <= guesses["share"]).all() and (guesses["share"] <= guesses["ci_high"]).all()
    for outcome, rows in guesses.groupby("outcome", sort=False):
        assert list(rows["quantile"]) == pytest.approx([i / 20 for i in range(1, 20)])
        assert rows["share"].is_monotonic_increasing
        low, high = outcomes.loc[outcome, ["guesses_low", "guesses_high"]]
        assert 0 <= low <= high <= 1
        first, last = rows.iloc[0], rows.iloc[-1]
        assert low in (first["share"], first["ci_low"]) and high in (last["share"], last["ci_high"])
    forms = read_pandas(folder, "forms.csv")
    assert list(forms["form"].unique()) == played["forms"]
    own = forms[forms["form"] == "as written"].set_index("outcome")
    assert (own["probability"] == outcomes["probability"]).all()
    for form, rows in forms.groupby("form", sort=False):
        rows = rows.set_index("outcome")
        assert rows["difference"].sum() == pytest.approx(0, abs=1e-12)
        if form != "as written":
            assert (rows["rounds"] == played["sets"] * played["rounds_of_set"]).all()
            assert (rows["ci_low"] <= rows["difference"]).all()
            assert (rows["difference"] <= rows["ci_high"]).all()
    by_outcome = forms.groupby("outcome", sort=False)["probability"]
    assert (by_outcome.min() == outcomes["forms_low"]).all()
    assert (by_outcome.max() == outcomes["forms_high"]).all()


def test_flags_and_actions_are_all_there(folder):
    resolved = manifest(folder)["resolved"]
    assert list(read_pandas(folder, "flags.csv")["flag"]) == list(resolved.get("flags", {}))
    table = read_polars(folder, "actions.csv")
    assert table["action"].to_list() == list(resolved.get("actions", {}))
    by = [a.get("by") for a in resolved.get("actions", {}).values()]
    assert table["by"].to_list() == by


def expected_variables(resolved):
    contenders = list(resolved["contenders"])
    crowds = list(resolved.get("crowds", {}))
    out = [f"support.{c}" for c in [*contenders, "aside"]]
    out += [f"prospects.{c}" for c in contenders]
    out += [f"signal.{c}" for c in contenders]
    for crowd in crowds:
        out += [f"turnout.{crowd}", f"grievance.{crowd}"]
    if crowds:
        out.append("turnout.max")
    return [*out, "openness", *resolved.get("variables", {})]


def test_timeline_is_complete(folder):
    table = read_pandas(folder, "timeline.csv")
    table = table[table["outcome"].isna()]
    resolved = manifest(folder)["resolved"]
    variables = expected_variables(resolved)
    days = sorted(table["day"].unique())
    assert days[0] == 0 and days[-1] == resolved["clock"]["days"] and len(days) <= 401
    assert len(table) == len(days) * len(variables)
    for _, rows in table.groupby("day"):
        assert list(rows["variable"]) == variables
        assert rows["date"].nunique() == 1
    dates = table.drop_duplicates("day").set_index("day")["date"]
    start = pd.Timestamp(resolved["clock"]["start"])
    for day, date in dates.items():
        assert pd.Timestamp(date) == start + pd.Timedelta(days=day)


def test_timeline_of_all_rounds_is_that_of_the_outcomes_together(folder):
    table = read_pandas(folder, "timeline.csv")
    parts = table[table["outcome"].notna()]
    days = sorted(parts["day"].unique())
    whole = table[table["outcome"].isna() & table["day"].isin(days)]
    assert days[0] == 0 and days[-1] == table["day"].max() and len(days) <= 62
    whole = whole.set_index(["day", "variable"]).sort_index()
    together = parts.groupby(["day", "variable"])
    assert (together["rounds"].sum() == whole["rounds"]).all()
    sums = (parts["mean"] * parts["rounds"]).groupby([parts["day"], parts["variable"]]).sum()
    scale = whole["mean"].abs().clip(lower=1)
    assert ((sums / whole["rounds"] - whole["mean"]).abs() / scale).lt(1e-9).all()
    # A median of all lies between those of its parts, but for the width of a bin.
    medians = together["p50"]
    slack = whole["p50"].abs() / 16 + 1e-4
    assert (whole["p50"] >= medians.min() - slack).all() and (whole["p50"] <= medians.max() + slack).all()


def test_timeline_percentiles_are_in_order(folder):
    table = read_pandas(folder, "timeline.csv")
    levels = ["p05", "p25", "p50", "p75", "p95"]
    for low, high in zip(levels, levels[1:]):
        assert (table[low] <= table[high]).all()
    shares = table["variable"].str.match(r"(support|prospects|turnout)\.|openness$")
    assert table.loc[shares, ["mean", *levels]].ge(0).all().all()
    assert table.loc[shares, ["mean", *levels]].le(1).all().all()
    for what in ["support", "prospects"]:
        own = table[table["variable"].str.startswith(f"{what}.")]
        sums = own.groupby(["day", "outcome"], dropna=False)["mean"].sum()
        # Each is a mean of single-precision shares.
        assert sums.sub(1).abs().lt(1e-5).all(), what


def test_outcome_by_day_grows_to_the_whole(folder):
    table = read_pandas(folder, "outcome_by_day.csv")
    outcomes = read_pandas(folder, "outcomes.csv").set_index("outcome")
    wide = table.pivot(index="day", columns="outcome", values="probability")
    assert wide.notna().all().all() and set(wide.columns) == set(outcomes.index)
    assert wide.diff().iloc[1:].ge(0).all().all()
    last = wide.loc[manifest(folder)["resolved"]["clock"]["days"]]
    for outcome, share in last.items():
        assert share == outcomes.loc[outcome, "probability"]
    days = sorted(read_pandas(folder, "timeline.csv")["day"].unique())
    assert sorted(wide.index) == days


def test_action_by_day_grows_to_the_share_of_each_action(folder):
    table = read_pandas(folder, "action_by_day.csv")
    actions = read_pandas(folder, "actions.csv").set_index("action")
    wide = table.pivot(index="day", columns="action", values="probability")
    assert wide.notna().all().all() and list(wide.columns) == sorted(actions.index)
    assert wide.diff().iloc[1:].ge(0).all().all()
    for action, share in wide.iloc[-1].items():
        assert share == actions.loc[action, "probability"]


def test_actors_stand_somewhere(folder):
    table = read_pandas(folder, "actors.csv")
    resolved = manifest(folder)["resolved"]
    contenders = list(resolved["contenders"])
    pairs = [(a, c) for a in resolved["actors"] for c in [*contenders, "aside"]]
    assert list(zip(table["actor"], table["contender"])) == pairs
    for column in ["stance_start", "stance_end"]:
        assert table.groupby("actor")[column].sum().sub(1).abs().lt(1e-5).all()
    without = table["contender"].eq("aside") | table["contender"].eq(table["actor"])
    for column in ["loyalty_start", "loyalty_end"]:
        assert (table[column].isna() == without).all()
        assert table.loc[~without, column].between(0, 1).all()


# ------------------------------------------------------------------------------ rounds.csv


def test_rounds_agree_with_outcomes(folder):
    rounds = read_pandas(folder, "rounds.csv")
    table = read_pandas(folder, "outcomes.csv").set_index("outcome")
    assert list(rounds["round"]) == list(range(manifest(folder)["rounds"]))
    counts = rounds["outcome"].value_counts()
    assert set(counts.index) <= set(table.index)
    for outcome, row in table.iterrows():
        assert counts.get(outcome, 0) == row["count"]
        ended = rounds.loc[rounds["outcome"] == outcome, "day"].sort_values()
        for p, column in [(0.05, "day_p05"), (0.5, "day_p50"), (0.95, "day_p95")]:
            if len(ended):
                nearest_rank = ended.iloc[max(math.ceil(p * len(ended)), 1) - 1]
                assert row[column] == nearest_rank, (outcome, column)


def test_rounds_agree_with_flags_and_actions(folder):
    rounds = read_polars(folder, "rounds.csv")
    for row in read_polars(folder, "flags.csv").iter_rows(named=True):
        assert rounds[row["flag"]].sum() == row["count"], row["flag"]
    for row in read_polars(folder, "actions.csv").iter_rows(named=True):
        first = rounds[f"first.{row['action']}"]
        assert len(first) - first.null_count() == row["count"], row["action"]


def test_rounds_agree_with_outcome_by_day(folder):
    rounds = read_pandas(folder, "rounds.csv")
    for row in read_pandas(folder, "outcome_by_day.csv").itertuples():
        ended = ((rounds["outcome"] == row.outcome) & (rounds["day"] <= row.day)).sum()
        assert row.probability == ended / len(rounds), (row.outcome, row.day)


def test_rounds_agree_with_action_by_day(folder):
    rounds = read_pandas(folder, "rounds.csv")
    for row in read_pandas(folder, "action_by_day.csv").itertuples():
        # First days have single precision, moments of steps have not.
        happened = (rounds[f"first.{row.action}"] <= row.day + 1e-4).sum()
        assert row.probability == happened / len(rounds), (row.action, row.day)


def test_drawn_values_lie_in_their_priors(folder):
    rounds = read_pandas(folder, "rounds.csv")
    resolved = manifest(folder)["resolved"]
    seen = 0
    for name in rounds.columns:
        if "." not in name or name.startswith("first."):
            continue
        law = resolved
        for key in name.split("."):
            law = law[key]
        seen += 1
        assert isinstance(law, dict), name
        bounds = [law.get("low", law.get("min")), law.get("high", law.get("max"))]
        if all(isinstance(b, (int, float)) for b in bounds):
            slack = 1e-6 * max(1.0, *map(abs, bounds))
            assert rounds[name].between(bounds[0] - slack, bounds[1] + slack).all(), name
    assert seen == sum("." in n and not n.startswith("first.") for n in rounds.columns)


def test_duckdb_answers_a_question(folder):
    path = str(folder / "rounds.csv")
    found = duckdb.execute(
        "select outcome, count(*) from read_csv(?, sample_size = -1) group by outcome", [path]
    ).fetchall()
    table = read_polars(folder, "outcomes.csv")
    counts = dict(zip(table["outcome"], table["count"]))
    assert dict(found) == {k: v for k, v in counts.items() if v}
