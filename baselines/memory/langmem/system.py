"""LangMem (github.com/langchain-ai/langmem): one model call per message inserts memories and rewrites similar ones.

``backend="embedded"`` is an implementation of that step with no dependency; ``"library"`` drives langmem. Like the
library's defaults it inserts and updates but does not delete.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from agemem_env.episode.desk import MemoryDesk
from agemem_env.services.chat import ChatModel
from baselines.memory.backends import BackendPolicy, Pipeline
from baselines.memory.questions import Question, ask, fit
from baselines.memory.reading.operations import Operation, read_operations
from baselines.memory.reading.replies import Reading, read_list

SIMILAR = 5
"""Stored memories that the model may rewrite, the default of langmem."""

MANAGE = """\
You manage the long-term memory of an assistant. You are given stored memories, each with an id, and a new message.
Decide what the assistant should know from now on: insert what is new and may matter later, and update stored \
memories that the message corrects, completes or makes redundant. A memory is a dense text that can be understood on \
its own. Store nothing twice, and nothing that was not said.
Reply with one JSON object: {"operations": [{"action": "insert", "content": "..."}, {"action": "update", \
"id": "mem_...", "content": "..."}]}; the list is empty if nothing changes. Use only the ids given."""


class LangMem(BackendPolicy):
    """Lets a model insert and update memories after each message; retrieves by similarity."""

    system = "langmem"
    package = "langmem"

    def embedded(self, model: ChatModel) -> Pipeline:
        """Return our pipeline."""
        return EmbeddedLangMem(model)

    def library(self, model: ChatModel) -> Pipeline:
        """Return the driver of langmem."""
        from baselines.memory.langmem.library import LibraryLangMem

        return LibraryLangMem(model, self.system, SIMILAR)


class EmbeddedLangMem:
    """Search, one question, and its operations on the store."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    def observe(self, desk: MemoryDesk, message: str) -> None:
        """Bring the store up to date with a message."""
        known = [hit.entry for hit in desk.search(message, SIMILAR)]
        lines = [f"{entry.id}: {entry.content}" for entry in known]
        question = fit(desk, Question("manage", MANAGE, message, lines))
        operations = ask(self._model, desk, question, read_changes)
        apply_changes(desk, operations or [], {entry.id for entry in known[: len(question.lines)]})


def read_changes(found: Any) -> Reading[list[Operation]] | None:
    """Return the operations that a reply lists."""
    return read_list(found, "operations", read_operations)


def apply_changes(desk: MemoryDesk, operations: Sequence[Operation], known: Collection[str]) -> None:
    """Carry out the operations; those that name no memory shown, and deletions, are counted as faults."""
    for operation in operations:
        if operation.kind == "delete":
            desk.fault("unknown_operation", str(operation))
        elif operation.kind == "add":
            desk.add(operation.text, {"source": LangMem.system})
        elif operation.kind == "update" and operation.memory_id in known:
            desk.update(operation.memory_id, operation.text)
        elif operation.kind == "update":
            desk.fault("unknown_memory", str(operation))
