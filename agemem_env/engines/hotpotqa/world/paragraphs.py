"""From an entity to the sentences of its paragraph."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from agemem_env.engines.hotpotqa.world.entities import HotpotEntity, HotpotWorld, relations_of
from agemem_env.engines.hotpotqa.world.relations import BY_KIND
from agemem_env.engines.hotpotqa.world.schema import Relation
from agemem_env.engines.hotpotqa.world.sentences import Sentence, render, slots_of

_SHORT = 0.7
"""Share of sentences of colour that do not repeat the full name of their subject."""
_BODY, _LONG = 2, 0.25
"""Sentences after the first, and the share of paragraphs with one more."""
_ASKABLE = 1.0
"""Share of sentences beside the required ones that state something that can be asked."""


@dataclass(frozen=True, slots=True)
class Page:
    """The paragraph of one entity.

    Attributes:
        entity: Its subject.
        sentences: Its sentences.
    """

    entity: HotpotEntity
    sentences: tuple[Sentence, ...]

    def index(self, relation: Relation) -> int:
        """Return the index of the sentence that was chosen to state a relation."""
        return next(i for i, s in enumerate(self.sentences) if s.relation is relation)


def write_page(
    world: HotpotWorld, entity: HotpotEntity, required: Sequence[Relation], hidden: Collection[int] = ()
) -> Page:
    """Write a paragraph of three or four sentences.

    The first says what the subject is. Two more state what can be asked, which names the subject, or are colour; a
    fourth is colour.

    Args:
        world: The world of the question.
        entity: The subject.
        required: Relations that are stated exactly once.
        hidden: Ids of entities that no other sentence may mention.
    """
    for needed in required:
        world.value(entity, needed, like=world.peer(entity, needed))
    first = render(world, entity, world.dice.pick(entity.kind.intros))
    body = [_statement(world, entity, relation) for relation in required]
    told = {_topic(entity, name) for s in (first, *body) for name in s.stated}
    body += _further(world, entity, _BODY - len(body), told, hidden)
    # Places tell nothing: whatever can be asked stands in the same two.
    last = _colour(world, entity) if world.dice.chance(_LONG) else []
    return Page(entity, (first, *world.dice.shuffled(body), *last))


def _further(
    world: HotpotWorld, entity: HotpotEntity, number: int, told: set[str], hidden: Collection[int]
) -> list[Sentence]:
    """Write sentences on topics that are not in `told`, and sentences of colour."""
    dice = world.dice
    sayable = {r.name for r in relations_of(entity)}
    # The paragraphs of a kind tell the same of their subjects, as they do of what is asked.
    free = [r for r in world.topics(entity.kind) if r.name in sayable and id(entity.values.get(r.name)) not in hidden]
    sentences: list[Sentence] = []
    while len(sentences) < number:
        relation = next((r for r in free if _topic(entity, r.name) not in told), None)
        colour = [] if relation is not None and dice.chance(_ASKABLE) else _colour(world, entity)
        if relation is not None and not colour:
            told.add(_topic(entity, relation.name))
            sentences.append(_statement(world, entity, relation))
        elif colour:
            sentences += colour
        else:
            break
    return sentences


def _colour(world: HotpotWorld, entity: HotpotEntity) -> list[Sentence]:
    """Write a sentence of colour in words that were not used before, if there are any."""
    free = [w for w in world.dice.shuffled(entity.kind.colour) if w not in world.told][:1]
    world.told.update(free)
    return [render(world, entity, wording, short=world.dice.chance(_SHORT)) for wording in free]


def _statement(world: HotpotWorld, entity: HotpotEntity, relation: Relation) -> Sentence:
    """State something that can be asked, naming the subject; what likes have in this relation is alike too."""
    world.value(entity, relation, like=world.peer(entity, relation))
    named = [w for w in relation.says if "S" in slots_of(w) or "s" in slots_of(w)]
    return render(world, entity, world.dice.pick(named), relation)


def _topic(entity: HotpotEntity, name: str) -> str:
    return BY_KIND[entity.kind.name][name].topic or name
