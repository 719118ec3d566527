"""The wordings of the generated world, turned round: from text to what it says.

A wording such as ``"{S} was directed by {o}."`` becomes a pattern whose groups are its slots.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from agemem_env.engines.hotpotqa.world.relations import KINDS, RELATIONS
from agemem_env.engines.hotpotqa.world.schema import Compare, Relation
from agemem_env.engines.hotpotqa.world.words import MONTHS, VALUE_WORDS

_SLOT = re.compile(r"\{([#\w-]+)\}")
_NAME = r"(?:[Tt]he |[Aa] )?[^\W\d_a-z].*?"
_VALUES: Mapping[str, str] = {
    "year": r"\d{4}",
    "date": rf"\d{{1,2}} (?:{'|'.join(MONTHS)}) \d{{4}}",
    "nation": r"[^\W\d_a-z][\w-]*",
    "role": r".+?",
}
_WORDS: Mapping[str, str] = {
    "he": "(?:he|she|it)",
    "his": "(?:his|her|its)",
    "him": "(?:him|her|it)",
    "He": "(?:He|She|It)",
    "His": "(?:His|Her|Its)",
    "is": "(?:is|was)",
    "sib": "(?:brother|sister)",
    "spo": "(?:husband|wife)",
    "par": "(?:father|mother)",
    "nation": _VALUES["nation"],
    "n": ".+?",
    "t": ".+?",
}


@dataclass(frozen=True, slots=True)
class Form:
    """One wording as a pattern.

    Attributes:
        pattern: Matches a whole text; its groups are ``s`` (subject), ``o`` (object), ``a`` and ``b`` (things that
            are compared) and ``n`` (a name).
        literal: Number of characters that are not slots: the more, the surer a match.
        anchor: Words that every text of this form has, which saves most matching.
    """

    pattern: re.Pattern[str]
    literal: int
    anchor: str

    def read(self, text: str) -> dict[str, str] | None:
        """Return what stands in the slots of a text, or None if it has another form."""
        if self.anchor not in text:
            return None
        match = self.pattern.fullmatch(text)
        return None if match is None else {k: v for k, v in match.groupdict().items() if v is not None}


@dataclass(frozen=True, slots=True)
class Wordings:
    """What can be said and asked of one relation."""

    says: tuple[Form, ...]
    asks: tuple[Form, ...]
    of: tuple[Form, ...]
    by: tuple[Form, ...]
    both: tuple[Form, ...]
    compares: tuple[tuple[Compare, Form, Form], ...]


def form(wording: str, object_pattern: str = ".+?", slot_of_object: str = "o") -> Form:
    """Return the pattern of a wording.

    >>> form("{S} was shot in {o}.").read("The film was shot in Tolm.")
    {'s': 'The film', 'o': 'Tolm'}
    """
    pieces = _SLOT.split(wording)
    out = []
    seen: set[str] = set()
    for literal, slot in zip(pieces[::2], [*pieces[1::2], ""], strict=True):
        out.append(re.sub(r"\b([Aa])\\ $", r"\1n?\\ ", re.escape(literal)))
        if slot:
            out.append(_slot("o" if slot == slot_of_object else slot, object_pattern, seen))
    if pieces[0]:
        first = out[0]
        out[0] = f"(?i:{first[0]}){first[1:]}" if first[0].isalpha() else first
    literals = [pieces[0][1:], *pieces[2::2]]  # without the first letter, which may be a capital
    anchor = re.sub(r"\ba $", "", max(literals, key=len))
    return Form(re.compile("".join(out)), sum(map(len, pieces[::2])), anchor)


def _slot(slot: str, object_pattern: str, seen: set[str]) -> str:
    if slot.startswith("#"):
        return r"\d+"
    name = slot.lower() if slot in ("S", "s") else slot
    name = "n" if slot == "t" else name
    if name in ("s", "o", "a", "b", "n") and name not in seen:
        seen.add(name)
        return f"(?P<{name}>{object_pattern if name == 'o' else '.+?'})"
    return _WORDS.get(slot.removeprefix("sub_"), ".+?")


def value_pattern(relation: Relation) -> str:
    """Return the pattern of a relation's objects."""
    if relation.object == "number":
        return rf"[\d,]+ {relation.unit}"
    if relation.object in VALUE_WORDS:
        return ".+?"
    return _VALUES.get(relation.object, _NAME)


@cache
def wordings(relation: Relation) -> Wordings:
    """Return the patterns of a relation."""
    value = value_pattern(relation)
    return Wordings(
        says=(*(form(w, value) for w in relation.says), *_intros(relation, value)),
        asks=tuple(form(w) for w in relation.asks),
        of=tuple(form(w) for w in relation.of),
        by=tuple(form(w) for w in relation.by),
        both=(form(relation.both),) if relation.both else (),
        compares=tuple((c, form(c.ask), form(c.pick)) for c in relation.compare),
    )


@cache
def mentions(kind: str) -> tuple[Form, ...]:
    """Return how things of a kind are named in questions, the most telling form first."""
    forms = {m for k in kinds(kind) for m in KINDS[k].mentions}
    return tuple(sorted(map(form, forms), key=lambda f: -f.literal))


@cache
def kinds(name: str) -> tuple[str, ...]:
    """Return the kinds that a subject or object stands for; none if it is a value."""
    if name == "anyone":
        return tuple(kind.name for kind in KINDS.values() if kind.person)
    return (name,) if name in KINDS else ()


def nouns() -> Iterator[str]:
    """Yield what things are called instead of their names: "film", "river"."""
    yield from (kind.noun for kind in KINDS.values() if kind.noun)


def relations() -> tuple[Relation, ...]:
    """Return everything that can be asked."""
    return RELATIONS


def _intros(relation: Relation, value: str) -> Iterator[Form]:
    """Patterns of the first sentences that state a relation in passing."""
    slot = "noun" if relation.name == "role" else relation.name
    for kind in kinds(relation.subject):
        for intro in KINDS[kind].intros:
            if f"{{{slot}}}" in intro:
                yield form(intro, value, slot)
