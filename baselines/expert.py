"""The expert: knows which facts matter, but has to carry them through the memory tools like anybody else."""

from __future__ import annotations

from typing import Any, cast

import gymnasium as gym

from agemem_env.env import AgeMemEnv
from agemem_env.types import Fact, Task, ToolCall
from baselines.base import Info, Observation, Policy
from baselines.calls import filter_messages


class ExpertPolicy(Policy):
    """Stores gold facts as they are told, corrects them when they change, and looks them up in stage 3.

    Privileged: it is told which facts are gold and asks the engine's oracle. But the oracle is given only what the
    expert has retrieved, or what the task has shown if there was no stage 1.

    Args:
        memory: False for the same expert without any memory tool: it forgets what stage 1 told.
    """

    def __init__(self, memory: bool = True) -> None:
        self.name = "expert" if memory else "expert-no-memory"
        self._memory = memory
        self._looked_up = False

    def attach(self, env: gym.Env[Any, Any]) -> None:
        """Take the environment whose task and oracle it asks."""
        self._env = cast(AgeMemEnv, env.unwrapped)

    def reset(self, info: Info) -> None:
        """Forget the last episode."""
        self._looked_up = False

    def act(self, observation: Observation, info: Info) -> Any:
        """Return the calls of this turn."""
        task = self._env.task
        if observation["stage"] == 1 and self._memory:
            return self._store_gold_facts(task, observation["round"]) or "Noted."
        if observation["stage"] < 3:
            return "I see."
        if self._memory and not self._looked_up:
            self._looked_up = True
            calls = [*self._filter_distractors(task), *self._look_up_gold_facts(task)]
            if calls:
                return calls
        return self._env.engine.oracle(self._known_facts(task))

    def _store_gold_facts(self, task: Task, turn: int) -> list[ToolCall]:
        """Add the facts told in this turn that matter, or update the entries that they correct."""
        stale = task.superseded
        told = self._facts_told(task, turn)
        ids = {entry.content: entry.id for entry in self._env.memory}
        calls = []
        for index in told:
            fact = task.facts[index]
            if not self._matters(fact) or stale.get(index) in told:
                continue
            outdated = ids.get(task.facts[fact.supersedes].text) if fact.supersedes is not None else None
            if outdated is None:
                calls.append(ToolCall("Add_memory", {"content": fact.text}))
            else:
                calls.append(ToolCall("Update_memory", {"memory_id": outdated, "content": fact.text}))
        return calls

    def _matters(self, fact: Fact) -> bool:
        """Whether a fact is stored: in a stream whose memory is kept, what is useful to others is gold later."""
        return fact.gold or (fact.useful and self._env.config.memory == "lifetime")

    def _facts_told(self, task: Task, turn: int) -> set[int]:
        """Return the indices of the facts told in a turn of stage 1."""
        size = self._env.config.facts_per_turn
        window = slice(turn * size, (turn + 1) * size)
        if not task.utterances:
            return set(range(len(task.facts))[window])
        return {index for utterance in task.utterances[window] for index in utterance.facts}

    def _filter_distractors(self, task: Task) -> list[ToolCall]:
        """Remove the distractors of stage 2 from the context."""
        if 2 not in self._env.config.stages or not task.distractors:
            return []
        return [filter_messages(task.distractors)]

    def _look_up_gold_facts(self, task: Task) -> list[ToolCall]:
        """Look up every gold fact."""
        if not len(self._env.memory):
            return []
        return [ToolCall("Retrieve_memory", {"query": f.text, "top_k": 1}) for f in task.gold_facts]

    def _known_facts(self, task: Task) -> list[str]:
        """Return what the expert may know: what it has looked up, or all gold facts if there was no stage 1."""
        if 1 not in self._env.config.stages:
            return [fact.text for fact in task.gold_facts]
        events = self._env.ledger.of("retrieve", stage=3)
        return [entry.content for event in events for entry in event.effect.after]
