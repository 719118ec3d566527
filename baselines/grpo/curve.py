"""Draws the learning curve of a run, and those of several runs with a band."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from baselines.grpo.curriculum import CURRICULA
from baselines.grpo.math import Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SMOOTH = 15
"""Updates over which what is drawn is averaged."""

_POINTS = 200
"""Points of a line with a band, at most."""

_AXES = {"update": "update", "cpu_seconds": "processor seconds", "seconds": "seconds"}

Rows = Sequence[Mapping[str, Any]]
"""Of ``curve.csv``."""


def draw(rows: Rows, path: Path, title: str) -> None:
    """Write the learning curve as PNG: the score in training and on validation tasks, and what is done with memory.

    Args:
        rows: Of ``curve.csv``.
        path: File to be written.
        title: Above the curve.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    scores, tools = figure.subplots(1, 2, sharex=True)
    at = [int(row["update"]) for row in rows]
    label = f"training, drawn, means of {_SMOOTH} updates"
    scores.plot(along(scored(rows), "update"), smooth(scored(rows), "score"), _mark(scored(rows)), label=label)
    tested = validations(rows)
    if tested:
        scores.plot(*zip(*tested, strict=True), "o", label="validation, drawn")
    scores.set(title=title, xlabel="update", ylabel="score", ylim=(0, 1))
    for name in memory_calls(rows):
        tools.plot(at, smooth(rows, name), _mark(rows), label=name.removeprefix("calls "))
    tools.set(title="calls per episode", xlabel="update")
    for axes in (scores, tools):
        for place in range(1, len(rows)):
            if rows[place]["phase"] != rows[place - 1]["phase"]:
                axes.axvline(at[place], color="grey", linestyle=":")
        _finish(axes)
    figure.savefig(path, dpi=120)


def draw_bands(runs: Mapping[str, Sequence[Rows]], path: Path, title: str, axis: str = "update") -> None:
    """Write the learning curves of runs that differ in their seed as PNG: mean, lowest and highest at each place.

    Args:
        runs: Curves of each label, one per seed. Calls per episode are drawn of the first label.
        path: File to be written.
        title: Above the curve.
        axis: Column along which the runs go: ``update``, ``cpu_seconds`` or ``seconds``.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    scores, tools = figure.subplots(1, 2, sharex=True)
    for label, curves in runs.items():
        seeds = f"{len(curves)} seeds" if len(curves) > 1 else "1 seed"
        paid = [scored(rows) for rows in curves]
        _band(
            scores, [along(rows, axis) for rows in paid], [smooth(rows, "score") for rows in paid], f"{label}, {seeds}"
        )
    scores.set(title=title, xlabel=_AXES[axis], ylabel="score in training", ylim=(0, 1))
    first = next(iter(runs.values()))
    for name in dict.fromkeys(name for rows in first for name in memory_calls(rows)):
        label = name.removeprefix("calls ")
        _band(tools, [along(rows, axis) for rows in first], [smooth(rows, name) for rows in first], label)
    tools.set(title=f"calls per episode, {next(iter(runs))}", xlabel=_AXES[axis])
    for axes in (scores, tools):
        _finish(axes)
    figure.savefig(path, dpi=120)


def scored(rows: Rows) -> Rows:
    """Return the rows of phases in which the task is played and paid; all if there are none.

    >>> [row["update"] for row in scored([{"update": 1, "phase": "store"}, {"update": 2, "phase": "all"}])]
    [2]
    """
    return [row for row in rows if is_scored(row)] or rows


def is_scored(row: Mapping[str, Any]) -> bool:
    """Whether the task is played and paid in the phase of an update: elsewhere its score is 0 and says nothing."""
    unpaid = {p.name for phases in CURRICULA.values() for p in phases if p.weights is not None and not p.weights[0]}
    return row["phase"] not in unpaid


def along(rows: Rows, axis: str) -> Floats:
    """Return where on an axis each update is."""
    return np.array([float(row[axis]) for row in rows])


def memory_calls(rows: Rows) -> list[str]:
    """Return the columns that have calls of memory tools."""
    return [name for name in rows[0] if name.startswith("calls ") and name.endswith(("_memory", "_context"))]


def validations(rows: Rows) -> list[tuple[int, float]]:
    """Return the updates at which validation tasks were played, with the score."""
    return [(int(row["update"]), float(row["validation"])) for row in rows if row.get("validation") not in ("", None)]


def smooth(rows: Rows, name: str) -> Floats:
    """Return running means of a column over the last updates."""
    sums = np.cumsum([0.0, *(float(row.get(name) or 0) for row in rows)])
    starts = np.maximum(np.arange(1, len(sums)) - _SMOOTH, 0)
    ends = np.arange(1, len(sums))
    return np.asarray((sums[ends] - sums[starts]) / (ends - starts))


def band(places: Sequence[Floats], values: Sequence[Floats]) -> tuple[Floats, Floats]:
    """Return places that all lines reach, and the values of each line there.

    >>> at, found = band([np.array([1.0, 3.0]), np.array([1.0, 2.0])], [np.array([0.0, 1.0]), np.array([1.0, 1.0])])
    >>> float(at[-1]), [round(float(line[-1]), 3) for line in found]
    (2.0, [0.5, 1.0])
    """
    start, end = max(at[0] for at in places), min(at[-1] for at in places)
    grid = np.linspace(start, max(start, end), min(_POINTS, max(map(len, places))))
    return grid, np.stack([np.interp(grid, at, line) for at, line in zip(places, values, strict=True)])


def _band(axes: Axes, places: Sequence[Floats], values: Sequence[Floats], label: str) -> None:
    grid, lines = band(places, values)
    (drawn,) = axes.plot(grid, lines.mean(axis=0), label=label)
    if len(lines) > 1:
        axes.fill_between(grid, lines.min(axis=0), lines.max(axis=0), color=drawn.get_color(), alpha=0.2, linewidth=0)


def _mark(rows: Rows) -> str:
    """Return how a line is drawn: a line of one point would not be seen."""
    return "-" if len(rows) > 1 else "."


def _finish(axes: Axes) -> None:
    axes.grid(alpha=0.4)
    axes.locator_params(axis="x", integer=True)
    if axes.get_legend_handles_labels()[0]:  # without memory tools there are no calls
        axes.legend(fontsize=8, loc="lower center", bbox_to_anchor=(0.5, 1.08), ncols=3, frameon=False)
