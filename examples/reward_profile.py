"""A way to pay of one's own: python examples/reward_profile.py [tasks].

`FRUGAL` pays for the right answer, for a memory that holds little else than what was needed, and fines each mistake.
Prints what the paper's reward and `FRUGAL` pay to four policies: one that does nothing, one that stores everything,
and the expert with and without memory.
"""

from __future__ import annotations

import sys

from agemem_env import AgeMemEnv, EpisodeView, Profile
from baselines import make, rollout


def answer(view: EpisodeView, judge) -> float:
    """The judge's grade of the answer."""
    return judge.answer(view.task.query, view.ledger.answer, view.task.answer) if view.ledger.answer else 0.0


def frugal(view: EpisodeView, judge) -> float | None:
    """Of what is stored, the share that the question needs; does not apply where it needs nothing."""
    gold = [fact.text for fact in view.task.gold_facts]
    if not gold or not view.over:  # before the end it would tell which messages matter
        return None
    stored = [entry.content for entry in view.stored]
    return judge.memory(view.task.query, view.task.answer, stored, gold).precision or 0.0


def mistakes(view: EpisodeView, judge) -> float:
    """A twentieth for each call that was refused."""
    return -0.05 * sum(view.ledger.errors.values())


FRUGAL = Profile("frugal", {"task": {"answer": answer}, "memory": {"frugal": frugal}}, {"mistakes": mistakes})
WEIGHTS = {"task": 0.7, "context": 0.0, "memory": 0.3}


def main(tasks: int = 20) -> None:
    """Play the same tasks under both rewards."""
    for name in ("do-nothing", "cheat-store-all", "expert-no-memory", "expert"):
        paid = []
        for way in ({"reward": "paper"}, {"reward": FRUGAL, "weights": WEIGHTS}):
            env = AgeMemEnv("HotpotQA", source="generated", **way)
            paid.append(sum(rollout(env, make(name, env), seed=seed).reward for seed in range(tasks)) / tasks)
        print(f"{name:18} paper {paid[0]:5.2f}  frugal {paid[1]:5.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
