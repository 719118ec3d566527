"""A memory system of one's own against two of the package: python examples/memory_system.py [tasks].

`Sentences` keeps each sentence as an entry of its own and shows the most similar ones before a turn. The turns are
played by the reader, a player that follows rules and needs no model. Prints the mean of the answers' scores and the
entries kept per episode, for no memory, `rag` (which keeps whole messages) and `Sentences`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence

from agemem_env import AgeMemEnv
from baselines import MemoryPolicy, make, rollout, with_memory


class Sentences(MemoryPolicy):
    """Keeps sentences; forgets the one that a correction replaces."""

    def __init__(self, inner, model=None, *, entries: int = 8, alike: float = 0.75) -> None:
        super().__init__(inner, model)
        self._entries, self._alike = entries, alike

    def observe(self, desk, message: str) -> None:
        """Take in a message; a sentence that corrects takes the place of the most similar entry."""
        corrects = "right version" in message or "correction" in message.lower()
        for sentence in re.split(r"(?<=[.!?])\s+", message):
            if not sentence.strip():
                continue
            nearest = desk.search(sentence, 1) if corrects else []
            if nearest and nearest[0].score >= self._alike:
                desk.update(nearest[0].entry.id, sentence)
            else:
                desk.add(sentence)

    def recall(self, desk, text: str) -> None:
        """Show the entries most similar to what is asked."""
        desk.show(desk.search(text, self._entries))


def score(policy: MemoryPolicy, seeds: Sequence[int]) -> tuple[float, float]:
    """Return the mean score of the answers, and the mean number of entries kept."""
    env = AgeMemEnv("HotpotQA", source="generated", **policy.env_kwargs)
    results = [rollout(env, policy, seed=seed) for seed in seeds]
    mean_score = sum(result.info["metrics"]["J"] for result in results) / len(results)
    return mean_score, sum(result.entries for result in results) / len(results)


def main(tasks: int = 40) -> None:
    """Compare three memories under the same player."""
    reader = make("reader")
    for policy in (with_memory("no-memory", reader), with_memory("rag", reader), Sentences(reader)):
        found, entries = score(policy, range(tasks))
        print(f"{policy.system:10} J {found:.2f}  entries {entries:.1f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
