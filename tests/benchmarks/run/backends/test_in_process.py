"""Many episodes at once, alone, and under time limits.

Policies are looked up in ``baselines.POLICIES`` at each episode: in the calling process a test may replace that table.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Sequence
from typing import Any

import pytest

import baselines
from agemem_env.env import AgeMemEnv
from agemem_env.errors import ConfigurationError
from baselines.base import Info, Observation, Policy
from benchmarks.results.row import EpisodeRow
from benchmarks.run.backends.in_process import PlayOptions
from benchmarks.run.play import play
from benchmarks.specs import PlayerSpec, RunSpec, episodes

NO_ERROR = {"type": "", "message": "", "traceback": ""}
"""Stands for none in rows without times, which rows without an error must have."""


class Together(Policy):
    """Decides only when four episodes are waiting for a decision at once."""

    name = "together"
    barrier = threading.Barrier(4)

    def act(self, observation: Observation, info: Info) -> Any:
        self.barrier.wait(timeout=60)
        return "<answer>x</answer>"


class Hanging(Policy):
    """Never decides if its seed is 1; waits for the others with the second turn otherwise."""

    name = "hanging"

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def act(self, observation: Observation, info: Info) -> Any:
        if self._seed == 1:
            threading.Event().wait()
        return "<answer>x</answer>"


class Failing(Hanging):
    """Raises if its seed is 1."""

    def act(self, observation: Observation, info: Info) -> Any:
        if self._seed == 1:
            raise RuntimeError("broken on purpose")
        return "<answer>x</answer>"


class Breaking(Policy):
    """Raises in the second turn if its seed is odd; else replies politely or answers."""

    name = "breaking"

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def act(self, observation: Observation, info: Info) -> Any:
        if self._seed % 2 and observation["round"] == 1:
            raise RuntimeError("broken on purpose")
        return "<answer>x</answer>" if observation["stage"] == 3 else "Noted."


class Quitting(Policy):
    """Ends the program in its first turn, as a library that parses arguments may."""

    name = "quitting"

    def act(self, observation: Observation, info: Info) -> Any:
        raise SystemExit(3)


def specs(policy: str, seeds: Sequence[int], stages: Sequence[int] = (3,)) -> list[RunSpec]:
    environment = ("AgeMem-HotpotQA-v0", {"source": "generated", "stages": list(stages)})
    return episodes([environment], [PlayerSpec(policy)], seeds)


def by_seed(rows: Sequence[EpisodeRow]) -> list[EpisodeRow]:
    return sorted(rows, key=lambda row: row.seed)


def timeless(rows: Sequence[EpisodeRow]) -> list[EpisodeRow]:
    return [dataclasses.replace(row, seconds=None, error=row.error or NO_ERROR) for row in by_seed(rows)]


@pytest.fixture(autouse=True)
def _policies(monkeypatch: pytest.MonkeyPatch) -> None:
    extra = {"together": lambda seed: Together(), "hanging": Hanging, "failing": Failing, "breaking": Breaking}
    monkeypatch.setattr(baselines, "POLICIES", {**baselines.POLICIES, **extra})


def test_episodes_wait_for_their_policies_together() -> None:
    rows = list(play(specs("together", range(8)), options=PlayOptions(concurrency=4)))
    assert [row.error for row in rows] == [None] * 8
    assert sorted(row.seed for row in rows) == list(range(8))


def test_environments_are_stepped_by_one_thread_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = set()
    for method in ("__init__", "reset", "step", "close"):
        original = getattr(AgeMemEnv, method)

        def spy(self: Any, *args: Any, original: Any = original, **kwargs: Any) -> Any:
            seen.add(threading.get_ident())
            return original(self, *args, **kwargs)

        monkeypatch.setattr(AgeMemEnv, method, spy)
    assert len(list(play(specs("together", range(8)), options=PlayOptions(concurrency=4)))) == 8
    assert seen == {threading.get_ident()}


@pytest.mark.parametrize("policy", ["random", "expert"])
def test_episodes_in_flight_give_the_rows_of_those_alone(policy: str) -> None:
    chosen = episodes([("AgeMem-HotpotQA-v0", {"source": "generated"})], [PlayerSpec(policy)], range(6))
    alone = list(play(chosen))
    together = list(play(chosen, options=PlayOptions(concurrency=3)))
    assert timeless(together) == timeless(alone)


def test_environments_are_kept_for_the_next_episode(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    original = AgeMemEnv.__init__
    monkeypatch.setattr(AgeMemEnv, "__init__", lambda self, *a, **k: (made.append(1), original(self, *a, **k))[1])
    list(play(specs("do-nothing", range(9)), options=PlayOptions(concurrency=3)))
    assert len(made) == 3


def test_a_policy_that_hangs_costs_its_own_episode_only() -> None:
    rows = list(play(specs("hanging", range(6)), options=PlayOptions(concurrency=2, time_limit=2.0)))
    errors = [None if row.error is None else row.error["type"] for row in by_seed(rows)]
    assert errors == [None, "EpisodeTimeout", None, None, None, None]


def test_a_time_limit_holds_without_concurrency_too() -> None:
    rows = list(play(specs("hanging", range(3)), options=PlayOptions(time_limit=2.0)))
    assert [row.error is None for row in by_seed(rows)] == [True, False, True]


def test_a_crash_in_flight_is_a_row_and_the_others_are_played() -> None:
    rows = by_seed(list(play(specs("failing", range(6)), options=PlayOptions(concurrency=3))))
    assert [row.error is None for row in rows] == [True, False, True, True, True, True]
    assert rows[1].error is not None
    assert rows[1].error["message"] == "broken on purpose"


def test_a_crash_is_a_row_and_the_next_episode_is_clean() -> None:
    rows = list(play(specs("breaking", range(3), (1, 2, 3))))
    assert [row.error is None for row in rows] == [True, False, True]
    error = rows[1].error
    assert error is not None
    assert (error["type"], error["message"]) == ("RuntimeError", "broken on purpose")
    assert rows[1].metrics is None
    assert timeless(rows[2:]) == timeless(list(play(specs("breaking", [2], (1, 2, 3)))))


@pytest.mark.parametrize(("kwargs", "message"), [({"concurrency": 0}, "concurrency=0"), ({"time_limit": 0}, "0 s")])
def test_options_out_of_range_are_refused(kwargs: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        PlayOptions(**kwargs)


@pytest.mark.parametrize("concurrency", [1, 2])
def test_a_policy_that_would_end_the_program_costs_its_own_episode_only(concurrency: int) -> None:
    name = f"{__name__}:Quitting"
    chosen = [*specs(name, [0]), *specs("do-nothing", [1])]
    rows = by_seed(list(play(chosen, options=PlayOptions(concurrency=concurrency))))
    assert [row.error and row.error["type"] for row in rows] == ["SystemExit", None]
