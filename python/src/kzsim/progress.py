"""Progress of the program, as a bar in notebooks and terminals."""

from __future__ import annotations

import importlib
import json
import subprocess
import threading
from collections.abc import Callable
from typing import IO, Any

PATIENCE = 10.0
"""Seconds that an interrupted program is given to save its results."""

Progress = bool | Callable[[int, int, str], object]
"""Whether a bar is shown, which needs tqdm, or what is called instead: with the steps that are done, all steps, and what
they are (`rounds`, for example)."""


class _Bar:
    """A bar of tqdm for each stage."""

    def __init__(self) -> None:
        try:
            tqdm = importlib.import_module("tqdm.auto").tqdm
        except ImportError as error:
            raise ImportError(
                "progress=True needs tqdm: pip install tqdm, or pass a function (done, total, unit)"
            ) from error
        self._make = tqdm
        self._bar: Any = None

    def __call__(self, done: int, total: int, unit: str) -> None:
        # Counting starts anew with every stage.
        if self._bar is None or self._bar.total != total or done < self._bar.n:
            self.close()
            self._bar = self._make(total=total, unit=f" {unit}", unit_scale=True, leave=False)
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()


def _read(line: str) -> tuple[int, int, str] | None:
    """What a line says of progress; nothing if it is a message."""
    if not line.startswith('{"progress":'):
        return None
    told = json.loads(line)["progress"]
    return int(told["done"]), int(told["total"]), str(told["unit"])


def listen(process: subprocess.Popen[str], progress: Progress) -> tuple[str, str]:
    """Waits for a process that was started with `--progress=json`, and returns what it wrote on stdout
    and its messages on stderr."""
    told = _Bar() if progress is True else progress
    assert callable(told) and process.stdout is not None and process.stderr is not None
    written: list[str] = []

    def read(stream: IO[str]) -> None:
        written.append(stream.read())

    # What is told is told in this thread, where notebooks and their widgets expect it.
    reader = threading.Thread(target=read, args=(process.stdout,), daemon=True)
    reader.start()
    messages = []
    try:
        for line in process.stderr:
            step = _read(line)
            if step is None:
                messages.append(line)
            else:
                told(*step)
    except BaseException:
        process.terminate()
        last = threading.Timer(PATIENCE, process.kill)
        last.start()
        process.stderr.read()
        last.cancel()
        raise
    finally:
        if isinstance(told, _Bar):
            told.close()
        reader.join()
        process.wait()
    return "".join(written), "".join(messages)
