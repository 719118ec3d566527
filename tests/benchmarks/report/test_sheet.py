from __future__ import annotations

from benchmarks.report.sheet import Sheet, fitting


def test_a_table_that_fits_is_not_cut() -> None:
    sheet = Sheet(("Policy", "R"), (("expert", "1"),), 1)
    assert fitting(sheet, 10) == [sheet]
    assert len(fitting(Sheet(("P", "A", "B"), (("x" * 90, "1", "2"),), 1), 40)) == 1
