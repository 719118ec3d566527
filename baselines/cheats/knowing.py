"""Cheats that know which facts are gold: what a perfect guess of them would earn. All of them are privileged."""

from __future__ import annotations

import re
from typing import Any, cast

import gymnasium as gym

from agemem_env.env import AgeMemEnv
from agemem_env.text.words import STOP_WORDS
from agemem_env.types import Fact
from baselines.base import Observation
from baselines.cheats.base import said
from baselines.cheats.late import delete
from baselines.cheats.storing import StoreAll, Storing, add

_NUMBER = re.compile(r"\d+(?=\D*$)")
_WORD = re.compile(r"\w+")
_TIMES = frozenset({"now", "again", "today"})


class Knowing(Storing):
    """Takes the environment to know its task."""

    def attach(self, env: gym.Env[Any, Any]) -> None:
        """Take the environment whose task it knows."""
        self._env = cast(AgeMemEnv, env.unwrapped)


class PruneToGold(Knowing, StoreAll):
    """Stores everything and, when the query is known, deletes all but the gold facts (c6). Privileged.

    Exploits storage that is judged after the query came.
    """

    name = "cheat-prune-gold"
    turns_in_stage_3 = 1

    def trick(self, observation: Observation) -> Any:
        """Store in stage 1; delete in stage 3."""
        if observation["stage"] < 3:
            return super().trick(observation)
        needed = {fact.text for fact in self._env.task.gold_facts}
        gold = [
            u.text for u in self._env.task.utterances if any(self._env.task.facts[i].text in needed for i in u.facts)
        ]
        keep = {*needed, *gold}
        return [delete(e.id) for e in self._env.memory if not any(text in e.content for text in keep)] or "Noted."


class FalseFacts(Knowing):
    """Stores the gold facts of each message with the last number, or else the last word, replaced. Privileged.

    Exploits statements that are told apart by most of their words.
    """

    name = "cheat-false-facts"

    def trick(self, observation: Observation) -> Any:
        """Store falsehoods in stage 1."""
        if observation["stage"] > 1:
            return "Noted."
        return [add(falsified(fact.text)) for fact in self._told(said(observation))] or "Noted."

    def _told(self, text: str) -> list[Fact]:
        """Return the gold facts that a message tells."""
        task = self._env.task
        for utterance in task.utterances:
            if utterance.text == text:
                return [task.facts[i] for i in utterance.facts if task.facts[i].gold]
        return [fact for fact in task.facts if fact.gold and fact.text == text]


def falsified(text: str) -> str:
    """Return a statement that is wrong about the last number, or else the last word that says something.

    >>> falsified("Mug 1 is on desk 2."), falsified("The tin is red now.")
    ('Mug 1 is on desk 9.', 'The tin is otherwise now.')
    """
    number = _NUMBER.search(text)
    if number:
        wrong = "9" if number[0] != "9" else "8"
        return f"{text[: number.start()]}{wrong}{text[number.end() :]}"
    words = [word for word in _WORD.finditer(text) if word[0].lower() not in STOP_WORDS | _TIMES]
    return f"{text[: words[-1].start()]}otherwise{text[words[-1].end() :]}" if words else text
