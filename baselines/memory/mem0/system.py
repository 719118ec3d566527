"""Mem0 (Chhikara et al., arXiv 2504.19413): extract facts, then add, update, delete or leave stored ones.

``backend="embedded"`` is an implementation of the paper's pipeline with no dependency; ``"library"`` drives mem0ai.
"""

from __future__ import annotations

from collections.abc import Sequence

from agemem_env.episode.desk import MemoryDesk
from agemem_env.memory.store import MemoryEntry
from agemem_env.services.chat import ChatModel
from baselines.memory.backends import BackendPolicy, Pipeline
from baselines.memory.mem0.reading import read_decisions, read_facts
from baselines.memory.questions import Question, ask, fit
from baselines.memory.reading.operations import Operation

SIMILAR = 5
"""Stored memories looked at for each new fact, as in mem0ai."""

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


class Mem0(BackendPolicy):
    """Extracts the facts of each message and reconciles them with similar stored ones; retrieves by similarity."""

    system = "mem0"
    package = "mem0ai"

    def embedded(self, model: ChatModel) -> Pipeline:
        """Return the pipeline of the paper."""
        return EmbeddedMem0(model)

    def library(self, model: ChatModel) -> Pipeline:
        """Return the driver of mem0ai."""
        from baselines.memory.mem0.library import LibraryMem0

        return LibraryMem0(model)


class EmbeddedMem0:
    """The pipeline of the paper's section 2.1: an extraction and, if it found facts, a decision."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    def observe(self, desk: MemoryDesk, message: str) -> None:
        """Bring the store up to date with a message."""
        facts = ask(self._model, desk, Question("extract", EXTRACT, message), read_facts)
        if not facts:
            return
        similar = [hit.entry for fact in facts for hit in desk.search(fact, SIMILAR)]
        known = list({entry.id: entry for entry in similar}.values())
        # Short ids: models copy them more reliably than hexadecimal ones.
        lines = [f"{i}: {entry.content}" for i, entry in enumerate(known)]
        question = fit(desk, Question("decide", DECIDE, "\n".join(facts), lines))
        decisions = ask(self._model, desk, question, read_decisions)
        apply_decisions(desk, decisions or [], known[: len(question.lines)])


def apply_decisions(desk: MemoryDesk, decisions: Sequence[Operation], known: Sequence[MemoryEntry]) -> None:
    """Carry out the decisions; those that name no stored memory are counted as faults."""
    for decision in decisions:
        if decision.kind == "none":
            continue
        if decision.kind == "add":
            desk.add(decision.text, {"source": Mem0.system})
            continue
        entry = _named(desk, decision.memory_id, known)
        if entry is None:
            desk.fault("unknown_memory", str(decision))
        elif decision.kind == "delete":
            desk.delete(entry.id)
        else:
            desk.update(entry.id, decision.text)


def _named(desk: MemoryDesk, number: str, known: Sequence[MemoryEntry]) -> MemoryEntry | None:
    """Return the entry with this short id, unless it has been deleted meanwhile."""
    listed = number.isascii() and number.isdecimal() and len(number) < 5 and int(number) < len(known)
    return desk.get(known[int(number)].id) if listed else None
