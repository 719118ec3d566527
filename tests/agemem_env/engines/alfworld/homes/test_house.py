"""The home of a game; no extra is needed."""

from __future__ import annotations

import pytest

from agemem_env.engines.alfworld.homes.game import Game
from agemem_env.engines.alfworld.homes.house import Receptacle, Thing, house_of
from agemem_env.errors import DataError
from tests.agemem_env.engines.alfworld.homes.test_game import GAME, PROBLEM


def test_the_home_of_a_game() -> None:
    house = house_of(GAME)
    assert house.start == "loc_bar_9"
    assert house.receptacles["safe_bar_1"] == Receptacle("safe_bar_1", "safe 1", "safe", "loc_bar_1", True)
    assert house.things["mug_bar_2"] == Thing(
        "mug_bar_2", "mug 1", "mug", "shelf_bar_2", frozenset({"pickupable", "heatable"})
    )
    assert house.things["window_bar_1"].receptacle is None
    assert house.accepts == {"shelf": {"mug"}, "safe": {"mug"}}
    assert house.by_name["shelf 2"] is house.receptacles["shelf_bar_2"]


@pytest.mark.parametrize("problem", ["(define (problem p))", PROBLEM.replace("(atLocation agent1 loc_bar_9)", "")])
def test_a_problem_without_a_home(problem: str) -> None:
    with pytest.raises(DataError, match=r"the PDDL problem of the game has no (initial state|fact atlocation)"):
        house_of(Game("d", problem, "g"))
