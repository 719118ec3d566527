"""`Table`: a table of the report, before it is known where it is shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from benchmarks.report.columns import number
from benchmarks.scores.comparison import Comparison
from benchmarks.scores.intervals import Estimate


@dataclass(frozen=True)
class Cell:
    """A cell.

    Attributes:
        text: What it says.
        detail: What belongs to it and may stand smaller: an interval, a count.
        best: Whether it is the best of its column.
    """

    text: str
    detail: str = ""
    best: bool = False

    def __str__(self) -> str:
        return f"{self.text} {self.detail}".strip()


@dataclass(frozen=True)
class Row:
    """A row.

    Attributes:
        cells: As many as the table has columns.
        kind: ``ours`` or ``published``.
    """

    cells: tuple[Cell, ...]
    kind: Literal["ours", "published"] = "ours"


@dataclass(frozen=True)
class Table:
    """A table; the first `names` columns are names, the others figures.

    Attributes:
        title: What it shows.
        columns: The headings, of which the details say what is measured.
        rows: The rows.
        names: Number of columns that are names.
        note: How to read it.
    """

    title: str
    columns: tuple[Cell, ...]
    rows: tuple[Row, ...]
    names: int = 1
    note: str = field(default="")


def row(*cells: Cell | str, kind: Literal["ours", "published"] = "ours") -> Row:
    """Return a row of cells or their texts.

    >>> row("expert", "1.0").cells[1].text
    '1.0'
    """
    return Row(tuple(map(as_cell, cells)), kind)


def headings(*cells: Cell | str) -> tuple[Cell, ...]:
    """Return headings of cells or their texts."""
    return tuple(map(as_cell, cells))


def as_cell(value: Cell | str) -> Cell:
    """Return a cell of its text, or the cell itself."""
    return Cell(value) if isinstance(value, str) else value


def percent(found: Estimate | None, best: bool = False) -> Cell:
    """Return a share in percent, with its interval.

    >>> str(percent(Estimate(0.8, 0.49, 0.943, 10, "wilson"))), str(percent(None))
    ('80.0 [49.0, 94.3]', '–')
    """
    return _estimate(found, 100, 1, "", best)


def points(found: Estimate | None) -> Cell:
    """Return a difference of shares in percentage points, with its sign and interval.

    >>> str(points(Estimate(0.125, -0.01, 0.3, 10, "bootstrap")))
    '+12.5 [-1.0, +30.0]'
    """
    return _estimate(found, 100, 1, "+", False)


def difference(found: Estimate | None) -> Cell:
    """Return a difference in whole units, with its sign and interval.

    >>> str(difference(Estimate(1234.5, 800.0, 1600.2, 10, "bootstrap")))
    '+1,234 [+800, +1,600]'
    """
    return _estimate(found, 1, 0, "+,", False)


def p_value(found: Comparison) -> str:
    """Return the p of a comparison.

    >>> p_value(Comparison(None, 0.0002, 0, 0, 0, 0)), p_value(Comparison(None, 0.25, 0, 0, 0, 0))
    ('< 0.001', '0.250')
    """
    return "< 0.001" if found.p is not None and found.p < 0.001 else number(found.p, 3)


def outcomes(found: Comparison) -> str:
    """Return on how many tasks the one had more, both the same, and the other more."""
    return f"{found.better}/{found.equal}/{found.worse}"


def highest(values: Iterable[float | None]) -> float | None:
    """Return the highest figure; None if there is none, or all are equal.

    >>> highest([0.5, None, 1.0]), highest([1.0, 1.0])
    (1.0, None)
    """
    known = {round(value, 9) for value in values if value is not None}
    return max(known) if len(known) > 1 else None


def is_best(value: float | None, best: float | None) -> bool:
    """Return whether a figure is the highest."""
    return value is not None and best is not None and round(value, 9) == best


def _estimate(found: Estimate | None, factor: float, digits: int, form: str, best: bool) -> Cell:
    if found is None:
        return Cell(number(None, 0))

    def write(value: float) -> str:
        return f"{round(factor * value, digits) + 0.0:{form}.{digits}f}"  # and no minus before nothing

    interval = "" if found.low is None or found.high is None else f"[{write(found.low)}, {write(found.high)}]"
    return Cell(write(found.mean), interval, best)
