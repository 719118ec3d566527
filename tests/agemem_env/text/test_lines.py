from __future__ import annotations

import pytest

from agemem_env.text.lines import split_lines


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_lines_end_at_line_feeds_and_carriage_returns(end: str) -> None:
    assert split_lines(f"a{end}{end}b{end}") == ["a", "", "b"]
    assert split_lines(f"a{end}b") == ["a", "b"]


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\u0085", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e"])
def test_lines_end_nowhere_else(mark: str) -> None:
    assert split_lines(f"a{mark}b\n") == [f"a{mark}b"]


def test_nothing_has_no_lines() -> None:
    assert split_lines("") == []
