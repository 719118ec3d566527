"""How stored text is compared with statements: which it makes, and how much of it is theirs.

The lexical judge and whoever compares two texts ask here; whoever has the whole task asks
`agemem_env.text.told.Told`. What it means to make a statement stands in `agemem_env.text.statements`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from agemem_env.text.statements import StatementIndex
from agemem_env.text.words import content_words


@lru_cache(maxsize=4096)
def _word_set(text: str) -> frozenset[str]:
    return frozenset(content_words(text))


@lru_cache(maxsize=256)
def _index(texts: tuple[str, ...]) -> StatementIndex:
    return StatementIndex(texts)


def recall(statement: str, text: str) -> float:
    """Return the share, in [0, 1], of the statement's distinct content words that occur in the text.

    A statement without content words has recall 1 if the text contains it literally, whatever the case, and
    0 otherwise; an empty statement has recall 0.

    >>> recall("mug 2 is in cabinet 3", "I saw Mug 2 in cabinet 4")
    0.75
    """
    words = _word_set(statement)
    if words:
        return len(words & _word_set(text)) / len(words)
    bare = statement.strip().lower()
    return float(bool(bare) and bare in text.lower())


def states(text: str, statement: str, rival: str | None = None) -> bool:
    """Return whether a text makes a statement.

    Args:
        text: A memory entry, a summary or any other text.
        statement: The statement looked for.
        rival: Another one in nearly the same words; the words in which they differ must be there.

    >>> states("cabinet 3 has mug 2", "mug 2 is in cabinet 3"), states("mug 3 is in it", "mug 2 is in cabinet 3")
    (True, False)
    """
    texts = (statement,) if rival is None else (statement, rival)
    return 0 in _index(texts).made(text)


@dataclass(frozen=True, slots=True)
class MemoryMatch:
    """How well a set of memory entries matches a set of gold statements. All values are in [0, 1].

    Attributes:
        stated: For each entry, whether it makes a gold statement.
        coverage: Share of the gold statements that at least one entry makes; None without gold statements.
        precision: Share of the words that carry content in sentences that make gold statements for the first time.
            It does not matter how sentences are divided into entries. None without entries or gold statements.
        f1: Harmonic mean of coverage and precision; 0 if either is 0 or there are no entries; None without
            gold statements.
    """

    stated: tuple[bool, ...]
    coverage: float | None
    precision: float | None
    f1: float | None


def match_memory(
    entries: Sequence[str], gold: Sequence[str], outdated: Mapping[int, Sequence[str]] | None = None
) -> MemoryMatch:
    """Match memory entries with gold statements.

    Args:
        entries: Contents of the memory, in the order in which they were stored.
        gold: The statements that should be in memory.
        outdated: Index in `gold`, mapped to the earlier versions of that statement, which count for nothing.

    >>> match_memory(["mug 2 is in cabinet 3"], ["mug 2 is in cabinet 3", "the key is red"]).f1
    0.6666666666666666
    """
    earlier = [text for texts in (outdated or {}).values() for text in texts]
    index = _index((*gold, *earlier))
    made = [frozenset(i for i in index.made(entry) if i < len(gold)) for entry in entries]
    covered = frozenset[int]().union(*made)
    seen: set[int] = set()
    credited = total = 0
    for entry, stated in zip(entries, made, strict=True):
        for clause, units in index.by_clause(entry):
            fresh = {unit for unit in units if index.owner(unit) in stated} - seen
            seen |= fresh
            credited += min(len(clause.tokens), sum(index.statements[unit].size for unit in fresh))
            total += len(clause.tokens)
    coverage = len(covered) / len(gold) if gold else None
    precision = credited / max(1, total) if entries and gold else None
    f1 = None if coverage is None else harmonic_mean(coverage, precision or 0.0)
    return MemoryMatch(tuple(map(bool, made)), coverage, precision, f1)


def harmonic_mean(a: float, b: float) -> float:
    """Return the harmonic mean of two numbers that are at least 0; it is 0 if either is.

    >>> harmonic_mean(1.0, 0.5)
    0.6666666666666666
    """
    return 2 * a * b / (a + b) if a and b else 0.0
