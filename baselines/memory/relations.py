"""Entities and relations as models write them: objects under many names, triples, arrows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agemem_env.text.answers import normalize_answer
from baselines.memory.reading.ids import read_ids
from baselines.memory.reading.replies import Reading, read_list
from baselines.memory.reading.values import by_name, is_nothing, read_text

_NAME_KEYS = ("name", "entity", "text", "value", "entityname", "id")
_TYPE_KEYS = ("type", "entitytype", "kind", "category", "label", "types", "class")
_SOURCE_KEYS = ("source", "subject", "from", "head", "src", "s", "sourceentity", "start", "entity1", "node1")
_VERB_KEYS = ("relation", "relationship", "predicate", "verb", "edge", "rel", "p", "relationtype", "relationname")
_LATE_VERB_KEYS = ("label", "type")
_TARGET_KEYS = (
    "target", "destination", "object", "to", "tail", "dst", "dest", "o", "targetentity", "destinationentity", "end",
    "entity2", "node2",
)  # fmt: skip
_ARROWS = re.compile(r"\s*(?:\||→|->|-->|--|;)\s*")


@dataclass(frozen=True, slots=True)
class Relation:
    """A directed edge of the graph: two entities by name, and the verb phrase between them."""

    source: str
    verb: str
    target: str

    @property
    def text(self) -> str:
        """The relation as a sentence."""
        return f"{self.source} {self.verb.replace('_', ' ')} {self.target}"

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two relations the same edge."""
        return normalize_answer(self.source), normalize_answer(self.verb), normalize_answer(self.target)

    @property
    def nodes(self) -> frozenset[str]:
        """The entities in normal form; equal entities are one node."""
        return frozenset((normalize_answer(self.source), normalize_answer(self.target)))


def read_entities(found: Any) -> Reading[dict[str, str]] | None:
    """Return the entities that a reply lists, by name, with their types.

    >>> read_entities({"entities": ["Anna", {"entity": "Oslo", "entity_type": "city"}, {"year": ["1951"]}]})
    Reading(value={'Anna': '', 'Oslo': 'city', '1951': 'year'}, unread=0)
    """
    reading = read_list(found, "entities", _read_entities_of, _one_name, alone=_read_entity, whole=_is_entity)
    return None if reading is None else Reading(dict(reading.value), reading.unread)


def read_relations(found: Any) -> Reading[list[Relation]] | None:
    """Return the relations that a reply lists.

    >>> read_relations({"relations": [["Anna", "lives in", "Oslo"]]}).value
    [Relation(source='Anna', verb='lives in', target='Oslo')]
    """
    return read_list(found, "relations", _read_relation)


def read_obsolete(found: Any) -> Reading[list[str]] | None:
    """Return the distinct ids of the relations that a reply finds contradicted.

    >>> read_obsolete({"obsolete": {"id": "mem_0000abcd", "reason": "it moved"}}).value
    ['mem_0000abcd']
    """
    reading = read_list(found, "obsolete", read_ids)
    return None if reading is None else Reading(list(dict.fromkeys(reading.value)), reading.unread)


def _read_entity(item: Any) -> list[tuple[str, str]] | None:
    if isinstance(item, (list, bool)):
        return None
    if not isinstance(item, Mapping):
        name = read_text(item, numbers=True)
        return None if name is None else [] if is_nothing(name) else [(name, "")]
    named = by_name(item) or {}
    if any(key in _NAME_KEYS[:-1] for key in named):
        name, kind = _first(named, _NAME_KEYS[:-1]), _first(named, _TYPE_KEYS)
        return [(name, kind)] if name else None
    if isinstance(named.get("id"), str) and named["id"].strip() and len(named) <= 2:
        return [(named["id"].strip(), _first(named, _TYPE_KEYS))]
    return None


def _is_entity(item: Any) -> bool:
    pair = isinstance(item, list) and len(item) == 2 and all(isinstance(part, str) for part in item)
    return pair or bool(_read_entities_of(item))  # a pair may be two names, or a name and its type


def _one_name(text: str) -> list[str] | None:
    return None if re.search(r"[,;\n]", text) else [text]


def _read_entities_of(item: Any) -> list[tuple[str, str]] | None:
    """Read an entity, or ``{"Anna": "person"}``, from name to type, or ``{"person": ["Anna"]}``, from type to names."""
    entity = _read_entity(item)
    if entity is not None or not isinstance(item, Mapping) or not item:
        return entity
    if any(key in (*_NAME_KEYS, *_TYPE_KEYS) for key in by_name(item) or ("id",)):
        return None
    if all(isinstance(value, str) for value in item.values()):
        return [(name.strip(), kind.strip()) for name, kind in item.items() if name.strip()]
    if all(isinstance(value, Mapping) for value in item.values()):
        kinds = [_first(by_name(value) or {}, _TYPE_KEYS) for value in item.values()]
        return list(zip(item, kinds, strict=True)) if all(kinds) else None
    if not all(isinstance(value, list) for value in item.values()) or not any(item.values()):
        return None
    names = [(read_text(name, numbers=True), kind) for kind, names in item.items() for name in names]
    return None if not all(name for name, _ in names) else [(name, kind) for name, kind in names if name]


def _read_relation(item: Any) -> list[Relation] | None:
    """Read a relation from any spelling of it: none for "nothing", None if it cannot be read."""
    if item is None or (isinstance(item, str) and is_nothing(item)):
        return []
    parts: list[str | None] = []
    if isinstance(item, str):
        text = item.strip().strip("()[]<>")
        parts = next((list(p) for p in (_ARROWS.split(text), re.split(r",\s+", text)) if len(p) == 3), [])
    elif isinstance(item, list):
        parts = [read_text(part, numbers=True) for part in item]
        if any(isinstance(part, str) and _read_relation(part) for part in item):
            return None
    elif isinstance(item, Mapping):
        named = by_name(item) or {}
        if len(named) == 1 and isinstance(next(iter(named.values())), list):
            return _read_relation(next(iter(named.values())))
        verb = _first(named, _VERB_KEYS) or _first(named, _LATE_VERB_KEYS)
        parts = [_first(named, _SOURCE_KEYS), verb, _first(named, _TARGET_KEYS)]
    texts = [part.strip(" []") for part in parts if part and part.strip(" []")]
    return [Relation(*texts)] if len(texts) == len(parts) == 3 else None


def _first(named: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    """Return the text under the keys; an empty one if there is none or there are two that differ."""
    texts = {read_text(named[key], _NAME_KEYS[:-1], numbers=True) for key in keys if named.get(key) is not None}
    return (texts.pop() or "") if len(texts) == 1 else ""
