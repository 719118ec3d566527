"""Names made from patterns, and names that resemble them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from agemem_env.engines.hotpotqa.world.cultures import Culture
from agemem_env.engines.hotpotqa.world.dice import Dice
from agemem_env.engines.hotpotqa.world.words import TITLE_WORDS

_SLOT = re.compile(r"<(\w+)>")
_WRONG_ARTICLE = re.compile(
    r"\b([Aa]) (?=[AEIOUaeiouÄÅÁÉÍÓÖŐÜÚÀÈÊäåáéíóöőü])(?!(?:[Uu]ni|[Ee]u|[Oo]ne\b|[Uu]ku|[Uu]s))"
)


@dataclass(frozen=True, slots=True)
class Name:
    """A name and how it was made.

    Attributes:
        pattern: Text with slots.
        parts: What fills the slots, in order.
        text: The name, without an article.
        article: Whether "the" goes before it in running text.
    """

    pattern: str
    parts: tuple[str, ...]
    text: str
    article: bool


def make_name(pattern: str, culture: Culture, dice: Dice, female: bool) -> Name:
    """Fill a pattern with new parts."""
    return _assemble(pattern, tuple(_part(slot, culture, dice, female) for slot in _slots(pattern)))


def similar_name(name: Name, culture: Culture, dice: Dice, female: bool) -> Name:
    """Return a name on the same pattern that shares a part with `name` where it can."""
    slots = _slots(name.pattern)
    kept = dice.between(0, len(slots) - 1)
    if name.pattern.endswith(" <surname>") and len(slots) > 1:
        kept = len(slots) - 1
    parts = [
        old if i == kept and len(slots) > 1 else _near(slot, old, culture, dice, female)
        for i, (slot, old) in enumerate(zip(slots, name.parts, strict=True))
    ]
    return _assemble(name.pattern, tuple(parts))


def surname_of(name: Name) -> str:
    """Return the last part of a person's name."""
    return name.parts[-1]


def with_surname(name: Name, surname: str) -> Name:
    """Return a person's name with another surname."""
    return _assemble(name.pattern, (*name.parts[:-1], surname))


def mend_articles(text: str) -> str:
    """Write "an" for "a" before a vowel.

    >>> mend_articles("a actor, a university and a Åland ferry")
    'an actor, a university and an Åland ferry'
    """
    return _WRONG_ARTICLE.sub(r"\1n ", text)


def _assemble(pattern: str, parts: tuple[str, ...]) -> Name:
    bare = pattern.removeprefix("~")
    filled = iter(parts)
    text = mend_articles(_SLOT.sub(lambda _: next(filled), bare))
    return Name(pattern, parts, text, pattern.startswith("~"))


@cache
def _slots(pattern: str) -> tuple[str, ...]:
    return tuple(_SLOT.findall(pattern))


def _part(slot: str, culture: Culture, dice: Dice, female: bool) -> str:
    if slot in TITLE_WORDS:
        return dice.pick(TITLE_WORDS[slot])
    if slot == "given":
        return dice.pick(culture.women if female else culture.men)
    stem = dice.pick(culture.onsets) + dice.pick(culture.vowels) + dice.pick(culture.codas)
    if slot == "stem":
        return stem
    if slot == "latin":
        return stem.lower() + dice.pick(("ensis", "ana", "ii", "oides", "ina", "ella"))
    if slot == "short":
        return stem + dice.pick(("a", "e", "en", "er", "is", "o"))
    return stem + dice.pick(culture.surnames if slot == "surname" else culture.towns)


def _near(slot: str, old: str, culture: Culture, dice: Dice, female: bool) -> str:
    """A new part; for a place, one with the old beginning or ending."""
    if slot not in ("place", "short"):
        return _part(slot, culture, dice, female)
    endings = culture.towns if slot == "place" else ("a", "e", "en", "er", "is", "o")
    ending = next((e for e in sorted(endings, key=len, reverse=True) if old.endswith(e)), "")
    if ending and dice.chance(0.6):
        return old.removesuffix(ending) + dice.pick([e for e in endings if e != ending])
    return _part("stem", culture, dice, female) + (ending or dice.pick(endings))
