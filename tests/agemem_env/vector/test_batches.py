"""Turns that are sent as a whole are the turns that were taken."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import pytest

from agemem_env.vector.batches import Batch, EnvTurn, in_order
from agemem_env.vector.processes import WorkerProcess

TURNS = [
    EnvTurn({"round": 1}, 0.0, False, False, {"a": 1, "b": {"c": None}}),
    EnvTurn({"round": 2}, 0.5, True, False, {"a": 2, "b": {"c": 0.5}, "metrics": {"SR": 1.0}}),
    EnvTurn({"round": 3}, 0.0, False, True, {"a": "x"}),
]


def test_a_batch_holds_the_turns_it_was_made_of() -> None:
    batch = Batch.of([2, 4, 7], TURNS)
    assert batch.turns() == TURNS
    assert batch.over == [False, True, True]


def test_batches_are_put_in_order_whoever_is_in_them() -> None:
    apart = [Batch.of([3, 5], TURNS[1:]), Batch.of([0, 2], TURNS[:2])]
    assert [batch.envs for batch in in_order(apart)] == [[0, 2], [3, 5]]
    mixed = in_order([Batch.of([0, 2], [TURNS[0], TURNS[2]]), Batch.of([1], TURNS[1:2])])
    assert [batch.envs for batch in mixed] == [[0, 1, 2]]
    assert mixed[0].turns() == TURNS


def test_what_a_process_gives_in_a_step_of_all_travels_together(monkeypatch: pytest.MonkeyPatch) -> None:
    envs: Any = gym.make_vec("AgeMem-HotpotQA-v0", num_envs=6, workers=2, source="generated")
    envs.reset(seed=0)
    got: list[Any] = []
    receive = WorkerProcess.receive
    monkeypatch.setattr(WorkerProcess, "receive", lambda process: got.append(receive(process)) or got[-1])  # type: ignore[func-returns-value]
    for _ in range(3):
        envs.step(("Noted.",) * 6)
    envs.close()
    assert sum(len(message.envs) for message in got) == 18
    assert len(got) < 18  # one of each process, unless the machine was too busy
