"""Shows summaries: as tables for the terminal, or as data for other programs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from itertools import groupby
from textwrap import fill

from rich.console import Console

from agemem_env.errors import ConfigurationError, MissingExtraError, unknown_name
from benchmarks.report.columns import COLUMNS, COST_COLUMNS, NOT_SCORED, Column, number, shortened
from benchmarks.report.data import BINARY
from benchmarks.report.naming import LONGEST, find, names, words
from benchmarks.report.sections import against, gains, leaderboard
from benchmarks.report.sheet import Sheet, by_benchmark, markdown, print_sheet
from benchmarks.report.table import Table
from benchmarks.scores.players import Player, players
from benchmarks.scores.summary import Summary, common_setting

FORMATS = ("table", "markdown", "json", "csv", "parquet")
"""Ways to print summaries."""

WIDTH = 120
"""Columns that a table may take; wider terminals are used."""

LEGEND_WIDTH = 100
"""Characters in a line of the legend; fewer in a narrow terminal."""

_SCORES = "Scores: percent, and their mean over the benchmarks that a player played, with a 95 % interval"
_GAIN = (
    "Gain over no memory: paired differences to the same player without memory on the same tasks; score in "
    "percentage points and tokens of all prompts, each with a 95 % interval; p of a permutation test; on how many "
    "tasks it has more, the same, less; the report has each benchmark"
)


def show(summaries: Sequence[Summary], form: str, metrics: bool, console: Console, opponent: str | None = None) -> None:
    """Print summaries as text.

    Args:
        summaries: What to print.
        form: ``table`` or ``markdown``.
        metrics: Print the means of reward components and metrics too.
        console: Where to print.
        opponent: The player that all others are compared with; None for no comparison.

    Raises:
        ConfigurationError: If there is no such player.
    """
    extra = details(summaries) if metrics else []
    sheets = [overview(summaries), *costs(summaries)]
    overall = overall_sheets(players(summaries), opponent)
    if form == "table":
        blocks = [block for sheet in sheets for block in by_benchmark(sheet).items()]
        for title, sheet in [*blocks, *((None, sheet) for sheet in extra), *overall.items()]:
            print_sheet(sheet, console, title)
    else:
        for sheet in (*sheets, *extra, *overall.values()):
            console.out(f"{markdown(sheet)}\n", highlight=False)
    explained = COLUMNS if len(sheets) == 1 else (*COLUMNS, *COST_COLUMNS)
    width = min(LEGEND_WIDTH, console.width)
    told = [f"{names}: {text}" for names, text in legend([c for c in explained if c.shown(summaries)])]
    told += [text for title, text in (("Scores", _SCORES), ("Gain over no memory", _GAIN)) if title in overall]
    lines = [words(common_setting(summaries)), *(fill(text, width) for text in told)]
    console.print("\n".join([*lines, f"{NOT_SCORED}: not scored"]), highlight=False, markup=False, emoji=False)


def overall_sheets(found: Sequence[Player], opponent: str | None = None) -> dict[str, Sheet]:
    """Return, by title, what is said over all benchmarks: scores if there are several, gains if any, comparisons."""
    called = names(found)
    sheets = {}
    if any(len(player.summaries) > 1 for player in found):
        board = leaderboard(found, called)
        rows = tuple(
            (name.label, *(cell.text for cell in row.cells[board.names : -1]), str(row.cells[-1]))
            for name, row in zip(called, board.rows, strict=True)
        )
        columns = ("Policy", *(column.text for column in board.columns[board.names :]))
        sheets[board.title] = Sheet(columns, rows, 1)
    gained = gains(found, called)
    if gained.rows:
        sheets[gained.title] = _headlines(gained)
    if opponent is not None:
        compared = against(found, called, find(called, opponent))
        sheets[f"Against {opponent}"] = _headlines(compared)
    return sheets


def _headlines(table: Table) -> Sheet:
    """Return the first line of each player, without its number."""
    columns = tuple(column.text for column in table.columns[1:])
    rows = tuple(tuple(map(str, row.cells[1:])) for row in table.rows if row.cells[0].text)
    return Sheet(columns, rows, table.names - 1)


def check_format(form: str, allowed: Sequence[str] = FORMATS) -> None:
    """Check a form before anything is played.

    Args:
        form: The form.
        allowed: The forms that there are.

    Raises:
        ConfigurationError: If there is no such form, or it is no text and would go to a terminal.
        MissingExtraError: If a package that it needs is not here.
    """
    if form not in allowed:
        raise unknown_name("format", form, allowed)
    if form in BINARY and sys.stdout.isatty():
        raise ConfigurationError(f"--format {form} is no text: send it to a file, as in `... > table.{form}`")
    if form == "parquet" and find_spec("pyarrow") is None:
        raise MissingExtraError("pyarrow", "parquet", "--format parquet")


def overview(summaries: Sequence[Summary]) -> Sheet:
    """Return one line per summary: how many episodes, the main score, reward, effort, speed."""
    return _sheet(COLUMNS, summaries)


def costs(summaries: Sequence[Summary]) -> list[Sheet]:
    """Return a sheet with what language models cost, one line per summary that used any; no sheet if none did."""
    used = [s for s in summaries if s.cost.get("calls")]
    return [_sheet(COST_COLUMNS, used)] if used else []


def legend(columns: Sequence[Column]) -> list[tuple[str, str]]:
    """Return the names and the meaning of columns; those that share a meaning stand together.

    >>> legend(COST_COLUMNS)[1]
    ('$, $ all', 'US dollars per episode, with judge and other services, and of all together; – if not known')
    """
    groups = groupby(columns, key=lambda column: column.legend)
    return [(", ".join(column.name for column in group), meaning) for meaning, group in groups]


def _sheet(columns: Sequence[Column], summaries: Sequence[Summary]) -> Sheet:
    shown = [column for column in columns if column.shown(summaries)]
    rows = [
        (
            shortened(label, LONGEST),
            shortened(summary.policy, LONGEST),
            *(column.cell(column.value(summary)) for column in shown),
        )
        for summary, label in zip(summaries, _first_labels(summaries), strict=True)
    ]
    return Sheet(("Benchmark", "Policy", *(column.name for column in shown)), tuple(rows), names=2)


def _first_labels(summaries: Sequence[Summary]) -> list[str]:
    """Return the labels, with an empty text for each that repeats the one before it."""
    names = labels(summaries)
    return ["" if i and names[i - 1] == name else name for i, name in enumerate(names)]


def details(summaries: Sequence[Summary]) -> list[Sheet]:
    """Return one sheet per benchmark and setting: a row per measure, a column per policy."""
    blocks: dict[str, list[Summary]] = {}
    for summary, label in zip(summaries, labels(summaries), strict=True):
        blocks.setdefault(label, []).append(summary)
    sheets = []
    for label, block in blocks.items():
        tables = [{"reward": s.reward, **s.components, **_named(s), "errors": s.errors} for s in block]
        names = dict.fromkeys(name for table in tables for name in table)
        rows = tuple((name, *(_short(table.get(name)) for table in tables)) for name in names)
        sheets.append(Sheet((label, *(s.policy for s in block)), rows, names=1))
    return sheets


def _named(summary: Summary) -> dict[str, float | None]:
    """Return the mean metrics; those that depend on a judge with its name."""
    return {summary.named(name): value for name, value in summary.metrics.items()}


def labels(summaries: Sequence[Summary]) -> list[str]:
    """Return the benchmark of each summary with whatever of its setting the others do not share."""
    common = common_setting(summaries)
    own = [{k: v for k, v in s.setting.items() if k not in common} for s in summaries]
    return [f"{s.benchmark} {words(part)}".strip() for s, part in zip(summaries, own, strict=True)]


def _short(value: float | None) -> str:
    return number(value, 0 if value is not None and abs(value) >= 100 else 3)
