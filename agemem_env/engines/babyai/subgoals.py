"""AgentBoard's sub-goals: patterns that are looked for in the observations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


def matches(pattern: str, observation: str) -> bool:
    """Return whether one sentence of an observation contains all pieces of a pattern.

    >>> matches("There is a red ball ** right in front of you 1 steps away.", "There is a red ball 2 right in front of "
    ... "you 1 steps away.  You are not carrying anything.")
    True
    """
    bare = pattern.strip()
    pieces = [piece.strip(".") for piece in bare.split("**" if "**" in bare else "*")]
    return any(all(piece in sentence for piece in pieces) for sentence in observation.split("."))


@dataclass(frozen=True, slots=True)
class BabyAISubGoals:
    """Sub-goals of an episode and which of them are still open.

    Attributes:
        patterns: For each sub-goal the patterns of which one has to be seen.
        open: Indices of the sub-goals not yet reached.
    """

    patterns: tuple[tuple[str, ...], ...]
    open: tuple[int, ...]

    @classmethod
    def of(cls, subgoals: Sequence[str], alternatives: Sequence[str] = ()) -> BabyAISubGoals:
        """Return all sub-goals, open.

        Args:
            subgoals: One pattern per sub-goal.
            alternatives: Second patterns, position by position; may be shorter.
        """
        pairs = tuple((p, *alternatives[i : i + 1]) for i, p in enumerate(subgoals))
        return cls(pairs, tuple(range(len(pairs))))

    @property
    def progress(self) -> float:
        """Share of the sub-goals reached, in [0, 1]."""
        return (len(self.patterns) - len(self.open)) / len(self.patterns)

    def after(self, observation: str) -> BabyAISubGoals:
        """Return the sub-goals after an observation, which reaches at most one: the first in the list."""
        for index in self.open:
            if any(matches(pattern, observation) for pattern in self.patterns[index]):
                return BabyAISubGoals(self.patterns, tuple(i for i in self.open if i != index))
        return self
