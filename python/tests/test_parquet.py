"""`rounds.parquet` beside `rounds.csv`: the same numbers in every program that reads them."""

import duckdb
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest

import kzsim
from conftest import ROOT
from kzsim.binary import call

BASE = ROOT / "scenarios" / "base.toml"  # a fixture of the module is made before any chdir
POLARS = {"string": pl.String, "int64": pl.Int64, "float64": pl.Float64, "bool": pl.Boolean}
DUCKDB = {"string": "VARCHAR", "int64": "BIGINT", "float64": "DOUBLE", "bool": "BOOLEAN"}
ROUNDS = 20_000


@pytest.fixture(scope="module")
def both():
    with kzsim.run(BASE, rounds=ROUNDS, seed=4, keep_rounds=True, format="parquet") as result:
        yield result


@pytest.fixture(scope="module")
def schema(both):
    entries = {entry["file"]: entry for entry in both.manifest["files"]}
    assert entries["rounds.parquet"]["columns"] == entries["rounds.csv"]["columns"]
    assert entries["rounds.parquet"]["rows"] == entries["rounds.csv"]["rows"] == ROUNDS
    return {c["name"]: c["dtype"] for c in entries["rounds.parquet"]["columns"]}


def test_polars_reads_the_types_and_the_values_of_the_csv_file(both, schema):
    types = {name: POLARS[dtype] for name, dtype in schema.items()}
    parquet = pl.read_parquet(both.path / "rounds.parquet")
    assert dict(parquet.schema) == types
    assert parquet.equals(pl.read_csv(both.path / "rounds.csv", schema=types))
    gaps = parquet.null_count().row(0, named=True)
    assert any(gaps.values()), "no gap in this run: the test says nothing about them"
    assert all(name.startswith("first.") for name, count in gaps.items() if count)


def test_duckdb_reads_them_too(both, schema):
    path = str(both.path / "rounds.parquet")
    described = duckdb.execute("describe select * from read_parquet(?)", [path]).fetchall()
    assert {row[0]: row[1] for row in described} == {n: DUCKDB[d] for n, d in schema.items()}
    counted = duckdb.execute(
        "select outcome, count(*) from read_parquet(?) group by outcome", [path]
    ).fetchall()
    wanted = both.outcomes.query("count > 0").set_index("outcome")["count"].to_dict()
    assert dict(counted) == wanted


def test_the_package_reads_it_like_the_csv_file(both, tmp_path):
    with kzsim.run(BASE, rounds=ROUNDS, seed=4, keep_rounds=True, out=tmp_path / "csv") as plain:
        assert "rounds.parquet" not in [entry["file"] for entry in plain.manifest["files"]]
        pd.testing.assert_frame_equal(both.rounds, plain.rounds)
        names = ["day", "outcome"]
        assert both.table("rounds", names, engine="polars").equals(
            plain.table("rounds", names, engine="polars")
        )
        # Whatever else is written is the same.
        assert plain.outcomes.equals(both.outcomes)
        csv = (plain.path / "rounds.csv").read_bytes()
        assert csv == (both.path / "rounds.csv").read_bytes()


def test_it_is_compressed_in_groups_and_has_the_same_bytes_each_time(both):
    path = both.path / "rounds.parquet"
    found = pq.ParquetFile(path).metadata
    assert found.num_row_groups == 2 and found.row_group(0).num_rows == 16_384
    assert found.row_group(0).column(0).compression == "ZSTD"
    assert found.created_by == "kzsim"
    assert path.stat().st_size < (both.path / "rounds.csv").stat().st_size
    with kzsim.run(
        BASE, rounds=ROUNDS, seed=4, threads=1, keep_rounds=True, format="parquet"
    ) as two:
        assert (two.path / "rounds.parquet").read_bytes() == path.read_bytes()


def test_a_resumed_run_has_the_bytes_of_a_whole_one(both, tmp_path):
    kzsim.run(BASE, rounds=9_000, seed=4, keep_rounds=True, out=tmp_path / "r")
    more = kzsim.run(
        BASE,
        rounds=ROUNDS,
        seed=4,
        keep_rounds=True,
        format="parquet",
        resume=True,
        out=tmp_path / "r",
    )
    assert (more.path / "rounds.parquet").read_bytes() == (
        both.path / "rounds.parquet"
    ).read_bytes()
    # A new run without it leaves no old one behind.
    with pytest.raises(kzsim.KzsimError, match="rounds.parquet, left out without --format parquet"):
        kzsim.run(BASE, rounds=100, keep_rounds=True, out=tmp_path / "r")
    again = kzsim.run(BASE, rounds=100, keep_rounds=True, out=tmp_path / "r", force=True)
    assert not (again.path / "rounds.parquet").exists()


def test_it_needs_rounds():
    with pytest.raises(kzsim.ScenarioError, match="--keep-rounds"):
        kzsim.run(BASE, rounds=10, format="parquet")


def test_merged_shards_have_the_bytes_of_the_single_run(tmp_path):
    scenario = "scenarios/minimal.toml"
    kept = ["--keep-rounds", "--rounds=5000"]
    for i in (0, 1, 2):
        call(["run", scenario, *kept, f"--shard={i}/3", f"--out={tmp_path}/{i}"])
    shards = [str(tmp_path / str(i)) for i in (0, 1, 2)]
    call(["merge", *shards, "--format=parquet", f"--out={tmp_path}/merged"])
    call(["run", scenario, *kept, "--format=parquet", f"--out={tmp_path}/single"])
    # A shard has one too, if it is asked for, and it does not get in the way.
    call(["run", scenario, *kept, "--shard=0/3", "--format=parquet", f"--out={shards[0]}"])
    call(["merge", *shards, f"--out={tmp_path}/csv"])
    wanted = (tmp_path / "single" / "rounds.parquet").read_bytes()
    assert (tmp_path / "merged" / "rounds.parquet").read_bytes() == wanted
    assert not (tmp_path / "csv" / "rounds.parquet").exists()
    call(["run", scenario, "--rounds=100", "--shard=0/1", f"--out={tmp_path}/without"])
    with pytest.raises(kzsim.ScenarioError, match="without --keep-rounds"):
        call(["merge", f"{tmp_path}/without", "--format=parquet", f"--out={tmp_path}/no"])
