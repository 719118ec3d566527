from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agemem_env.engines.babyai.path import FORWARD, LEFT, RIGHT, search


@given(
    blocked=st.sets(st.tuples(st.integers(0, 6), st.integers(-3, 3)).filter(lambda c: c != (0, 0)), max_size=25),
    direction=st.integers(0, 3),
    target=st.tuples(st.integers(0, 6), st.integers(-3, 3)).filter(lambda c: c != (0, 0)),
)
def test_paths_end_before_the_target_and_enter_nothing_blocked(
    blocked: set[tuple[int, int]], direction: int, target: tuple[int, int]
) -> None:
    path = search(blocked, direction, {target}, ()).to_face(target)
    if path is None:
        return
    at, heading = (0, 0), 0
    steps = ((1, 0), (0, 1), (-1, 0), (0, -1))
    for move in path:
        if move == FORWARD:
            at = (at[0] + steps[heading][0], at[1] + steps[heading][1])
            assert at not in blocked
        else:
            heading = (heading + (1 if move == RIGHT else -1)) % 4
            assert move in (LEFT, RIGHT)
    assert (at[0] + steps[heading][0], at[1] + steps[heading][1]) == target
