"""LangMem (github.com/langchain-ai/langmem): one model call per message inserts memories and rewrites similar ones.

``backend="embedded"`` is an implementation of that step with no dependency; ``"library"`` drives langmem. Like the
library's defaults it inserts and updates but does not delete.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agemem_env.errors import MissingExtraError, unknown_name
from agemem_env.upkeep import Upkeep
from baselines.base import Policy
from baselines.llm.types import ChatModel
from baselines.memory.asking import Question, ask, objects, text_of
from baselines.memory.base import MemoryPolicy
from baselines.memory.mem0 import BACKENDS, Pipeline

SIMILAR = 5
"""Stored memories that the model may rewrite, the default of langmem."""

MANAGE = """\
You manage the long-term memory of an assistant. You are given stored memories, each with an id, and a new message.
Decide what the assistant should know from now on: insert what is new and may matter later, and update stored \
memories that the message corrects, completes or makes redundant. A memory is a dense text that can be understood on \
its own. Store nothing twice, and nothing that was not said.
Reply with one JSON object: {"operations": [{"action": "insert", "content": "..."}, {"action": "update", \
"id": "mem_...", "content": "..."}]}; the list is empty if nothing changes. Use only the ids given."""


class LangMem(MemoryPolicy):
    """Lets a model insert and update memories after each message; retrieves by similarity.

    Args:
        inner: Plays the turns.
        model: Manages the memories.
        backend: ``"embedded"`` or ``"library"`` (extra ``langmem``).
        learn_from_task: Also store what the task says in stage 3.

    Raises:
        ConfigurationError: If the backend is unknown.
        MissingExtraError: If langmem is not installed.
    """

    system = "langmem"
    needs_model = True
    options = ("backend", "learn_from_task")

    def __init__(
        self, inner: Policy, model: ChatModel, *, backend: str = "embedded", learn_from_task: bool = False
    ) -> None:
        super().__init__(inner, model, learn_from_task=learn_from_task)
        self._pipeline = _pipeline(model, backend)

    def observe(self, desk: Upkeep, message: str) -> None:
        """Apply what the model makes of a message."""
        self._pipeline.observe(desk, message)


class EmbeddedLangMem:
    """Search, one question, and its operations on the store."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    def observe(self, desk: Upkeep, message: str) -> None:
        """Bring the store up to date with a message."""
        known = {hit.entry.id: hit.entry for hit in desk.search(message, SIMILAR)}
        lines = [f"{entry.id}: {entry.content}" for entry in known.values()]
        question = Question("manage", MANAGE, message, lines)
        operations = ask(self._model, desk, question, lambda reply: objects(reply.get("operations")))
        apply(desk, operations or [], known)


def apply(desk: Upkeep, operations: Sequence[Mapping[str, Any]], known: Mapping[str, object]) -> None:
    """Carry out the operations; those that name no memory shown or say nothing are counted as faults."""
    for operation in operations:
        action, content = text_of(operation, "action").lower(), text_of(operation, "content")
        if action not in ("insert", "update") or not content:
            desk.fault("unknown_operation", str(dict(operation)))
        elif action == "insert":
            desk.add(content, {"source": LangMem.system})
        elif (memory_id := text_of(operation, "id")) in known:
            desk.update(memory_id, content)
        else:
            desk.fault("unknown_memory", str(dict(operation)))


def _pipeline(model: ChatModel, backend: str) -> Pipeline:
    if backend not in BACKENDS:
        raise unknown_name("backend of langmem", backend, BACKENDS)
    if backend == "embedded":
        return EmbeddedLangMem(model)
    try:
        from baselines.memory.langmem_library import LibraryLangMem
    except ImportError as error:
        raise MissingExtraError("langmem", "langmem", "backend='library' of langmem") from error
    return LibraryLangMem(model)
