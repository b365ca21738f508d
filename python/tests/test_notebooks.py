"""The notebooks as they are kept: played in order, without traces of a machine, and with a caveat."""

import runpy

import nbformat
import pytest

from conftest import ROOT

FOLDER = ROOT / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


@pytest.fixture(params=NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])
def notebook(request):
    return nbformat.read(request.param, as_version=4)


@pytest.fixture(scope="module")
def player():
    return runpy.run_path(str(FOLDER / "play.py"))


def test_all_are_in_the_list():
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert len(NOTEBOOKS) == 9
    assert all(f"({path.name})" in text for path in NOTEBOOKS)


def test_it_was_played_from_top_to_bottom(notebook):
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    kinds = {output.output_type for cell in code for output in cell.outputs}
    assert kinds <= {"stream", "execute_result", "display_data"} and len(kinds) > 1


def test_nothing_tells_of_a_machine(notebook, player):
    assert player["faults"](notebook) == []
    assert all(not cell.metadata for cell in notebook.cells)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert set(notebook.metadata.language_info) == {"name"}


def test_it_asks_a_question_shows_a_picture_and_says_what_it_does_not_mean(notebook, player):
    words = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert "**Question:**" in words and "What this does not mean" in words
    assert player["pictures"](notebook)


def test_places_on_a_machine_are_found(player):
    cell = nbformat.v4.new_code_cell("x", id="cell-00")
    cell.outputs = [nbformat.v4.new_output("stream", text="see '/home/someone/x'\n")]
    notebook = nbformat.v4.new_notebook(cells=[cell])
    assert len(player["faults"](notebook)) == 1
    cell.outputs = [nbformat.v4.new_output("stream", text="../scenarios/base.toml and a/tmp/x\n")]
    assert player["faults"](notebook) == []
