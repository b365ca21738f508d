"""Names as tables have them: what kzsim accepts, pandas, Polars and DuckDB read as the same text.

    pytest tests/python/test_names.py --program target/release/kzsim
"""

import subprocess

import duckdb
import pandas as pd
import polars as pl
import pytest

REFUSED = """NA nan NaN null NULL None none #N/A <NA> 1.#IND true FALSE t F yes no inf -inf Infinity 1e5 -1 +1 .5 0x10
0b1 20220105 2022-01-05 12:30 2022-01-05T10:00 epoch mar1 jan-22 =1+1 @x 1_000 50%""".split()
ACCEPTED = """base 2022_base no_troops infinite truely nanny nullify na1 t1 e5 1d 10k 5y on off y n now today may march undefined
nil void x1e5 Тоқаев 2022a""".split()

SCENARIO = """schema = 1
[contenders]
a = {}
b = {}
[clock]
start = 2030-01-01
days = 1
step = "1d"
[arenas]
k = 1
[actors.x]
power.k = 1
[outcomes.end]
NAME
otherwise = true
"""


@pytest.fixture
def run(request, tmp_path):
    program = request.config.getoption("--program")
    if program is None:
        pytest.skip("no program: name it with --program FILE")

    def run(word, name):
        text = SCENARIO.replace("NAME", f'name = "{name}"' if name else "")
        (tmp_path / f"{word}.toml").write_text(text, encoding="utf-8")
        command = [program, "run", f"./{word}.toml", "--rounds", "3", "--quiet", "--out", "out"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        return done, tmp_path / "out" / "outcomes.csv"

    return run


@pytest.mark.parametrize("word", [w for w in REFUSED if "/" not in w])
def test_what_would_be_misread_is_no_scenario(run, word):
    done, _ = run(word, None)
    assert done.returncode == 2 and "invalid file name" in done.stderr, done.stderr


@pytest.mark.parametrize("word", REFUSED)
def test_what_would_be_misread_is_no_name(run, word):
    done, _ = run("base", word)
    assert done.returncode == 2 and "outcomes.end.name" in done.stderr, done.stderr


@pytest.mark.parametrize("word", ACCEPTED)
def test_what_is_accepted_is_read_as_text(run, word):
    done, table = run(word, word)
    assert done.returncode == 0, done.stderr
    query = "select scenario, name from read_csv(?, header = true, sample_size = -1)"
    dated = pl.read_csv(table, try_parse_dates=True)
    for scenario, name in [
        pd.read_csv(table)[["scenario", "name"]].iloc[0].to_list(),
        pl.read_csv(table).select("scenario", "name").row(0),
        dated.select("scenario", "name").row(0),
        duckdb.execute(query, [str(table)]).fetchall()[0],
    ]:
        assert (scenario, name) == (word, word)
