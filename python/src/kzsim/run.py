"""The commands of the program as functions that return results."""

from __future__ import annotations

import datetime
import json
import math
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from .binary import PathLike, call, writes_a_folder
from .progress import Progress
from .results import Engine, Result

Settings = Mapping[str, Any]
"""Values by path, such as `{"actors.knb.loyalty.tokayev": 0.6}`."""


def value(x: Any) -> str:
    """Formats a value in the syntax of the scenario language."""
    if hasattr(x, "item") and not isinstance(x, str):
        x = x.item()  # convert NumPy scalars to Python numbers
    if isinstance(x, bool):
        return "true" if x else "false"
    if isinstance(x, int):
        return str(x)
    if isinstance(x, float):
        if not math.isfinite(x):
            raise ValueError(f"{x}: numbers in a scenario must be finite")
        return repr(x)
    if isinstance(x, (datetime.date, datetime.time)):
        return x.isoformat()
    if isinstance(x, str):
        return json.dumps(x, ensure_ascii=False)
    if isinstance(x, Mapping):
        return "{ " + ", ".join(f"{k} = {value(v)}" for k, v in x.items()) + " }"
    if isinstance(x, Iterable):
        return "[" + ", ".join(value(v) for v in x) + "]"
    raise TypeError(f"{x!r}: expected a number, text, date, boolean, list or table")


def _several(paths: PathLike | Iterable[PathLike]) -> list[str]:
    if isinstance(paths, (str, os.PathLike)):
        return [os.fspath(paths)]
    return [os.fspath(path) for path in paths]


def _options(**given: Any) -> list[str]:
    """Builds command-line options: None and False are omitted, True becomes a bare option."""
    out = []
    for name, x in given.items():
        option = "--" + name.replace("_", "-")
        if x is None or x is False:
            continue
        if x is True:
            out.append(option)
        elif isinstance(x, (list, tuple)):
            out += [f"{option}={one}" for one in x]
        else:
            out.append(f"{option}={x}")
    return out


def _laid_over(settings: Settings | None) -> list[str]:
    return [f"{path}={value(x)}" for path, x in (settings or {}).items()]


def _play(
    command: str,
    arguments: list[str],
    *,
    out: PathLike | None,
    binary: PathLike | None,
    engine: Engine,
    progress: Progress,
    verify: bool = True,
) -> Result:
    """Runs a command into a folder, by default a temporary one."""
    if out is not None:
        call([command, f"--out={os.fspath(out)}", *arguments], binary, progress)
        return Result(out, engine=engine, verify=verify)
    temporary = tempfile.TemporaryDirectory(prefix="kzsim-", ignore_cleanup_errors=True)
    try:
        target = Path(temporary.name) / "result"
        call([command, f"--out={target}", *arguments], binary, progress)
        return Result(target, engine=engine, verify=verify, temporary=temporary)
    except BaseException:
        temporary.cleanup()
        raise


def _option(name: str, x: Any) -> Any:
    """A value of an option as `_options` takes it: texts as they are, others as the language has them."""
    if isinstance(x, Mapping):
        return _laid_over(x) if name == "set" else _axes(x)
    if isinstance(x, os.PathLike):
        return os.fspath(x)
    if pd.api.types.is_bool(x):
        return bool(x)
    if x is None or isinstance(x, str):
        return x
    if isinstance(x, (datetime.date, np.datetime64)):
        return _moment(x)
    if isinstance(x, Range) or not isinstance(x, Iterable):
        return str(x) if isinstance(x, Range) else value(x)
    if isinstance(x, pd.DataFrame):
        raise TypeError(f"{name}: expected the name of a file, not a frame")
    return [_option(name, one) for one in x]


