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
    lines, widths = [sheet.columns, *sheet.rows], _widths(sheet)
    names = sum(_name_widths(sheet, width)) + sheet.names * _GAP
    room = width - _EDGES - names
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


def _widths(sheet: Sheet) -> list[int]:
    """Return how wide the columns are, with the blanks behind them."""
    return [max(len(line[i]) for line in (sheet.columns, *sheet.rows)) + _GAP for i in range(len(sheet.columns))]


def _name_widths(sheet: Sheet, width: int) -> list[int]:
    """Return how many characters of each name there is room for: where a table is too wide, long ones share the room.

    >>> _name_widths(Sheet(("Name", "Kind", "R"), (("x" * 60, "expert", "0.90"),), 2), 60)
    [18, 6]
    """
    widths = _widths(sheet)
    natural = [wide - _GAP for wide in widths[: sheet.names]]
    if sum(widths) + _EDGES <= width:
        return natural
    found, room = [*natural], width * sheet.names // (2 * sheet.names + 1)
    for place, i in enumerate(sorted(range(sheet.names), key=natural.__getitem__)):
        found[i] = min(natural[i], _NARROW, max(6, room // (sheet.names - place)))
        room -= found[i]
    return found


def _rich(sheet: Sheet, title: str | None, width: int) -> Table:
    # no markup: a setting may hold square brackets
    heading = None if title is None else Text(title, style="bold")
    table = Table(title=heading, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    names = _name_widths(sheet, width)
    room = width - _EDGES - sum(names) - (sheet.names + 1) * _GAP
    for i, name in enumerate(sheet.columns):
        if i < sheet.names:
            table.add_column(name, overflow="fold", max_width=names[i])
        else:
            cells = max((len(row[i]) for row in sheet.rows), default=0)
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
