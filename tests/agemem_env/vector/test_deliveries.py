"""Results reach the call or the coroutine that waits for them."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pickle import PicklingError
from typing import Any

import gymnasium as gym
import pytest
from gymnasium.wrappers import FilterObservation

from agemem_env.errors import ConfigurationError
from agemem_env.vector import PoolVectorEnv
from agemem_env.wrappers import Features, LimitEnds, MenuActions
from tests.agemem_env.vector import trouble


@pytest.fixture
def envs() -> Iterator[PoolVectorEnv]:
    made = PoolVectorEnv([trouble.make] * 4, workers=2, autoreset_mode="Disabled")
    made.reset(seed=0)
    yield made
    made.close()


def test_coroutines_step_environments_side_by_side(envs: PoolVectorEnv) -> None:
    async def play(index: int) -> list[int]:
        rounds = [(await envs.areset(index, seed=index)).observation["round"]]
        for _ in range(2):
            rounds.append((await envs.astep(index, "hello")).observation["round"])
        return rounds

    async def all_of_them() -> list[list[int]]:
        return await asyncio.gather(*map(play, range(4)))

    for _ in range(2):  # each time with a new event loop
        assert asyncio.run(all_of_them()) == [[0, 1, 2]] * 4


def test_a_slow_environment_blocks_no_other_process(envs: PoolVectorEnv) -> None:
    async def order() -> list[int]:
        done: list[int] = []

        async def step(index: int, action: str) -> None:
            await envs.astep(index, action)
            done.append(index)

        await asyncio.gather(step(0, "sleep 1"), step(2, "hello"), step(3, "hello"))
        return done

    assert asyncio.run(order())[-1] == 0


def test_coroutines_receive_in_order_of_completion(envs: PoolVectorEnv) -> None:
    async def order() -> list[int]:
        envs.send(0, "sleep 0.5")
        envs.send(3, "hello")
        return [(await envs.arecv()).env, (await envs.arecv()).env]

    assert asyncio.run(order()) == [3, 0]


def test_a_cancelled_step_is_waited_for_and_forgotten(envs: PoolVectorEnv) -> None:
    async def play() -> int:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(envs.astep(0, "sleep 0.5"), 0.1)
        begun = await envs.areset(0, seed=1)
        return int(begun.observation["round"])

    assert asyncio.run(play()) == 0
    with pytest.raises(ConfigurationError, match="nothing to receive"):
        envs.recv()


def test_what_an_environment_raises_reaches_its_coroutine_alone(envs: PoolVectorEnv) -> None:
    async def play() -> list[Any]:
        return await asyncio.gather(envs.astep(0, "raise"), envs.astep(1, "hello"), return_exceptions=True)

    failed, fine = asyncio.run(play())
    assert isinstance(failed, LookupError)
    assert str(failed) == "told to raise"
    assert "trouble.py" in str(failed.__cause__)
    assert fine.observation["round"] == 1


def test_a_death_reaches_the_coroutines(envs: PoolVectorEnv) -> None:
    async def play() -> tuple[Any, Any]:
        dead, bystander = await asyncio.gather(envs.astep(0, "die"), envs.astep(2, "hello"))
        return dead.info["engine_error"], bystander.info.get("engine_error")

    cause, none = asyncio.run(play())
    assert "SIGKILL" in cause
    assert none is None

    async def told_at_once() -> Any:
        return await envs.astep(1, "hello")

    assert "SIGKILL" in asyncio.run(told_at_once()).info["engine_error"]


def test_receiving_in_time_or_not_at_all(envs: PoolVectorEnv) -> None:
    envs.send(0, "sleep 0.5")
    with pytest.raises(TimeoutError, match=r"within 0\.05 s"):
        envs.recv(0.05)
    assert envs.recv().env == 0


def test_threads_send_while_another_receives(envs: PoolVectorEnv) -> None:
    turns = 40

    def answer(index: int) -> None:
        time.sleep(0.002)
        envs.send(index, "hello")

    with ThreadPoolExecutor(4) as models:
        for index in range(4):
            envs.send_reset(index, seed=index)
        seen = []
        while len(seen) < turns:
            result = envs.recv(10.0)
            seen.append(result.env)
            if result.over:
                envs.send_reset(result.env, seed=1)
            else:
                models.submit(answer, result.env).add_done_callback(lambda future: future.result())
    assert set(seen) == {0, 1, 2, 3}


def test_what_is_lost_already_wakes_who_receives(envs: PoolVectorEnv) -> None:
    os.kill(envs.pids[0], signal.SIGKILL)
    envs.send(2, "hello")
    while envs.recv().env != 2:
        pass
    time.sleep(0.5)
    with pytest.raises(TimeoutError):
        envs.recv(0.1)  # notices the death
    timer = threading.Timer(0.3, envs.send, (0, "hello"))
    timer.start()
    assert "SIGKILL" in envs.recv(10.0).info["engine_error"]


def test_the_time_limit_holds_for_what_is_sent_while_another_receives() -> None:
    envs = PoolVectorEnv([trouble.make], autoreset_mode="Disabled", step_limit_s=0.5)
    envs.reset(seed=0)
    threading.Timer(0.3, envs.send, (0, "sleep 60")).start()
    assert envs.recv(10.0).info["engine_error"] == "it took more than 0.5 s"
    envs.close()


def test_an_action_that_cannot_travel_changes_nothing(envs: PoolVectorEnv) -> None:
    with pytest.raises((AttributeError, TypeError, PicklingError)):
        envs.send(0, lambda: None)
    envs.send(0, "hello")
    assert envs.recv().observation["round"] == 1


def test_a_busy_environment_leaves_the_others_idle(envs: PoolVectorEnv) -> None:
    envs.send(3, "hello")
    with pytest.raises(ConfigurationError, match="environment 3 has not finished"):
        envs.step(("a",) * 4)
    assert envs.recv().env == 3
    assert list(envs.step(("a",) * 4)[0]["round"]) == [1, 1, 1, 2]


def _menu() -> gym.Env[Any, Any]:
    return LimitEnds(Features(MenuActions(gym.make("AgeMem-HotpotQA-v0", source="generated"))))


def _filtered() -> gym.Env[Any, Any]:
    return FilterObservation(gym.make("AgeMem-HotpotQA-v0", source="generated"), ["messages"])


def test_an_episode_is_copied_with_its_menu() -> None:
    envs = PoolVectorEnv([_menu] * 3, workers=2, autoreset_mode="Disabled")
    begun = envs.make_group(0, 3, seed=7)
    played = begun[0]
    for _ in range(4):  # by the one that the others are copied from
        envs.send(0, int(played.observation["mask"].nonzero()[0][-1]))
        played = envs.recv()
    shared = [played, *envs.copy_episode(0, [1, 2])]
    for _ in range(8):
        for result in shared[1:]:
            assert all((result.observation[key] == value).all() for key, value in shared[0].observation.items())
            assert (result.info["action_mask"] == shared[0].info["action_mask"]).all()
        for index in range(3):
            envs.send(index, int(shared[0].observation["mask"].nonzero()[0][-1]))
        shared = sorted((envs.recv() for _ in range(3)), key=lambda result: result.env)
    assert len({result.info["state_hash"] for result in shared}) == 1
    envs.close()


def test_observations_that_cannot_be_copied_are_refused() -> None:
    envs = PoolVectorEnv([_filtered] * 2, workers=1, autoreset_mode="Disabled")
    with pytest.raises(ConfigurationError, match=r"FilterObservation has no restore\(\)"):
        envs.make_group(0, 2, seed=7)
    envs.close()


def test_a_group_begins_alike_and_shares_what_was_played() -> None:
    envs = gym.make_vec("AgeMem-PDDL-v0", num_envs=5, source="generated", workers=2, autoreset_mode="Disabled")
    assert isinstance(envs, PoolVectorEnv)
    envs.reset(seed=0)
    before = envs.get_attr("task")[4].id
    begun = envs.make_group(3, 4, seed=7)
    assert [result.env for result in begun] == [0, 1, 2, 3]
    assert len({result.info["state_hash"] for result in begun}) == 1
    assert all(result.observation["messages"] == begun[0].observation["messages"] for result in begun)
    note = {"name": "Add_memory", "arguments": {"content": "the mug is in cabinet 3"}}
    envs.send(0, note)
    played = envs.recv()
    shared = envs.copy_episode(0, [1, 2, 3])
    assert {result.info["state_hash"] for result in shared} == {played.info["state_hash"]}
    single = gym.make("AgeMem-PDDL-v0", source="generated")
    single.reset(seed=7, options={"task": 3})
    single.step(note)
    expected = single.step("what next?")
    for index in range(4):
        envs.send(index, "what next?")
        got = envs.recv()
        assert got.observation["messages"] == expected[0]["messages"]
        assert got.info == expected[4]
    assert envs.get_attr("task")[4].id == before
    envs.close()
