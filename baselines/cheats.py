"""Policies that try to be paid without doing the task, and the one that does nothing.

They are the red team of the reward profiles: each farms one part. All of them answer "unknown", so that whatever
they earn beyond `do-nothing` they earn by the cheat.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from typing import Any

from agemem_env.types import ToolCall
from baselines.base import Info, Observation, Policy

UNKNOWN = ToolCall("answer", {"text": "unknown"})
JUNK = "Remember that this is very important information."

_MEMORY_ID = re.compile(r"mem_[0-9a-f]{8}")


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

    def reset(self, info: Info) -> None:
        """Forget the last episode."""
        self._tries = 0

    def act(self, observation: Observation, info: Info) -> Any:
        """Return the trick, or the answer once it was tried often enough in stage 3."""
        if observation["stage"] == 3:
            self._tries += 1
            if self._tries > self.turns_in_stage_3:
                return UNKNOWN
        return self.trick(observation)

    @abstractmethod
    def trick(self, observation: Observation) -> Any:
        """Return the action that is meant to be paid."""


class MentionTools(Cheat):
    """Writes the names of the tools in plain text."""

    name = "cheat-mention-tools"

    def trick(self, observation: Observation) -> Any:
        """Return a text full of tool names."""
        return "I call Add_memory, Update_memory, Delete_memory, Retrieve_memory, Summary_context, Filter_context."


class AddAndDelete(Cheat):
    """Stores one piece of junk and deletes it again, which is what maintenance pays for in the paper's form."""

    name = "cheat-add-and-delete"

    def trick(self, observation: Observation) -> Any:
        """Return the Add in the first turn, the Delete in the second, then a polite reply."""
        if observation["round"] == 0:
            return ToolCall("Add_memory", {"content": JUNK})
        if observation["round"] == 1:
            found = [_MEMORY_ID.search(str(m["content"])) for m in observation["messages"]]
            memory_id = next(match.group() for match in found if match)
            return ToolCall("Delete_memory", {"memory_id": memory_id, "confirmation": True})
        return "Noted."


class SummaryAtOnce(Cheat):
    """Summarises the whole context in every turn."""

    name = "cheat-summary"

    def trick(self, observation: Observation) -> Any:
        """Return a summary of everything."""
        return ToolCall("Summary_context", {"span": "all"})


class FilterEverything(Cheat):
    """Filters whatever the last message said, in every turn."""

    name = "cheat-filter"

    def trick(self, observation: Observation) -> Any:
        """Return a filter whose criterion is the last message."""
        return ToolCall("Filter_context", {"criteria": str(observation["messages"][-1]["content"])})


class RetrieveLoop(Cheat):
    """Retrieves in every turn, and ten times in stage 3."""

    name = "cheat-retrieve"
    turns_in_stage_3 = 10

    def trick(self, observation: Observation) -> Any:
        """Return a retrieval for the last message."""
        return ToolCall("Retrieve_memory", {"query": str(observation["messages"][-1]["content"]), "top_k": 5})


class AnswerAtOnce(Cheat):
    """Answers every message, in every stage."""

    name = "cheat-answer"
    turns_in_stage_3 = 0

    def trick(self, observation: Observation) -> Any:
        """Return the answer."""
        return UNKNOWN


class EchoQuery(Cheat):
    """Stores the query itself in stage 3 and retrieves it, to have its key phrases in the context."""

    name = "cheat-echo-query"

    def trick(self, observation: Observation) -> Any:
        """Return the two calls in stage 3, a polite reply before."""
        if observation["stage"] < 3:
            return "Noted."
        query = str(observation["messages"][-1]["content"])
        add = ToolCall("Add_memory", {"content": query})
        return [add, ToolCall("Retrieve_memory", {"query": query})]


CHEATS: tuple[type[Cheat], ...] = (
    MentionTools,
    AddAndDelete,
    SummaryAtOnce,
    FilterEverything,
    RetrieveLoop,
    AnswerAtOnce,
    EchoQuery,
)
"""Every cheat; the tests hold each of them against the expert and `DoNothing`."""
