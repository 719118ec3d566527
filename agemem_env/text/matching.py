"""How stored text is compared with facts, by words alone.

The lexical judge and the strict reward both ask here, so that there is one rule for what counts as stated:
a text states a fact if it contains most of the fact's content words (`agemem_env.text.words.content_words`) and no
fewer of them than of another version of the fact. Word order is not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from agemem_env.text.words import content_words

STATED = 0.8
"""Share of a statement's content words from which a text counts as making the statement."""


@lru_cache(maxsize=4096)
def _word_set(text: str) -> frozenset[str]:
    return frozenset(content_words(text))


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


def states(text: str, statement: str, rival: str | None = None, threshold: float = STATED) -> bool:
    """Return whether a text makes a statement.

    Args:
        text: A memory entry, a summary or any other text.
        statement: The statement looked for.
        rival: Another version of it (the outdated or the corrected one), in nearly the same words.
        threshold: Least recall of the statement.

    Returns:
        True if the recall reaches the threshold and is not below that of the rival. A tie is in favour of
        the statement: a text that gives both versions ("moved from shelf 1 to shelf 2") makes it.

    >>> old, new = "mug 2 is in cabinet 3", "mug 2 is in drawer 1"
    >>> states("mug 2: cabinet 3", old, rival=new), states("mug 2: cabinet 3", new, rival=old)
    (True, False)
    """
    found = recall(statement, text)
    return found >= threshold and (rival is None or found >= recall(rival, text))


def states_only(text: str, statement: str, rival: str, threshold: float = STATED) -> bool:
    """Return whether a text makes a statement and clearly not its rival.

    Unlike in `states`, a tie is against the statement. With the outdated version as `statement` and the
    corrected one as `rival` this asks whether an entry still states the old version.

    >>> states_only("mug 2 went from cabinet 3 to drawer 1", "mug 2 is in cabinet 3", "mug 2 is in drawer 1")
    False
    """
    found = recall(statement, text)
    return found >= threshold and found > recall(rival, text)


@dataclass(frozen=True, slots=True)
class MemoryMatch:
    """How well a set of memory entries matches a set of gold statements. All values are in [0, 1].

    Attributes:
        coverage: Share of the gold statements that at least one entry states; None without gold statements.
        precision: Share of the entries' distinct content words that belong to gold statements which their entry is
            the first to state; duplicates of an earlier entry and whatever else an entry contains lower it. None
            without entries or without gold statements.
        f1: Harmonic mean of coverage and precision; 0 if either is 0 or there are no entries; None without
            gold statements.
    """

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
        outdated: Index in `gold`, mapped to the earlier versions of that statement. An entry that is closer
            to an earlier version does not state the gold one.

    >>> match_memory(["mug 2 is in cabinet 3"], ["mug 2 is in cabinet 3", "the key is red"])
    MemoryMatch(coverage=0.5, precision=1.0, f1=0.6666666666666666)
    """
    open_gold = dict(enumerate(gold))
    credited: list[int] = []
    for entry in entries:
        stated = [i for i, s in open_gold.items() if _states_current(entry, s, (outdated or {}).get(i, ()))]
        words = frozenset[str]().union(*(_word_set(open_gold.pop(i)) for i in stated))
        credited.append(len(words & _word_set(entry)))
    sizes = [len(_word_set(entry)) for entry in entries]
    precision = sum(credited) / max(1, sum(sizes)) if entries and gold else None
    coverage = (len(gold) - len(open_gold)) / len(gold) if gold else None
    return MemoryMatch(
        coverage,
        precision,
        None if coverage is None else harmonic_mean(coverage, precision or 0.0),
    )


def _states_current(entry: str, statement: str, outdated: Sequence[str]) -> bool:
    found = recall(statement, entry)
    return found >= STATED and all(found >= recall(old, entry) for old in outdated)


def harmonic_mean(a: float, b: float) -> float:
    """Return the harmonic mean of two numbers that are at least 0; it is 0 if either is.

    >>> harmonic_mean(1.0, 0.5)
    0.6666666666666666
    """
    return 2 * a * b / (a + b) if a and b else 0.0
