"""What HotpotQA promises over many tasks: the expert needs memory."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import pytest

import agemem_env  # noqa: F401 - registers the ids
from agemem_env.data.locate import data_root
from baselines import make as make_policy
from baselines import rollout

OFFICIAL = sorted((data_root() / "hotpotqa").glob("hotpot_train*.json"))
needs_official = pytest.mark.skipif(not OFFICIAL, reason="AGEMEM_DATA has no HotpotQA training file")


def exact_matches(policy: str, count: int, **kwargs: Any) -> float:
    env = gym.make("AgeMem-HotpotQA-v0", **kwargs)
    played = [rollout(env, make_policy(policy, env, seed=i), seed=i, task=i) for i in range(count)]
    return sum(result.info["metrics"]["EM"] for result in played) / count


@pytest.mark.parametrize(
    ("policy", "low", "high"), [("expert", 0.95, 1.0), ("expert-no-memory", 0.0, 0.1), ("random", 0.0, 0.01)]
)
def test_memory_matters_on_generated_tasks(policy: str, low: float, high: float) -> None:
    assert low <= exact_matches(policy, 200, source="generated") <= high


@needs_official
@pytest.mark.parametrize(
    ("policy", "low", "high"), [("expert", 0.95, 1.0), ("expert-no-memory", 0.0, 0.1), ("random", 0.0, 0.01)]
)
@pytest.mark.parametrize("split", ["train", "valid"])
def test_memory_matters_on_official_tasks(split: str, policy: str, low: float, high: float) -> None:
    env = gym.make("AgeMem-HotpotQA-v0", source="official", split=split)
    size = min(100, len(env.unwrapped.tasks))  # type: ignore[attr-defined]
    assert low <= exact_matches(policy, size, source="official", split=split) <= high


def test_make_vec_gives_equal_observations_beyond_ascii() -> None:
    kwargs: dict[str, Any] = {"source": "generated"}
    sync = gym.make_vec("AgeMem-HotpotQA-v0", 2, "sync", **kwargs)
    parallel = gym.make_vec(
        "AgeMem-HotpotQA-v0", 2, "async", vector_kwargs={"shared_memory": False, "context": "spawn"}, **kwargs
    )
    try:
        first, second = sync.reset(seed=5)[0], parallel.reset(seed=5)[0]
        assert first["messages"] == second["messages"]
        assert not str(first["messages"]).isascii(), "the tasks of this seed should have names beyond ASCII"
    finally:
        sync.close()
        parallel.close()
