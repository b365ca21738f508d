"""Locates the program, checks its version, and runs it."""

from __future__ import annotations

import functools
import importlib.metadata
import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .errors import BY_CODE, BinaryNotFound, Error, Fault, KzsimError, VersionMismatch
from .progress import PATIENCE, Progress, listen

PathLike = str | os.PathLike[str]

SERIES = (0, 2)
"""The program versions supported by this package: this major and minor version, any patch."""

_NAME = "kzsim.exe" if os.name == "nt" else "kzsim"


def find(binary: PathLike | None = None) -> Path:
    """Returns the path of the program, looked up in this order:

    1. `binary`;
    2. the environment variable `KZSIM`;
    3. `target/release` of the checkout that contains the working directory;
    4. the program that was installed with this package, whether or not its environment is activated;
    5. the directories of `PATH`.

    If a program is named by argument or variable and cannot be run, `BinaryNotFound` is raised;
    the search does not continue.
    """
    named_by = ((binary, "named by `binary`"), (os.environ.get("KZSIM") or None, "named by KZSIM"))
    for named, how in named_by:
        if named is not None:
            found = shutil.which(os.fspath(named))
            if found is None:
                raise BinaryNotFound(f"{os.fspath(named)}, {how}, is not an executable program")
            return Path(found).resolve()
    here = Path.cwd()
    for folder in (here, *here.parents):
        built = folder / "target" / "release" / _NAME
        # Make sure that it is a checkout of this project, not of any other that builds with cargo.
        if built.is_file() and (folder / "scenarios").is_dir():
            return built
    found = _installed() or shutil.which(_NAME)
    if found is None:
        raise BinaryNotFound(
            "kzsim was not found: pass binary=..., set the environment variable KZSIM, install "
            "the package as a wheel, which has the program inside, put the program on PATH, or "
            "build it with `cargo build --release` and work in the checkout"
        )
    return Path(found).resolve()


def _installed() -> str | None:
    """Returns the program of the wheel that this package came from, if it came from one."""
    here = Path(__file__).resolve().parent
    try:
        # Entries are relative to the folder of the package, such as "../../../bin/kzsim".
        listed = importlib.metadata.files("kzsim") or []
    except importlib.metadata.PackageNotFoundError:
        listed = []
    candidates = [Path(str(entry.locate())) for entry in listed if entry.name == _NAME]
    # `pip install --target FOLDER` puts programs into FOLDER/bin, and its list does not say so.
    candidates.append(here.parent / "bin" / _NAME)
    return next((str(one) for one in candidates if os.access(one, os.X_OK) and one.is_file()), None)


def version_of(text: str) -> tuple[int, ...]:
    """Returns the first two numbers of a version, or an empty tuple if they are not numbers."""
    try:
        return tuple(int(part) for part in text.split(".")[:2])
    except ValueError:
        return ()


def check_version(version: str, what: str) -> None:
    """Raises `VersionMismatch` unless this package supports the version."""
    if version_of(version) != SERIES:
        series = ".".join(map(str, SERIES))
        raise VersionMismatch(f"{what} has version {version}; this package supports {series}.x")


@functools.lru_cache(maxsize=32)
def _version(binary: Path, _changed: int) -> str:
    done = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False)
    words = done.stdout.split()
    if done.returncode != 0 or len(words) != 2 or words[0] != "kzsim":
        raise BinaryNotFound(f"{binary} is not kzsim: --version prints {done.stdout.strip()!r}")
    check_version(words[1], str(binary))
    return words[1]


def version(binary: PathLike | None = None) -> str:
    """Returns the version of the program; raises `VersionMismatch` if it is not supported."""
    path = find(binary)
    return _version(path, path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=256)
def _help(binary: Path, _changed: int, name: str) -> str:
    done = subprocess.run([binary, name, "--help"], capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""


def writes_a_folder(name: str, binary: PathLike | None = None) -> bool:
    """Whether a command writes a folder of results; True of a name that is none, which the program refuses."""
    path = find(binary)
    text = _help(path, path.stat().st_mtime_ns, name)
    return not text or ("--out <DIR>" in text and "--force" in text)


def call(
    arguments: Sequence[str], binary: PathLike | None = None, progress: Progress = False
) -> dict[str, Any]:
    """Runs the program with `--json` and returns its JSON document; raises if it fails.

    On Ctrl-C the program is given time to save its results.
    """
    version(binary)
    told = ["--progress=json"] if progress else []
    command = [os.fspath(find(binary)), "--json", *told, *arguments]
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        # Messages end up in exceptions: no colours, no wrapping to the width of a terminal.
        env={**os.environ, "NO_COLOR": "1"},
    ) as process:
        try:
            out, err = listen(process, progress) if progress else process.communicate()
        except BaseException:
            process.terminate()
            try:
                process.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
            raise
    try:
        document = json.loads(out)
    except json.JSONDecodeError:
        document = {}
    if process.returncode == 0:
        if not isinstance(document, dict) or not document:
            raise Error(f"{command[0]} did not print a JSON object: {out[:200]!r}")
        return document
    faults = [Fault.read(fault) for fault in document.get("faults", [])]
    message = err.strip() or str(document.get("error", "")) or f"exit code {process.returncode}"
    kind = BY_CODE.get(process.returncode, KzsimError)
    raise kind(message, process.returncode, faults)
