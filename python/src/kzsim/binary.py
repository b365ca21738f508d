"""Finds the program, asks its version, and runs it."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .errors import BY_CODE, BinaryNotFound, Error, Fault, KzsimError, VersionMismatch

PathLike = str | os.PathLike[str]

SERIES = (0, 1)
"""The versions of the program that this package knows: these two numbers, and any third."""

_NAME = "kzsim.exe" if os.name == "nt" else "kzsim"
_PATIENCE = 10.0
"""Seconds that an interrupted program has to write down what it played."""


def find(binary: PathLike | None = None) -> Path:
    """Where the program is, the first that exists of:

    1. `binary`;
    2. the environment variable `KZSIM`;
    3. `target/release` of a checkout that the working directory lies in;
    4. the directories of `PATH`.

    A program that was named, by argument or variable, is taken or refused, never passed over.
    """
    for named, how in ((binary, "named"), (os.environ.get("KZSIM") or None, "named by KZSIM")):
        if named is not None:
            found = shutil.which(os.fspath(named))
            if found is None:
                raise BinaryNotFound(f"{os.fspath(named)}, {how}, is no program that can be run")
            return Path(found).resolve()
    here = Path.cwd()
    for folder in (here, *here.parents):
        built = folder / "target" / "release" / _NAME
        # A checkout of this project, and not of another that also builds with cargo.
        if built.is_file() and (folder / "scenarios").is_dir():
            return built
    found = shutil.which(_NAME)
    if found is None:
        raise BinaryNotFound(
            "kzsim was not found: pass binary=..., set the environment variable KZSIM, put the "
            "program on PATH, or build it with `cargo build --release` and work in the checkout"
        )
    return Path(found).resolve()


def version_of(text: str) -> tuple[int, ...]:
    """The first two numbers of a version; nothing if it does not begin with two."""
    try:
        return tuple(int(part) for part in text.split(".")[:2])
    except ValueError:
        return ()


def check_version(version: str, what: str) -> None:
    """Raises unless a version is one that this package knows."""
    if version_of(version) != SERIES:
        wanted = ".".join(map(str, SERIES))
        raise VersionMismatch(f"{what} is of version {version}; this package knows {wanted}.x")


@functools.lru_cache(maxsize=32)
def _version(binary: Path, _changed: int) -> str:
    done = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False)
    words = done.stdout.split()
    if done.returncode != 0 or len(words) != 2 or words[0] != "kzsim":
        raise BinaryNotFound(f"{binary} is not kzsim: --version says {done.stdout.strip()!r}")
    check_version(words[1], str(binary))
    return words[1]


def version(binary: PathLike | None = None) -> str:
    """The version of the program; raises if this package does not know it."""
    path = find(binary)
    return _version(path, path.stat().st_mtime_ns)


def call(arguments: Sequence[str], binary: PathLike | None = None) -> dict[str, Any]:
    """Runs the program with `--json` and returns its document; raises when it fails.

    On Ctrl-C the program gets time to write down what it has played.
    """
    version(binary)
    command = [os.fspath(find(binary)), "--json", *arguments]
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        # Messages go into exceptions: without colours, and not broken to the width of a terminal.
        env={**os.environ, "NO_COLOR": "1"},
    ) as process:
        try:
            out, err = process.communicate()
        except BaseException:
            process.terminate()
            try:
                process.communicate(timeout=_PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
            raise
    try:
        told = json.loads(out)
    except json.JSONDecodeError:
        told = {}
    if process.returncode == 0:
        if not isinstance(told, dict) or not told:
            raise Error(f"{command[0]} said nothing that is JSON: {out[:200]!r}")
        return told
    faults = [Fault.read(fault) for fault in told.get("faults", [])]
    message = err.strip() or str(told.get("error", "")) or f"exit code {process.returncode}"
    kind = BY_CODE.get(process.returncode, KzsimError)
    raise kind(message, process.returncode, faults)
