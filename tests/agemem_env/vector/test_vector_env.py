"""A pool of environments behaves as Gymnasium's vector environments do."""

from __future__ import annotations

import functools
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.error import ClosedEnvironmentError, ResetNeeded
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from agemem_env.errors import ConcurrentUseError, ConfigurationError
from agemem_env.vector import PoolVectorEnv

ID = "AgeMem-HotpotQA-v0"
KWARGS: dict[str, Any] = {"source": "generated", "stages": (3,), "max_rounds": 2}


def pool(count: int = 3, **kwargs: Any) -> PoolVectorEnv:
    made = gym.make_vec(ID, num_envs=count, **{**KWARGS, "workers": 2, **kwargs})
    assert isinstance(made, PoolVectorEnv)
    return made


@pytest.fixture(scope="module")
def envs() -> Iterator[PoolVectorEnv]:
    made = pool()
    yield made
    made.close()


def test_make_vec_gives_fewer_processes_than_environments(envs: PoolVectorEnv) -> None:
    assert len(envs.pids) == 2
    assert envs.num_envs == 3
    assert envs.metadata["autoreset_mode"] == AutoresetMode.NEXT_STEP
    assert envs.spec is not None
    assert envs.spec.id == ID


def test_seeds_are_given_as_gymnasium_gives_them(envs: PoolVectorEnv) -> None:
    sync = gym.make_vec(ID, num_envs=3, vectorization_mode="sync", **KWARGS)
    for seed in (5, [7, None, 9]):
        envs.reset(seed=5)
        sync.reset(seed=5)
        _, infos = envs.reset(seed=seed)
        _, expected = sync.reset(seed=seed)  # type: ignore[arg-type]
        assert list(infos["state_hash"]) == list(expected["state_hash"])
    sync.close()


def test_attributes_are_read_set_and_called(envs: PoolVectorEnv) -> None:
    envs.reset(seed=0)
    assert envs.get_attr("over") == (False, False, False)
    envs.set_attr("mark", [1, 2, 3])
    assert envs.get_attr("mark") == (1, 2, 3)
    envs.set_attr("mark", 4)
    assert envs.call("mark") == (4, 4, 4)
    assert [len(text) for text in envs.call("admissible_commands")] == [0, 0, 0]
    assert envs.np_random_seed == (0, 1, 2)


def test_wrappers_of_vector_environments_work() -> None:
    wrapped: Any = gym.wrappers.vector.DictInfoToList(gym.wrappers.vector.RecordEpisodeStatistics(pool(2)))
    _, infos = wrapped.reset(seed=0)
    assert [info["source"] for info in infos] == ["generated"] * 2
    for _ in range(2):
        *_, infos = wrapped.step(("no", "no"))
    assert [info["episode"]["l"] for info in infos] == [2, 2]
    wrapped.close()


@pytest.mark.parametrize("mode", AutoresetMode)
def test_part_of_the_environments_is_reset(mode: AutoresetMode) -> None:
    envs = pool(autoreset_mode=mode.value)
    sync = SyncVectorEnv([functools.partial(gym.make, ID, **KWARGS)] * 3, autoreset_mode=mode)
    mask = np.array([True, False, True])
    for made in (envs, sync):
        made.reset(seed=1)
        made.step(("a", "b", "c"))
    observed, infos = envs.reset(seed=9, options={"reset_mask": mask})
    expected, expected_infos = sync.reset(seed=9, options={"reset_mask": mask})  # type: ignore[type-var]
    assert observed["messages"] == expected["messages"]
    assert list(observed["round"]) == [0, 1, 0]
    assert list(infos["_state_hash"]) == list(expected_infos["_state_hash"]) == list(mask)
    envs.close()
    sync.close()


def test_observations_are_the_readers_own(envs: PoolVectorEnv) -> None:
    first, _ = envs.reset(seed=0)
    first["messages"][0][0]["content"] = "changed"
    again, *_ = envs.step(("a", "b", "c"))
    assert again["messages"][0][0]["content"] != "changed"


def test_one_environment_is_stepped_while_others_wait(envs: PoolVectorEnv) -> None:
    observed, _ = envs.reset(seed=0)
    envs.send(2, "hello")
    result = envs.recv()
    assert result.env == 2
    assert result.observation["round"] == 1
    assert result.observation["messages"][:2] == observed["messages"][2][:2]
    envs.send_reset(0, seed=5)
    envs.send(1, "hello")
    assert {envs.recv().env, envs.recv().env} == {0, 1}
    with pytest.raises(ConfigurationError, match="nothing to receive"):
        envs.recv()


def test_send_obeys_the_autoreset_mode(envs: PoolVectorEnv) -> None:
    envs.reset(seed=0)
    rounds = []
    for _ in range(4):
        envs.send(0, "hello")
        result = envs.recv()
        rounds.append((result.observation["round"], result.truncated))
    assert rounds == [(1, False), (2, True), (0, False), (1, False)]


def test_an_environment_does_one_thing_at_a_time(envs: PoolVectorEnv) -> None:
    envs.reset(seed=0)
    envs.send(0, "hello")
    with pytest.raises(ConfigurationError, match="environment 0 has not finished its step"):
        envs.send(0, "hello")
    with pytest.raises(ConfigurationError, match="environment 0"):
        envs.step(("a", "b", "c"))
    envs.reset(seed=0)  # forgets it
    assert list(envs.step(("a", "b", "c"))[0]["round"]) == [1, 1, 1]


def test_what_an_environment_raises_is_raised_here() -> None:
    with pytest.raises(ConfigurationError, match="max_tokens"):
        pool(max_tokens=0)
    with pytest.raises(ConfigurationError, match="did you mean 'SameStep'"):
        pool(autoreset_mode="samestep")
    envs = pool(autoreset_mode="Disabled")
    with pytest.raises(ConfigurationError, match="unknown task 'x'"):
        envs.reset(options={"task": "x"})
    envs.reset(seed=0)
    for _ in range(2):
        envs.step(("a",) * 3)
    with pytest.raises(ResetNeeded):
        envs.step(("a",) * 3)
    envs.reset(seed=0)
    envs.close()
    with pytest.raises(ClosedEnvironmentError, match="after close"):
        envs.step(("a",) * 3)


def test_the_examples_of_the_page_run() -> None:
    root = Path(__file__).parents[3]
    code = "\n".join(re.findall(r"```python\n(.*?)```", (root / "docs" / "vector.md").read_text("utf-8"), flags=re.S))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


class Slow(gym.Wrapper[Any, Any, Any, Any]):
    """Takes its time for each step."""

    def step(self, action: Any) -> Any:
        time.sleep(1.0)
        return self.env.step(action)


def slow() -> gym.Env[Any, Any]:
    return Slow(gym.make(ID, **KWARGS))


def test_two_threads_in_one_pool_are_told() -> None:
    envs = PoolVectorEnv([slow])
    envs.reset(seed=0)
    thread = threading.Thread(target=envs.step, args=(("a",),))
    thread.start()
    time.sleep(0.3)
    with pytest.raises(ConcurrentUseError, match=r"reset\(\) was called while the same environment was in step\(\)"):
        envs.reset()
    thread.join()
    envs.close()
