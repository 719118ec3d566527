"""`Sheet`: a table of texts, and how it is printed: in a terminal of any width, or as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

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


def print_sheet(sheet: Sheet, console: Console, title: str | None = None) -> None:
    """Print a table; one that is wider than the console goes on below, with the names again."""
    for part in fitting(sheet, console.width):
        console.print(_rich(part, title, console.width))
        title = None


def print_findings(
    console: Console, title: str, sheets: Sequence[tuple[Sheet, str]], notes: Iterable[str] = ()
) -> None:
    """Print tables, each with what is said below it, and notes as a list.

    Args:
        console: Where to.
        title: Of the first table.
        sheets: Each table, and the text below it, which may be empty.
        notes: Lines of the list.
    """
    for place, (sheet, below) in enumerate(sheets):
        print_sheet(sheet, console, None if place else title)
        if below:
            console.print(below)
    for note in notes:
        console.print(f"* {note}", markup=False)


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


def markdown(sheet: Sheet) -> str:
    """Return a sheet as a Markdown table."""
    rule = [":--" if i < sheet.names else "--:" for i in range(len(sheet.columns))]
    lines = [sheet.columns, tuple(rule), *sheet.rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def by_benchmark(sheet: Sheet) -> dict[str, Sheet]:
    """Return a sheet cut into one per entry of its first column, without that column."""
    blocks: dict[str, list[tuple[str, ...]]] = {}
    title = ""
    for first, *rest in sheet.rows:
        title = first or title
        blocks.setdefault(title, []).append(tuple(rest))
    return {title: Sheet(sheet.columns[1:], tuple(rows), sheet.names - 1) for title, rows in blocks.items()}
