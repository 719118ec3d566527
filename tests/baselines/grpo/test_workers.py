"""Processes that play, and what comes back from them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from agemem_env.errors import ConfigurationError, EngineCrash, MissingExtraError
from baselines.grpo import workers as workers_module
from baselines.grpo.scorer import Scorer
from baselines.grpo.settings import Budget, Settings
from baselines.grpo.train import train, trial
from baselines.grpo.workers import TrialJob, Workers, World, workers


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


@dataclass(frozen=True)
class Sleeps:
    def run(self) -> None:
        time.sleep(0.5)


def test_a_process_that_died_is_told_in_one_line() -> None:
    with workers(2) as lent, pytest.raises(EngineCrash, match="the same command goes on"):
        lent.run([Dies()])


def test_what_a_process_lacks_is_told_as_if_there_were_one() -> None:
    with workers(2) as lent, pytest.raises(MissingExtraError, match=r"the simulator needs the package 'nowhere'"):
        lent.run([LacksAPackage()])


def test_a_benchmark_from_elsewhere_with_few_tasks_is_trained_on_and_tested(tmp_path: Path) -> None:
    settings = Settings.of(
        "tests.toy:ToyEngine", Budget(updates=1), groups=2, group_size=2, lessons=2, validation_tasks=2
    )
    result = train(settings, tmp_path)
    assert result.problem is None
    there = len(settings.world("test").make().tasks)
    assert there < settings.tasks
    played = trial(settings, result.weights, "test", there + 3)
    assert [outcome.task for outcome in played] == list(range(there))


def test_environments_are_not_gathered_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers_module, "_players", {})
    closed: list[int] = []
    monkeypatch.setattr("agemem_env.env.AgeMemEnv.close", lambda self: closed.append(self.config.top_k))
    worlds = [World("HotpotQA", {"source": "generated", "top_k": k}) for k in range(10, 30)]
    weights = Scorer().weights
    with workers(1) as lent:
        for world in worlds:
            lent.run([TrialJob(world, weights, [], greedy=True)])
        assert closed == [10, 11, 12, 13]
    assert len(closed) == len(worlds)


def test_processes_are_lent_to_a_run_and_stay(tmp_path: Path) -> None:
    settings = Settings.of("HotpotQA", Budget(updates=1), groups=2, group_size=2, lessons=2, validation_tasks=2)
    with workers(2) as lent:
        before = lent.run([WhoPlays(), WhoPlays()])
        train(settings, tmp_path, lent=lent)
        after = lent.run([WhoPlays(), WhoPlays()])
    assert set(before) == set(after)
    assert set(multiprocessing.active_children()) == set()


@pytest.mark.parametrize("processes", [0, -1])
def test_no_process_at_all_is_refused(processes: int) -> None:
    with pytest.raises(ConfigurationError, match=f"processes={processes} is not allowed"):
        Workers(processes)


def test_no_more_processes_are_started_than_there_are_jobs() -> None:
    with workers(1000) as lent:
        found = lent.run([WhoPlays(), WhoPlays()]) + lent.run([WhoPlays()])
    assert len(set(found)) <= 2 and os.getpid() not in found


@pytest.mark.skipif(sys.platform == "win32", reason="interrupts by a signal")
@pytest.mark.parametrize("seconds", [0.0, 0.3, 1.5], ids=["at once", "while they start", "while they play"])
def test_an_interrupt_is_the_business_of_the_parent(seconds: float) -> None:
    program = (
        "from baselines.grpo.workers import workers; from tests.baselines.grpo.test_workers import Sleeps\n"
        "with workers(2) as lent: print('ready', flush=True); lent.run([Sleeps()] * 50)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    ) as run:  # fmt: skip
        assert run.stdout is not None and run.stdout.readline() == "ready\n"
        time.sleep(seconds)
        os.killpg(run.pid, signal.SIGINT)
        _, said = run.communicate(timeout=60)
    assert said.count("Traceback") == 1 and said.rstrip().endswith("KeyboardInterrupt"), said