def command(
    name: str,
    *arguments: PathLike,
    out: PathLike | None = None,
    progress: Progress = False,
    binary: PathLike | None = None,
    engine: Engine = "pandas",
    **options: Any,
) -> Result:
    """Runs any command of the program that writes a folder, such as `cases`, `fit`, `score` or `pool`.

        kzsim.command("pool", "results/anna", "results/boris", log=True).forecasts

    `arguments` are files and folders. `options` are those of `kzsim NAME --help` with underscores for hyphens:
    True for one without a value, a list for one that may be repeated, a mapping for `set` and for values by path
    (`over`, `params`). The functions of this package that have the name of a command do the same, with its options
    spelt out.
    """
    if not isinstance(name, str) or not name.isalnum():
        raise TypeError(f"{name!r}: expected the name of a command, such as 'pool'")
    if not writes_a_folder(name, binary):
        raise ValueError(f"`{name}` does not write a folder of results: start the program itself")
    given = _options(**{key: _option(key, x) for key, x in options.items()})
    files = [os.fspath(path) for path in arguments]
    return _play(
        name, [*given, "--", *files], out=out, binary=binary, engine=engine, progress=progress
    )


def _moment(x: datetime.date | np.datetime64 | str | None) -> str | None:
    """Formats a date, which means its end, or a date with a time, which means that moment."""
    if isinstance(x, np.datetime64):
        x = pd.Timestamp(x)
    if isinstance(x, datetime.datetime) and x.tzinfo is not None:
        raise ValueError(f"{x}: the dates of a scenario have no time zone; leave it out")
    return x.isoformat() if isinstance(x, datetime.date) else x


def run(
    scenario: PathLike,
    *,
    rounds: int | None = None,
    seed: int | None = None,
    set: Settings | None = None,
    keep_rounds: bool = False,
    format: Literal["csv", "parquet"] | None = None,
    precision: float | None = None,
    given: PathLike | None = None,
    given_by: Literal["weights", "resampling"] | None = None,
    known_by: datetime.date | str | None = None,
    reports: Sequence[str] = (),
    follow: Sequence[str] = (),
    resume: bool = False,
    threads: int | None = None,
    out: PathLike | None = None,
    force: bool = False,
    progress: Progress = False,
    binary: PathLike | None = None,
    engine: Engine = "pandas",
) -> Result:
    """Simulates a scenario many times.

    `set` overrides values of the scenario. `keep_rounds` adds the table `rounds`, and
    `format="parquet"` also writes it as Parquet, which is faster to read. `out` names a
    folder; without it the result is temporary. `given` is evidence, TOML or CSV, of which only
    what was known by the end of the date `known_by` (or by a moment) counts, and only the `reports` with
    these ids, if any are named; the table `arrivals` has the answer as each report arrives. `progress=True` shows a bar, in notebooks too (with
    tqdm); a function is called with `done, total, unit` instead. The other arguments are the
    options of `kzsim run`; see `kzsim run --help`.
    """
    options = _options(
        rounds=rounds,
        seed=seed,
        set=_laid_over(set),
        keep_rounds=keep_rounds,
        format=format,
        precision=precision,
        given=None if given is None else os.fspath(given),
        given_by=given_by,
        known_by=_moment(known_by),
        reports=",".join(reports) or None,
        follow=list(follow),
        resume=resume,
        threads=threads,
        force=force,
    )
    arguments = [*options, "--", os.fspath(scenario)]
    return _play("run", arguments, out=out, binary=binary, engine=engine, progress=progress)


def compare(
    scenario: PathLike,
    *others: PathLike,
    rounds: int | None = None,
    seed: int | None = None,
    set: Settings | None = None,
    threads: int | None = None,
    out: PathLike | None = None,
    force: bool = False,
    progress: Progress = False,
    binary: PathLike | None = None,
    engine: Engine = "pandas",
) -> Result:
    """Runs the same rounds under several scenarios and reports what differs, round by round."""
    options = _options(rounds=rounds, seed=seed, set=_laid_over(set), threads=threads, force=force)
    files = _several([scenario, *others])
    arguments = [*options, "--", *files]
    return _play("compare", arguments, out=out, binary=binary, engine=engine, progress=progress)


