from __future__ import annotations

import io

import pytest
from rich.console import Console

from benchmarks.report.sheet import Sheet, fitting, print_findings, print_sheet


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


def test_findings_are_tables_what_is_said_below_them_and_notes() -> None:
    text = io.StringIO()
    sheets = [(Sheet(("Policy", score), (("expert", "1"),), 1), below) for score, below in (("A", ""), ("B", "Below."))]
    print_findings(Console(file=text, width=60), "Title", sheets, ["a [note]"])
    told = text.getvalue()
    places = [told.index(part) for part in ("Title", "A", "B", "Below.", "* a [note]")]
    assert places == sorted(places) and told.count("Title") == 1
