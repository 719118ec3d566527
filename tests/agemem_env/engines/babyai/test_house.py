from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agemem_env.engines.babyai.house import Layout, cell_of, square


@given(st.integers(0, 25), st.integers(0, 30))
def test_squares_are_turned_back_into_cells(x: int, y: int) -> None:
    assert cell_of(square((x, y))) == (x, y)


def test_rooms_are_named_by_compass_point() -> None:
    layout = Layout(3, 3, 8)
    assert len({layout.name_of((c, r)) for c in range(3) for r in range(3)}) == 9
    assert layout.name_of(layout.room_of((9, 3))) == "north room"
