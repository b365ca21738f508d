"""Result folders as data frames, with the types given in the manifest."""

from __future__ import annotations

import difflib
import hashlib
import html
import json
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
import pandas as pd

from . import arrays, show
from .binary import PathLike, check_version, version_of
from .errors import ResultError

if TYPE_CHECKING:
    import polars as pl
    import xarray as xr

Engine = Literal["pandas", "polars"]

_MANIFEST = "manifest.json"
_EXACT: dict[str, Any] = (
    {"float_precision": "round_trip"} if version_of(pd.__version__) < (3, 1) else {}
)
"""Exact parsing of floats: an option of pandas before 3.1, and the default since then."""
_PANDAS = {
    "string": "string",
    "int64": "Int64",
    "float64": "float64",
    "bool": "boolean",
    "date": "string",
}
"""Types to read with; dates are parsed afterwards."""
_PLAIN = {"Int64": "int64", "boolean": "bool"}
"""NumPy types for columns without missing values."""


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _regular(path: Path) -> bool:
    """Whether a path is a file itself, and not a link, which might lead anywhere, or a pipe."""
    return path.is_file() and not path.is_symlink()


def _near(name: str, known: Iterable[str]) -> str:
    known = sorted(known)
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    return f"no {name!r} here{hint} Available: {', '.join(known)}"


