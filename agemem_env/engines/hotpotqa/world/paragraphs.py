"""From an entity to the sentences of its paragraph."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from agemem_env.engines.hotpotqa.world.entities import HotpotEntity, HotpotWorld, relations_of
from agemem_env.engines.hotpotqa.world.relations import BY_KIND
from agemem_env.engines.hotpotqa.world.schema import Relation
from agemem_env.engines.hotpotqa.world.sentences import Sentence, render, slots_of

_SHORT = 0.7
"""Share of sentences after the first that do not repeat the full name of their subject."""
_SHORT_LIKE = 0.4
"""The same for the required sentences of pages without gold."""


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
    world: HotpotWorld,
    entity: HotpotEntity,
    required: Sequence[Relation],
    hidden: Collection[int] = (),
    *,
    gold: bool = False,
) -> Page:
    """Write a paragraph of two to five sentences.

    Args:
        world: The world of the question.
        entity: The subject.
        required: Relations that are stated exactly once.
        hidden: Ids of entities that no other sentence may mention.
        gold: Whether the sentences that state them must name the subject.
    """
    for needed in required:
        world.value(entity, needed)
    opening = [r for r in required if not r.says]
    body = [_required(world, entity, r, gold) for r in required if r.says]
    first = _first(world, entity, required, opening[0] if opening else None)
    told = {_topic(entity, name) for s in (first, *body) for name in s.stated}
    wanted = max(world.dice.between(2, 5) - 1, len(body))
    body += _further(world, entity, wanted - len(body), told, hidden)
    return Page(entity, (first, *world.dice.shuffled(body)))


def _further(
    world: HotpotWorld, entity: HotpotEntity, number: int, told: set[str], hidden: Collection[int]
) -> list[Sentence]:
    """Write sentences on topics that are not in `told`, and sentences of colour."""
    dice = world.dice
    free = [r for r in dice.shuffled(relations_of(entity)) if r.says and id(entity.values.get(r.name)) not in hidden]
    colour = [w for w in dice.shuffled(entity.kind.colour) if w not in world.told]
    sentences: list[Sentence] = []
    while len(sentences) < number:
        short = dice.chance(_SHORT)
        relation = next((r for r in free if _topic(entity, r.name) not in told), None)
        if relation is not None and (not colour or dice.chance(0.6)):
            told.add(_topic(entity, relation.name))
            sentences.append(render(world, entity, dice.pick(relation.says), relation, short=short))
        elif colour:
            world.told.add(colour[-1])
            sentences.append(render(world, entity, colour.pop(), short=short))
        else:
            break
    return sentences


def _first(world: HotpotWorld, entity: HotpotEntity, required: Sequence[Relation], stated: Relation | None) -> Sentence:
    """The opening sentence: it states `stated` if that is given, and no other required relation."""
    secret = {r.topic or r.name for r in required}
    relations = BY_KIND[entity.kind.name]
    usable = []
    for wording in entity.kind.intros:
        slots = {s for s in slots_of(wording) if s in relations}
        slots |= {"role"} & set(relations) if "noun" in slots_of(wording) else set()
        if stated is not None and stated.name not in slots:
            continue
        others = slots - {stated.name} if stated is not None else slots
        if not any(_topic(entity, name) in secret for name in others):
            usable.append(wording)
    wording = world.dice.pick(usable)
    if stated is not None and stated.name == "role":
        wording = wording.replace("{noun}", "{role}")
    return render(world, entity, wording, stated)


def _required(world: HotpotWorld, entity: HotpotEntity, relation: Relation, gold: bool) -> Sentence:
    named = [w for w in relation.says if "S" in slots_of(w) or "s" in slots_of(w)]
    short = not gold and world.dice.chance(_SHORT_LIKE)
    return render(world, entity, world.dice.pick(named if gold else relation.says), relation, short=short)


def _topic(entity: HotpotEntity, name: str) -> str:
    return BY_KIND[entity.kind.name][name].topic or name
