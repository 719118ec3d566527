"""Shows summaries: as a table for the terminal, as Markdown, or as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from textwrap import fill
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agemem_env.errors import unknown_name
from benchmarks.report.columns import COLUMNS, COST_COLUMNS, NOT_SCORED, Column, number
from benchmarks.report.naming import words
from benchmarks.scores.summary import Summary, common_setting

FORMATS = ("table", "markdown", "json")
"""Ways to print summaries."""

WIDTH = 120
"""Columns that a table may take; wider terminals are used."""

LEGEND_WIDTH = 100
"""Characters in a line of the legend; fewer in a narrow terminal."""

_GAP = 2
"""Blanks between two columns."""

_EDGES = 1
"""Blanks at the edges of a table, beside those behind its columns."""

_NARROW = 24
"""Characters of a name in a table of a narrow terminal; longer ones take several lines."""


@dataclass(frozen=True)
class Sheet:
    """A table of texts; the first `names` columns are names, the others numbers."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    names: int


def show(summaries: Sequence[Summary], form: str, metrics: bool, console: Console) -> None:
    """Print summaries.

    Args:
        summaries: What to print.
        form: ``table``, ``markdown`` or ``json``.
        metrics: Print the means of reward components and metrics too; JSON always has them.
        console: Where to print.

    Raises:
        ConfigurationError: If the form is unknown.
    """
    check_format(form)
    if form == "json":
        text = json.dumps([to_dict(s) for s in summaries], ensure_ascii=False, indent=2, default=asdict)
        console.out(text, highlight=False)
        return
    extra = details(summaries) if metrics else []
    sheets = [overview(summaries), *costs(summaries)]
    if form == "table":
        blocks = [block for sheet in sheets for block in by_benchmark(sheet).items()]
        for title, sheet in [*blocks, *((None, sheet) for sheet in extra)]:
            print_sheet(sheet, console, title)
    else:
        for sheet in (*sheets, *extra):
            console.out(f"{_markdown(sheet)}\n", highlight=False)
    explained = COLUMNS if len(sheets) == 1 else (*COLUMNS, *COST_COLUMNS)
    width = min(LEGEND_WIDTH, console.width)
    lines = [
        words(common_setting(summaries)),
        *(fill(f"{names}: {text}", width) for names, text in legend([c for c in explained if c.shown(summaries)])),
    ]
    console.print("\n".join([*lines, f"{NOT_SCORED}: not scored"]), highlight=False, markup=False, emoji=False)


def print_sheet(sheet: Sheet, console: Console, title: str | None = None) -> None:
    """Print a table; one that is wider than the console goes on below, with the names again."""
    for part in fitting(sheet, console.width):
        console.print(_rich(part, title, console.width))
        title = None


def fitting(sheet: Sheet, width: int) -> list[Sheet]:
    """Return a sheet cut into sheets that are at most so wide, each with the names.

    >>> [part.columns for part in fitting(Sheet(("Policy", "R", "Task"), (("expert", "0.90", "1.00"),), 1), 20)]
    [('Policy', 'R'), ('Policy', 'Task')]
    """
    lines = [sheet.columns, *sheet.rows]
    widths = [max(len(line[i]) for line in lines) + _GAP for i in range(len(sheet.columns))]
    cut = sum(widths) + _EDGES > width
    room = (
        width
        - _EDGES
        - sum(min(w, _name_width(width, sheet.names) + _GAP) if cut else w for w in widths[: sheet.names])
    )
    groups: list[list[int]] = [[]]
    for column in range(sheet.names, len(sheet.columns)):
        if groups[-1] and sum(widths[i] for i in groups[-1]) + widths[column] > room:
            groups.append([])
        groups[-1].append(column)
    chosen = [[*range(sheet.names), *group] for group in groups]
    return [Sheet(*(_pick(lines, columns)), sheet.names) for columns in chosen]


def _pick(
    lines: Sequence[Sequence[str]], columns: Sequence[int]
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return some columns of the heading and of the rows."""
    heading, *rows = (tuple(line[i] for i in columns) for line in lines)
    return heading, tuple(rows)


def _name_width(width: int, names: int) -> int:
    """Return how many characters of a name there are room for in a terminal that is too narrow for a table."""
    return max(6, min(_NARROW, width // (2 * names + 1)))


def check_format(form: str) -> None:
    """Raise `ConfigurationError` if `show` does not know this form."""
    if form not in FORMATS:
        raise unknown_name("format", form, FORMATS)


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


def to_dict(summary: Summary) -> dict[str, Any]:
    """Return all measures of a summary, and by name what the columns of the tables show."""
    return {**summary.measures(), "columns": {c.name: c.value(summary) for c in (*COLUMNS, *COST_COLUMNS)}}


def _sheet(columns: Sequence[Column], summaries: Sequence[Summary]) -> Sheet:
    shown = [column for column in columns if column.shown(summaries)]
    rows = [
        (label, summary.policy, *(column.cell(column.value(summary)) for column in shown))
        for summary, label in zip(summaries, _first_labels(summaries), strict=True)
    ]
    return Sheet(("Benchmark", "Policy", *(column.name for column in shown)), tuple(rows), names=2)


def _first_labels(summaries: Sequence[Summary]) -> list[str]:
    """Return the labels, with an empty text for each that repeats the one before it."""
    names = labels(summaries)
    return ["" if i and names[i - 1] == name else name for i, name in enumerate(names)]


def by_benchmark(sheet: Sheet) -> dict[str, Sheet]:
    """Return a sheet cut into one per entry of its first column, without that column."""
    blocks: dict[str, list[tuple[str, ...]]] = {}
    title = ""
    for first, *rest in sheet.rows:
        title = first or title
        blocks.setdefault(title, []).append(tuple(rest))
    return {title: Sheet(sheet.columns[1:], tuple(rows), sheet.names - 1) for title, rows in blocks.items()}


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


def _rich(sheet: Sheet, title: str | None, width: int) -> Table:
    # no markup: a setting may hold square brackets
    heading = None if title is None else Text(title, style="bold")
    table = Table(title=heading, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    wide = sum(max(len(line[i]) for line in (sheet.columns, *sheet.rows)) + _GAP for i in range(len(sheet.columns)))
    narrow = wide + _EDGES > width
    for i, name in enumerate(sheet.columns):
        if i < sheet.names:
            table.add_column(name, overflow="fold", max_width=_name_width(width, sheet.names) if narrow else None)
        else:
            cells = max((len(row[i]) for row in sheet.rows), default=0)
            room = width - _EDGES - sheet.names * (_name_width(width, sheet.names) + _GAP) - _GAP
            table.add_column(name, justify="right", min_width=min(cells, max(room, 6)), overflow="fold")
    for row in sheet.rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def _markdown(sheet: Sheet) -> str:
    rule = [":--" if i < sheet.names else "--:" for i in range(len(sheet.columns))]
    lines = [sheet.columns, tuple(rule), *sheet.rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)
