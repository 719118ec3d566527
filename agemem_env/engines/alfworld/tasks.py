"""From a game to a task: query, facts, distractors and turn limit."""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from agemem_env.engines.alfworld import agentboard
from agemem_env.engines.alfworld.briefing import Telling, brief
from agemem_env.engines.alfworld.dialect import Dialect, dialect_of
from agemem_env.engines.alfworld.errand import Errand, read_errand
from agemem_env.engines.alfworld.game import Game
from agemem_env.engines.alfworld.house import House, house_of, initial_facts
from agemem_env.engines.alfworld.situation import Situation
from agemem_env.errors import DataError
from agemem_env.types import Task

LIMIT_FACTOR = 2
"""Turn limit of the default protocol, as a multiple of the informed expert's commands."""

LIMIT_EXTRA = 4
"""Turns on top of it."""

PLAIN_ROUNDS = 50
"""ALFWorld's own limit, for tasks for which there is no informed expert."""

_GOAL_TEXT = re.compile(r"Your task is to: ((?:[^\"\\]|\\.)*)")


@dataclass(frozen=True, slots=True)
class Setup:
    """What the engine needs to play a task.

    Attributes:
        game: The game.
        dialect: The dialect that it speaks.
        house: The home that it is played in.
        errand: What it asks for.
        start: The situation at the start; never changed.
        tellings: What stage 1 tells.
    """

    game: Game
    dialect: Dialect
    house: House
    errand: Errand
    start: Situation
    tellings: tuple[Telling, ...]

    def told(self, known: Iterable[str]) -> dict[str, str]:
        """Return where things are according to known statements; corrected ones do not count."""
        texts = set(known)
        told = {i: telling for i, telling in enumerate(self.tellings) if telling.text in texts}
        stale = {telling.supersedes for telling in told.values()}
        return {telling.thing: telling.receptacle for i, telling in told.items() if i not in stale}


def build_task(task_id: str, split: str, source: str, protocol: str, game: Game) -> Task:
    """Return the task for a game.

    Args:
        task_id: Its id, which draws what is told and by whom.
        split: ``train``, ``valid`` or ``test``.
        source: ``official`` or ``generated``.
        protocol: ``agemem`` or ``agentboard``.
        game: The game.

    Raises:
        DataError: If the game is corrupt or none of the six types of task.
    """
    try:
        house, start = house_of(game), Situation.of(initial_facts(game.problem))
        errand, dialect = read_errand(game.problem), dialect_of(game.grammar)
    except (DataError, KeyError, ValueError) as error:
        raise DataError(f"game {task_id} cannot be played: {error}") from error
    briefing = brief(house, errand, start, np.random.default_rng(zlib.crc32(task_id.encode())))
    wish = goal_text(game.grammar)
    plain = protocol == "agemem"
    limit = math.ceil(LIMIT_FACTOR * len(briefing.way)) + LIMIT_EXTRA if briefing.way else PLAIN_ROUNDS
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
        data={"setup": Setup(game, dialect, house, errand, start, briefing.tellings)},
    )


def goal_text(grammar: str) -> str:
    """Return the wish in a game's grammar.

    Raises:
        DataError: If there is none.

    >>> goal_text('"rhs": "Your task is to: put a mug in desk."')
    'put a mug in desk.'
    """
    match = _GOAL_TEXT.search(grammar)
    if match is None:
        raise DataError("the grammar of this game says nothing about its task")
    return match[1].strip()
