from __future__ import annotations

import io

import pytest
from rich.console import Console

from benchmarks.report.sheet import Sheet, fitting, print_sheet


def test_a_table_that_fits_is_not_cut() -> None:
    sheet = Sheet(("Policy", "R"), (("expert", "1"),), 1)
    assert fitting(sheet, 10) == [sheet]
    assert len(fitting(Sheet(("P", "A", "B"), (("x" * 90, "1", "2"),), 1), 40)) == 1


@pytest.mark.parametrize("width", [30, 40])
def test_a_value_wider_than_the_room_for_it_takes_two_lines(width: int) -> None:
    score, text = "J (lexical) 0.00 [0.00, 0.66]", io.StringIO()
    sheet = Sheet(("Policy", "Score", "R"), (("do-nothing", score, "0.09"),), 1)
    print_sheet(sheet, Console(file=text, width=width))
    assert max(map(len, text.getvalue().splitlines())) <= width
    assert all(part in text.getvalue() for part in ("do-nothing", "J (lexical) 0.00", "0.66]", "0.09"))
