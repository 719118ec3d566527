"""The pictures of the report, as SVG that stands in a page and takes its colours from it.

Players are numbers in them, as in the tables, so that no text from elsewhere is in a picture.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, Any

from benchmarks.scores.intervals import Estimate, Floats

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, LINE, QUIET = "#010203", "#040506", "#070809"
"""Colours that the page replaces by its own: of text, of axes and grids, and of lines that are no player's."""

COLOURS = (
    "#3b7dd8", "#d9822b", "#2f9e6e", "#c2518f", "#8a6fd1", "#b8892b", "#2e9bb0", "#d0524a", "#6f8f2f", "#8c7563",
)  # fmt: skip
"""Colours of players, readable on light and on dark."""

_NEAR = 0.045
"""Distance, as a share of the axes, below which points share a label."""


@dataclass(frozen=True)
class Picture:
    """A picture.

    Attributes:
        title: What it shows.
        svg: The picture.
        text: What it shows, for who cannot see it.
    """

    title: str
    svg: str
    text: str


@dataclass(frozen=True)
class Point:
    """A player in a picture.

    Attributes:
        number: Its number.
        x: Cost, or whatever the axis has.
        y: Score in percent.
        low: Lower end of the score's interval; None without one.
        high: Upper end.
        efficient: Whether none is as good for less.
    """

    number: int
    x: float
    y: float
    low: float | None = None
    high: float | None = None
    efficient: bool = False


def colour(number: int) -> str:
    """Return the colour of a player."""
    return COLOURS[(number - 1) % len(COLOURS)]


def cost_plot(title: str, axis: str, points: Sequence[Point]) -> Picture:
    """Return score against a cost, with the line of the efficient players."""

    def draw(axes: Axes) -> None:
        """Draw the players with their intervals, and the line of the efficient ones."""
        front = sorted((p.x, p.y) for p in points if p.efficient)
        if len(front) > 1:
            axes.step(*zip(*front, strict=True), where="post", color=QUIET, linewidth=1.2, linestyle="--", zorder=1)
        for p in points:
            if p.low is not None and p.high is not None:
                axes.plot([p.x, p.x], [p.low, p.high], color=colour(p.number), linewidth=1.4, alpha=0.6, zorder=2)
            face = colour(p.number) if p.efficient else "none"
            axes.plot([p.x], [p.y], "o", markersize=7, markerfacecolor=face, markeredgecolor=colour(p.number), zorder=3)
        axes.set_xlabel(axis)
        axes.set_ylabel("score, %")
        axes.set_ylim(-4, 108)
        _room(axes, [p.x for p in points])
        _label(axes, [(p.number, p.x, p.y) for p in points])

    told = "; ".join(f"{p.number}: {p.y:.1f} % for {p.x:.4g}" for p in points)
    return Picture(title, _svg(draw, f"cost {title} {axis}"), f"Score against {axis}. {told}")


def progress_plot(title: str, lines: Sequence[tuple[int, Sequence[float]]]) -> Picture:
    """Return the mean progress after each turn of the task.

    Args:
        title: Its title.
        lines: Number of each player, and its progress in percent after turn 1, 2, ….
    """
    last = max((len(values) for _, values in lines), default=1)

    def draw(axes: Axes) -> None:
        """Draw a line for each player, all of the same length."""
        for number, values in lines:
            whole = [0.0, *values, *[values[-1] if values else 0.0] * (last - len(values))]
            axes.plot(range(last + 1), whole, color=colour(number), linewidth=1.8)
        axes.set_xlabel("turn of the task")
        axes.set_ylabel("progress, %")
        axes.set_ylim(-4, 108)
        axes.set_xlim(0, last * 1.25)
        _label(axes, [(number, last, values[-1] if values else 0.0) for number, values in lines], beyond=True)

    told = "; ".join(f"{number}: {values[-1]:.1f} % at the end" for number, values in lines if values)
    return Picture(title, _svg(draw, f"progress {title}"), f"Progress by turn. {told}")


def stream_plot(title: str, measured: str, lines: Sequence[tuple[int, Sequence[tuple[float, float]]]]) -> Picture:
    """Return how something goes over a stream of tasks.

    Args:
        title: Its title.
        measured: What it is, with its unit.
        lines: Number of each player, and its places in the stream with what was measured there.
    """

    def draw(axes: Axes) -> None:
        """Draw a line for each player."""
        for number, places in lines:
            axes.plot(*zip(*places, strict=True), "o-", color=colour(number), linewidth=1.8, markersize=4)
        axes.set_xlabel("tasks of the stream")
        axes.set_ylabel(measured)
        axes.set_xlim(0, 1.25 * max(x for _, places in lines for x, _ in places))
        low, high = axes.get_ylim()
        axes.set_ylim(min(0.0, low), high)
        if high >= 10_000:
            axes.yaxis.set_major_formatter(_thousands)
        _label(axes, [(number, *places[-1]) for number, places in lines], beyond=True)

    told = "; ".join(f"{number}: {places[0][1]:.4g} to {places[-1][1]:.4g}" for number, places in lines)
    return Picture(title, _svg(draw, f"stream {title}"), f"{measured} over the stream. {told}")


