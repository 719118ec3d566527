"""A-Mem (Xu et al., arXiv 2502.12110): notes with keywords, tags and a context that link to and change each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from agemem_env.episode.desk import MemoryDesk
from agemem_env.memory.store import Hit, MemoryEntry
from agemem_env.services.chat import ChatModel
from baselines.base import Policy
from baselines.memory.base import MemoryPolicy, join
from baselines.memory.notes import Evolution, Note, read_card, read_evolution
from baselines.memory.questions import Question, ask, fit

NEIGHBOURS = 5
"""Stored notes that a new note may be linked to and may change, as in the authors' code."""

CONSTRUCT = """\
You write an index card for one message of a conversation.
Reply with one JSON object: {"keywords": ["..."], "context": "...", "tags": ["..."]}.
keywords: the nouns, names and verbs that carry the message, most telling first. context: one sentence that says what \
the message is about. tags: broad categories for grouping it with others."""

EVOLVE = """\
You keep a web of notes. You are given the notes closest to a new one, each with an id, and the new note.
Decide which of them the new note should be linked to, which tags the new note should have, and whether what is known \
now changes the context or the tags of the notes given.
Reply with one JSON object: {"links": ["mem_..."], "tags": ["..."], "neighbours": [{"id": "mem_...", \
"context": "...", "tags": ["..."]}]}. List only notes that change. Use only the ids given."""


class AMem(MemoryPolicy):
    """Makes a note of each message, links it, and lets it change its neighbours; retrieves notes with their links."""

    system = "a-mem"
    needs_model = True

    def __init__(self, inner: Policy, model: ChatModel, *, learn_from_task: bool = False) -> None:
        super().__init__(inner, model, learn_from_task=learn_from_task)
        self._model = model

    def observe(self, desk: MemoryDesk, message: str) -> None:
        """Store a note; nothing is stored if the model cannot describe the message."""
        card = ask(self._model, desk, Question("construct", CONSTRUCT, message), read_card)
        if card is None:
            return
        note = replace(card, text=message)
        hits = desk.search(note.content, NEIGHBOURS)
        lines = [f"{hit.entry.id}: {hit.entry.content}".replace("\n", " | ") for hit in hits]
        question = fit(desk, Question("evolve", EVOLVE, note.content, lines))
        near = {hit.entry.id: hit.entry for hit in hits[: len(question.lines)]}
        evolution = (ask(self._model, desk, question, read_evolution) if near else None) or Evolution()
        links = _checked_ids(desk, evolution.links, near)
        desk.add(*_entry(replace(note, tags=evolution.tags or note.tags, links=links)))
        for change in evolution.changes:
            for memory_id in _checked_ids(desk, [change.memory_id], near):
                old = Note.of(near[memory_id])
                if change.apply(old) != old:
                    desk.update(memory_id, *_entry(change.apply(old)))

    def recall(self, desk: MemoryDesk, text: str) -> None:
        """Show the most similar notes and, after them, the notes that they link to."""
        hits = desk.search(text)
        linked = [desk.get(memory_id) for hit in hits for memory_id in Note.of(hit.entry).links]
        desk.show(join(hits, [Hit(entry, 0.0) for entry in linked if entry], 2 * desk.services.top_k))


def _entry(note: Note) -> tuple[str, dict[str, Any]]:
    return note.content, note.metadata()


def _checked_ids(desk: MemoryDesk, named: Sequence[str], near: Mapping[str, MemoryEntry]) -> tuple[str, ...]:
    """Return the ids that were shown to the model; others are counted."""
    for memory_id in named:
        if memory_id not in near:
            desk.fault("unknown_memory", memory_id)
    return tuple(memory_id for memory_id in named if memory_id in near)
