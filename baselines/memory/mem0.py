"""Mem0 (Chhikara et al., arXiv 2504.19413): extract facts, then add, update, delete or leave stored ones.

``backend="embedded"`` is an implementation of the paper's pipeline with no dependency; ``"library"`` drives mem0ai.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from agemem_env.errors import MissingExtraError, unknown_name
from agemem_env.memory import MemoryEntry
from agemem_env.upkeep import Upkeep
from baselines.base import Policy
from baselines.llm.types import ChatModel
from baselines.memory.asking import Question, ask, objects, strings, text_of
from baselines.memory.base import MemoryPolicy

SIMILAR = 5
"""Stored memories looked at for each new fact, as in mem0ai."""

BACKENDS = ("embedded", "library")

EXTRACT = """\
You read one message of a conversation and note the facts in it that may matter later: who and what there is, where \
things are, what they are like, dates, numbers, plans, preferences and corrections of earlier statements.
Write each fact as one short sentence that can be understood on its own, with full names. Leave out greetings and \
filler. Invent nothing.
Reply with one JSON object: {"facts": ["...", "..."]}; the list is empty if there is nothing to note."""

DECIDE = """\
You keep a list of stored memories up to date. You are given the stored memories, each with an id, and a list of new \
facts. Decide for each fact:
- ADD: it is new; store it;
- UPDATE: it says more than a stored memory, or corrects it; give that memory's id and its new text;
- DELETE: it makes a stored memory wrong and leaves nothing to put in its place; give that memory's id;
- NONE: it is known already.
Reply with one JSON object: {"memory": [{"event": "ADD", "text": "..."}, {"event": "UPDATE", "id": "0", \
"text": "..."}, {"event": "DELETE", "id": "1"}, {"event": "NONE"}]}. Use only the ids given."""


class Pipeline(Protocol):
    """What makes memories of a message."""

    def observe(self, desk: Upkeep, message: str) -> None:
        """Bring the store up to date with a message."""
        ...


class Mem0(MemoryPolicy):
    """Extracts the facts of each message and reconciles them with similar stored ones; retrieves by similarity.

    Args:
        inner: Plays the turns.
        model: Extracts and decides.
        backend: ``"embedded"`` or ``"library"`` (extra ``mem0``).
        learn_from_task: Also store what the task says in stage 3.

    Raises:
        ConfigurationError: If the backend is unknown.
        MissingExtraError: If mem0ai is not installed.
    """

    system = "mem0"
    needs_model = True
    options = ("backend", "learn_from_task")

    def __init__(
        self, inner: Policy, model: ChatModel, *, backend: str = "embedded", learn_from_task: bool = False
    ) -> None:
        super().__init__(inner, model, learn_from_task=learn_from_task)
        self._pipeline = _pipeline(model, backend)

    def observe(self, desk: Upkeep, message: str) -> None:
        """Extract facts and apply what the model decides about them."""
        self._pipeline.observe(desk, message)


class EmbeddedMem0:
    """The pipeline of the paper's section 2.1: an extraction and, if it found facts, a decision."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    def observe(self, desk: Upkeep, message: str) -> None:
        """Bring the store up to date with a message."""
        facts = ask(self._model, desk, Question("extract", EXTRACT, message), lambda reply: strings(reply.get("facts")))
        if not facts:
            return
        similar = [hit.entry for fact in facts for hit in desk.search(fact, SIMILAR)]
        known = list({entry.id: entry for entry in similar}.values())
        # Short ids: models copy them more reliably than hexadecimal ones.
        lines = [f"{i}: {entry.content}" for i, entry in enumerate(known)]
        question = Question("decide", DECIDE, "\n".join(facts), lines)
        apply(desk, ask(self._model, desk, question, lambda reply: objects(reply.get("memory"))) or [], known)


def apply(desk: Upkeep, decisions: Sequence[Mapping[str, Any]], known: Sequence[MemoryEntry]) -> None:
    """Carry out the decisions; those that name no stored memory or say nothing are counted as faults."""
    for decision in decisions:
        event, text = text_of(decision, "event").upper(), text_of(decision, "text")
        if event == "NONE":
            continue
        if event not in ("ADD", "UPDATE", "DELETE") or (event != "DELETE" and not text):
            desk.fault("unknown_operation", str(dict(decision)))
        elif event == "ADD":
            desk.add(text, {"source": Mem0.system})
        else:
            entry = _named(desk, text_of(decision, "id"), known)
            if entry is None:
                desk.fault("unknown_memory", str(dict(decision)))
            elif event == "DELETE":
                desk.delete(entry.id)
            else:
                desk.update(entry.id, text)


def _named(desk: Upkeep, number: str, known: Sequence[MemoryEntry]) -> MemoryEntry | None:
    """Return the entry with this short id, unless it has been deleted meanwhile."""
    listed = number.isascii() and number.isdecimal() and len(number) < 5 and int(number) < len(known)
    return desk.get(known[int(number)].id) if listed else None


def _pipeline(model: ChatModel, backend: str) -> Pipeline:
    if backend not in BACKENDS:
        raise unknown_name("backend of mem0", backend, BACKENDS)
    if backend == "embedded":
        return EmbeddedMem0(model)
    try:
        from baselines.memory.mem0_library import LibraryMem0
    except ImportError as error:
        raise MissingExtraError("mem0ai", "mem0", "backend='library' of mem0") from error
    return LibraryMem0(model)
