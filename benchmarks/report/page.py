"""`page`: the report as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any

from benchmarks.report import sections
from benchmarks.report.columns import shortened
from benchmarks.report.naming import Name, find, names, words
from benchmarks.report.plots import Picture, Point, colour, cost_plot, gain_plot, progress_plot
from benchmarks.report.published import published
from benchmarks.report.streams import stream_pictures, stream_table
from benchmarks.report.training import TrainingCurve, grouped, training_pictures, training_table
from benchmarks.results.row import EpisodeRow
from benchmarks.scores.causes import failures
from benchmarks.scores.pareto import efficient
from benchmarks.scores.players import Player, players
from benchmarks.scores.summary import Summary, common_setting

EXAMPLES = 20
"""Episodes that are named for one cause of failure."""

LONG = 24
"""Rows of a table that is shown at once; a longer one is folded, unless it comes first."""

TEXT = 300
"""Characters of an error that are shown."""

AXES: Mapping[str, str] = {
    "tokens": "tokens per episode",
    "calls": "model calls per episode",
    "price": "US dollars per episode",
    "seconds": "seconds per episode",
}
"""What costs are called in pictures."""

LONGEST = 2_000
"""Characters of any other text that are shown."""

Link = Callable[[EpisodeRow], "str | None"]
"""Returns where an episode can be looked at; None if nowhere."""


@dataclass(frozen=True)
class Fact:
    """A figure at the head of the page."""

    value: str
    name: str
    bad: bool = False


@dataclass(frozen=True)
class Example:
    """An episode that failed: its name, where it can be looked at, and what its error says."""

    name: str
    href: str | None
    text: str


@dataclass(frozen=True)
class FailureLine:
    """Episodes of a player on a benchmark that failed for one cause."""

    cause: str
    crashed: bool
    count: int
    episodes: int
    number: int
    player: str
    benchmark: str
    examples: tuple[Example, ...]


def page(
    title: str,
    summaries: Sequence[Summary],
    link: Link,
    links: Sequence[str] = (),
    opponent: str | None = None,
    curves: Sequence[TrainingCurve] = (),
) -> str:
    """Return the page.

    Args:
        title: What was played.
        summaries: What came of it.
        link: Where an episode can be looked at.
        links: The commands that make the pages to which links lead.
        opponent: The player that all others are compared with; None for the first of the leaderboard.
        curves: Training runs.

    Raises:
        ConfigurationError: If there is no such player.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("benchmarks.report"),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    text = made.get_template("report.html.j2").render(
        title=title,
        style=(files("benchmarks.report") / "templates" / "report.css").read_text("utf-8"),
        setting=words(common_setting(summaries)),
        links=links,
        colour=colour,
        LONG=LONG,
        **_training(curves, len(players(summaries)) + 1),
        **_contents(summaries, link, opponent),
    )
    return text.encode("utf-8", "replace").decode("utf-8")  # half a character, which JSON allows, is none


def _training(curves: Sequence[TrainingCurve], first: int) -> dict[str, Any]:
    groups = grouped(curves, first)
    table, pictures = training_table(groups), training_pictures(groups)
    return {"trained": groups, "training": table, "training_pictures": pictures}


def _contents(summaries: Sequence[Summary], link: Link, opponent: str | None) -> dict[str, Any]:
    """Return what the page's template shows, by the name it has there."""
    ranked = sorted(players(summaries), key=_rank)
    called = names(ranked)
    paper = published()
    lines, gained = _failures(ranked, called, link), sections.gains(ranked, called)
    return {
        "published": paper,
        "names": called,
        "facts": _facts(summaries),
        "failed": sections.failed(ranked, called),
        "crashes": [line for line in lines if line.crashed],
        "failures": [line for line in lines if not line.crashed],
        "scores": sections.leaderboard(ranked, called, paper),
        "incomparable": (*_ours(summaries), *paper.not_comparable),
        "gains": gained,
        "headlines": replace(gained, rows=tuple(row for row in gained.rows if row.cells[0].text)),
        "gain_pictures": _gain_pictures(ranked, called),
        "effort": sections.effort(ranked, called),
        "cost_pictures": _cost_pictures(ranked, called),
        "tools": sections.tools(ranked, called, paper),
        "memory": sections.memory(ranked, called, paper),
        "rewards": sections.rewards(ranked, called),
        "difficulty": sections.difficulty(ranked, called),
        "progress_pictures": _progress_pictures(ranked, called),
        "streams": stream_table(ranked, called),
        "stream_pictures": stream_pictures(ranked, called),
        "against": sections.against(ranked, called, 0 if opponent is None else find(called, opponent)),
    }


def _shown(value: Any) -> Any:
    """Return what stands on the page for a value: texts of others are cut short, ours are marked as safe."""
    return shortened(value, LONGEST) if type(value) is str else value


