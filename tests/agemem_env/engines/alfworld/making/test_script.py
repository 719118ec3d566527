"""Commands that solve a game; no extra is needed."""

from __future__ import annotations

from agemem_env.engines.alfworld.homes.house import house_of
from agemem_env.engines.alfworld.making.script import script
from tests.agemem_env.engines.alfworld.homes.test_game import GAME


def test_a_script_opens_and_walks_only_where_it_must() -> None:
    assert script(house_of(GAME), GAME.goal) == (
        "go to safe 1",
        "open safe 1",
        "take mug 2 from safe 1",
        "move mug 2 to shelf 2",
        "take mug 1 from shelf 2",
        "move mug 1 to shelf 2",
    )