def curve_plot(title: str, axis: str, measured: str, lines: Sequence[tuple[int, Floats, Floats]]) -> Picture:
    """Return learning curves: the mean of several runs, with a band from the lowest to the highest.

    Args:
        title: Its title.
        axis: Along which training goes.
        measured: What it is, with its unit.
        lines: Number of each, places on the axis, and what was measured there, by run and place.
    """

    def draw(axes: Axes) -> None:
        """Draw the lines, each with a band from the lowest run to the highest."""
        for number, at, values in lines:
            axes.plot(at, values.mean(axis=0), "." if len(at) == 1 else "-", color=colour(number), linewidth=1.8)
            if len(values) > 1:
                ends = values.min(axis=0), values.max(axis=0)
                axes.fill_between(at, *ends, color=colour(number), alpha=0.22, linewidth=0)
        axes.set_xlabel(axis)
        axes.set_ylabel(measured)
        axes.set_xlim(0, 1.25 * max(float(at[-1]) for _, at, _ in lines))
        axes.set_ylim(min(0.0, axes.get_ylim()[0]), max(axes.get_ylim()[1], 1.0))
        _label(axes, [(n, float(at[-1]), float(values[:, -1].mean())) for n, at, values in lines], beyond=True)

    told = "; ".join(f"{n}: {values[:, 0].mean():.4g} to {values[:, -1].mean():.4g}" for n, _, values in lines)
    return Picture(title, _svg(draw, f"curve {title}"), f"{measured} by {axis}. {told}")


def gain_plot(title: str, gains: Sequence[tuple[int, Estimate]]) -> Picture:
    """Return the gain of each player with its interval, in percentage points."""

    def draw(axes: Axes) -> None:
        """Draw each player's interval as a bar."""
        for place, (number, found) in enumerate(gains):
            ends = [100 * end for end in (found.low, found.high) if end is not None]
            axes.plot(ends, [-place] * len(ends), color=colour(number), linewidth=2.2, solid_capstyle="butt")
            axes.plot([100 * found.mean], [-place], "o", color=colour(number), markersize=7)
        axes.axvline(0, color=QUIET, linewidth=1)
        axes.set_yticks([-place for place in range(len(gains))], [str(number) for number, _ in gains])
        axes.set_ylim(-len(gains) + 0.4, 0.6)
        axes.set_xlabel("percentage points over no memory")
        axes.grid(axis="y", visible=False)

    told = "; ".join(f"{number}: {100 * found.mean:+.1f}" for number, found in gains)
    height = 1.1 + 0.34 * max(2, len(gains))
    return Picture(title, _svg(draw, f"gain {title}", height), f"Gain over no memory in points. {told}")


def _thousands(value: float, _: float | None = None) -> str:
    """Return a large number in thousands.

    >>> _thousands(20_000.0), _thousands(0.0)
    ('20k', '0')
    """
    return f"{value / 1000:g}k" if value else "0"


def _room(axes: Axes, xs: Sequence[float]) -> None:
    low, high = min(xs, default=0.0), max(xs, default=1.0)
    if low > 0 and high / low > 30:
        axes.set_xscale("log")
        axes.set_xlim(low / 1.6, high * 2.2)
        return
    axes.set_xlim(-0.04 * (high or 1.0), 1.14 * (high or 1.0))
    if high >= 10_000:
        axes.xaxis.set_major_formatter(_thousands)


def _label(axes: Axes, places: Sequence[tuple[int, float, float]], *, beyond: bool = False) -> None:
    """Write the numbers beside their points; those that are close to each other in one text.

    Args:
        axes: Where.
        places: Number, x and y of each.
        beyond: Whether there is room to the right of all points.
    """
    to_axes = axes.transData + axes.transAxes.inverted()
    groups: list[tuple[float, float, list[int]]] = []
    for number, x, y in places:
        across, up = to_axes.transform((x, y))
        near = (group for group in groups if abs(group[0] - across) < _NEAR and abs(group[1] - up) < _NEAR)
        found = next(near, None)
        if found is None:
            groups.append((across, up, [number]))
        else:
            found[2].append(number)
    for across, up, numbers in groups:
        left = across > 0.75 and not beyond
        axes.annotate(
            ", ".join(map(str, numbers)),
            (across, up),
            (-6 if left else 6, 4),
            xycoords="axes fraction",
            textcoords="offset points",
            ha="right" if left else "left",
            color=INK,
            fontsize=9,
            annotation_clip=False,
        )


def _svg(draw: Callable[[Axes], None], name: str, height: float = 2.6) -> str:
    """Return what is drawn, with names of its own for its parts, without size, and in the colours of the page."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    style: Any = {
        "svg.fonttype": "none", "svg.hashsalt": name, "font.size": 9, "text.color": INK, "axes.labelcolor": INK,
        "xtick.color": INK, "ytick.color": INK, "axes.edgecolor": LINE, "grid.color": LINE, "axes.grid": True,
        "grid.alpha": 0.5, "grid.linewidth": 0.6, "axes.spines.top": False, "axes.spines.right": False,
        "axes.axisbelow": True,
    }  # fmt: skip
    with rc_context(style):
        figure = Figure(figsize=(3.6, height))
        figure.patch.set_alpha(0)
        axes = figure.add_axes((0.14, 0.46 / height, 0.84, 1 - 0.54 / height))
        axes.patch.set_alpha(0)
        draw(axes)
        text = StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return _for_page(text.getvalue(), name)


def _for_page(svg: str, name: str) -> str:
    prefix = re.sub(r"\W+", "-", name)
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\bid="', f'id="{prefix}-', svg)
    svg = re.sub(r'(url\(#|href="#)', rf"\g<1>{prefix}-", svg)
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    return svg.replace(INK, "var(--ink)").replace(LINE, "var(--line)").replace(QUIET, "var(--quiet)")
