"""The contracts held against the toy benchmark, and against engines that break them."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from agemem_env.engines import TaskSet
from agemem_env.env import AgeMemEnv
from agemem_env.types import EngineStep, Task, ToolCall
from tests import conformance
from tests.conformance import CONTRACTS, Make
from tests.toy import ToyEngine, make_task


def make_env(engine: str, **kwargs: Any) -> AgeMemEnv:
    return AgeMemEnv(f"tests.{engine}", **kwargs)


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda c: c.__name__)
def test_toy_keeps(contract: Callable[[Make], None]) -> None:
    contract(functools.partial(make_env, "toy:ToyEngine"))


class GlobalDice(ToyEngine):
    def reset(self, task: Task, rng: np.random.Generator, *, briefed: bool) -> str:
        return f"{super().reset(task, rng, briefed=briefed)} {random.random()}"

    def state_hash(self) -> str:
        return f"{super().state_hash()} {random.random()}"


class OneTask(ToyEngine):
    @property
    def tasks(self) -> TaskSet:
        return TaskSet(20, lambda index: make_task(0), {"toy-0": 0}.get)


class Leaky(ToyEngine):
    def reset(self, task: Task, rng: np.random.Generator, *, briefed: bool) -> str:
        opened = self._opened
        text = super().reset(task, rng, briefed=briefed)
        self._opened = opened
        return text


class WildProgress(ToyEngine):
    def step(self, command: str) -> EngineStep:
        return EngineStep("Hm.", 7.0, False, False)


class ForgetfulSnapshot(ToyEngine):
    def restore(self, snapshot: Any) -> None:
        pass


class LostOracle(ToyEngine):
    def oracle(self, known: Sequence[str]) -> ToolCall:
        return ToolCall("act", {"command": "open every box"})


class FalseFacts(ToyEngine):
    @property
    def tasks(self) -> TaskSet:
        return TaskSet(20, self._without_gold, super().tasks._find)

    @staticmethod
    def _without_gold(index: int) -> Task:
        task = make_task(index)
        return replace(task, facts=tuple(replace(fact, gold=False) for fact in task.facts))


@pytest.mark.parametrize(
    ("engine", "contract", "message"),
    [
        (GlobalDice, conformance.same_seed_same_episode, "resets with seed 0 differ"),
        (OneTask, conformance.different_seeds_different_tasks, "ten seeds gave only"),
        (Leaky, conformance.reset_leaves_nothing_behind, "used and of a fresh environment differ"),
        (WildProgress, conformance.observations_and_info_keep_their_form, r"progress 7\.0 is not in"),
        (ForgetfulSnapshot, conformance.snapshots_branch_an_episode, "two continuations of one snapshot differ"),
        (LostOracle, conformance.the_expert_solves_every_task, "the expert failed task"),
        (FalseFacts, conformance.facts_are_well_formed, "has no gold facts"),
    ],
)
def test_contracts_catch(engine: type[ToyEngine], contract: Callable[[Make], None], message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        contract(functools.partial(make_env, f"agemem_env.test_conformance:{engine.__name__}"))
