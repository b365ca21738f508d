"""Tables as labelled arrays of xarray."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    import xarray as xr


def _same_within(frame: pd.DataFrame, keys: Sequence[str], name: str) -> bool:
    """Whether a column has one value for all rows that share the keys."""
    groups = frame.groupby(list(keys), dropna=False, observed=True)[name]
    return bool((groups.nunique(dropna=False) <= 1).all())


def keys_of(frame: pd.DataFrame) -> list[str]:
    """The columns that tell rows apart: from the left, those that say more than the ones before."""
    keys: list[str] = []
    if len(frame) == 1:
        return [str(name) for name in frame.columns if name != "scenario"][:1]
    for name in frame.columns:
        if keys and not frame.duplicated(keys).any():
            break
        if frame[name].nunique(dropna=False) == 1:
            continue
        if not keys or not _same_within(frame, keys, name):
            keys.append(name)
    return keys


def _plain(column: pd.Series[Any]) -> pd.Series[Any]:
    """A column with a type of NumPy: gaps are NaN among numbers, and empty among texts."""
    kind = str(column.dtype)
    if kind in ("string", "str"):
        return column.astype(object).where(column.notna(), "")
    if kind == "Int64":
        return column.astype("float64")
    return column.astype(object) if kind == "boolean" else column


def dataset(
    frame: pd.DataFrame,
    dims: Sequence[str] | None,
    columns: pd.DataFrame,
    attributes: Mapping[str, Any],
) -> xr.Dataset:
    """A table as a dataset: `dims` tell its rows apart, by default as many columns from the left as are needed. What
    stands before the last of them, and texts, become coordinates of the dimension that they belong to."""
    try:
        import xarray as xr
    except ImportError as error:
        raise ImportError("to_xarray needs xarray: pip install 'kzsim[xarray]'") from error
    frame = frame.apply(_plain)
    keys = keys_of(frame) if dims is None else list(dims)
    unknown = [key for key in keys if key not in frame.columns]
    if unknown:
        raise KeyError(f"no column {', '.join(map(repr, unknown))}: has {', '.join(frame.columns)}")
    if not keys or frame.duplicated(keys).any():
        raise ValueError(
            f"several rows have the same {', '.join(keys)}: name more columns in `dims`"
        )
    last = max(list(frame.columns).index(key) for key in keys)
    beside: dict[str, str | None] = {}
    for i, name in enumerate(frame.columns):
        if name in keys or not (i < last or frame[name].dtype == object):
            continue
        if len(frame) > 1 and frame[name].nunique(dropna=False) == 1:
            beside[name] = None
            continue
        owner = next((key for key in keys if _same_within(frame, [key], name)), None)
        if owner is not None:
            beside[name] = owner
    values = frame.drop(columns=list(beside)).set_index(keys)
    out = xr.Dataset.from_dataframe(values)
    # In the order of the file, which is that of the scenario.
    out = out.reindex({key: frame[key].unique() for key in keys})
    for name, key in beside.items():
        if key is None:
            out = out.assign_coords({name: frame[name].iloc[0]})
        else:
            own = frame.drop_duplicates(key).set_index(key)[name].reindex(out[key].to_index())
            out = out.assign_coords({name: (key, own.to_numpy())})
    for name in [*out.data_vars, *out.coords]:
        if name in columns.index:
            unit = columns.loc[name, "unit"]
            out[name].attrs["long_name"] = str(columns.loc[name, "meaning"])
            if unit:
                out[name].attrs["units"] = str(unit)
    return out.assign_attrs(attributes)
