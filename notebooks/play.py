"""Plays the notebooks, and keeps what they show or compares it with what they showed.

    python notebooks/play.py            # plays all and writes their outputs
    python notebooks/play.py --check    # plays all; a difference in what they say is an error

kzsim is found as the package finds it, so `KZSIM` may name it. The same versions of everything
(requirements.txt) give the same tables; pictures are drawn again and not compared byte by byte.
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
"""Bytes of a picture."""


def play(notebook):
    """Plays it in a fresh kernel; what depends on time or machine is left out."""
    fresh = nbformat.from_dict(notebook)
    # Where it runs is the folder of the notebooks.
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
    """All text that the outputs say, a line at a time."""
    lines = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            text = output.get("text") or output.get("data", {}).get("text/plain", "")
            lines += [f"{cell.id}: {line}" for line in str(text).splitlines()]
    return lines


def pictures(notebook):
    """All pictures of the outputs."""
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    return [o["data"]["image/png"] for o in outputs if "image/png" in o.get("data", {})]


def faults(notebook):
    """What no reader should see: warnings, places on a machine, large pictures."""
    wrong = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                wrong.append(f"{cell.id} writes to stderr: {output['text'][:500]}")
    for line in said(notebook):
        if re.search(r"(^|[\s'\"(])(/(tmp|home|root|Users|work|mnt|var)/|[A-Z]:\\)", line):
            wrong.append(f"a place on this machine: {line}")
    sizes = [len(base64.b64decode(picture)) for picture in pictures(notebook)]
    wrong += [f"a picture of {size} bytes" for size in sizes if size > LARGEST_PICTURE]
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare, and write nothing")
    parser.add_argument("notebooks", nargs="*", type=Path, help="these, and not all")
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
        print(f"{path.name}: played in {time.monotonic() - begin:.0f} s", flush=True)
        wrong = faults(fresh)
        if args.check:
            wrong += difflib.unified_diff(
                said(kept), said(fresh), "kept", "played", lineterm="", n=0
            )
            if len(pictures(kept)) != len(pictures(fresh)):
                wrong.append(f"{len(pictures(kept))} pictures kept, {len(pictures(fresh))} drawn")
        else:
            nbformat.write(fresh, path)
        for line in wrong:
            print(f"{path.name}: {line}", file=sys.stderr)
        failed = failed or bool(wrong)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
