"""A benchmark with commands, added from outside: python examples/own_benchmark.py [tasks].

Somebody tells which key opens which door; later the doors have to be opened in order, and a wrong key costs a turn.
Prints the score of the expert, of the expert without memory, and of random play, and how many of the contracts that
the project's own benchmarks keep this one keeps. `agemem bench --benchmark own_benchmark:Corridor` works too.
"""

from __future__ import annotations

import sys

from agemem_env import AgeMemEnv, EngineStep, Fact, Task, TaskEngine, TaskSet, ToolCall
from baselines import make, rollout
from baselines.conformance import check

KEYS = ("red", "blue", "green", "silver", "wooden", "golden", "black", "white")
DOORS, SIZE = 3, 40
CORRIDOR = "own_benchmark:Corridor"  # as the commands name it, from the folder of this file


def make_task(index: int) -> Task:
    """Return a task: what is told in stage 1, what distracts in stage 2, and the query of stage 3."""
    keys = [KEYS[(index * 3 + door * 5 + index // 8) % 8] for door in range(2 * DOORS)]
    facts = tuple(
        Fact(f"In house {index}, door {door} is opened by the {key} key.", gold=door <= DOORS)
        for door, key in enumerate(keys, 1)
    )
    others = tuple(f"In house {500 + index}, door {door} is opened by the {KEYS[door]} key." for door in range(1, 4))
    query = f"You are in house {index}. Open doors 1 to {DOORS}, one after the other."
    return Task(f"house-{index}", "Corridor", "test", "generated", query, facts, (), others)


class Corridor(TaskEngine):
    """Doors that open with the right key."""

    name = "Corridor"
    max_rounds = 8
    instructions = "Open the doors in order. The only form of command: use the <colour> key"

    def __init__(self, *, split="test", source="auto", protocol="agemem"):
        super().__init__(split=split, source=source, protocol=protocol)
        self._provide("generated", TaskSet(SIZE, make_task, {f"house-{i}": i for i in range(SIZE)}.get))
        self._open = 0

    def reset(self, task, rng, *, briefed):
        """Start a task; return the first observation, with the facts unless stage 1 has told them."""
        self._task, self._open = task, 0
        told = "" if briefed else " ".join(fact.text for fact in task.gold_facts) + " "
        return f"{told}Door 1 is closed."

    def step(self, command):
        """Play a command."""
        if command not in self.admissible():
            return EngineStep("Nothing happens.", self._open / DOORS, False, False, valid=False)
        fits = f"opened by {command.removeprefix('use ')}." in self._current().facts[self._open].text
        self._open += fits
        done = self._open == DOORS
        text = "All doors are open." if done else f"Door {self._open + 1} is closed."
        return EngineStep(text if fits else "It does not fit. " + text, self._open / DOORS, done, done)

    def submit(self, answer):
        """End the task with an answer in words."""
        return EngineStep("You leave.", self._open / DOORS, True, self._open == DOORS)

    def admissible(self):
        """Return the commands that can be given."""
        return [f"use the {key} key" for key in KEYS]

    def oracle(self, known):
        """Return the right action of one who remembers only these facts."""
        fact = self._current().facts[self._open].text
        command = "use " + fact.split("opened by ")[1].rstrip(".") if fact in known else "use the red key"
        return ToolCall("act", {"command": command})

    def state_hash(self):
        """Name the state: equal states have equal names."""
        return f"{self._current().id}:{self._open}"

    def snapshot(self):
        """Return all that the game's state consists of."""
        return self._task, self._open

    def restore(self, snapshot):
        """Go back to a snapshot."""
        self._task, self._open = snapshot


def main(tasks: int = 20) -> None:
    """Score three players and check the contracts."""
    for name in ("random", "expert-no-memory", "expert"):
        env = AgeMemEnv(CORRIDOR)
        scores = [rollout(env, make(name, env), seed=seed).info["metrics"]["SR"] for seed in range(tasks)]
        print(f"{name:17} solved {sum(scores) / tasks:.2f}")
    results = check(CORRIDOR)
    print(f"contracts kept: {sum(result.passed for result in results)} of {len(results)}")
    for result in results:
        if not result.passed:
            print(f"  {result.contract}: {result.message}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
