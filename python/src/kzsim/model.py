"""A scenario as a function, for EMA workbench, SALib, pyABC and whatever calls functions."""

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
"""Points that one call of the program takes."""


@dataclass(frozen=True)
class Model:
    """A scenario as a function of some of its settings.

    >>> model = Model("scenarios/base.toml", ["parameters.bond"], rounds=2000)
    >>> shares = model({"parameters.bond": 0.3})

    A point is a value for every setting; what comes back is the share of rounds for every outcome
    and flag. All points are played in the same rounds, so that they differ by their settings and
    not by chance, and the same point always gives the same shares. `with_seed` gives other rounds.

    Libraries that want names without points can have them: `settings={"bond": "parameters.bond"}`.
    Many points at once (`evaluate`) cost one call of the program and not one each.
    """

    scenario: PathLike
    """The scenario file."""
    settings: Sequence[str] | Mapping[str, str]
    """Paths of the settings that vary, or their names and paths."""
    outcomes: Sequence[str] | None = None
    """Ids of outcomes to give; all if none are named."""
    flags: Sequence[str] = ()
    """Ids of flags to give."""
    rounds: int = 1000
    """Rounds for every point."""
    seed: int | None = None
    """Seed; the scenario's if left out."""
    set: Settings = field(default_factory=dict)
    """Other values that are laid over the scenario."""
    threads: int | None = None
    """Threads; where a library calls in many processes, 1 is best."""
    binary: PathLike | None = None
    """The program; see `kzsim.find`."""

    def __post_init__(self) -> None:
        if not self.paths:
            raise ValueError("a model needs at least one setting")
        if len({*self.paths.values()}) != len(self.paths):
            raise ValueError("a setting stands twice")

    @property
    def paths(self) -> dict[str, str]:
        """Paths of the settings by their names."""
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
        """The same model in other rounds."""
        return replace(self, seed=seed)

    def __call__(self, point: Mapping[str, Any] | None = None, **more: Any) -> dict[str, float]:
        """Shares at one point, given as a mapping or as keywords."""
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
            wrong += [f"{name!r} is no setting of this model" for name in unknown]
            raise ValueError("; ".join(wrong))

    def evaluate(self, points: pd.DataFrame | np.ndarray[Any, Any]) -> pd.DataFrame:
        """Shares at many points: one row a point, one column an outcome or flag.

        `points` is a frame with a column for each setting, or an array whose columns are in the
        order of `names`, as SALib's samples are.
        """
        frame = self._frame(points)
        parts = [
            self._play(frame.iloc[first : first + MOST_POINTS])
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
                wanted = f"rows of {len(self.names)} values: {', '.join(self.names)}"
                raise ValueError(f"points of shape {array.shape}; wanted are {wanted}")
            frame = pd.DataFrame(array, columns=self.names)
        if frame.empty:
            raise ValueError("no points to play")
        return frame

    def _play(self, points: pd.DataFrame) -> pd.DataFrame:
        with sweep(
            self.scenario,
            design=points.rename(columns=self.paths),
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
    """Shares with a row for each point and a column for each id, in the order asked for."""
    long = result.table(table, ["point", by, "probability"], engine="pandas")
    known = list(long[by].unique())
    wanted = known if ids is None else list(ids)
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise ValueError(f"no {by} {', '.join(unknown)}; there are: {', '.join(known)}")
    wide = long.pivot(index="point", columns=by, values="probability")
    return wide.reindex(columns=wanted).rename_axis(index=None, columns=None)
