"""Mem0g (Chhikara et al., arXiv 2504.19413, section 2.2): a graph of entities and relations.

Each relation is one entry of the store, with its two entities in the metadata; the entities are the nodes. A relation
that a later one contradicts stays as an entry but is marked as no longer valid.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agemem_env.episode.desk import MemoryDesk
from agemem_env.memory.store import MemoryEntry
from agemem_env.services.chat import ChatModel
from agemem_env.text.answers import normalize_answer
from baselines.base import Policy
from baselines.memory.base import MemoryPolicy, join
from baselines.memory.questions import Question, ask, fit
from baselines.memory.relations import Relation, read_entities, read_obsolete, read_relations

WIDE = 100
"""Valid relations looked at when those of some entities are wanted, the most similar to the text first."""

ENTITIES = """\
You find the entities in a text: persons, places, things, works, organisations, dates, numbers of things.
Reply with one JSON object: {"entities": [{"name": "...", "type": "..."}]}; the list is empty if there are none. \
Write names in full, as the text has them."""

RELATIONS = """\
You are given the entities of a text (as stored memories) and the text. State what the text says about them as \
triplets of source, relation and target; source and target are entities, the relation is a short verb phrase.
Reply with one JSON object: {"relations": [{"source": "...", "relation": "...", "target": "..."}]}; the list is empty \
if the text says nothing about them. Invent nothing."""

RESOLVE = """\
You keep a graph of relations consistent. You are given stored relations, each with an id, and new relations.
Name the stored relations that cannot be true any more if the new ones are.
Reply with one JSON object: {"obsolete": ["mem_..."]}; the list is empty if all can be true together. Use only the \
ids given."""


class Mem0g(MemoryPolicy):
    """Keeps a graph of what is said; retrieves by the entities of the situation and by similarity of the triplets."""

    system = "mem0g"
    needs_model = True

    def __init__(self, inner: Policy, model: ChatModel, *, learn_from_task: bool = False) -> None:
        super().__init__(inner, model, learn_from_task=learn_from_task)
        self._model = model

    def observe(self, desk: MemoryDesk, message: str) -> None:
        """Add the relations that a message states and mark those that they contradict."""
        kinds = self._entities(desk, message)
        relations = self._relations(desk, message, list(kinds)) if kinds else []
        valid = [hit.entry for hit in desk.search(message, WIDE, {"valid": True})] if relations else []
        known = {relation_of(entry).key for entry in valid}
        new = list({relation.key: relation for relation in relations if relation.key not in known}.values())
        touched = [entry for entry in valid if any(relation_of(entry).nodes & relation.nodes for relation in new)]
        for memory_id in self._obsolete(desk, new, touched) if touched else ():
            entry = next(entry for entry in touched if entry.id == memory_id)
            desk.update(memory_id, entry.content, {**entry.metadata, "valid": False})
        for relation in new:
            desk.add(relation.text, _metadata(relation, kinds))

    def recall(self, desk: MemoryDesk, text: str) -> None:
        """Show the valid relations of the entities in a situation, and those that read most like it."""
        hits = desk.search(text, WIDE, {"valid": True})
        nodes = {normalize_answer(name) for name in self._entities(desk, text)} if hits else set()
        around = [hit for hit in hits if relation_of(hit.entry).nodes & nodes]
        k = desk.services.top_k
        desk.show(join(around[:k], hits[:k], 2 * k))

    def _entities(self, desk: MemoryDesk, text: str) -> dict[str, str]:
        """Return the entities of a text by name, with their types."""
        return ask(self._model, desk, Question("entities", ENTITIES, text), read_entities) or {}

    def _relations(self, desk: MemoryDesk, text: str, entities: Sequence[str]) -> list[Relation]:
        return ask(self._model, desk, Question("relations", RELATIONS, text, entities), read_relations) or []

    def _obsolete(self, desk: MemoryDesk, new: Sequence[Relation], old: Sequence[MemoryEntry]) -> list[str]:
        """Return the ids of the relations that the model finds contradicted; unknown ids are counted."""
        lines = [f"{entry.id}: {entry.content}" for entry in old]
        question = fit(desk, Question("resolve", RESOLVE, "\n".join(relation.text for relation in new), lines))
        named = ask(self._model, desk, question, read_obsolete) or []
        ids = {entry.id for entry in old[: len(question.lines)]}
        for memory_id in named:
            if memory_id not in ids:
                desk.fault("unknown_memory", memory_id)
        return [memory_id for memory_id in named if memory_id in ids]


def relation_of(entry: MemoryEntry) -> Relation:
    """Return the relation that an entry holds; an entry of another origin is a relation of itself."""
    kept: Mapping[str, Any] = entry.metadata
    return Relation(kept.get("from", entry.content), kept.get("relation", ""), kept.get("to", ""))


def _metadata(relation: Relation, kinds: Mapping[str, str]) -> dict[str, Any]:
    return {
        "source": Mem0g.system,
        "from": relation.source,
        "relation": relation.verb,
        "to": relation.target,
        "types": [kinds.get(relation.source, ""), kinds.get(relation.target, "")],
        "valid": True,
    }
