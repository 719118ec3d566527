"""A worker that dies, hangs or grows is replaced; what it was playing is told, and the others go on."""

from __future__ import annotations

import functools
import os
import signal
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from agemem_env.errors import EngineCrash
from agemem_env.vector import PoolVectorEnv, WorkerError
from agemem_env.vector.resident import resident_mb
from tests.agemem_env.vector import trouble

MODES = ("NextStep", "SameStep", "Disabled")


def pool(count: int = 4, mode: str = "Disabled", **kwargs: Any) -> PoolVectorEnv:
    return PoolVectorEnv([trouble.make] * count, workers=2, autoreset_mode=mode, **kwargs)


def step(envs: PoolVectorEnv, *actions: str) -> tuple[Any, list[bool], dict[str, Any]]:
    observed, _, _, truncated, infos = envs.step(actions)
    return observed, [bool(end) for end in truncated], infos


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("action", "told"),
    [("die", "its worker process was ended by SIGKILL"), ("exit 3", "its worker process ended with exit code 3")],
)
def test_episodes_of_a_dead_worker_end_with_the_cause(mode: str, action: str, told: str) -> None:
    envs = pool(mode=mode)
    before, _ = envs.reset(seed=0)
    observed, truncated, infos = step(envs, action, "a", "b", "c")
    assert truncated == [True, True, False, False]
    last = infos["final_info"] if mode == "SameStep" else infos
    assert list(last["engine_error"][:2]) == [told] * 2
    assert list(last["success"][:2]) == [False, False]
    shown = [final["messages"] for final in infos["final_obs"][:2]] if mode == "SameStep" else observed["messages"][:2]
    assert list(shown) == list(before["messages"][:2])  # the last that was seen of them
    if mode == "Disabled":
        envs.reset(options={"reset_mask": np.array([True, True, False, False])})
    elif mode == "NextStep":
        observed, truncated, infos = step(envs, "a", "b", "c", "d")
        assert list(observed["round"]) == [0, 0, 2, 2]
    observed, truncated, infos = step(envs, "a", "b", "c", "d")
    assert truncated == [False, False, mode == "NextStep", mode == "NextStep"]
    assert "engine_error" not in infos
    envs.close()


def test_a_crash_of_the_engine_ends_one_episode_and_no_process() -> None:
    envs = pool()
    envs.reset(seed=0)
    pids = envs.pids
    _, truncated, infos = step(envs, "crash", "a", "b", "c")
    assert truncated == [True, False, False, False]
    assert infos["engine_error"][0] == "the simulator ended"
    envs.reset(options={"reset_mask": np.array([True, False, False, False])})
    observed, *_ = step(envs, "a", "b", "c", "d")
    assert list(observed["round"]) == [1, 2, 2, 2]
    assert envs.pids == pids
    envs.close()


def test_episodes_after_a_death_depend_on_the_seed_alone() -> None:
    hashes = []
    for _ in range(2):
        envs = pool(mode="SameStep")
        envs.reset(seed=5)
        _, _, infos = step(envs, "die", "a", "b", "c")
        hashes.append(list(infos["state_hash"]))
        envs.close()
    assert hashes[0] == hashes[1]
    assert hashes[0][0] != hashes[0][1]


def test_a_worker_that_dies_while_its_environments_wait() -> None:
    envs = pool()
    envs.reset(seed=0)
    os.kill(envs.pids[0], signal.SIGKILL)
    envs.send(2, "a")
    assert not envs.recv().over
    envs.send(0, "a")
    result = envs.recv()
    assert result.truncated
    assert "SIGKILL" in result.info["engine_error"]
    with pytest.raises(EngineCrash, match="environment 1: its worker process was ended by SIGKILL"):
        envs.copy_episode(1, [2])
    envs.send_reset(1, seed=3)  # says nothing more of the lost one
    assert not envs.recv().over
    envs.send(1, "a")
    assert not envs.recv().over
    envs.close()


def test_a_reset_that_kills_is_tried_again_and_then_told() -> None:
    envs = pool()
    envs.reset(seed=0)
    envs.send_reset(0, options={"task": "die"})
    result = envs.recv()
    assert result.truncated
    assert "SIGKILL" in result.info["engine_error"]
    with pytest.raises(EngineCrash, match="environment 0 could not be reset: its worker process was ended by SIGKILL"):
        envs.reset(options={"task": "die", "reset_mask": np.array([True, False, False, False])})
    envs.reset(seed=0)
    assert step(envs, "a", "b", "c", "d")[1] == [False] * 4
    envs.close()


def test_a_step_over_the_time_limit_costs_its_process_alone() -> None:
    envs = pool(step_limit_s=0.5)
    envs.reset(seed=0)
    _, truncated, infos = step(envs, "sleep 60", "a", "b", "c")
    assert truncated == [True, True, False, False]
    assert infos["engine_error"][0] == "it took more than 0.5 s"
    assert infos["engine_error"][1] == "its worker process was ended because environment 0 took more than 0.5 s"
    envs.close()


def test_the_time_limit_is_that_of_one_step_and_not_of_all_in_a_process() -> None:
    envs = pool(step_limit_s=1.5)
    envs.reset(seed=0)
    assert step(envs, *["sleep 1"] * 4)[1] == [False] * 4
    envs.close()


def test_a_process_that_takes_too_much_memory_is_replaced_and_episodes_go_on() -> None:
    envs, other = (pool(worker_memory_mb=limit) for limit in (300.0, None))
    for made in (envs, other):
        made.reset(seed=0)
    pids = envs.pids
    actions: Sequence[tuple[str, ...]] = (("grow 400", "a", "b", "c"), ("a", "b", "c", "d"), ("e", "f", "g", "h"))
    for chosen in actions:
        got, expected = envs.step(chosen), other.step(chosen)
        assert got[0]["messages"] == expected[0]["messages"]
        assert list(got[4]["state_hash"]) == list(expected[4]["state_hash"])
    assert got[3].all()  # an episode ended, and with it the process
    assert envs.pids[0] != pids[0]
    assert envs.pids[1] == pids[1]
    assert resident_mb(envs.pids[0]) < 300
    masked = {"reset_mask": np.array([True, False, True, False])}
    assert list(envs.reset(options=dict(masked))[1]["state_hash"]) == list(
        other.reset(options=dict(masked))[1]["state_hash"]
    )
    envs.close()
    other.close()


def die() -> Any:
    os._exit(7)


def test_a_worker_that_cannot_start_is_told() -> None:
    with pytest.raises(WorkerError, match="could not start, 3 times: its worker process ended with exit code 7"):
        PoolVectorEnv([die])


def test_environments_that_differ_are_refused() -> None:
    makers = [trouble.make, functools.partial(trouble.make, tools=("Add_memory",))]
    with pytest.raises(RuntimeError, match="spaces of the environments differ"):
        PoolVectorEnv(makers, workers=2)
