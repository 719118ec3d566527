"""Which tasks there are, official or generated, and what becomes of a game: query, facts, distractors, turn limit."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from types import MappingProxyType

import numpy as np

from agemem_env.engines.alfworld import agentboard
from agemem_env.engines.alfworld.briefing import Errand, Telling, brief
from agemem_env.engines.alfworld.homes.game import Game, load_game
from agemem_env.engines.alfworld.homes.goal import Goal, goal_text
from agemem_env.engines.alfworld.homes.house import House, house_of, initial_facts
from agemem_env.engines.alfworld.homes.situation import Situation
from agemem_env.engines.alfworld.making.generator import generated_game
from agemem_env.engines.alfworld.official import OFFICIAL_NAMES, OfficialGame, OfficialSplit, official_split
from agemem_env.engines.alfworld.order import agentboard_order
from agemem_env.engines.alfworld.rules.dialect import GameDialect, dialect_of
from agemem_env.engines.base import TaskSet
from agemem_env.engines.briefing import difficulty, turn_limit
from agemem_env.errors import DataError, MissingDataError
from agemem_env.types import Task

SIZES: Mapping[str, int] = MappingProxyType({"train": 6000, "valid": 200, "test": 200})
"""Number of generated tasks; the six types take turns."""

LIMIT_FACTOR = 1.25
"""Turn limit of the default protocol, as a multiple of the informed expert's commands."""

LIMIT_EXTRA = 3
"""Turns on top of it."""

EASY = 6
"""Most commands of the expert in an easy task that no label speaks of."""

OTHERS = 2
"""Other homes that stage 1 of a generated task tells of."""

PLAIN_ROUNDS = 50
"""ALFWorld's own limit, for tasks for which there is no informed expert."""

_CACHED = 256


@dataclass(frozen=True, slots=True)
class Setup:
    """What the engine needs to play a task.

    Attributes:
        game: The game.
        dialect: The dialect that it speaks.
        house: The home that it is played in.
        goal: What it asks for.
        start: The situation at the start; never changed.
        tellings: What stage 1 tells.
    """

    game: Game
    dialect: GameDialect
    house: House
    goal: Goal
    start: Situation
    tellings: tuple[Telling, ...]

    def told(self, known: Iterable[str]) -> dict[str, str]:
        """Return where things are according to known statements; corrected ones do not count."""
        texts = set(known)
        told = {i: telling for i, telling in enumerate(self.tellings) if telling.thing and telling.text in texts}
        stale = {telling.supersedes for telling in told.values()}
        return {telling.thing: telling.receptacle for i, telling in told.items() if i not in stale}


def task_source(split: str, source: str, protocol: str) -> tuple[str, TaskSet]:
    """Return where the tasks come from, ``official`` or ``generated``, and the tasks.

    Args:
        split: ``train``, ``valid`` or ``test``.
        source: ``official``, ``generated``, or ``auto``: official if there are official games of the split.
        protocol: ``agemem`` or ``agentboard``.

    Raises:
        DataError: If official games are asked for and missing, or are there and broken.
    """
    if source == "generated":
        return "generated", _generated(split, protocol)
    try:
        found = official_split(OFFICIAL_NAMES[split])
    except MissingDataError:
        if source == "official":
            raise
        return "generated", _generated(split, protocol)
    found.check()
    return "official", _official(split, protocol, found)


def _official(split: str, protocol: str, found: OfficialSplit) -> TaskSet:
    games = agentboard_order(found) if protocol == "agentboard" and split == "test" else found.games
    ids = {game.id: index for index, game in enumerate(games)}
    return TaskSet(
        len(games), lambda index: _official_task(split, games[index], protocol), ids.get, lambda index: games[index].id
    )


@lru_cache(maxsize=_CACHED)
def _official_task(split: str, game: OfficialGame, protocol: str) -> Task:
    return build_task(game.id, split, "official", protocol, load_game(game.path))


def _generated(split: str, protocol: str) -> TaskSet:
    ids = {_generated_id(split, number): number for number in range(SIZES[split])}
    name = partial(_generated_id, split)
    return TaskSet(SIZES[split], lambda number: _generated_task(split, number, protocol), ids.get, name)


@lru_cache(maxsize=_CACHED)
def _generated_task(split: str, number: int, protocol: str) -> Task:
    task_id = _generated_id(split, number)
    rng = np.random.default_rng(zlib.crc32(f"others of {task_id}".encode()))
    numbers = [int(rng.integers(SIZES[split])) for _ in range(OTHERS)]
    others = [_errand(generated_game(split, n + (n == number))) for n in numbers]
    return build_task(task_id, split, "generated", protocol, generated_game(split, number), others)


def _generated_id(split: str, number: int) -> str:
    return f"gen-{split}-{number:06}"


def build_task(task_id: str, split: str, source: str, protocol: str, game: Game, others: Sequence[Errand] = ()) -> Task:
    """Return the task for a game.

    Args:
        task_id: Its id, which draws what is told and by whom.
        split: ``train``, ``valid`` or ``test``.
        source: ``official`` or ``generated``.
        protocol: ``agemem`` or ``agentboard``.
        game: The game.
        others: What other games ask for that stage 1 tells of as well.

    Raises:
        DataError: If the game is corrupt or none of the six types of task.
    """
    try:
        own, dialect = _errand(game), dialect_of(game.grammar)
    except (DataError, KeyError, ValueError) as error:
        raise DataError(f"game {task_id} cannot be played: {error}") from error
    briefing = brief(own, others, np.random.default_rng(zlib.crc32(task_id.encode())))
    wish = goal_text(game.grammar)
    plain = protocol == "agemem"
    limit = turn_limit(len(briefing.way), LIMIT_FACTOR, LIMIT_EXTRA) if briefing.way else PLAIN_ROUNDS
    return Task(
        id=task_id,
        benchmark="ALFWorld",
        split=split,
        source=source,
        query=f"You are in {briefing.who}'s {briefing.setting}. Your task is to: {wish}" if plain else wish,
        facts=tuple(telling.fact for telling in briefing.tellings),
        utterances=briefing.utterances,
        distractors=briefing.distractors,
        max_rounds=limit if plain else agentboard.ROUNDS,
        data={"setup": Setup(game, dialect, own.house, own.goal, own.start, briefing.tellings)},
        difficulty=difficulty(len(briefing.way), EASY) if briefing.way else None,
    )


def _errand(game: Game) -> Errand:
    return Errand(house_of(game), game.goal, Situation.of(initial_facts(game.problem)))
