"""What a run takes is told for all that it does: every benchmark, every seed, every process that has something to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from baselines.grpo.settings import LESSONS, Budget, Settings
from benchmarks.training.cost import around, told
from tests.benchmarks.command import agemem

FURTHER = ("PDDL", "BabyAI", "ALFWorld", "SciWorld")
LONG = Budget(updates=1000)


def minutes(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"([\d.]+) min", text)]


def test_further_benchmarks_are_cloned_trained_and_tested_too() -> None:
    alone, all_five = around("HotpotQA", LONG), around("HotpotQA", LONG, also=FURTHER)
    own = [around(name, LONG) for name in FURTHER]
    assert all_five.lessons == alone.lessons and all_five.before == alone.before + sum(plan.before for plan in own)
    assert all_five.cloned == alone.cloned + sum(plan.cloned for plan in own)
    assert all_five.after == pytest.approx(alone.after + sum(plan.untrained for plan in own)), "drawn and best"
    trained = [plan.training or 0.0 for plan in (alone, *own)]
    assert all_five.training == pytest.approx(sum(trained) / len(trained)), "groups take turns"


@pytest.mark.parametrize("also", [(), FURTHER[:1], FURTHER])
def test_neither_cloning_nor_tests_of_all_benchmarks_take_longer_than_training(also: tuple[str, ...]) -> None:
    plan = around("HotpotQA", Budget(cpu_seconds=20), also=also)
    assert 15 < plan.before < 21 and 15 < plan.untrained + plan.after < 21
    settings = Settings.of("HotpotQA", Budget(cpu_seconds=20), also=also, lessons=plan.lessons)
    assert plan.cloned == sum(one.lessons for one in settings.each)


@pytest.mark.parametrize("budget", [Budget(minutes=1e308), Budget(cpu_seconds=1e308)])
def test_a_budget_without_end_bounds_nothing(budget: Budget) -> None:
    plan, whole = around("HotpotQA", budget), around("HotpotQA", LONG)
    assert (plan.lessons, plan.tests) == (whole.lessons, whole.tests) and "of cloning" in told(plan, budget, 2)


def test_processes_without_a_job_make_nothing_faster() -> None:
    plan = around("HotpotQA", LONG)
    (cloning, training, tests), same = (minutes(told(plan, LONG, processes)) for processes in (1, 10_000))
    assert same[1] == pytest.approx(training / Settings.groups, abs=0.1)
    assert same[0] >= 0.1 and same[2] >= 0.1 and cloning > 0.4 and tests > 0.3
    two, three, four, five = (minutes(told(plan, LONG, processes))[1] for processes in (2, 3, 4, 5))
    assert two > three == four == five, "six groups take two rounds with three processes, and with five"


def test_seeds_share_the_test_of_what_is_not_trained() -> None:
    plan = around("PDDL", Budget(updates=1), tests=1000)
    assert minutes(told(plan, Budget(updates=1), 1, runs=10, variants=2))[-1] == pytest.approx(
        (2 * plan.untrained + 10 * plan.after) / 60, abs=0.1
    )


def test_the_commands_tell_of_all_benchmarks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.training.session.train_one", lambda *_: None)
    monkeypatch.setattr("benchmarks.training.session.train_seeds", lambda *_: None)
    monkeypatch.setattr("benchmarks.ablations.session.ablate", lambda *_: None)
    budget = ("--updates", "1000", "--processes", "1", "--out", tmp_path)
    alone = agemem("train", "-b", "HotpotQA", *budget).output
    for more in ((), ("--seeds", "0-1")):
        further = agemem("train", "-b", "HotpotQA", *budget, *more, "--also", "SciWorld").output
        own, both = LESSONS["HotpotQA"], LESSONS["HotpotQA"] + LESSONS["SciWorld"]
        assert f"({both} tasks)" in further and f"({own} tasks)" in alone
        assert all(larger > less for larger, less in zip(minutes(further), minutes(alone), strict=True))
    groups = agemem("ablate", "groups", "-b", "HotpotQA", *budget).output
    transfer = agemem("ablate", "transfer", "-b", "HotpotQA", *budget).output
    plans = [around(name, LONG) for name in FURTHER]
    before, cloned = sum(plan.before for plan in plans) / 60, sum(plan.cloned for plan in plans)
    assert f"on the other benchmarks: about {before:.1f} min of cloning ({cloned} tasks)" in transfer
    assert "other benchmarks" not in groups
