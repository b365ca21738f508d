"""Reads every file that weigh, compare and run --given have written, as an analyst would.

    pytest tests/python --results DIR --commands DIR [--commands DIR ...]
"""

import duckdb
import polars as pl

from test_outputs import DUCKDB, POLARS, columns, entry, manifest, pandas_dtype, read_pandas
from test_outputs import read_polars


def files(folder):
    return [f["file"] for f in manifest(folder)["files"]]


def test_nothing_but_the_files_of_the_manifest(written):
    found = sorted(p.name for p in written.iterdir())
    # A run keeps its counts too, and a fit has what is no table.
    beside = {
        "run": lambda: [manifest(written)["state"]["file"]],
        "fit": lambda: ["coefficients.toml", "fit.json"],
    }
    others = beside.get(manifest(written)["command"], list)()
    assert found == sorted([*files(written), "manifest.json", *others])


def test_headers_and_rows_are_those_of_the_manifest(written):
    for file in files(written):
        header = (written / file).read_text(encoding="utf-8").split("\n", 1)[0].split(",")
        assert header == list(columns(written, file)), file
        assert len(read_pandas(written, file)) == entry(written, file)["rows"], file


def test_pandas_and_polars_find_the_types(written):
    for file in files(written):
        pandas, polars = read_pandas(written, file), read_polars(written, file)
        for name, dtype in columns(written, file).items():
            if pandas[name].isna().all():
                continue  # nothing to infer from
            found = pandas_dtype(pandas[name])
            # Whole numbers with gaps are floats to pandas.
            gaps = dtype == "int64" and pandas[name].isna().any()
            expected = "string" if dtype == "date" else dtype
            assert found == expected or (gaps and found == "float64"), (file, name)
            assert polars.schema[name] == POLARS[dtype], (file, name)


def test_duckdb_finds_the_types(written):
    for file in files(written):
        path = str(written / file)
        described = duckdb.execute(
            "describe select * from read_csv(?, header = true, sample_size = -1)", [path]
        ).fetchall()
        types = {row[0]: str(row[1]).upper() for row in described}
        full = read_polars(written, file)
        for name, dtype in columns(written, file).items():
            if full[name].null_count() == len(full):
                continue
            assert types[name] in DUCKDB[dtype], (file, name, types[name])


def test_floats_show_a_point_and_bools_are_words(written):
    for file in files(written):
        raw = pl.read_csv(written / file, infer_schema=False)
        for name, dtype in columns(written, file).items():
            cells = raw[name].drop_nulls()
            if dtype == "float64":
                pattern = r"^-?[0-9]+\.[0-9]+(e-?[0-9]+)?$"
                assert cells.str.contains(pattern).all(), (file, name)
            elif dtype == "bool":
                assert cells.is_in(["true", "false"]).all(), (file, name)
