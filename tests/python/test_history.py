"""history/prepare.py on invented files: what it makes, and what it says of files that are not as they should be."""

import csv
import math
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FRAMES = ("colpus", "cline", "powell_thyne", "leader_years", "successors")


def python(script, *arguments):
    return subprocess.run([sys.executable, ROOT / script, *map(str, arguments)], capture_output=True, text=True)


@pytest.fixture(scope="module")
def invented(tmp_path_factory):
    folder = tmp_path_factory.mktemp("invented")
    done = python("tests/data/history/make.py", folder)
    assert done.returncode == 0, done.stderr
    return folder


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def copied(invented, folder, name, change):
    """The invented files, with one of them changed."""
    for path in invented.iterdir():
        text = path.read_text()
        (folder / path.name).write_text(change(text) if path.name == name else text)
    return folder


def test_frames_hold_the_same_cases_on_both_sides(invented, tmp_path):
    done = python("history/prepare.py", invented, "--out", tmp_path)
    assert done.returncode == 0, done.stderr
    for frame in FRAMES:
        cases, observed = rows(tmp_path / f"{frame}_cases.csv"), rows(tmp_path / f"{frame}_observed.csv")
        assert [row["case"] for row in cases] == [row["case"] for row in observed]
        assert len({row["case"] for row in cases}) == len(cases) > 50
        contest = frame in ("colpus", "cline", "powell_thyne")
        assert {row["outcome"] for row in observed} == ({"succeeds", "fails"} if contest else {"irregular", "other", "stays"})
        assert len({row["cluster"] for row in cases}) >= 20


def test_columns_know_the_day_before_and_no_more(invented, tmp_path):
    assert python("history/prepare.py", invented, "--out", tmp_path, "--frames", "colpus").returncode == 0
    leaders = rows(invented / "archigos_4.1.csv")
    attempts = [(row["ccode"], row["date"]) for row in rows(invented / "colpus_1.1.csv")]
    checked = 0
    for case in rows(tmp_path / "colpus_cases.csv"):
        country = case["cluster"].removeprefix("c")
        before = [l for l in leaders if l["ccode"] == f"{country}.0" and l["startdate"] < case["t0"] <= l["enddate"]]
        if case["t0"] >= "2015" or len(before) != 1:
            continue
        expected = (int(case["t0"][:4]) - int(float(before[0]["yrborn"])) - 30) / 50
        assert abs(float(case["parameters.old"]) - expected) <= 0.02 + 1e-6  # the year of the day before
        first = min(day for other, day in attempts if other == country)
        if case["t0"] == first:
            assert float(case["parameters.tried"]) == 0
        else:
            count = math.exp(float(case["parameters.tried"]) * math.log(6)) - 1
            assert count == pytest.approx(round(count), abs=1e-4)
        checked += 1
    assert checked > 100


def test_what_is_not_coded_is_left_empty(invented, tmp_path):
    assert python("history/prepare.py", invented, "--out", tmp_path, "--frames", "colpus").returncode == 0
    coded = rows(invented / "colpus_1.1.csv")
    empty = sum(row["parameters.rank"] == "" for row in rows(tmp_path / "colpus_cases.csv"))
    assert empty == sum(row["srofficial"] == "" for row in coded) > 0


def test_all_faults_of_all_files_are_told(invented, tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    copied(invented, folder, "colpus_1.1.csv", lambda text: text.replace("srofficial", "sr_official", 1))
    (folder / "archigos_4.1.csv").rename(folder / "archigos_4.2.csv")
    done = python("history/prepare.py", folder, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "archigos_4.1.csv is missing: is it `archigos_4.2.csv`?" in done.stderr
    assert "no column `srofficial`: is it `sr_official`?" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_code_that_is_none_names_its_place(invented, tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    copied(invented, folder, "powell_thyne_2023_09.csv", lambda text: text.replace(",1,invented", ",3,invented", 1))
    done = python("history/prepare.py", folder, "--out", tmp_path / "out", "--frames", "powell_thyne")
    assert done.returncode == 2
    assert "powell_thyne_2023_09.csv:" in done.stderr and "expected 2 (success) or 1 (failure)" in done.stderr
    done = python("history/prepare.py", folder, "--out", tmp_path / "out", "--frames", "powel")
    assert done.returncode == 2 and "no frame `powel`" in done.stderr


def test_the_validation_runs_on_invented_files(request, tmp_path):
    program = request.config.getoption("--program")
    if program is None:
        pytest.skip("no program to start: name it with --program FILE")
    done = python("tests/data/history/make.py", tmp_path / "files", "--countries", 24)
    assert done.returncode == 0, done.stderr
    line = (tmp_path / "files", "--out", tmp_path / "out", "--kzsim", program, "--rounds", 50, "--quick")
    done = python("history/validate.py", *line)
    assert done.returncode == 0, done.stderr
    tables = (tmp_path / "out" / "tables.md").read_text()
    assert "| C1 Colpus | kzsim, fitted |" in tables and "| `g_rank` |" in tables
    document = tmp_path / "page.md"
    document.write_text("<!-- scores -->\n<!-- end of scores -->\n")
    done = python("history/validate.py", *line, "--write", document)
    assert done.returncode == 2 and "expected the markers `<!-- beside the logit -->`" in done.stderr