class Result:
    """A folder of results.

    Every table is an attribute: `result.outcomes` is `outcomes.csv`, read on first access and then
    cached. `result.tables` lists the tables, and `result.columns("outcomes")` explains the columns
    of one. Frames belong to the result: copy a frame before changing it.

    Without `out=` a result is in a temporary folder that is deleted together with the result;
    `with kzsim.run(...) as result:` deletes it earlier. Such a result is pickled with its files, so it
    may come from a pool of processes; the copy has a temporary folder of its own. Any other is pickled
    as the path of its folder.
    """

    def __init__(
        self,
        path: PathLike,
        *,
        engine: Engine = "pandas",
        verify: bool = True,
        temporary: tempfile.TemporaryDirectory[str] | None = None,
    ) -> None:
        if engine not in ("pandas", "polars"):
            raise ValueError(f"engine={engine!r}: expected 'pandas' or 'polars'")
        self.path = Path(path)
        self.engine: Engine = engine
        self._temporary = temporary
        self._frames: dict[tuple[str, str], Any] = {}
        self.manifest = self._read_manifest()
        self._entries: dict[str, dict[str, Any]] = {}
        for entry in self.manifest["files"]:
            # If both rounds.csv and rounds.parquet exist, the second is read: it is faster.
            self._entries[Path(entry["file"]).stem] = entry
        if verify:
            self.verify()

    def _read_manifest(self) -> dict[str, Any]:
        path = self.path / _MANIFEST
        if (path.exists() or path.is_symlink()) and not _regular(path):
            raise ResultError(f"{path} is not a regular file")
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise ResultError(
                f"{self.path} is not a result of kzsim: {_MANIFEST} is missing"
            ) from None
        except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
            raise ResultError(f"{path} cannot be read: {error}") from error
        if not isinstance(manifest, dict) or manifest.get("program") != "kzsim":
            raise ResultError(f"{path} is not a manifest of kzsim")
        check_version(str(manifest.get("version")), f"the result in {self.path}")
        return manifest

    def verify(self) -> None:
        """Raises `ResultError` unless every file has the hash given in the manifest."""
        wrong = []
        for entry in self.manifest["files"]:
            path = self.path / entry["file"]
            if path.is_symlink():
                wrong.append(f"{entry['file']} is a symbolic link")
            elif not path.is_file():
                wrong.append(f"{entry['file']} is missing")
            elif _sha256(path) != entry["sha256"]:
                wrong.append(f"{entry['file']} was modified after it was written")
        if wrong:
            raise ResultError(f"{self.path}: {'; '.join(wrong)}")

    @property
    def command(self) -> str:
        """The command that wrote the result, such as `run`."""
        return str(self.manifest["command"])

    @property
    def seed(self) -> int:
        """The seed of the run."""
        return int(self.manifest["seed"])

    @property
    def played(self) -> int:
        """Number of rounds; `rounds` is the table with one row for each."""
        return int(self.manifest["rounds"])

    @property
    def note(self) -> str:
        """The caveat: what the numbers do not mean."""
        return str(self.manifest["note"])

    @property
    def tables(self) -> list[str]:
        """Names of the tables."""
        return list(self._entries)

    def _entry(self, table: str) -> dict[str, Any]:
        if table not in self._entries:
            raise KeyError(_near(table, self._entries))
        return self._entries[table]

    def columns(self, table: str) -> pd.DataFrame:
        """Returns the columns of a table: `dtype`, `unit` and `meaning`, indexed by name."""
        return pd.DataFrame(self._entry(table)["columns"]).set_index("name")

    @overload
    def table(
        self,
        table: str,
        columns: Sequence[str] | None = None,
        *,
        engine: Literal["pandas"],
        categories: bool = False,
    ) -> pd.DataFrame: ...
    @overload
    def table(
        self,
        table: str,
        columns: Sequence[str] | None = None,
        *,
        engine: Literal["polars"],
        categories: bool = False,
    ) -> pl.DataFrame: ...
    @overload
    def table(
        self,
        table: str,
        columns: Sequence[str] | None = None,
        *,
        engine: None = None,
        categories: bool = False,
    ) -> Any: ...
    def table(
        self,
        table: str,
        columns: Sequence[str] | None = None,
        *,
        engine: Engine | None = None,
        categories: bool = False,
    ) -> Any:
        """Reads a table, or some of its columns (a table of rounds may be large).

        Types: texts are `string`, numbers `int64` and `float64`, truths `bool`, dates and moments
        `datetime64`. Where a column has gaps, pandas has the nullable `Int64` and `boolean`. With
        `categories`, texts become categories in the order of the scenario file.
        """
        entry = self._entry(table)
        wanted = entry["columns"]
        if columns is not None:
            known = [column["name"] for column in wanted]
            for name in columns:
                if name not in known:
                    raise KeyError(_near(name, known))
            wanted = [column for column in wanted if column["name"] in set(columns)]
        path = self.path / entry["file"]
        if (engine or self.engine) == "polars":
            frame: Any = _read_polars(path, entry["columns"], wanted, categories)
        else:
            frame = _read_pandas(path, wanted, categories)
        if len(frame) != entry["rows"]:
            raise ResultError(f"{path} has {len(frame)} rows; the manifest says {entry['rows']}")
        return frame if columns is None else frame[list(columns)]

    def to_xarray(self, table: str = "outcomes", dims: Sequence[str] | None = None) -> xr.Dataset:
        """Returns a table as a dataset of xarray, whose dimensions are the columns that tell rows apart: `outcome`;
        `day` and `variable` of `timeline`; `point` and `outcome` of a sweep. `dims` names others, such as the settings
        of a sweep over all combinations:

        >>> swept.to_xarray(dims=["parameters.bond", "parameters.vitality", "outcome"])

        Names, dates and settings are coordinates; units and meanings are attributes. Rows that a table does not have
        are NaN, and empty texts are empty.
        """
        frame = self.table(table, engine="pandas")
        kept = ("command", "seed", "rounds", "title", "note")
        attributes = {key: self.manifest[key] for key in kept if key in self.manifest}
        return arrays.dataset(frame, dims, self.columns(table), attributes)

    def day_by_day(self, variable: str, outcome: str | None = None) -> pd.DataFrame:
        """Returns how a quantity of `timeline` moved: a row a day, with mean and percentiles.

        With `outcome`, those of the rounds that end with it, where the table has a column `outcome`: two humps are
        then not taken for one. `to_xarray("timeline")` has all of them side by side.
        """
        frame = self.table("timeline", engine="pandas")
        known = frame["variable"].unique()
        if variable not in known:
            raise KeyError(_near(variable, known))
        rows = frame[frame["variable"] == variable]
        if "outcome" in rows.columns:
            rows = rows[rows["outcome"].isna() if outcome is None else rows["outcome"] == outcome]
        elif outcome is not None:
            raise KeyError("this timeline is over all outcomes: it has no column `outcome`")
        if rows.empty:
            raise KeyError(_near(str(outcome), frame["outcome"].dropna().unique()))
        return rows.set_index("date").drop(
            columns=["scenario", "variable", "outcome"], errors="ignore"
        )

    def __getattr__(self, name: str) -> Any:
        # Called only for names that are not regular attributes: the tables.
        entries = self.__dict__.get("_entries", {})
        if name.startswith("_") or name not in entries:
            hint = _near(name, entries)
            if name == "rounds":
                hint = (
                    "no table `rounds` here: run with keep_rounds=True. "
                    "For the number of rounds use `played`"
                )
            raise AttributeError(hint)
        key = (name, self.engine)
        if key not in self._frames:
            self._frames[key] = self.table(name)
        return self._frames[key]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._entries]

    def __repr__(self) -> str:
        what = self.manifest.get("scenario") or ", ".join(
            s["scenario"] for s in self.manifest.get("scenarios", [])
        )
        return (
            f"<kzsim {self.command} of {what}: {self.played} rounds, seed {self.seed}; "
            f"tables {', '.join(self.tables)}>"
        )

    def _repr_html_(self) -> str:
        try:
            return show.html(
                self.manifest, self.tables, lambda table: self.table(table, engine="pandas")
            )
        except FileNotFoundError:
            # A temporary result that was closed.
            return f"<code>{html.escape(repr(self))}</code>"

    def __getstate__(self) -> dict[str, Any]:
        state = self.__dict__ | {"_temporary": None, "_frames": {}, "path": self.path.resolve()}
        if self._temporary is not None:
            names = [entry["file"] for entry in self.manifest["files"]]
            names += [self.manifest["state"]["file"]] if "state" in self.manifest else []
            try:
                files = {name: (self.path / name).read_bytes() for name in [*names, _MANIFEST]}
            except FileNotFoundError as error:
                raise ResultError(
                    f"{self.path} cannot be pickled: it was temporary and has been closed"
                ) from error
            state["_files"] = files
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        files = state.pop("_files", None)
        self.__dict__.update(state)
        if files is not None:
            self._temporary = tempfile.TemporaryDirectory(
                prefix="kzsim-", ignore_cleanup_errors=True
            )
            self.path = Path(self._temporary.name) / "result"
            self.path.mkdir()
            for name, content in files.items():
                (self.path / Path(name).name).write_bytes(content)
        elif self._read_manifest() != self.manifest:
            raise ResultError(f"{self.path} holds another result than when this one was pickled")

    def close(self) -> None:
        """Deletes the folder if it is temporary; frames already read stay valid."""
        if self._temporary is not None:
            self._temporary.cleanup()

    def __enter__(self) -> Result:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def load(path: PathLike, *, engine: Engine = "pandas", verify: bool = True) -> Result:
    """Opens a result folder. A file whose hash differs from the manifest raises `ResultError`
    unless `verify` is false."""
    return Result(path, engine=engine, verify=verify)


