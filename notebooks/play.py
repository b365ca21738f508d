"""Runs the notebooks and stores their outputs, or compares them with the stored ones.

    python notebooks/play.py            # runs all and stores their outputs
    python notebooks/play.py --check    # runs all; any difference in their text output is an error

kzsim is located the way the package does it, so `KZSIM` may name it. With the versions pinned in
requirements.txt the tables are identical; charts are redrawn and not compared byte by byte.
"""

import argparse
import base64
import difflib
import os
import re
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

HERE = Path(__file__).resolve().parent
LARGEST_PICTURE = 60_000
"""Largest size of a picture, in bytes."""


def play(notebook):
    """Runs a notebook in a fresh kernel; removes what depends on the time or the machine."""
    fresh = nbformat.from_dict(notebook)
    # The working directory is the folder of the notebooks.
    client = NotebookClient(fresh, timeout=300, resources={"metadata": {"path": str(HERE)}})
    client.execute()
    for cell in fresh.cells:
        cell.metadata = {}
        for output in cell.get("outputs", []):
            if "metadata" in output:
                output.metadata = {}
    fresh.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return fresh


def said(notebook):
    """Returns the text outputs, line by line."""
    lines = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            text = output.get("text") or output.get("data", {}).get("text/plain", "")
            lines += [f"{cell.id}: {line}" for line in str(text).splitlines()]
    return lines


def pictures(notebook):
    """Returns all pictures in the outputs."""
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    return [o["data"]["image/png"] for o in outputs if "image/png" in o.get("data", {})]


def faults(notebook):
    """Returns what readers should not see: warnings, paths of this machine, large pictures."""
    wrong = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                wrong.append(f"{cell.id} writes to stderr: {output['text'][:500]}")
    for line in said(notebook):
        if re.search(r"(^|[\s'\"(])(/(tmp|home|root|Users|work|mnt|var)/|[A-Z]:\\)", line):
            wrong.append(f"a path of this machine: {line}")
    sizes = [len(base64.b64decode(picture)) for picture in pictures(notebook)]
    wrong += [f"a picture of {size} bytes" for size in sizes if size > LARGEST_PICTURE]
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    parser.add_argument("notebooks", nargs="*", type=Path, help="notebooks to run [default: all]")
    args = parser.parse_args()
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    failed = False
    for path in args.notebooks or sorted(HERE.glob("*.ipynb")):
        kept = nbformat.read(path, as_version=4)
        begin = time.monotonic()
        try:
            fresh = play(kept)
        except CellExecutionError as error:
            print(f"{path.name}: {error}", file=sys.stderr)
            failed = True
            continue
        print(f"{path.name}: ran in {time.monotonic() - begin:.0f} s", flush=True)
        wrong = faults(fresh)
        if args.check:
            wrong += difflib.unified_diff(
                said(kept), said(fresh), "stored", "new", lineterm="", n=0
            )
            if len(pictures(kept)) != len(pictures(fresh)):
                wrong.append(f"{len(pictures(kept))} pictures stored, {len(pictures(fresh))} drawn")
        else:
            nbformat.write(fresh, path)
        for line in wrong:
            print(f"{path.name}: {line}", file=sys.stderr)
        failed = failed or bool(wrong)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
