"""The source of a package that adds one of everything from outside, with public names alone.

A garden has beds in which plants grow; stage 1 tells which, stage 3 asks about one bed.
"""

from __future__ import annotations

from collections.abc import Mapping

GARDEN: Mapping[str, str] = {
    "__init__.py": "",
    "engine.py": '''
"""A benchmark: which plant grows in which bed?"""

from agemem_env import EngineStep, Fact, Task, TaskEngine, TaskSet, ToolCall

PLANTS = ("beans", "roses", "tulips", "mint", "kale")
SIZE = 30


def make_task(index):
    place = "In garden {}, the {} grow in bed {}."
    facts = [Fact(place.format(index, PLANTS[(index + bed) % 5], bed), gold=bed == index % 4 + 1) for bed in range(1, 5)]
    others = tuple(place.format(100 + index, PLANTS[(index + bed + 2) % 5], bed) for bed in range(1, 4))
    bed = index % 4 + 1
    question = f"What grows in bed {bed} of garden {index}? Answer with one word."
    return Task(f"garden-{index}", "Garden", "test", "generated", question, tuple(facts), (), others,
                answer=PLANTS[(index + bed) % 5])


class Garden(TaskEngine):
    name = "Garden"
    max_rounds = 6
    main_score = "J"
    instructions = "Answer the question about the garden."
    has_commands = False

    def __init__(self, *, split="test", source="auto", protocol="agemem"):
        super().__init__(split=split, source=source, protocol=protocol)
        self._provide("generated", TaskSet(SIZE, make_task, {f"garden-{i}": i for i in range(SIZE)}.get))
        self._answered = None

    def reset(self, task, rng, *, briefed):
        self._task, self._answered = task, None
        return "" if briefed else task.gold_facts[0].text

    def submit(self, answer):
        self._answered = answer
        right = answer.strip().lower() == self._current().answer
        return EngineStep("Thank you.", float(right), True, right)

    def oracle(self, known):
        gold = self._current().gold_facts[0].text
        return ToolCall("answer", {"text": self._current().answer if gold in known else "unknown"})

    def state_hash(self):
        return f"{self._current().id}:{self._answered}"

    def snapshot(self):
        return self._task, self._answered

    def restore(self, snapshot):
        self._task, self._answered = snapshot
''',
    "tools.py": '''
"""A tool: how many memories are there?"""

from dataclasses import dataclass

from agemem_env import Advice, Tool, ToolResult, arg


@dataclass(frozen=True)
class CountArguments:
    about: str = arg("string", "A word that the memories must contain.", draw=lambda rng: "garden", when_left_out="garden")


class CountMemories(Tool):
    """Count the entries of long-term memory that contain a word."""

    name = "Count_memories"
    arguments = CountArguments
    advice = (Advice(3, "Count_memories tells whether looking them up is worth it."),)

    def run(self, args, state):
        found = sum(args.about.lower() in entry.content.lower() for entry in state.memory)
        return ToolResult(f"{found} memories mention {args.about!r}.")
''',
    "rewards.py": '''
"""A reward profile: the answer counts, and so does counting first."""

from agemem_env import Profile


def answer(view, judge):
    if view.ledger.answer is None:
        return 0.0
    return judge.answer(view.task.query, view.ledger.answer, view.task.answer)


def counted(view, judge):
    return float(view.ledger.calls["Count_memories"] > 0)


COUNTING = Profile("counting", {"task": {"answer": answer}, "memory": {"counted": counted}})
''',
    "policy.py": '''
"""A policy that learns whether to answer by what its prompt shows or to give up: no sub-class of anything."""

import re

import numpy as np


class Gardener:
    ways = ("give up", "read")

    def __init__(self, seed=0, rate=0.5):
        self.values = dict.fromkeys(self.ways, 0.5)
        self.rng, self.rate, self.way = np.random.default_rng(seed), rate, "read"

    def reset(self, info):
        explore = self.rng.random() < 0.5
        self.way = str(self.rng.choice(self.ways)) if explore else max(self.values, key=self.values.get)
        self.turns = 0

    def act(self, observation, info):
        if observation["stage"] < 3:
            return "Noted."
        self.turns += 1
        if self.turns == 1:
            return {"name": "Count_memories", "arguments": {"about": "garden"}}
        return {"name": "answer", "arguments": {"text": self.read(observation) if self.way == "read" else "unknown"}}

    def read(self, observation):
        text = "\\n".join(str(m["content"]) for m in observation["messages"])
        asked = re.search(r"in bed (\\d+) of garden (\\d+)", text)
        found = asked and re.search(rf"In garden {asked[2]}, the (\\w+) grow in bed {asked[1]}\\.", text)
        return found[1] if found else "unknown"

    def learn(self, reward):
        self.values[self.way] += self.rate * (reward - self.values[self.way])
''',
    "memory.py": '''
"""A memory system: keep every sentence, show the most similar ones."""

from baselines import MemoryPolicy


class Diary(MemoryPolicy):
    env_kwargs = {"tools": ("garden.tools:CountMemories",)}

    def __init__(self, inner, model=None, *, entries=5):
        super().__init__(inner, model)
        self._entries = entries

    def observe(self, desk, message):
        desk.add(message)

    def recall(self, desk, text):
        desk.show(desk.search(text, self._entries))
''',
    "train.py": '''
"""A training loop in the manner of GRPO: groups of episodes of one task and seed, scored against their mean."""

from agemem_env import AgeMemEnv
from baselines import make, rollout, with_memory


def train(groups=12, size=4):
    gardener = make("garden.policy:Gardener", seed=1)
    policy = with_memory("garden.memory:Diary", gardener, entries=4)
    env = AgeMemEnv("garden.engine:Garden", reward="garden.rewards:COUNTING", weights=(1, 0, 1), **policy.env_kwargs)
    means = []
    for group in range(groups):
        results = []
        for _ in range(size):
            results.append(rollout(env, policy, seed=group, task=group))
            gardener.player.learn(results[-1].reward)
        means.append(sum(result.reward for result in results) / size)
    return gardener, policy, results[-1].info, means


if __name__ == "__main__":
    gardener, policy, info, means = train()
    print(policy.name, max(gardener.player.values, key=gardener.player.values.get), info["tool_calls"], means[-1])
''',
}
"""File name -> source, for a package called `garden`."""
