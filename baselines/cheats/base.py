"""What cheats have in common: they do a trick, then give up, so that what they earn they earn by the trick."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from agemem_env.context.origins import BETWEEN
from agemem_env.types import ToolCall
from baselines.base import Info, Observation, Policy

UNKNOWN = ToolCall("answer", {"text": "unknown"})
JUNK = "Remember that this is very important information."


class DoNothing(Policy):
    """Acknowledges every message, calls no tool and answers "unknown"."""

    name = "do-nothing"

    def act(self, observation: Observation, info: Info) -> Any:
        """Return a polite reply, or the answer in stage 3."""
        return UNKNOWN if observation["stage"] == 3 else "Noted."


class Cheat(Policy):
    """Does its trick once per turn in stages 1 and 2, or as often as it likes in stage 3, then gives up."""

    turns_in_stage_3 = 1

    def __init__(self) -> None:
        self._tries = 0
        self._query = ""

    def reset(self, info: Info) -> None:
        """Forget the last episode."""
        self._tries = 0
        self._query = ""

    def act(self, observation: Observation, info: Info) -> Any:
        """Return the trick, or the answer once it was tried often enough in stage 3."""
        if observation["stage"] == 3:
            if not self._tries:
                self._query = query_in(observation)
            self._tries += 1
            if self._tries > self.turns_in_stage_3:
                return self.answer(observation)
        return self.trick(observation)

    @abstractmethod
    def trick(self, observation: Observation) -> Any:
        """Return the action that is meant to be paid."""

    def answer(self, observation: Observation) -> ToolCall:
        """Return the last action."""
        return UNKNOWN


def said(observation: Observation) -> str:
    """Return the message that has just come in, without what stands before it in the same turn of the user.

    >>> said({"messages": [{"role": "user", "content": "Hello."}]})
    'Hello.'
    """
    return str(observation["messages"][-1]["content"]).split(BETWEEN)[-1]


def query_in(observation: Observation) -> str:
    """Return the query, in the first turn of stage 3: the first message since the agent's last one.

    >>> query_in({"messages": [{"role": "assistant", "content": "I see."}, {"role": "user", "content": "Who?"}]})
    'Who?'
    """
    new: list[str] = []
    for message in reversed(observation["messages"]):
        if message["role"] in ("assistant", "system"):
            break
        if message["role"] == "user":
            new.append(str(message["content"]))
    return new[-1].split(BETWEEN)[0] if new else ""
