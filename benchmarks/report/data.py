"""Summaries as data for other programs: JSON, CSV and Parquet."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from io import BytesIO, StringIO
from typing import Any

from benchmarks.report.columns import COLUMNS, COST_COLUMNS
from benchmarks.scores.summary import Summary

BINARY = ("parquet",)
"""Formats that are no text."""


def to_data(summaries: Sequence[Summary], form: str) -> bytes:
    """Return summaries in a format.

    Args:
        summaries: The summaries.
        form: ``json``: all measures, nested, and what the columns of the tables show. ``csv`` and ``parquet``: a line
            for each summary and a column for each measure, named as in the JSON with points between.
    """
    if form == "json":
        text = json.dumps([to_dict(s) for s in summaries], ensure_ascii=False, indent=2, default=asdict)
        return f"{text}\n".encode("utf-8", "replace")
    lines = [flat(summary.measures()) for summary in summaries]
    columns = list(dict.fromkeys(name for line in lines for name in line))
    return (_csv if form == "csv" else _parquet)(columns, lines)


def to_dict(summary: Summary) -> dict[str, Any]:
    """Return all measures of a summary, and by name what the columns of the tables show."""
    return {**summary.measures(), "columns": {c.name: c.value(summary) for c in (*COLUMNS, *COST_COLUMNS)}}


def flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, str | int | float | None]:
    """Return nested values side by side; lists, and settings that are no texts, are JSON.

    >>> flat({"score": {"mean": 0.5, "n": 2}, "setting": {"split": "test", "top_k": 5}, "progress_by_turn": [0.5, 1.0]})
    {'score.mean': 0.5, 'score.n': 2, 'setting.split': 'test', 'setting.top_k': '5', 'progress_by_turn': '[0.5, 1.0]'}
    """
    found: dict[str, str | int | float | None] = {}
    for name, value in values.items():
        name = f"{prefix}{name}"
        if name.startswith("setting."):
            # texts all of them, since one setting may be a number in one line and a list in another
            found[name] = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        elif is_dataclass(value) and not isinstance(value, type):
            found |= flat(asdict(value), f"{name}.")
        elif isinstance(value, Mapping):
            found |= flat(value, f"{name}.")
        elif value is None or isinstance(value, str | int | float):
            found[name] = value
        else:
            found[name] = json.dumps(value, ensure_ascii=False)
    return found


def _csv(columns: Sequence[str], lines: Sequence[Mapping[str, Any]]) -> bytes:
    text = StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue().encode("utf-8", "replace")


def _parquet(columns: Sequence[str], lines: Sequence[Mapping[str, Any]]) -> bytes:
    import pyarrow
    from pyarrow import parquet

    whole = BytesIO()
    values = {name: [line.get(name) for line in lines] for name in columns}
    parquet.write_table(pyarrow.table({name: pyarrow.array(column) for name, column in values.items()}), whole)
    return whole.getvalue()