def weigh(
    readings: Iterable[PathLike],
    evidence: PathLike,
    *,
    prior: Mapping[str, float] | None = None,
    known_by: datetime.date | str | None = None,
    reports: Sequence[str] = (),
    recover: int | None = None,
    rounds: int | None = None,
    seed: int | None = None,
    set: Settings | None = None,
    threads: int | None = None,
    out: PathLike | None = None,
    force: bool = False,
    progress: Progress = False,
    binary: PathLike | None = None,
    engine: Engine = "pandas",
) -> Result:
    """Weighs readings of the same events by evidence. `prior` holds the weight of each reading.

    Only what was known by the end of the date `known_by` (or by a moment) counts, and only the `reports` with
    these ids, if any are named. The table `arrivals` has the weights as each report arrives.
    """
    options = _options(
        evidence=os.fspath(evidence),
        prior=[f"{name}={value(weight)}" for name, weight in (prior or {}).items()],
        known_by=_moment(known_by),
        reports=",".join(reports) or None,
        recover=recover,
        rounds=rounds,
        seed=seed,
        set=_laid_over(set),
        threads=threads,
        force=force,
    )
    files = _several(readings)
    arguments = [*options, "--", *files]
    return _play("weigh", arguments, out=out, binary=binary, engine=engine, progress=progress)


def sensitivity(
    scenario: PathLike,
    *,
    method: Literal["sobol", "morris", "given"] = "sobol",
    rows: int | None = None,
    flags: bool = False,
    quantity: Sequence[str] = (),
    fixed_switches: bool = False,
    rounds: int | None = None,
    seed: int | None = None,
    set: Settings | None = None,
    threads: int | None = None,
    out: PathLike | None = None,
    force: bool = False,
    progress: Progress = False,
    binary: PathLike | None = None,
    engine: Engine = "pandas",
) -> Result:
    """Finds out which guesses matter and how much is chance."""
    options = _options(
        method=method,
        rows=rows,
        flags=flags,
        quantity=list(quantity),
        fixed_switches=fixed_switches,
        rounds=rounds,
        seed=seed,
        set=_laid_over(set),
        threads=threads,
        force=force,
    )
    files = [os.fspath(scenario)]
    arguments = [*options, "--", *files]
    return _play("sensitivity", arguments, out=out, binary=binary, engine=engine, progress=progress)


def discover(
    scenario: PathLike,
    *,
    outcome: Sequence[str] = (),
    flag: Sequence[str] = (),
    rounds: int | None = None,
    seed: int | None = None,
    set: Settings | None = None,
    threads: int | None = None,
    out: PathLike | None = None,
    force: bool = False,
    progress: Progress = False,
    binary: PathLike | None = None,
    engine: Engine = "pandas",
) -> Result:
    """Finds conditions under which an outcome is far more frequent."""
    options = _options(
        outcome=_several(outcome),
        flag=_several(flag),
        rounds=rounds,
        seed=seed,
        set=_laid_over(set),
        threads=threads,
        force=force,
    )
    files = [os.fspath(scenario)]
    arguments = [*options, "--", *files]
    return _play("discover", arguments, out=out, binary=binary, engine=engine, progress=progress)


def signposts(
    scenario: PathLike,
    *,
    outcome: str | Sequence[str] = (),
    most: int | None = None,
    at: Sequence[datetime.date | str] = (),
    evidence: PathLike | None = None,
    rounds: int | None = None,
    seed: int | None = None,
    set: Settings | None = None,
    threads: int | None = None,
    out: PathLike | None = None,
    force: bool = False,
    progress: Progress = False,
    binary: PathLike | None = None,
    engine: Engine = "pandas",
) -> Result:
    """Finds the dated observations that would move the share of an outcome most.

    The result has the table `signposts`: at most `most` for each `outcome` (by default for all).
    `at` names dates whose ends are asked about, and `evidence` a file whose observations are too.
    """
    options = _options(
        outcome=_several(outcome),
        most=most,
        at=[_moment(moment) for moment in at],
        evidence=None if evidence is None else os.fspath(evidence),
        rounds=rounds,
        seed=seed,
        set=_laid_over(set),
        threads=threads,
        force=force,
    )
    files = [os.fspath(scenario)]
    arguments = [*options, "--", *files]
    return _play("signposts", arguments, out=out, binary=binary, engine=engine, progress=progress)


