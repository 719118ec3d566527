"""Generated games as files, in the folders of ALFWorld's own data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from agemem_env.engines.alfworld.homes.game import Game, save_game
from agemem_env.engines.alfworld.making.generator import generated_game
from agemem_env.engines.alfworld.official import RELEASE
from agemem_env.errors import DataError, unknown_name

_FOLDERS: Mapping[str, str] = {"train": "train", "valid": "valid_seen", "test": "valid_unseen"}


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
    if split not in _FOLDERS:
        raise unknown_name("split", split, _FOLDERS)
    for number in range(first, first + count):
        game = generated_game(split, number)
        yield save_game(game, folder / RELEASE / _FOLDERS[split] / task_name(game) / f"trial_G{number:06d}")


def task_name(game: Game) -> str:
    """Return the name of a game's task in ALFWorld's form: type, object, movable receptacle, receptacle, floor plan.

    Raises:
        DataError: If the game's goal is not known.
    """
    goal = game.goal
    if goal is None:
        raise DataError("a game whose goal is not known has no task name")
    return "-".join(
        (
            goal.task_type,
            goal.target,
            goal.movable or "None",
            goal.receptacle or goal.toggle,
            str(game.floor_plan),
        )
    )
