"""The statements of a task, and which of them texts make."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from agemem_env.text.statements import StatementIndex
from agemem_env.types import Fact, Task

LONGEST_WORD = 20
"""So many characters count as a word at least, so that text without spaces has its length too."""


@dataclass(frozen=True, slots=True)
class ToldReading:
    """What texts say of a task.

    Attributes:
        facts: Indices in `Task.facts` of the facts that they state, earlier versions included.
        distractors: How many sentences of the distractors they state.
        unmatched: Text that states neither, in units of the mean length of a fact.
    """

    facts: frozenset[int]
    distractors: int
    unmatched: float

    @property
    def size(self) -> float:
        """How many statements there are, unmatched text counted by its length."""
        return len(self.facts) + self.distractors + self.unmatched


class Told:
    """The facts of a task and the sentences of its distractors, told apart from each other.

    Args:
        facts: The facts.
        distractors: The messages of stage 2.

    Attributes:
        worth: Indices of the facts that are worth keeping: gold or useful, and true at the end.
        gold: Indices of the gold facts that are true at the end.

    Example:
        >>> told = Told([Fact("Mug 2 is in cabinet 3.", gold=True), Fact("It rains.")], ["Mug 1 is in cabinet 3."])
        >>> told.read(["In cabinet 3 there is mug 2."])
        ToldReading(facts=frozenset({0}), distractors=0, unmatched=0.0)
    """

    def __init__(self, facts: Iterable[Fact], distractors: Iterable[str] = ()) -> None:
        self._facts = tuple(facts)
        texts = [fact.text for fact in self._facts] + [*distractors]
        self._index = StatementIndex(texts, [fact.essentials for fact in self._facts])
        stale = {fact.supersedes for fact in self._facts}
        current = [i for i in range(len(self._facts)) if i not in stale]
        self.gold = frozenset(i for i in current if self._facts[i].gold)
        self.worth = frozenset(i for i in current if self._facts[i].gold or self._facts[i].useful)
        sizes = [self._index.statements[u].size for u in self._units(range(len(self._facts)))]
        self._length = sum(sizes) / len(sizes) if sizes else 1.0

    @classmethod
    def of(cls, task: Task) -> Told:
        """Return the statements of a task."""
        return _told(task.facts, task.distractors)

    def facts_in(self, text: str) -> frozenset[int]:
        """Return the indices of the facts that a text states."""
        made, facts = self._index.made(text), len(self._facts)
        return frozenset(i for i in made if i < facts) if made and max(made) >= facts else made

    def read(self, texts: Iterable[str]) -> ToldReading:
        """Return what texts state together; what is stated twice counts once, however it is divided into texts."""
        facts: set[int] = set()
        distractors: set[int] = set()
        rest: dict[str, float] = {}
        for text in texts:
            stated = self.facts_in(text)
            facts |= stated
            for clause, units in self._index.by_clause(text):
                own = {unit for unit in units if self._index.owner(unit) in stated}
                other = set() if own else {unit for unit in units if self._index.owner(unit) >= len(self._facts)}
                distractors |= other
                said = sum(self._index.statements[unit].size for unit in own | other)
                left = max(len(clause.tokens), len(clause.text) // LONGEST_WORD) - 2 * said
                if left > 0:
                    rest[" ".join(clause.words)] = left / self._length
        return ToldReading(frozenset(facts), len(distractors), sum(rest.values(), 0.0))

    def _units(self, owners: Iterable[int]) -> list[int]:
        wanted = set(owners)
        return [unit for unit in range(len(self._index.statements)) if self._index.owner(unit) in wanted]


@lru_cache(maxsize=64)
def _told(facts: tuple[Fact, ...], distractors: tuple[str, ...]) -> Told:
    return Told(facts, distractors)
