"""Compositions: which entities a question is about, how it is asked, and what must be told.

A *bridge* question names one entity and asks for something of another that only the first one's paragraph
names; a harder one does not name the first either, but describes it. A *comparison* asks which of two comes
first, is larger and so on, or for something of that one, or whether the two share something.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agemem_env.engines.hotpotqa.world.entities import HotpotEntity, HotpotWorld, answer_of, relations_of, text_of
from agemem_env.engines.hotpotqa.world.relations import (
    BRIDGES,
    BY_KIND,
    COMPARABLE,
    KINDS,
    PERSONAL_BRIDGES,
    RELATIONS,
)
from agemem_env.engines.hotpotqa.world.schema import Compare, Relation
from agemem_env.engines.hotpotqa.world.sentences import mention, phrase

_FAMILY = frozenset({"sibling", "spouse", "parent", "children"})
"""Told of two relatives independently of each other, these could contradict one another."""

_PERSON_KINDS = tuple(kind.name for kind in KINDS.values() if kind.person)
_DESCRIBABLE = tuple(r for r in RELATIONS if r.by)
_SHARED = tuple(r for r in RELATIONS if r.both and r.says)
"""What the first sentences of paragraphs state is never asked: they are small talk."""


@dataclass(frozen=True, slots=True)
class Role:
    """An entity of the question and the relations that its paragraph must state.

    Attributes:
        entity: The entity.
        required: Relations that its paragraph, and the paragraphs of its likes, state.
        gold: Those of them that the answer depends on.
    """

    entity: HotpotEntity
    required: tuple[Relation, ...]
    gold: tuple[Relation, ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """A question before its paragraphs are written.

    Attributes:
        question: The question.
        answer: The answer.
        type: ``bridge`` or ``comparison``.
        level: ``easy``, ``medium`` or ``hard``.
        roles: The two entities with gold sentences.
        hop: The relation that leads from the first to the second; None in a comparison.
    """

    question: str
    answer: str
    type: str
    level: str
    roles: tuple[Role, Role]
    hop: Relation | None


def compose(world: HotpotWorld) -> Plot:
    """Make the plot of one question."""
    share = world.dice.unit()
    if share < 0.62:
        return _bridge(world, described=False)
    if share < 0.86:
        return _bridge(world, described=True)
    if share < 0.935:
        return _comparison(world, direct=False)
    if share < 0.975:
        return _comparison(world, direct=True)
    return _yes_no(world)


def _bridge(world: HotpotWorld, *, described: bool) -> Plot:
    """Plan a question about an entity that another one leads to; that one is named or, if so asked, described."""
    dice = world.dice
    hop, kind, handle = _first_hop(world, described)
    world.keep_distinct(hop)
    first = world.create(kind, era=_era(world, kind, hop))
    second = world.value(first, hop)
    if isinstance(second, str):
        raise TypeError(f"relation {hop.name!r} cannot be a first hop: its object is text")
    asked = _second_hop(world, hop, second)
    world.keep_distinct(asked)
    answer = world.value(second, asked)
    world.reserved.update({id(second), id(answer)})
    if handle is None:
        named = mention(world, first)
        gold: tuple[Relation, ...] = (hop,)
    else:
        named = _described(world, first, handle)
        gold = (handle, hop)
    bridge = phrase(world, first, hop, dice.pick(hop.of), named)
    return Plot(
        question=_sentence(phrase(world, second, asked, dice.pick(asked.asks), bridge)),
        answer=answer_of(answer, asked),
        type="bridge",
        level="medium" if handle is None else "hard",
        roles=(Role(first, gold, gold), Role(second, (asked,), (asked,))),
        hop=hop,
    )


def _first_hop(world: HotpotWorld, described: bool) -> tuple[Relation, str, Relation | None]:
    """Choose the first relation, the kind of its subject, and the relation that describes the subject."""
    dice = world.dice
    if not described:
        hop = dice.pick(BRIDGES if dice.chance(0.85) else PERSONAL_BRIDGES)
        return hop, _kind_of(world, hop), None
    handle = dice.pick(_DESCRIBABLE)
    kind = _kind_of(world, handle)
    family = handle.name in _FAMILY
    hops = [
        r
        for r in BY_KIND[kind].values()
        if r.of and r.object in KINDS and r is not handle and not (family and r.name in _FAMILY)
    ]
    return dice.pick(hops), kind, handle


def _second_hop(world: HotpotWorld, hop: Relation, second: HotpotEntity) -> Relation:
    """Choose what is asked of the object of the first hop; what sets its kind apart is asked more often."""
    options = []
    for relation in relations_of(second):
        family = hop.name in _FAMILY and relation.name in _FAMILY
        back = relation.name in (hop.inverse, hop.name) or (hop.subject == relation.object == "prize")
        if relation.asks and relation.says and not (family or back):
            options += [relation] * (1 if relation.subject == "anyone" else 3)
    return world.dice.pick(options)


def _described(world: HotpotWorld, entity: HotpotEntity, handle: Relation) -> str:
    """Name an entity by something told of it: "the film directed by ..."."""
    world.keep_distinct(handle)
    thing = world.value(entity, handle)
    return phrase(world, entity, handle, world.dice.pick(handle.by), "", text_of(thing))


def _comparison(world: HotpotWorld, *, direct: bool) -> Plot:
    """Plan a question that compares two entities, or, if not direct, asks something about the one that wins."""
    dice = world.dice
    measure = dice.pick(COMPARABLE)
    kind = _kind_of(world, measure)
    compare = dice.pick(measure.compare)
    world.keep_distinct(measure)
    one, two = _pair(world, kind, measure)
    chosen = _winner(world, one, two, measure, compare)
    if direct:
        question, answer, level = compare.ask, chosen.title, "easy"
        required: tuple[Relation, ...] = (measure,)
        gold = {id(one): required, id(two): required}
    else:
        asked = dice.pick(
            [r for r in _askable(chosen, measure) if r in _askable(one if chosen is two else two, measure)]
        )
        world.keep_distinct(asked)
        value = world.value(chosen, asked)
        world.reserved.add(id(value))
        question = phrase(world, chosen, asked, dice.pick(asked.asks), compare.pick)
        answer, level = answer_of(value, asked), "hard"
        required = (measure, asked)
        gold = {id(one): (measure,), id(two): (measure,), id(chosen): required}
    return Plot(
        question=_sentence(question.replace("{a}", one.text).replace("{b}", two.text)),
        answer=answer,
        type="comparison",
        level=level,
        roles=(Role(one, required, gold[id(one)]), Role(two, required, gold[id(two)])),
        hop=None,
    )


def _yes_no(world: HotpotWorld) -> Plot:
    shared = world.dice.pick(_SHARED)
    kind = _kind_of(world, shared)
    world.keep_distinct(shared)
    one = world.create(kind, era=_era(world, kind, shared))
    same = world.dice.chance(0.5)
    value = world.value(one, shared)
    two = world.create(kind, era=one.era, country=one.country, like=one if world.dice.chance(0.5) else None)
    if same:
        two.values[shared.name] = value
    world.value(two, shared)
    question = shared.both.replace("{a}", one.text).replace("{b}", two.text)
    roles = (Role(one, (shared,), (shared,)), Role(two, (shared,), (shared,)))
    return Plot(_sentence(question), "yes" if same else "no", "comparison", "easy", roles, None)


def _pair(world: HotpotWorld, kind: str, measure: Relation) -> tuple[HotpotEntity, HotpotEntity]:
    one = world.create(kind, era=_era(world, kind, measure))
    two = world.sibling(one) if world.dice.chance(0.6) else world.create(kind, era=_era(world, kind, measure))
    return (one, two) if world.dice.chance(0.5) else (two, one)


def _winner(
    world: HotpotWorld, one: HotpotEntity, two: HotpotEntity, measure: Relation, compare: Compare
) -> HotpotEntity:
    first, second = (size_of(world.value(e, measure), measure) for e in (one, two))
    return one if (first > second) == compare.largest else two


def size_of(value: HotpotEntity | str, measure: Relation) -> int:
    """Return the number by which values of a relation are compared: a year or an amount."""
    text = text_of(value)
    return int(text.split()[-1] if measure.object == "date" else text.split()[0].replace(",", ""))


def _askable(entity: HotpotEntity, measure: Relation) -> Sequence[Relation]:
    topic = measure.topic or measure.name
    return [r for r in relations_of(entity) if r.asks and r.says and (r.topic or r.name) != topic]


def _kind_of(world: HotpotWorld, relation: Relation) -> str:
    return world.dice.pick(_PERSON_KINDS) if relation.subject == "anyone" else relation.subject


def _era(world: HotpotWorld, kind: str, relation: Relation) -> int:
    low, high = KINDS[kind].eras
    return world.dice.between(low, min(high, relation.until))


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]
