"""What the tests share: the checkout, and a result to look at."""

from pathlib import Path

import pytest

import kzsim

ROOT = Path(__file__).resolve().parents[2]
MINIMAL = ROOT / "scenarios" / "minimal.toml"


@pytest.fixture(autouse=True)
def in_the_checkout(monkeypatch):
    monkeypatch.chdir(ROOT)


@pytest.fixture(scope="session")
def kept(tmp_path_factory):
    """A run with one row a round."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        out = tmp_path_factory.mktemp("kept") / "minimal"
        yield kzsim.run(MINIMAL, rounds=1500, seed=7, keep_rounds=True, out=out)
