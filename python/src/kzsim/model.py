"""A scenario as a function, for the EMA workbench, SALib, pyABC and similar libraries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from .binary import PathLike
from .results import Result
from .run import Settings, sweep

MOST_POINTS = 10_000
"""Largest number of points in one call of the program."""


@dataclass(frozen=True)
class Model:
    """A scenario as a function of some of its settings.

    >>> model = Model("scenarios/base.toml", ["parameters.bond"], rounds=2000)
    >>> shares = model({"parameters.bond": 0.3})

    A point is a value for every setting; the result is the share of rounds with each outcome and
    flag. All points use the same rounds, so they differ by their settings and not by chance, and
    the same point always has the same shares; with `own_rounds` every point of a call has rounds of its
    own. `with_seed` returns the model with different rounds.

    For libraries that need names without dots, use `settings={"bond": "parameters.bond"}`.
    Evaluating many points at once (`evaluate`) takes one call of the program instead of many.
    """

    scenario: PathLike
    """The scenario file."""
    settings: Sequence[str] | Mapping[str, str]
    """Paths of the settings that vary, or a mapping from names to paths."""
    outcomes: Sequence[str] | None = None
    """Ids of the outcomes to return; all by default."""
    flags: Sequence[str] = ()
    """Ids of the flags to return."""
    rounds: int = 1000
    """Rounds per point."""
    seed: int | None = None
    """Seed; by default the scenario's."""
    own_rounds: bool = False
    """Whether every point of a call has rounds of its own, so that points differ by chance too, as samples for an
    emulator or for approximate Bayesian computation should."""
    set: Settings = field(default_factory=dict)
    """Other values of the scenario to override."""
    threads: int | None = None
    """Number of threads; use 1 if a library calls the model from many processes."""
    binary: PathLike | None = None
    """Path of the program; see `kzsim.find`."""

    def __post_init__(self) -> None:
        if not self.paths:
            raise ValueError("a model needs at least one setting")
        if len({*self.paths.values()}) != len(self.paths):
            raise ValueError("a setting appears twice")

    @property
    def paths(self) -> dict[str, str]:
        """Mapping from setting names to paths."""
        if isinstance(self.settings, Mapping):
            return dict(self.settings)
        if isinstance(self.settings, str):
            return {self.settings: self.settings}
        return {path: path for path in self.settings}

    @property
    def names(self) -> list[str]:
        """Names of the settings."""
        return list(self.paths)

    def with_seed(self, seed: int) -> Model:
        """Returns the same model with a different seed, that is, different rounds."""
        return replace(self, seed=seed)

    def __call__(self, point: Mapping[str, Any] | None = None, **more: Any) -> dict[str, float]:
        """Returns the shares at one point, given as a mapping or as keywords."""
        values = {**(point or {}), **more}
        self._complete(values)
        shares = self.evaluate(pd.DataFrame({name: [values[name]] for name in self.names}))
        return {str(name): float(share) for name, share in shares.iloc[0].items()}

    def _complete(self, given: Any) -> None:
        names = [str(name) for name in given]
        missing = [name for name in self.names if name not in names]
        unknown = [name for name in names if name not in self.paths]
        if missing or unknown:
            wrong = [f"no value for {name!r}" for name in missing]
            wrong += [f"{name!r} is not a setting of this model" for name in unknown]
            raise ValueError("; ".join(wrong))

    def evaluate(self, points: pd.DataFrame | np.ndarray[Any, Any]) -> pd.DataFrame:
        """Returns the shares at many points: one row per point, one column per outcome or flag.

        `points` is a frame with a column for each setting, or an array whose columns are in the
        order of `names`, like SALib's samples.
        """
        frame = self._frame(points)
        parts = [
            self._play(frame.iloc[first : first + MOST_POINTS], first)
            for first in range(0, len(frame), MOST_POINTS)
        ]
        return pd.concat(parts).set_axis(frame.index)

    def _frame(self, points: pd.DataFrame | np.ndarray[Any, Any]) -> pd.DataFrame:
        if isinstance(points, pd.DataFrame):
            self._complete(points.columns)
            frame = points[self.names]
        else:
            array = np.asarray(points)
            if array.ndim != 2 or array.shape[1] != len(self.names):
                expected = f"rows of {len(self.names)} values: {', '.join(self.names)}"
                raise ValueError(f"points have shape {array.shape}; expected {expected}")
            frame = pd.DataFrame(array, columns=self.names)
        if frame.empty:
            raise ValueError("no points to evaluate")
        return frame

    def _play(self, points: pd.DataFrame, first: int) -> pd.DataFrame:
        design = points.rename(columns=self.paths)
        if self.own_rounds:
            design = design.assign(round=[(first + i) * self.rounds for i in range(len(points))])
        with sweep(
            self.scenario,
            design=design,
            rounds=self.rounds,
            seed=self.seed,
            set=self.set,
            threads=self.threads,
            binary=self.binary,
        ) as result:
            outcomes = _wide(result, "outcomes", "outcome", self.outcomes)
            flags = _wide(result, "flags", "flag", self.flags)
        clash = outcomes.columns.intersection(flags.columns)
        if not clash.empty:
            flags = flags.rename(columns={name: f"flag.{name}" for name in clash})
        return pd.concat([outcomes, flags], axis=1)


def _wide(result: Result, table: str, by: str, ids: Sequence[str] | None) -> pd.DataFrame:
    """Returns shares with a row for each point and a column for each id, in the requested order."""
    long = result.table(table, ["point", by, "probability"], engine="pandas")
    known = list(long[by].unique())
    columns = known if ids is None else list(ids)
    unknown = [name for name in columns if name not in known]
    if unknown:
        raise ValueError(f"unknown {by} {', '.join(unknown)}; known are: {', '.join(known)}")
    wide = long.pivot(index="point", columns=by, values="probability")
    return wide.reindex(columns=columns).rename_axis(index=None, columns=None)
