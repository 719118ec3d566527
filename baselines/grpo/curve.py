"""Draws the learning curve of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

_SMOOTH = 15
"""Updates over which the score in training is averaged."""


def draw(rows: Sequence[Mapping[str, Any]], path: Path, title: str) -> None:
    """Write the learning curve as PNG: the score in training and on validation tasks, and what is done with memory.

    Args:
        rows: Of ``curve.csv``.
        path: File to be written.
        title: Above the curve.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    scores, tools = figure.subplots(1, 2)
    at = [int(row["update"]) for row in rows]
    scores.plot(at, _smooth([float(row["score"]) for row in rows]), label="training, drawn")
    tested = [(int(row["update"]), float(row["validation"])) for row in rows if row.get("validation")]
    if tested:
        scores.plot(*zip(*tested, strict=True), "o", label="validation, drawn")
    scores.set(title=title, xlabel="update", ylabel="score", ylim=(0, 1))
    for name in [name for name in rows[0] if name.startswith("calls ") and name.endswith(("_memory", "_context"))]:
        values = [float(row.get(name) or 0) for row in rows]
        tools.plot(at, _smooth(values), label=name.removeprefix("calls "))
    tools.set(title="calls per episode", xlabel="update")
    for axes in (scores, tools):
        for place in range(1, len(rows)):
            if rows[place]["phase"] != rows[place - 1]["phase"]:
                axes.axvline(at[place], color="grey", linestyle=":")
        axes.grid(alpha=0.4)
        axes.legend(fontsize=8)
    figure.savefig(path, dpi=120)


def _smooth(values: Sequence[float]) -> Any:
    """Return running means over the last updates."""
    sums = np.cumsum([0.0, *values])
    starts = np.maximum(np.arange(1, len(sums)) - _SMOOTH, 0)
    ends = np.arange(1, len(sums))
    return (sums[ends] - sums[starts]) / (ends - starts)
