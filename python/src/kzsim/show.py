"""Results as HTML, which notebooks show in place of their `repr`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd


def _percent(x: Any) -> str:
    """A share in per cent; empty where there is none."""
    if pd.isna(x):
        return ""
    percent = 100 * float(x)
    if 0 < percent < 0.1:
        return "&lt;&nbsp;0.1&nbsp;%"
    return f"{percent:.1f}&nbsp;%"


def _range(low: Any, high: Any) -> str:
    if pd.isna(low) or pd.isna(high):
        return ""
    return f"{100 * float(low):.1f} to {100 * float(high):.1f}&nbsp;%"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table: texts of the first column are escaped, other cells are numbers or HTML."""
    aligned = ['style="text-align:left"', *['style="text-align:right"'] * (len(head) - 1)]
    header = "".join(f"<th {a}>{escape(h)}</th>" for a, h in zip(aligned, head, strict=True))
    body = []
    for first, *others in rows:
        cells = [escape(first), *others]
        line = "".join(f"<td {a}>{c}</td>" for a, c in zip(aligned, cells, strict=True))
        body.append(f"<tr>{line}</tr>")
    return f"<table><thead><tr>{header}</tr></thead><tbody>{''.join(body)}</tbody></table>"


def _given(outcomes: pd.DataFrame) -> str:
    """The answer given the evidence, and what it would be without."""
    head = ["outcome", "share given the evidence", "its interval at 95 %", "without the evidence"]
    rows = [
        [
            str(row["name"]),
            _percent(row["probability"]),
            _range(row["ci_low"], row["ci_high"]),
            _percent(row["unconditional"]),
        ]
        for _, row in outcomes.sort_values("probability", ascending=False).iterrows()
    ]
    return _table(head, rows)


def _shares(outcomes: pd.DataFrame) -> str:
    """The answer with its ranges; without any, with the error of finite rounds."""
    ranges = {
        "across guesses, 5 to 95 %": ("guesses_low", "guesses_high"),
        "across forms of the model": ("forms_low", "forms_high"),
    }
    known = {
        head: ends
        for head, ends in ranges.items()
        if {*ends} <= {*outcomes.columns} and outcomes[list(ends)].notna().any(axis=None)
    }
    shown = known or {"error of finite rounds, 95 %": ("ci_low", "ci_high")}
    rows = [
        [
            str(row["name"]),
            _percent(row["probability"]),
            *(_range(row[low], row[high]) for low, high in shown.values()),
        ]
        for _, row in outcomes.sort_values("probability", ascending=False).iterrows()
    ]
    return _table(["outcome", "share of rounds", *shown], rows)


def html(manifest: Mapping[str, Any], tables: Sequence[str], read: Any) -> str:
    """A result as HTML: of a run the answer with its ranges, else its tables; then what the numbers do not mean.

    `read` reads a table.
    """
    names = [manifest.get("scenario"), *(s["scenario"] for s in manifest.get("scenarios", []))]
    of = ", ".join(escape(str(name)) for name in names if name)
    title = escape(str(manifest.get("title") or ""))
    command = escape(str(manifest["command"]))
    head = f"<b>{title or f'{command} of {of}'}</b><br>"
    what = f"kzsim {command} of {of}: {manifest['rounds']:,} rounds, seed {manifest['seed']}"
    if command == "run" and "given_outcomes" in tables:
        body = _given(read("given_outcomes"))
    elif command == "run":
        body = _shares(read("outcomes"))
    else:
        files = {entry["file"]: entry["rows"] for entry in manifest["files"]}
        body = _table(["table", "rows"], ([file, f"{rows:,}"] for file, rows in files.items()))
    note = escape(str(manifest["note"]))
    return f"<div>{head}{body}<small>{what}. {note}</small></div>"
