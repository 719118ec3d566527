"""Every wrapper of Gymnasium, once per kind of benchmark: it works, or refuses in one line, as the page says."""

from __future__ import annotations

import inspect
import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium import wrappers
from gymnasium.wrappers import vector

PAGE = (Path(__file__).parents[2] / "docs" / "gymnasium.md").read_text(encoding="utf-8")
CONVERSIONS = {"ArrayConversion", "JaxToNumpy", "JaxToTorch", "NumpyToTorch"}
ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
    "AddWhiteNoise": {"probability_of_noise_per_pixel": 0.5},
    "ClipReward": {"min_reward": -1, "max_reward": 1},
    "DelayObservation": {"delay": 1},
    "DiscretizeAction": {"bins": 3},
    "DiscretizeObservation": {"bins": 3},
    "DtypeObservation": {"dtype": np.float32},
    "FilterObservation": {"filter_keys": ["tokens"]},
    "FrameStackObservation": {"stack_size": 2},
    "ObstructView": {"obstructed_pixels_ratio": 0.5, "obstruction_width": 2},
    "RecordVideo": {"video_folder": "."},
    "RepeatAction": {"num_repeats": 2},
    "RescaleAction": {"min_action": 0, "max_action": 1},
    "RescaleObservation": {"min_obs": 0, "max_obs": 1},
    "ReshapeObservation": {"shape": (1,)},
    "ResizeObservation": {"shape": (4, 4)},
    "StickyAction": {"repeat_action_probability": 0.5},
    "TimeLimit": {"max_episode_steps": 3},
    "TransformAction": {"func": lambda action: action, "action_space": None},
    "TransformObservation": {"func": lambda observation: observation, "observation_space": None},
    "TransformReward": {"func": lambda reward: reward},
    "VectorizeTransformAction": {
        "wrapper": wrappers.TransformAction, "func": lambda action: action, "action_space": None
    },
    "VectorizeTransformObservation": {"wrapper": wrappers.FlattenObservation},
    "VectorizeTransformReward": {"wrapper": wrappers.ClipReward, "min_reward": -1, "max_reward": 1},
}  # fmt: skip


def names(module: Any) -> list[str]:
    found = [name for name in module.__all__ if name not in CONVERSIONS and name != "vector"]
    return [name for name in found if inspect.isclass(getattr(module, name))]


def documented(names_of_works: str) -> set[str]:
    return {name for row in re.findall(names_of_works, PAGE, re.DOTALL) for name in re.findall(r"`(\w+)`", row)}


WORK = documented(r"\n\| ([^|\n]*) \| work")
WORK_ON_VECTORS = documented(r"Of the wrappers for vector environments,(.*?)\swork;")


def play(env: Any, action: Any) -> None:
    env.reset(seed=3)
    for _ in range(3):
        env.step(action)
    env.render()


@pytest.mark.parametrize("benchmark", ["HotpotQA", "PDDL"])
@pytest.mark.parametrize("name", names(wrappers))
def test_a_wrapper_works_or_refuses_as_documented(name: str, benchmark: str) -> None:
    env = gym.make(f"agemem_env:AgeMem-{benchmark}-v0", source="generated", stages=(3,), render_mode="ansi")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if name in WORK:
            play(getattr(wrappers, name)(env, **ARGUMENTS.get(name, {})), "look")
            return
        with pytest.raises(Exception) as caught:
            play(getattr(wrappers, name)(env, **ARGUMENTS.get(name, {})), "look")
    assert "\n" not in str(caught.value) and not isinstance(caught.value, MemoryError)
    assert f"`{name}`" in PAGE, f"docs/gymnasium.md does not mention {name}"


@pytest.mark.parametrize("name", names(vector))
def test_a_vector_wrapper_works_or_refuses_as_documented(name: str) -> None:
    envs = gym.make_vec("agemem_env:AgeMem-PDDL-v0", 2, "sync", source="generated", stages=(3,))
    arguments = dict(ARGUMENTS.get(name, {}))
    if name == "TransformObservation":
        arguments["single_observation_space"] = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if name in WORK_ON_VECTORS:
            play(getattr(vector, name)(envs, **arguments), ("look", "look"))
            return
        with pytest.raises(Exception) as caught:
            play(getattr(vector, name)(envs, **arguments), ("look", "look"))
    assert "\n" not in str(caught.value) and not isinstance(caught.value, MemoryError)


def test_flattening_makes_one_number_of_a_count_and_leaves_messages() -> None:
    env = wrappers.FlattenObservation(gym.make("agemem_env:AgeMem-HotpotQA-v0", source="generated"))
    observation, _ = env.reset(seed=1)
    assert observation["tokens"].shape == (1,) and observation in env.observation_space
    assert observation["messages"][0]["role"] == "system"
