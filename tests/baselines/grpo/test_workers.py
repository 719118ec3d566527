"""Processes that play, and what comes back from them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from agemem_env.errors import ConfigurationError, EngineCrash, MissingExtraError
from baselines.grpo.settings import Budget, Settings
from baselines.grpo.train import train, trial
from baselines.grpo.workers import Workers, workers


@dataclass(frozen=True)
class Dies:
    def run(self) -> None:
        os._exit(1)


@dataclass(frozen=True)
class LacksAPackage:
    def run(self) -> None:
        raise MissingExtraError("nowhere", "sciworld", "the simulator")


@dataclass(frozen=True)
class WhoPlays:
    def run(self) -> int:
        return os.getpid()


def test_a_process_that_died_is_told_in_one_line() -> None:
    with workers(2) as lent, pytest.raises(EngineCrash, match="the same command goes on"):
        lent.run([Dies()])


def test_what_a_process_lacks_is_told_as_if_there_were_one() -> None:
    with workers(2) as lent, pytest.raises(MissingExtraError, match=r"the simulator needs the package 'nowhere'"):
        lent.run([LacksAPackage()])


def test_a_benchmark_from_elsewhere_with_few_tasks_is_trained_on_and_tested(tmp_path: Path) -> None:
    settings = Settings.of("tests.toy:ToyEngine", Budget(updates=1), groups=2, group_size=2, lessons=2, test_tasks=2)
    result = train(settings, tmp_path)
    assert result.problem is None
    there = len(settings.world("test").make().tasks)
    assert there < settings.tasks
    played = trial(settings, result.weights, "test", there + 3)
    assert [outcome.task for outcome in played] == list(range(there))


@pytest.mark.parametrize("processes", [0, -1])
def test_no_process_at_all_is_refused(processes: int) -> None:
    with pytest.raises(ConfigurationError, match=f"processes={processes} is not allowed"):
        Workers(processes)


def test_no_more_processes_are_started_than_there_are_jobs() -> None:
    with workers(1000) as lent:
        found = lent.run([WhoPlays(), WhoPlays()]) + lent.run([WhoPlays()])
    assert len(set(found)) <= 2 and os.getpid() not in found