def _read_pandas(path: Path, wanted: list[dict[str, str]], categories: bool) -> pd.DataFrame:
    names = [column["name"] for column in wanted]
    if path.suffix == ".parquet":
        frame = pd.read_parquet(path, columns=names)
        frame = frame.astype({c["name"]: _PANDAS[c["dtype"]] for c in wanted})
    else:
        frame = pd.read_csv(
            path,
            usecols=names,
            dtype={c["name"]: _PANDAS[c["dtype"]] for c in wanted},
            # An id may look like a missing value (`na`); only empty cells are missing.
            keep_default_na=False,
            na_values=[""],
            **_EXACT,
        )
    for column in wanted:
        name = column["name"]
        series = frame[name]
        plain = _PLAIN.get(str(series.dtype))
        if plain is not None and not series.isna().any():
            frame[name] = series.astype(np.dtype(plain))
        elif column["dtype"] == "date":
            frame[name] = pd.to_datetime(series, format="ISO8601").astype("datetime64[s]")
        elif categories and column["dtype"] == "string":
            frame[name] = pd.Categorical(series, categories=series.dropna().unique())
    return frame


def _read_polars(
    path: Path, all_columns: list[dict[str, str]], wanted: list[dict[str, str]], categories: bool
) -> pl.DataFrame:
    import polars as pl

    types: dict[str, Any] = {
        "string": pl.String,
        "int64": pl.Int64,
        "float64": pl.Float64,
        "bool": pl.Boolean,
        "date": pl.String,
    }
    names = [column["name"] for column in wanted]
    if path.suffix == ".parquet":
        frame = pl.read_parquet(path, columns=names)
    else:
        schema = {column["name"]: types[column["dtype"]] for column in all_columns}
        frame = pl.read_csv(path, schema=schema, columns=names)
    changes = []
    for column in wanted:
        name = column["name"]
        if column["dtype"] == "date":
            # A date without a time means midnight.
            text = pl.col(name)
            full = pl.when(text.str.len_chars() == 10).then(text + "T00:00").otherwise(text)
            changes.append(full.str.slice(0, 16).str.to_datetime("%Y-%m-%dT%H:%M").alias(name))
        elif categories and column["dtype"] == "string":
            known = frame[name].drop_nulls().unique(maintain_order=True)
            changes.append(pl.col(name).cast(pl.Enum(known)))
    return frame.with_columns(changes) if changes else frame