@dataclass(frozen=True)
class Range:
    """`steps` evenly spaced values from `low` to `high`."""

    low: float
    high: float
    steps: int = 5

    def __str__(self) -> str:
        return f"{value(float(self.low))}..{value(float(self.high))}:{self.steps}"


def _cell(x: Any) -> str:
    """Formats a value of a sweep; text is not quoted, as on the command line."""
    if not isinstance(x, str) and pd.api.types.is_scalar(x) and pd.isna(x):
        raise ValueError("a point of the design has a missing value; every setting needs one")
    return x if isinstance(x, str) else value(x)


def _axes(over: Mapping[str, Any]) -> list[str]:
    """Formats what several settings go through: a range, its text, or values."""
    out = []
    for path, axis in over.items():
        whole = isinstance(axis, (str, Range)) or not isinstance(axis, Iterable)
        out.append(f"{path}={axis if whole else ','.join(map(_cell, axis))}")
    return out


_OF_ROUNDS = ["scenario", "round", "outcome", "day"]
"""The first columns of kept rounds."""


def _cells(design: pd.DataFrame) -> pd.DataFrame:
    """A design as text. Of kept rounds, days of actions are empty where they never came, and are not needed."""
    names = list(design.columns)
    if {*_OF_ROUNDS} <= {*names}:
        names = [n for n in names if n in _OF_ROUNDS or ("." in n and not n.startswith("first."))]
    # `DataFrame.map` would turn columns of mixed numbers into floats.
    return pd.DataFrame({name: [_cell(x) for x in design[name]] for name in names}, dtype=str)


def sweep(
    scenario: PathLike,
    over: Mapping[str, Range | Sequence[Any]] | None = None,
    *,
    design: Literal["factorial", "lhs", "sobol"] | PathLike | pd.DataFrame = "factorial",
    points: int | None = None,
    rounds: int | None = None,
    seed: int | None = None,
    set: Settings | None = None,
    threads: int | None = None,
    out: PathLike | None = None,
    force: bool = False,
    progress: Progress = False,
    binary: PathLike | None = None,
    engine: Engine = "pandas",
) -> Result:
    """Runs a scenario at many points of a parameter space, with the same rounds at each.

    `over` maps paths to values or a `Range`. `design` selects the points: `factorial` (every
    combination), `lhs` or `sobol` (`points` of them), or the points themselves, as a CSV file or a
    frame with one column per path and one row per point.

    A column `round` gives every point rounds of its own, from that one on, and by default one of them. So
    the table `rounds` of a run (`keep_rounds=True`), or some of its rows, is a design that plays these
    rounds again.
    """
    options = _options(
        over=_axes(over or {}),
        points=points,
        rounds=rounds,
        seed=seed,
        set=_laid_over(set),
        threads=threads,
        force=force,
    )
    with tempfile.TemporaryDirectory(prefix="kzsim-", ignore_cleanup_errors=True) as folder:
        if isinstance(design, pd.DataFrame):
            named = os.path.join(folder, "design.csv")
            _cells(design).to_csv(named, index=False)
        else:
            named = os.fspath(design)
        arguments = [*options, f"--design={named}", "--", os.fspath(scenario)]
        return _play("sweep", arguments, out=out, binary=binary, engine=engine, progress=progress)


def check(
    *scenarios: PathLike,
    set: Settings | None = None,
    evidence: PathLike | None = None,
    binary: PathLike | None = None,
) -> pd.DataFrame:
    """Checks scenarios and evidence files; returns one row per file with a summary of its contents.

    Raises `ScenarioError` with all faults of all files if there are any.
    """
    options = _options(
        set=_laid_over(set), evidence=None if evidence is None else os.fspath(evidence)
    )
    document = call(["check", *options, "--", *_several(scenarios)], binary)
    return pd.DataFrame(document["files"]).convert_dtypes()
