"""What can be seen of a statement before the query."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from agemem_env.types import Task

VOCABULARY = 500
"""Most frequent words that a regression on words looks at."""

_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Sight:
    """A task as it can be seen before its query.

    Attributes:
        task: The task.
        words: The words of each fact, in lower case.
        message: Number of the message that each fact is told in, and its place in it.
        last: Number of the last message.
    """

    task: Task
    words: tuple[frozenset[str], ...]
    message: Mapping[int, tuple[int, int]]
    last: int

    @classmethod
    def of(cls, task: Task) -> Sight:
        """Look at a task."""
        told = [u.facts for u in task.utterances] or [(i,) for i in range(len(task.facts))]
        message = {fact: (number, place) for number, facts in enumerate(told) for place, fact in enumerate(facts)}
        return cls(task, tuple(words_of(f.text) for f in task.facts), message, max(1, len(told) - 1))


def words_of(text: str) -> frozenset[str]:
    """Return the words of a text.

    >>> sorted(words_of("Mug 1 is in the mug"))
    ['1', 'in', 'is', 'mug', 'the']
    """
    return frozenset(_WORD.findall(text.lower()))


def position(sight: Sight, fact: int) -> list[float]:
    """Return where a fact is told."""
    number, place = sight.message[fact]
    return [number / sight.last, float(number == 0), float(number == sight.last), float(place == 0), float(place)]


def length(sight: Sight, fact: int) -> list[float]:
    """Return how a fact is written, without its words."""
    text = sight.task.facts[fact].text
    capitals = sum(c.isupper() for c in text)
    return [len(text), len(text.split()), sum(c.isdigit() for c in text), capitals, text.count(",")]


def revision(sight: Sight, fact: int) -> list[float]:
    """Return whether a fact corrects another, or is corrected."""
    return [float(sight.task.facts[fact].supersedes is not None), float(fact in sight.task.superseded)]


def likeness(sight: Sight, fact: int) -> list[float]:
    """Return how similar a fact is to the others of its task."""
    others = [overlap(sight.words[fact], words) for i, words in enumerate(sight.words) if i != fact]
    return [max(others, default=0.0), sum(others) / max(1, len(others))]


def distractors(sight: Sight, fact: int) -> list[float]:
    """Return how similar a fact is to the messages of stage 2, against the useful facts of its task."""
    heard = [words_of(text) for text in sight.task.distractors]
    useful = [i for i, f in enumerate(sight.task.facts) if f.useful]
    table = {i: [overlap(sight.words[i], words) for words in heard] or [0.0] for i in {*useful, fact}}
    means = {i: sum(row) / len(row) for i, row in table.items()}
    most = {i: max(row) for i, row in table.items()}
    return [
        means[fact] - sum(means[i] for i in useful) / max(1, len(useful)),
        most[fact] - sum(most[i] for i in useful) / max(1, len(useful)),
    ]


def overlap(one: frozenset[str], two: frozenset[str]) -> float:
    """Return the share of common words, in [0, 1].

    >>> overlap(frozenset("ab"), frozenset("bc"))
    0.3333333333333333
    """
    return len(one & two) / max(1, len(one | two))


def style(sight: Sight, fact: int) -> list[float]:
    """Return everything but words and distractors."""
    return [value for part in (position, length, revision, likeness) for value in part(sight, fact)]


Features = Callable[[Sight, int], list[float]]

GROUPS: Mapping[str, Features] = MappingProxyType(
    {"position": position, "length": length, "revision": revision, "style": style, "distractors": distractors}
)
"""Groups of features without words; ``style`` has all but the distractors."""


def vocabulary(sights: Sequence[Sight]) -> list[str]:
    """Return the words that most tasks use."""
    counts: Counter[str] = Counter()
    for sight in sights:
        counts.update(frozenset().union(*sight.words))
    return [word for word, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:VOCABULARY]]


def spoken(sights: Sequence[tuple[Sight, int]], known: Sequence[str]) -> NDArray[np.float64]:
    """Return which known words each fact has."""
    column = {word: i for i, word in enumerate(known)}
    table = np.zeros((len(sights), len(known)))
    for row, (sight, fact) in enumerate(sights):
        table[row, [column[word] for word in sight.words[fact] if word in column]] = 1.0
    return table
