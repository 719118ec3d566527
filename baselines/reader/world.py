"""What the reader knows of the world of generated questions: its relations, its kinds of things, its wordings.

No other file of the reader imports HotpotQA's generator.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from agemem_env.engines.hotpotqa.briefing import CORRECTIONS, OPENERS
from agemem_env.engines.hotpotqa.world.relations import KINDS, RELATIONS
from agemem_env.engines.hotpotqa.world.schema import Compare, Relation
from agemem_env.engines.hotpotqa.world.words import MONTHS, VALUE_WORDS

__all__ = [
    "CORRECTIONS",
    "MONTHS",
    "OPENERS",
    "RELATIONS",
    "VALUE_WORDS",
    "Compare",
    "Relation",
    "intros_of",
    "kinds_of",
    "mentions_of",
    "nouns",
]


@cache
def kinds_of(name: str) -> tuple[str, ...]:
    """Return the kinds that a subject or object of a relation stands for; none if it is a value.

    >>> kinds_of("film"), kinds_of("year")
    (('film',), ())
    """
    if name == "anyone":
        return tuple(kind.name for kind in KINDS.values() if kind.person)
    return (name,) if name in KINDS else ()


def mentions_of(name: str) -> set[str]:
    """Return the wordings in which questions name things of a kind."""
    return {mention for kind in kinds_of(name) for mention in KINDS[kind].mentions}


def intros_of(name: str) -> Iterator[str]:
    """Yield the first sentences of paragraphs about things of a kind."""
    for kind in kinds_of(name):
        yield from KINDS[kind].intros


def nouns() -> Iterator[str]:
    """Yield what things are called instead of their names: "film", "river"."""
    yield from (kind.noun for kind in KINDS.values() if kind.noun)
