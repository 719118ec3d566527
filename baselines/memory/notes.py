"""Notes of A-Mem, and what a model replies about them: a card for a message, and how notes link and change."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from agemem_env.memory.store import MemoryEntry
from baselines.memory.reading.ids import ID_KEYS, is_id, read_ids
from baselines.memory.reading.replies import Reading, names_of
from baselines.memory.reading.values import SIDE_KEYS, by_name, listed, read_text, read_words

_CONTEXT_KEYS = ("context", "newcontext", "summary", "description")
_TAG_KEYS = ("tags", "tag", "newtags", "categories", "category")
_CHANGE_KEYS = (*ID_KEYS, *_CONTEXT_KEYS, *_TAG_KEYS)
_LINKS = ("links", "link", "linkednotes", "linkedids", "linkids", "connections", "suggestedconnections")
_NEIGHBOURS = ("neighbours", "neighbors", "neighbour", "neighbor", "updates", "changes")


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
            "source": "a-mem",
            "text": self.text,
            "context": self.context,
            "keywords": list(self.keywords),
            "tags": list(self.tags),
            "links": list(self.links),
        }


@dataclass(frozen=True, slots=True)
class NoteChange:
    """What is new of a stored note.

    Attributes:
        memory_id: The id as the model wrote it.
        context: Its new context; empty if it stays.
        tags: Its new tags; empty if they stay.
    """

    memory_id: str
    context: str = ""
    tags: tuple[str, ...] = ()

    def apply(self, note: Note) -> Note:
        """Return the note as it is now."""
        return replace(note, context=self.context or note.context, tags=self.tags or note.tags)


@dataclass(frozen=True, slots=True)
class Evolution:
    """How a new note fits in.

    Attributes:
        links: Ids of the notes that it is linked to.
        tags: Its tags; empty if they stay.
        changes: What is new of its neighbours.
    """

    links: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    changes: tuple[NoteChange, ...] = ()


def read_card(found: Any) -> Reading[Note] | None:
    """Return the note without its text that a reply describes.

    >>> read_card({"card": {"Keywords": "violin, kitchen", "context": "A violin.", "tags": None}}).value.keywords
    ('violin', 'kitchen')
    """
    named = _unwrapped(found, names_of("keywords"))
    if named is None:
        return None
    keywords, tags = _words(named, tuple(names_of("keywords"))), _words(named, _TAG_KEYS)
    context = _context(named)
    if keywords is None or tags is None or context is None:
        return None
    return Reading(Note("", context, keywords, tags))


def read_evolution(found: Any) -> Reading[Evolution] | None:
    """Return what a reply says of links, tags and neighbours.

    >>> read_evolution({"links": {"id": 3, "reason": "same"}, "tags": "talk", "neighbors": None}).value
    Evolution(links=('3',), tags=('talk',), changes=())
    """
    named = _unwrapped(found, {*_LINKS, *_NEIGHBOURS})
    if named is None:
        return None
    groups = [read_ids(named[key]) for key in _LINKS if key in named]
    tags = _words(named, _TAG_KEYS)
    given = [named[key] for key in _NEIGHBOURS if named.get(key) is not None]
    items = _changes_in(given[0]) if given else []
    changes = [_read_change(item) for item in items if item is not None]
    unread = sum(change is None for change in changes) + sum(group is None for group in groups)
    unread += (tags is None) + (len(given) > 1)
    links = tuple(dict.fromkeys(one for group in groups if group for one in group))
    kept = tuple(change for change in changes if change is not None)
    evolution = Evolution(links, tags or (), kept)
    return Reading(evolution, unread) if not unread or evolution != Evolution() else None


def _unwrapped(found: Any, names: Collection[str], depth: int = 0) -> dict[str, Any] | None:
    """Return the object that has one of the names, in plain keys: the value itself or one inside it."""
    if isinstance(found, list) and len(found) == 1:
        found = found[0]
    named = by_name(found) if isinstance(found, Mapping) else None
    if named is None or any(name in named for name in names):
        return named
    inner = [value for value in named.values() if isinstance(value, Mapping)]
    return _unwrapped(inner[0], names, depth + 1) if len(inner) == 1 and depth < 3 else None


def _words(named: Mapping[str, Any], keys: tuple[str, ...]) -> tuple[str, ...] | None:
    given = [named[key] for key in keys if named.get(key) is not None]
    words = read_words(given[0]) if len(given) == 1 else [] if not given else None
    return None if words is None else tuple(words)


def _context(named: Mapping[str, Any]) -> str | None:
    """Return the context: a text, or sentences in a list; empty if there is none, None if it cannot be read."""
    given = [named[key] for key in _CONTEXT_KEYS if named.get(key) is not None]
    if len(given) > 1:
        return None
    sentences = given[0] if given and isinstance(given[0], list) else given
    texts = [read_text(sentence, (*_CONTEXT_KEYS, "text")) for sentence in sentences]
    return None if None in texts else " ".join(text for text in texts if text)


def _changes_in(value: Any) -> list[Any]:
    """Return the changes of neighbours, each as one item; an object may have their ids as keys."""
    items = listed(value, lambda item: isinstance(item, Mapping)) or []
    changes: list[Any] = []
    for item in items:
        if isinstance(item, Mapping) and item and all(is_id(key) for key in item):
            changes += [{"id": key, **inner} if isinstance(inner, Mapping) else inner for key, inner in item.items()]
        else:
            changes.append(item)
    return changes


def _read_change(item: Any) -> NoteChange | None:
    named = _flattened(by_name(item) or {}) if isinstance(item, Mapping) else {}
    if any(key not in (*_CHANGE_KEYS, *SIDE_KEYS) and value is not None for key, value in named.items()):
        return None
    ids = [ids for key in ID_KEYS if named.get(key) is not None and (ids := read_ids(named[key]))]
    context, tags = _context(named), _words(named, _TAG_KEYS)
    if context is None or tags is None or len(ids) != 1 or len(ids[0]) != 1:
        return None
    return NoteChange(ids[0][0], context, tags)


def _flattened(named: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an object with what an object inside it says: ``{"id": "…", "changes": {"tags": […]}}``."""
    for key, value in named.items():
        inner = by_name(value) if isinstance(value, Mapping) and key not in _CHANGE_KEYS else None
        outer = {name: other for name, other in named.items() if name != key}
        if inner is not None and not outer.keys() & inner.keys():
            return {**outer, **inner}
    return named
