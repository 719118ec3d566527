"""Several processes, some of which die. They see only what they can import, such as a runner class."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Sequence
from typing import Any

import pytest

from agemem_env.vector.processes import WorkerError
from benchmarks.results.row import EpisodeRow
from benchmarks.run.backends import worker_processes
from benchmarks.run.backends.in_process import EpisodeRunner, PlayOptions
from benchmarks.run.play import play
from benchmarks.specs import PlayerSpec, RunSpec, episodes

NO_ERROR = {"type": "", "message": "", "traceback": ""}
"""Stands for none in rows without times, which rows without an error must have."""


class DyingRunner(EpisodeRunner):
    """Takes its process down at seed 1."""

    def play_alone(self, spec: RunSpec) -> EpisodeRow:
        if spec.seed == 1:
            os._exit(3)
        return super().play_alone(spec)


ENVIRONMENT = ("AgeMem-HotpotQA-v0", {"source": "generated", "stages": [3]})


class Stuck(EpisodeRunner):
    """Cannot start the episode of seed 1: its environment hangs."""

    def _start(self, spec: RunSpec) -> Any:
        if spec.seed == 1:
            time.sleep(600)
        return super()._start(spec)


def specs(policy: str, seeds: Sequence[int]) -> list[RunSpec]:
    return episodes([ENVIRONMENT], [PlayerSpec(policy)], seeds)


def by_seed(rows: Sequence[EpisodeRow]) -> list[EpisodeRow]:
    return sorted(rows, key=lambda row: row.seed)


def timeless(rows: Sequence[EpisodeRow]) -> list[EpisodeRow]:
    return [dataclasses.replace(row, seconds=None, error=row.error or NO_ERROR) for row in by_seed(rows)]


def _refuse(options: PlayOptions) -> EpisodeRunner:
    raise SystemExit(1)


def test_processes_with_several_episodes_each_give_the_same_rows() -> None:
    chosen = specs("random", range(7))
    together = list(play(chosen, workers=2, options=PlayOptions(concurrency=2)))
    assert timeless(together) == timeless(list(play(chosen)))


def test_a_process_that_hangs_is_ended_and_the_others_are_played(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_processes, "GRACE", 0.0)
    options = PlayOptions(time_limit=2.0)
    rows = by_seed(list(play(specs("do-nothing", range(5)), workers=2, options=options, runner=Stuck)))
    assert [row.seed for row in rows] == list(range(5))
    assert [row.error and row.error["type"] for row in rows] == [None, "EpisodeTimeout", None, None, None]


def test_a_process_that_cannot_start_is_said_at_once() -> None:
    with pytest.raises(WorkerError, match="ended with exit code 1"):
        list(play(specs("do-nothing", range(2)), workers=2, runner=_refuse))


def test_a_dead_process_is_a_row_and_the_others_are_played() -> None:
    rows = by_seed(list(play(specs("do-nothing", range(4)), workers=2, runner=DyingRunner)))
    assert [row.seed for row in rows] == [0, 1, 2, 3]
    assert [row.error["type"] if row.error else None for row in rows] == [None, "ProcessDied", None, None]
    assert rows[1].error
    assert "exit code 3" in rows[1].error["message"]