def _rank(player: Player) -> tuple[int, float]:
    """Players on more benchmarks come first, then those with the higher average."""
    return -len(player.summaries), -(player.average.mean if player.average is not None else -1.0)


def _facts(summaries: Sequence[Summary]) -> list[Fact]:
    rows = [row for summary in summaries for row in summary.rows]
    crashed = sum(row.error is not None for row in rows)
    prices = [summary.price for summary in summaries]
    known = [price for price in prices if price is not None]
    facts = [
        Fact(f"{len(rows):,}", "episodes"),
        Fact(f"{crashed:,}", "crashed", bad=crashed > 0),
        Fact(str(len({summary.benchmark for summary in summaries})), "benchmarks"),
        Fact(str(len(players(summaries))), "players"),
    ]
    if any(summary.cost.get("calls") for summary in summaries):
        facts.append(Fact(f"${sum(known):,.2f}" if len(known) == len(prices) else "not known", "spent on models"))
    return facts


def _failures(ranked: Sequence[Player], called: Sequence[Name], link: Link) -> list[FailureLine]:
    """Return what failed: crashes first, then the commonest."""
    found = [
        FailureLine(
            cause=failure.cause,
            crashed=failure.rows[0].error is not None,
            count=len(failure.rows),
            episodes=len(summary.rows),
            number=name.number,
            player=name.label,
            benchmark=benchmark,
            examples=tuple(_example(row, link) for row in failure.rows[:EXAMPLES]),
        )
        for player, name in zip(ranked, called, strict=True)
        for benchmark, summary in player.summaries.items()
        for failure in failures(summary.rows)
    ]
    return sorted(found, key=lambda line: (not line.crashed, -line.count))


def _example(row: EpisodeRow, link: Link) -> Example:
    name = f"seed {row.seed}" if row.task_id is None else f"seed {row.seed}, {row.task_id}"
    said = "" if row.error is None else " ".join(row.error.get("message", "")[: 4 * TEXT].split())
    text = shortened(said, TEXT)
    if row.error is None and row.errors:
        text = ", ".join(f"{kind} × {count}" for kind, count in row.errors.items() if count)
    return Example(name, link(row), text)


def _ours(summaries: Sequence[Summary]) -> list[str]:
    """Return what has to be known of our rows before they are set beside others."""
    lines = []
    made = list(dict.fromkeys(s.benchmark for s in summaries if s.setting.get("source") == "generated"))
    if made:
        lines.append(f"Ours: tasks are generated, not each benchmark's own, on {', '.join(made)}.")
    judges = list(dict.fromkeys(s.judge for s in summaries if s.score_name == "J"))
    if judges:
        lines.append(f"Ours: HotpotQA is scored by the judge {' and '.join(judges)}.")
    if not any(summary.cost.get("calls") for summary in summaries):
        lines.append("Ours: no language model played.")
    return lines


def _gain_pictures(ranked: Sequence[Player], called: Sequence[Name]) -> list[Picture]:
    both = [(name.number, player.gain) for player, name in zip(ranked, called, strict=True)]
    found = [(number, gain.score.difference) for number, gain in both if gain is not None]
    known = [(number, difference) for number, difference in found if difference is not None]
    return [gain_plot("Score, mean over benchmarks", known)] if known else []


def _cost_pictures(ranked: Sequence[Player], called: Sequence[Name]) -> list[Picture]:
    """Return a picture for each cost and benchmark on which players differ in it."""
    pictures = []
    for benchmark in sections.benchmark_order(ranked):
        played = [(n, p.summaries[benchmark]) for p, n in zip(ranked, called, strict=True) if benchmark in p.summaries]
        for effort, axis in AXES.items():
            points = _points(played, effort)
            if len({point.x for point in points}) > 1:
                pictures.append(cost_plot(f"{benchmark}: {effort}", axis, points))
    return pictures


def _points(played: Sequence[tuple[Name, Summary]], effort: str) -> list[Point]:
    best = efficient([(s.effort[effort], s.score.mean if s.score is not None else None) for _, s in played])
    points = []
    for (name, summary), good in zip(played, best, strict=True):
        cost, score = summary.effort[effort], summary.score
        if cost is not None and score is not None:
            low, high = (None if end is None else 100 * end for end in (score.low, score.high))
            points.append(Point(name.number, cost, 100 * score.mean, low, high, good))
    return points


def _progress_pictures(ranked: Sequence[Player], called: Sequence[Name]) -> list[Picture]:
    pictures = []
    for benchmark in sections.benchmark_order(ranked):
        lines = [
            (name.number, [100 * value for value in player.summaries[benchmark].progress_by_turn if value is not None])
            for player, name in zip(ranked, called, strict=True)
            if benchmark in player.summaries
        ]
        if any(len(values) > 1 for _, values in lines):
            pictures.append(progress_plot(benchmark, lines))
    return pictures
