"""The figures of `agemem throughput` as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from typing import Any

from benchmarks.speed.growth import Search
from benchmarks.speed.throughput import Report

TOKENS = (1_000, 4_000, 16_000, 64_000)
"""Ticks of the tokens in a context."""


def plot(reports: Sequence[Report], searches: Sequence[Search]) -> str:
    """Return an SVG: a step as the context grows, environments side by side, and searches as memory grows."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    with rc_context({"svg.hashsalt": "speed", "font.size": 8}):
        figure = Figure(figsize=(11, 3.4), layout="constrained")
        step, side, search = figure.subplots(1, 3)
        _steps(step, reports)
        _vectors(side, reports)
        _searches(search, searches)
        for axes in (step, side, search):
            axes.grid(alpha=0.3)
            if axes.get_legend_handles_labels()[0]:
                axes.legend(frameon=False)
        text = StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue().rstrip()


def _steps(axes: Any, reports: Sequence[Report]) -> None:
    for report in reports:
        tokens, micros = zip(*report.context.points, strict=True)
        axes.plot(tokens, micros, marker="o", label=report.benchmark)
    axes.set(title="A step", xlabel="tokens in the context", ylabel="microseconds", ylim=(0, None))
    _logarithmic(axes, TOKENS, [f"{number // 1000}k" for number in TOKENS])


def _logarithmic(axes: Any, ticks: Sequence[int], names: Sequence[str]) -> None:
    """Let the horizontal axis be logarithmic, with these ticks alone."""
    axes.set_xscale("log")
    axes.set_xticks(ticks, names)
    axes.set_xticks([], minor=True)


def _searches(axes: Any, searches: Sequence[Search]) -> None:
    axes.set(title="Searches", xlabel="entries in memory", ylabel="milliseconds")
    if searches:
        entries = [search.entries for search in searches]
        axes.plot(entries, [search.plain for search in searches], marker="o", label="search")
        axes.plot(entries, [search.filtered for search in searches], marker="o", label="with filter")
        axes.set(xscale="log", yscale="log")


def _vectors(axes: Any, reports: Sequence[Report]) -> None:
    for report in reports:
        vectors = () if report.beside is None else report.beside.vectors
        counts = [v.count for v in vectors]
        if counts:
            axes.plot(counts, [v.pool / v.sync for v in vectors], marker="o", label=report.benchmark)
            _logarithmic(axes, counts, [str(count) for count in counts])
    axes.set(title="Pool against one process", xlabel="environments", ylabel="ratio of steps/s")
