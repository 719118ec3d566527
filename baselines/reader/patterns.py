"""The wordings of the generated questions as regular expressions, to read what a text says.

A wording such as ``"{S} was directed by {o}."`` becomes a pattern whose groups are its slots.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from baselines.reader.world import MONTHS, VALUE_WORDS, Compare, Relation, intros_of, mentions_of

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
class WordingPattern:
    """The pattern of one wording.

    Attributes:
        pattern: Matches a whole text; its groups are ``s`` (subject), ``o`` (object), ``a`` and ``b`` (things that
            are compared) and ``n`` (a name).
        literal_length: Number of characters that are not slots: the more, the surer a match.
        anchor: Words that every text of this form has, which saves most matching.
    """

    pattern: re.Pattern[str]
    literal_length: int
    anchor: str

    def read(self, text: str) -> dict[str, str] | None:
        """Return what stands in the slots of a text, or None if it has another form."""
        if self.anchor not in text:
            return None
        match = self.pattern.fullmatch(text)
        return None if match is None else {k: v for k, v in match.groupdict().items() if v is not None}


@dataclass(frozen=True, slots=True)
class RelationPatterns:
    """Patterns of what can be said and asked of one relation; the names are those of `Relation`."""

    says: tuple[WordingPattern, ...]
    asks: tuple[WordingPattern, ...]
    of: tuple[WordingPattern, ...]
    by: tuple[WordingPattern, ...]
    both: tuple[WordingPattern, ...]
    compares: tuple[tuple[Compare, WordingPattern, WordingPattern], ...]


def compile_wording(wording: str, object_pattern: str = ".+?", slot_of_object: str = "o") -> WordingPattern:
    """Return the pattern of a wording.

    >>> compile_wording("{S} was shot in {o}.").read("The film was shot in Tolm.")
    {'s': 'The film', 'o': 'Tolm'}
    """
    pieces = _SLOT.split(wording)
    out = []
    seen: set[str] = set()
    for literal, slot in zip(pieces[::2], [*pieces[1::2], ""], strict=True):
        out.append(re.sub(r"\b([Aa])\\ $", r"\1n?\\ ", re.escape(literal)))
        if slot:
            out.append(_slot_pattern("o" if slot == slot_of_object else slot, object_pattern, seen))
    if pieces[0]:
        first = out[0]
        out[0] = f"(?i:{first[0]}){first[1:]}" if first[0].isalpha() else first
    literals = [pieces[0][1:], *pieces[2::2]]  # without the first letter, which may be a capital
    anchor = re.sub(r"\ba $", "", max(literals, key=len))
    return WordingPattern(re.compile("".join(out)), sum(map(len, pieces[::2])), anchor)


def _slot_pattern(slot: str, object_pattern: str, seen: set[str]) -> str:
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
def patterns_of(relation: Relation) -> RelationPatterns:
    """Return the patterns of a relation."""
    value = value_pattern(relation)
    return RelationPatterns(
        says=(*(compile_wording(w, value) for w in relation.says), *_intro_patterns(relation, value)),
        asks=tuple(compile_wording(w) for w in relation.asks),
        of=tuple(compile_wording(w) for w in relation.of),
        by=tuple(compile_wording(w) for w in relation.by),
        both=(compile_wording(relation.both),) if relation.both else (),
        compares=tuple((c, compile_wording(c.ask), compile_wording(c.pick)) for c in relation.compare),
    )


@cache
def mention_patterns(kind: str) -> tuple[WordingPattern, ...]:
    """Return how things of a kind are named in questions, the most telling form first."""
    return tuple(sorted(map(compile_wording, mentions_of(kind)), key=lambda pattern: -pattern.literal_length))


def _intro_patterns(relation: Relation, value: str) -> Iterator[WordingPattern]:
    """Yield the patterns of first sentences that state a relation in passing."""
    slot = "noun" if relation.name == "role" else relation.name
    for intro in intros_of(relation.subject):
        if f"{{{slot}}}" in intro:
            yield compile_wording(intro, value, slot)
