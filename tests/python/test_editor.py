"""The schemas, as a validator of their own language and as an editor reads them; and the program on a
terminal.

    pytest tests/python/test_editor.py --program target/release/kzsim
"""

import datetime
import json
import os
import pty
import re
import select
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(ROOT.glob("scenarios/**/*.toml"))
TAPLO = Path(sys.executable).parent / "taplo"


def kind(path):
    return "evidence" if path.parent.name == "evidence" else "scenario"


def schema(which):
    return json.loads((ROOT / "schemas" / f"{which}.json").read_text(encoding="utf-8"))


def data(value):
    """TOML as JSON: dates are texts."""
    if isinstance(value, dict):
        return {k: data(v) for k, v in value.items()}
    if isinstance(value, list):
        return [data(v) for v in value]
    if isinstance(value, (datetime.date, datetime.datetime, datetime.time)):
        return value.isoformat()
    return value


def errors(which, text):
    found = Draft7Validator(schema(which)).iter_errors(data(tomllib.loads(text)))
    return [f"{'.'.join(map(str, e.path))}: {e.message}" for e in found]


@pytest.mark.parametrize("which", ["scenario", "evidence"])
def test_schemas_are_valid(which):
    Draft7Validator.check_schema(schema(which))


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.name)
def test_shipped_files_satisfy_their_schema(path):
    assert errors(kind(path), path.read_text(encoding="utf-8")) == []


def lint(*paths):
    return subprocess.run([TAPLO, "lint", *paths], cwd=ROOT, capture_output=True, text=True)


def test_an_editor_finds_nothing_in_shipped_files():
    done = lint(*FILES)
    assert done.returncode == 0, done.stderr[:2000]


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("opportunism = 0.8", "opportunism = 1.8", "1.8 is greater than the maximum of 1"),
        ("opportunism = 0.8", "oportunism = 0.8", "'oportunism' was unexpected"),
        ('kind  = "body"', 'kind  = "crowd"', '"crowd" is not one of'),
        ("days  = 20", "days  = 0", "0 is less than the minimum of 1"),
        ("at = 2030-05-03", "at = 2030-05-03\nrate = 1", "False schema does not allow"),
        ("start = 2030-05-01\n", "", '"start" is a required property'),
    ],
)
def test_an_editor_marks_faults(tmp_path, old, new, wanted):
    text = (ROOT / "scenarios/minimal.toml").read_text(encoding="utf-8")
    assert text.startswith("#:schema ../schemas/scenario.json\n") and old in text
    text = text.replace(old, new, 1).replace("../schemas", (ROOT / "schemas").as_uri(), 1)
    faulty = tmp_path / "faulty.toml"
    faulty.write_text(text, encoding="utf-8")
    done = lint(faulty)
    assert done.returncode != 0
    assert wanted in done.stderr + done.stdout, (done.stderr + done.stdout)[:2000]


@pytest.fixture
def program(request):
    path = request.config.getoption("--program")
    if path is None:
        pytest.skip("no program to start: name it with --program")
    return Path(path).resolve()


def surroundings(**more):
    """The environment without what would change how results look."""
    ours = {k: v for k, v in os.environ.items() if k not in {"NO_COLOR", "COLUMNS"}}
    return {**ours, "TERM": "xterm-256color", **more}


def on_a_terminal(program, arguments, folder, stdout=None, **environment):
    """Runs the program with a terminal as stderr, and as stdout unless a file is given."""
    master, slave = pty.openpty()
    child = subprocess.Popen(
        [program, *arguments],
        cwd=folder,
        stdout=stdout or slave,
        stderr=slave,
        env=surroundings(**environment),
    )
    os.close(slave)
    shown = b""
    while True:
        ready, _, _ = select.select([master], [], [], 60)
        try:
            more = os.read(master, 65536) if ready else b""
        except OSError:
            break
        if not more:
            break
        shown += more
    os.close(master)
    assert child.wait(timeout=60) == 0, shown
    return shown.decode()


BLUE = re.compile("\x1b\\[[0-9;]*m *█")
# Each flag has a bar.
RUN = ["run", str(ROOT / "scenarios/minimal.toml"), "--rounds", "300000", "--flags", "--out"]


def test_colours_and_progress_are_for_terminals(program, tmp_path):
    shown = on_a_terminal(program, [*RUN, "a"], tmp_path)
    assert BLUE.search(shown), shown
    assert "of 300,000 rounds" in shown
    plain = on_a_terminal(program, [*RUN, "b"], tmp_path, NO_COLOR="1")
    assert "█" in plain and not BLUE.search(plain)
    quiet = on_a_terminal(program, [*RUN, "c", "--quiet"], tmp_path)
    assert quiet == ""


def test_progress_never_meets_redirected_results(program, tmp_path):
    plain = subprocess.run(
        [program, *RUN, "a"], cwd=tmp_path, env=surroundings(), capture_output=True, check=True
    )
    assert plain.stderr == b"" and b"\x1b" not in plain.stdout
    with open(tmp_path / "told", "wb") as told:
        shown = on_a_terminal(program, [*RUN, "a"], tmp_path, stdout=told)
    assert (tmp_path / "told").read_bytes() == plain.stdout
    assert "Outcome" not in shown
    with open(tmp_path / "told.json", "wb") as told:
        on_a_terminal(program, [*RUN, "a", "--json"], tmp_path, stdout=told)
    found = json.loads((tmp_path / "told.json").read_bytes())
    assert sum(row["count"] for row in found["tables"]["outcomes"]) == 300000
