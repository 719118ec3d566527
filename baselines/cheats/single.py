"""Cheats that farm one part of the reward each, and store nothing that is true."""

from __future__ import annotations

import re
from typing import Any

from agemem_env.types import ToolCall
from baselines.base import Observation
from baselines.cheats.base import JUNK, Cheat

_MEMORY_ID = re.compile(r"mem_[0-9a-f]{8}")


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
        return self.answer(observation)


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
