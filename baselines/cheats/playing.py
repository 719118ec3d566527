"""Players that differ in what they store and in how they end: giving up, failing, or playing on.

All of them are privileged: they ask the engine's oracle, which is given only what they have retrieved, or they know
which facts are gold. None is a cheat by itself; rewards that hold pay them in the order of what they achieve.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, cast

import gymnasium as gym

from agemem_env.env import AgeMemEnv
from agemem_env.text.key_phrases import key_phrases
from agemem_env.types import ToolCall
from baselines.base import Info, Observation, Policy
from baselines.cheats.base import UNKNOWN, query_in
from baselines.expert import ExpertPolicy

IDLE = ToolCall("act", {"command": "look around"})
WRONG = ToolCall("answer", {"text": "Nobody in particular"})

FULL = 0.75
"""Share of the context's budget from which a player that fails tidies up."""

ENDINGS: Mapping[str, str] = MappingProxyType(
    {
        "quit": "gives up",
        "fail": "does nothing useful until the limit, or answers wrongly",
        "play": "plays on with the oracle, which is told what was retrieved",
    }
)
"""How a player ends, and what that is."""


class PlayingPolicy(Policy):
    """Plays stages 1 and 2 as another policy does, looks up what it can in stage 3, and ends in one of three ways.

    Privileged: it plays on with the engine's oracle, which is told what was retrieved.

    Args:
        name: Name of the player.
        memory: What plays stages 1 and 2; None for a player without memory.
        ending: One of `ENDINGS`.
        top_k: Entries that the first retrieval asks for.
    """

    def __init__(self, name: str, memory: Policy | None, ending: str, top_k: int = 5) -> None:
        self.name = name
        self._memory, self._ending, self._top_k = memory, ending, top_k
        self._turns = 0

    @property
    def about(self) -> str:
        """What it does, in one line."""
        if self._memory is None:
            return f"Stores nothing and in stage 3 {ENDINGS[self._ending]}."
        return f"Stores as {self._memory.name} does, looks it up in stage 3, and then {ENDINGS[self._ending]}."

    def attach(self, env: gym.Env[Any, Any]) -> None:
        """Take the environment whose oracle it asks."""
        self._env = cast(AgeMemEnv, env.unwrapped)
        if self._memory is not None:
            self._memory.attach(env)

    def reset(self, info: Info) -> None:
        """Forget the last episode."""
        self._turns = 0
        if self._memory is not None:
            self._memory.reset(info)

    def act(self, observation: Observation, info: Info) -> Any:
        """Return what the memory's policy does, then the look-ups, then the ending."""
        if observation["stage"] < 3:
            return "Noted." if self._memory is None else self._memory.act(observation, info)
        self._turns += 1
        if self._turns == 1 and self._memory is not None and len(self._env.memory):
            return self._look_up(query_in(observation))
        return self._end(observation)

    def _look_up(self, query: str) -> list[ToolCall]:
        """Return retrievals for the query and for each of its key phrases."""
        wanted = [(query, self._top_k), *((phrase, 2) for phrase in key_phrases(query)[:3])]
        return [ToolCall("Retrieve_memory", {"query": text, "top_k": top_k}) for text, top_k in wanted if text]

    def _end(self, observation: Observation) -> Any:
        if self._ending == "quit":
            return UNKNOWN
        if self._ending == "fail":
            # It fails at the task, not at its context: the penalty for an overflow is another matter.
            full = observation["tokens"] > FULL * self._env.config.max_tokens
            end = IDLE if self._env.engine.has_commands else WRONG
            return [ToolCall("Summary_context", {"span": "all"}), end] if full else end
        return cast(ToolCall, self._env.engine.oracle(self._known()))

    def _known(self) -> Sequence[str]:
        """Return the lines of what was retrieved in stage 3."""
        events = self._env.ledger.of("retrieve", stage=3)
        return [line for event in events for entry in event.effect.after for line in entry.content.splitlines()]


class GoldPlayer(PlayingPolicy):
    """Stores and looks up as the expert does, then ends in one of three ways. Privileged, as the expert is."""

    def __init__(self, name: str, ending: str) -> None:
        super().__init__(name, ExpertPolicy(), ending)

    def act(self, observation: Observation, info: Info) -> Any:
        """Return what the expert does until it has looked up everything, then the ending."""
        assert self._memory is not None
        if observation["stage"] == 3 and self._turns:
            return self._end(observation)
        self._turns += observation["stage"] == 3
        return self._memory.act(observation, info)


class TryThenQuit(PlayingPolicy):
    """Plays without memory and declares the task finished in the last turn: exploits a costly turn limit (c12).

    Privileged: it asks the oracle, and knows the turn limit.
    """

    def __init__(self) -> None:
        super().__init__("try-then-quit", None, "play")

    @property
    def about(self) -> str:
        """What it does, in one line."""
        return (
            "Plays without memory and declares the task finished in the last turn: exploits a costly turn limit (c12)."
        )

    def act(self, observation: Observation, info: Info) -> Any:
        """Return the oracle's command, or the answer in the last turn."""
        limit = self._env.config.max_rounds or self._env.task.max_rounds or self._env.engine.max_rounds
        if observation["stage"] == 3 and self._turns + 1 >= limit:
            return UNKNOWN
        return super().act(observation, info)
