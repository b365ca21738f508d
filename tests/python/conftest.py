"""Which results folders to check: `pytest tests/python --results DIR [--results DIR ...]`."""

from pathlib import Path

import pytest


def pytest_addoption(parser):
    parser.addoption(
        "--results",
        action="append",
        default=[],
        metavar="DIR",
        help="a folder that `kzsim run --keep-rounds` has written; may be repeated",
    )


    parser.addoption(
        "--commands",
        action="append",
        default=[],
        metavar="DIR",
        help="a folder that another command (weigh, compare, run --given) has written",
    )
    parser.addoption(
        "--salib",
        metavar="DIR",
        help="a folder that `KZSIM_SALIB_DIR=DIR cargo test` has written",
    )
    parser.addoption(
        "--program",
        metavar="FILE",
        help="kzsim itself, to be started on a terminal",
    )


@pytest.fixture
def salib(request):
    folder = request.config.getoption("--salib")
    if folder is None:
        pytest.skip("no sensitivity indices to compare: name their folder with --salib DIR")
    return Path(folder)


def pytest_generate_tests(metafunc):
    if "written" in metafunc.fixturenames:
        folders = [Path(d) for d in metafunc.config.getoption("--commands")]
        metafunc.parametrize("written", folders, ids=[f.name for f in folders])
    if "folder" in metafunc.fixturenames:
        folders = [Path(d) for d in metafunc.config.getoption("--results")]
        if not folders:
            raise pytest.UsageError("name at least one results folder with --results DIR")
        metafunc.parametrize("folder", folders, ids=[f.name for f in folders])
