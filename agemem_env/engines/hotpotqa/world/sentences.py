"""From wordings to sentences."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from agemem_env.engines.hotpotqa.world.entities import HotpotEntity, HotpotWorld, text_of
from agemem_env.engines.hotpotqa.world.names import mend_articles, surname_of
from agemem_env.engines.hotpotqa.world.relations import BY_KIND
from agemem_env.engines.hotpotqa.world.schema import Relation

_SLOT = re.compile(r"\{([#\w-]+)\}")
_HOLE = "\x00"
_HE = {"he": "he", "his": "his", "him": "him"}
_SHE = {"he": "she", "his": "her", "him": "her"}
_IT = {"he": "it", "his": "its", "him": "it"}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a paragraph.

    Attributes:
        subject: Whom it is about.
        relation: What it was chosen to state; None for a sentence of colour.
        stated: Names of all relations that it states.
        frame: Its text with a hole for the object of `relation`.
        text: Its text.
    """

    subject: HotpotEntity
    relation: Relation | None
    stated: tuple[str, ...]
    frame: str
    text: str

    def with_object(self, text: str) -> str:
        """Return the sentence with another object."""
        return _finish(self.frame.replace(_HOLE, text))


def slots_of(wording: str) -> tuple[str, ...]:
    """Return the names of a wording's slots.

    >>> slots_of("{S} was born in {o}.")
    ('S', 'o')
    """
    return _parse(wording)[1]


def render(
    world: HotpotWorld, entity: HotpotEntity, wording: str, relation: Relation | None = None, *, short: bool = False
) -> Sentence:
    """Fill a wording.

    Args:
        world: Decides what is not yet decided.
        entity: The subject.
        wording: Text with slots, see `schema`.
        relation: The relation that the sentence is for.
        short: Refer to the subject by a pronoun, a surname or "the film" instead of the name.
    """
    named = _references(world, entity, short)
    literals, slots = _parse(wording)
    out = [literals[0]]
    stated = []
    relations = BY_KIND[entity.kind.name]
    for slot, literal in zip(slots, literals[1:], strict=True):
        if relation is not None and slot in ("o", relation.name):
            out.append(_HOLE)
        elif (known := "role" if slot == "noun" else slot) in relations:
            out.append(text_of(world.value(entity, relations[known])))
            stated.append(known)
        else:
            out.append(named.get(slot) or _fill(world, entity, slot, relation))
        out.append(literal)
    frame = "".join(out)
    if relation is None:
        return Sentence(entity, None, tuple(stated), frame, _finish(frame))
    stated.append(relation.name)
    text = _finish(frame.replace(_HOLE, text_of(world.value(entity, relation))))
    return Sentence(entity, relation, tuple(stated), frame, text)


def phrase(
    world: HotpotWorld, entity: HotpotEntity, relation: Relation, wording: str, subject: str, thing: str = ""
) -> str:
    """Fill a noun phrase for the object (``{s}`` is named) or for the subject (``{o}`` is named)."""
    literals, slots = _parse(wording)
    out = [literals[0]]
    for slot, literal in zip(slots, literals[1:], strict=True):
        filled = {"s": subject, "o": thing}.get(slot)
        out.append(_fill(world, entity, slot, relation) if filled is None else filled)
        out.append(literal)
    return "".join(out)


def mention(world: HotpotWorld, entity: HotpotEntity) -> str:
    """Return how a question names an entity."""
    wording = world.dice.pick(entity.kind.mentions)
    return wording.replace("{n}", entity.title).replace("{t}", entity.text).replace("{nation}", entity.country.demonym)


@cache
def _parse(wording: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    pieces = _SLOT.split(wording)
    return tuple(pieces[::2]), tuple(pieces[1::2])


def _fill(world: HotpotWorld, entity: HotpotEntity, slot: str, relation: Relation | None) -> str:
    if slot.startswith("#"):
        low, high = slot[1:].split("-")
        return str(world.dice.between(int(low), int(high)))
    if slot == "is":
        return "was" if entity.era < entity.kind.past else "is"
    if slot in ("nation", "country", "noun"):
        return {"nation": entity.country.demonym, "country": entity.country.name, "noun": entity.noun}[slot]
    words = _pronouns(entity)
    if slot in words:
        return words[slot]
    if slot in ("He", "His"):
        return words[slot.lower()].capitalize()
    return _kinship(world, entity, slot, relation)


def _references(world: HotpotWorld, entity: HotpotEntity, short: bool) -> dict[str, str]:
    """What stands for the subject: at the start of a sentence and elsewhere."""
    if not short:
        return {"S": entity.text, "s": entity.text}
    brief = surname_of(entity.name) if entity.kind.person else f"the {entity.kind.noun}"
    return {"S": _pronouns(entity)["he"] if world.dice.chance(0.5) else brief, "s": brief}


def _pronouns(entity: HotpotEntity) -> dict[str, str]:
    if entity.kind.person:
        return _SHE if entity.female else _HE
    return _SHE if entity.kind.she else _IT


def _kinship(world: HotpotWorld, entity: HotpotEntity, slot: str, relation: Relation | None) -> str:
    """Words for relatives: by the object's gender, or the subject's if the slot begins with ``sub_``."""
    if relation is None:
        raise ValueError(f"unknown slot {slot!r}")
    person = entity if slot.startswith("sub_") else world.value(entity, relation)
    pairs = {"sib": ("brother", "sister"), "spo": ("husband", "wife"), "par": ("father", "mother")}
    if isinstance(person, str):
        raise ValueError(f"slot {slot!r} needs a person, not {person!r}")
    return pairs[slot.removeprefix("sub_")][person.female]


def _finish(text: str) -> str:
    text = mend_articles(text)
    return text[0].upper() + text[1:]
