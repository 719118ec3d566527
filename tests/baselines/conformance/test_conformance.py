"""The contracts held against engines that break them, and how results are told."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import pytest
from typer.testing import CliRunner

from agemem_env.engines import TaskSet
from agemem_env.errors import ConfigurationError
from agemem_env.types import EngineStep, Task, ToolCall
from baselines.conformance import check, contracts
from baselines.conformance.common import difference
from benchmarks.cli import app
from tests.toy import ToyEngine, make_task


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


class Falls(ToyEngine):
    def submit(self, answer: str) -> EngineStep:
        raise KeyError("no such box")


class Unranked(ToyEngine):
    main_score: ClassVar[str] = "SRR"


class Foreign(ToyEngine):
    name: ClassVar[str] = "Other"


class LateCorrection(ToyEngine):
    @property
    def tasks(self) -> TaskSet:
        return TaskSet(20, self._backwards, super().tasks._find)

    @staticmethod
    def _backwards(index: int) -> Task:
        task = make_task(index)
        return replace(task, facts=(replace(task.facts[0], supersedes=1), *task.facts[1:]))


class EasyMoney(ToyEngine):
    """Solves the task for whoever says that it is done."""

    def submit(self, answer: str) -> EngineStep:
        return EngineStep("Well done.", 1.0, True, True)


class Hidden(ToyEngine):
    """Keeps its state from `state_hash`, `snapshot` and `restore`."""

    _moods = 0

    def step(self, command: str) -> EngineStep:
        self._moods += 1
        return replace(super().step(command), text=f"Mood {self._moods}.")


BROKEN = [
    (GlobalDice, "same_seed_same_episode", "resets with seed 0 differ: at [1].state_hash: '"),
    (OneTask, "different_seeds_different_tasks", "ten seeds gave only the tasks ['toy-0'] of 20"),
    (Leaky, "reset_leaves_nothing_behind", "first observations of a used and of a fresh environment differ: at "),
    (WildProgress, "observations_and_info_keep_their_form", "progress 7.0 is not in [0, 1]"),
    (ForgetfulSnapshot, "snapshots_branch_an_episode", "two continuations of one snapshot from stage 1 differ: at "),
    (Hidden, "snapshots_branch_an_episode", "two continuations of one snapshot from the start of stage 3 differ: at "),
    (LostOracle, "the_expert_solves_every_task", "the expert failed task toy-0"),
    (FalseFacts, "facts_are_well_formed", "task toy-0 has no gold facts"),
    (LateCorrection, "facts_are_well_formed", "fact 0 of toy-0 supersedes no earlier one"),
    (Unranked, "the_benchmark_describes_itself", "`main_score` is 'SRR'; allowed: ["),
    (Foreign, "the_benchmark_describes_itself", "task toy-0 has benchmark 'Toy', its engine 'Other'"),
    (EasyMoney, "cheats_are_not_paid", "cheat-"),
    (Falls, "stepping_after_the_end_raises", "KeyError: 'no such box' ("),
]


@pytest.mark.parametrize(("engine", "contract", "message"), BROKEN)
def test_contracts_catch(engine: type[ToyEngine], contract: str, message: str) -> None:
    (result,) = check(f"{__name__}:{engine.__name__}", only=[contract])
    assert (result.contract, result.passed) == (contract, False)
    assert result.message.startswith(message)
    assert len(result.message) < 400
    assert "\n" not in result.message


def test_a_crash_names_its_place() -> None:
    (result,) = check(f"{__name__}:Falls", only=["stepping_after_the_end_raises"])
    assert result.message.endswith(", in submit)")


def test_contracts_are_described_and_named_once() -> None:
    listed = contracts()
    assert len({contract.name for contract in listed}) == len(listed) > 15
    assert all(contract.description.endswith(".") and "\n" not in contract.description for contract in listed)


@pytest.mark.parametrize(
    ("benchmark", "kwargs", "message"),
    [
        ("Hotpot", {}, "unknown benchmark 'Hotpot'"),
        ("no_such:Engine", {}, "the module 'no_such' cannot be imported"),
        ("tests.toy:ToyEngine", {"max_token": 3}, "unknown argument 'max_token'"),
        ("tests.toy:ToyEngine", {"only": ["same_seed"]}, "unknown contract 'same_seed'"),
    ],
)
def test_what_cannot_be_checked_is_one_line(benchmark: str, kwargs: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        check(benchmark, **kwargs)


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ({"a": 1}, {"b": 1}, "{'a': 1} != {'b': 1}"),
        ((1, [2]), (1, [3]), "at [1][0]: 2 != 3"),
        ([1], [1, 2], "[1] != [1, 2]"),
        (1, 1.0, "1 != 1.0"),
        ("x" * 200 + "a", "x" * 200 + "b", f"'…{'x' * 30}a' != '…{'x' * 30}b'"),
    ],
)
def test_differences_are_short(first: Any, second: Any, told: str) -> None:
    assert difference(first, second) == told


class TestCommand:
    def test_prints_a_table_and_succeeds(self) -> None:
        arguments = ["--contract", "facts_are_well_formed", "--contract", "the_turn_limit_pays_the_reward"]
        done = CliRunner().invoke(app, ["check", "tests.toy:ToyEngine", *arguments])
        assert done.exit_code == 0, done.output
        assert "facts_are_well_formed" in done.stdout
        assert "tests.toy:ToyEngine: 2 contracts kept in " in done.stdout

    def test_fails_if_a_contract_is_broken(self) -> None:
        arguments = ["--contract", "facts_are_well_formed", "--contract", "the_turn_limit_pays_the_reward"]
        done = CliRunner().invoke(app, ["check", f"{__name__}:FalseFacts", *arguments])
        assert done.exit_code == 1
        assert "task toy-0 has no gold facts" in done.stdout
        assert "1 of 2 contracts broken" in done.stdout

    def test_takes_arguments_of_the_environment(self) -> None:
        done = CliRunner().invoke(app, ["check", "tests.toy:ToyEngine", "--env", "boxes=none"])
        assert done.exit_code != 0

    def test_a_wrong_name_is_one_line(self) -> None:
        done = CliRunner().invoke(app, ["check", "no_such:Engine"])
        assert done.exit_code == 2
        assert done.output.count("\n") == 1
        assert "error: benchmark='no_such:Engine' is not allowed" in done.output
