"""A-Mem (Xu et al., arXiv 2502.12110): notes with keywords, tags and a context that link to and change each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agemem_env.episode.desk import MemoryDesk
from agemem_env.memory.store import Hit, MemoryEntry
from agemem_env.services.chat import ChatModel
from baselines.base import Policy
from baselines.memory.base import MemoryPolicy, join
from baselines.memory.questions import Question, ask, fit, objects, strings, text_of

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


@dataclass(frozen=True, slots=True)
class Note:
    """One note.

    Attributes:
        text: The message, word for word.
        context: What it is about.
        keywords: Words that carry it.
        tags: Categories.
        links: Ids of related notes.
    """

    text: str
    context: str = ""
    keywords: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    links: tuple[str, ...] = ()

    @classmethod
    def of(cls, entry: MemoryEntry) -> Note:
        """Return the note that an entry holds."""
        kept = entry.metadata
        words = {name: tuple(kept.get(name, ())) for name in ("keywords", "tags", "links")}
        return cls(kept.get("text", entry.content), kept.get("context", ""), **words)

    @property
    def content(self) -> str:
        """The text that is embedded and shown: message, context, keywords and tags together."""
        described = {"Context": self.context, "Keywords": ", ".join(self.keywords), "Tags": ", ".join(self.tags)}
        return "\n".join([self.text, *(f"{name}: {text}" for name, text in described.items() if text)])

    def metadata(self) -> dict[str, Any]:
        """Return what the store keeps beside the content."""
        return {
            "source": AMem.system,
            "text": self.text,
            "context": self.context,
            "keywords": list(self.keywords),
            "tags": list(self.tags),
            "links": list(self.links),
        }


class AMem(MemoryPolicy):
    """Makes a note of each message, links it, and lets it change its neighbours; retrieves notes with their links."""

    system = "a-mem"
    needs_model = True

    def __init__(self, inner: Policy, model: ChatModel, *, learn_from_task: bool = False) -> None:
        super().__init__(inner, model, learn_from_task=learn_from_task)
        self._model = model

    def observe(self, desk: MemoryDesk, message: str) -> None:
        """Store a note; nothing is stored if the model cannot describe the message."""
        described = ask(self._model, desk, Question("construct", CONSTRUCT, message), _read_card)
        if described is None:
            return
        note = Note(message, text_of(described, "context"), _words(described, "keywords"), _words(described, "tags"))
        hits = desk.search(note.content, NEIGHBOURS)
        lines = [f"{hit.entry.id}: {hit.entry.content}".replace("\n", " | ") for hit in hits]
        question = fit(desk, Question("evolve", EVOLVE, note.content, lines))
        near = {hit.entry.id: hit.entry for hit in hits[: len(question.lines)]}
        change = (ask(self._model, desk, question, _read_evolution) or {}) if near else {}
        links = _checked_ids(desk, strings(change.get("links")) or [], near)
        tags = _words(change, "tags") or note.tags
        desk.add(*_entry(Note(note.text, note.context, note.keywords, tags, links)))
        for item in objects(change.get("neighbours")) or []:
            self._change(desk, item, near)

    def recall(self, desk: MemoryDesk, text: str) -> None:
        """Show the most similar notes and, after them, the notes that they link to."""
        hits = desk.search(text)
        linked = [desk.get(memory_id) for hit in hits for memory_id in Note.of(hit.entry).links]
        desk.show(join(hits, [Hit(entry, 0.0) for entry in linked if entry], 2 * desk.services.top_k))

    def _change(self, desk: MemoryDesk, item: Mapping[str, Any], near: Mapping[str, MemoryEntry]) -> None:
        """Give a neighbour its new context and tags."""
        for memory_id in _checked_ids(desk, [text_of(item, "id")], near):
            old = Note.of(near[memory_id])
            context, tags = text_of(item, "context") or old.context, _words(item, "tags") or old.tags
            new = Note(old.text, context, old.keywords, tags, old.links)
            if new != old:
                desk.update(memory_id, *_entry(new))


def _entry(note: Note) -> tuple[str, dict[str, Any]]:
    return note.content, note.metadata()


def _read_card(reply: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return reply if strings(reply.get("keywords")) is not None else None


def _read_evolution(reply: Mapping[str, Any]) -> Mapping[str, Any] | None:
    known = strings(reply.get("links")) is not None or objects(reply.get("neighbours")) is not None
    return reply if known else None


def _words(item: Mapping[str, Any], key: str) -> tuple[str, ...]:
    return tuple(strings(item.get(key)) or ())


def _checked_ids(desk: MemoryDesk, named: Sequence[str], near: Mapping[str, MemoryEntry]) -> tuple[str, ...]:
    """Return the ids that were shown to the model; others are counted."""
    for memory_id in named:
        if memory_id not in near:
            desk.fault("unknown_memory", memory_id)
    return tuple(memory_id for memory_id in named if memory_id in near)
