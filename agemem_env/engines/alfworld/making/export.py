"""Generated games as files, in the folders of ALFWorld's own data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from agemem_env.engines.alfworld.homes.game import Game, save_game
from agemem_env.engines.alfworld.making.generator import generated_game
from agemem_env.engines.alfworld.official import OFFICIAL_NAMES, RELEASE
from agemem_env.errors import unknown_name


def write_games(count: int, split: str, first: int, folder: Path) -> Iterator[Path]:
    """Write generated games below ``<folder>/json_2.1.1`` and yield each ``game.tw-pddl``.

    With ``ALFWORLD_DATA=<folder>`` alfworld plays them: ``valid`` as ``valid_seen``, ``test`` as ``valid_unseen``.

    Args:
        count: Number of games.
        split: ``train``, ``valid`` or ``test``.
        first: Number of the first game; see `generated_game`.
        folder: Where to; made if missing.

    Raises:
        ConfigurationError: If there is no such split.
        DataError: If the folder cannot be written.
        MissingExtraError: If the extra ``alfworld`` is not installed.
    """
    if split not in OFFICIAL_NAMES:
        raise unknown_name("split", split, OFFICIAL_NAMES)
    for number in range(first, first + count):
        game = generated_game(split, number)
        yield save_game(game, folder / RELEASE / OFFICIAL_NAMES[split] / task_name(game) / f"trial_G{number:06d}")


def task_name(game: Game) -> str:
    """Return the name of a game's task in ALFWorld's form: type, object, movable receptacle, receptacle, floor plan.

    Raises:
        DataError: If the game asks for none of the six types of task.
    """
    goal = game.goal
    target, end = game.class_of(goal.thing), game.class_of(goal.receptacle or goal.lamp)
    return f"{goal.task_type}-{target}-None-{end}-{game.floor_plan}"
