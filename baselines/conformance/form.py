"""Observations and info have the form that the environment promises, and misuse is refused."""

from __future__ import annotations

import json
import math
import warnings
from typing import Any

import gymnasium as gym
from gymnasium.error import ResetNeeded
from gymnasium.utils.env_checker import check_env

from agemem_env.errors import ConfigurationError
from agemem_env.spaces import chat_error
from baselines import rollout
from baselines.cheats import DoNothing
from baselines.conformance.common import Make, broken, mixed_actions, plain

INFO_KEYS = {
    "stage", "source", "success", "progress", "reward_components", "tool_calls", "errors", "tokens",
    "token_counter", "judge", "overflow", "context_rewritten", "state_hash", "origins", "shown_memories",
    "last_effect",
}  # fmt: skip
"""The keys that ``info`` always has; `task_id` comes with stage 3, `admissible_commands` and
`idle_commands` are there if the engine lists them, `metrics` at the end."""

TIGHT_BUDGETS = (1600, 2400, 4800)
"""Context budgets in tokens: the first that holds the system message and the task makes contexts overflow."""


def passes_gymnasium_checker(make: Make) -> None:
    """Gymnasium's own checker has nothing to say, not even a warning."""
    env = plain(make())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_env(env, skip_render_check=env.spec is None)


def observations_and_info_keep_their_form(make: Make) -> None:
    """Observations are in their space, prompts suit a chat API, info is JSON with the keys that are promised."""
    for tool_format in ("native", "tags"):
        env = make(tool_format=tool_format)
        observation, info = env.reset(seed=1)
        actions = mixed_actions(env, 1)
        over = False
        while not over:
            check_form(env, observation, info)
            previous = info
            observation, reward, terminated, truncated, info = env.step(next(actions))
            if type(reward) is not float or not math.isfinite(reward):
                broken(f"reward {reward!r} is not a finite float")
            if type(terminated) is not bool or type(truncated) is not bool:
                broken("terminated and truncated must be bools")
            if info is previous:
                broken("info is one dict that changes")
            over = terminated or truncated
        check_form(env, observation, info)
        if "metrics" not in info:
            broken("metrics are missing at the end")


def check_form(env: gym.Env[Any, Any], observation: Any, info: dict[str, Any]) -> None:
    """Check one observation and its info.

    Raises:
        BrokenContractError: If something has not the form promised.
    """
    if observation not in env.observation_space:
        broken(f"an observation is not in its space: {observation!r:.300}")
    error = chat_error(observation["messages"])
    if error is not None:
        broken(f"a chat API would refuse the messages: {error}")
    if observation["messages"][-1]["role"] == "assistant":
        broken("the last message is the agent's own")
    expected = INFO_KEYS | ({"admissible_commands", "idle_commands"} if plain(env).engine.lists_commands else set())
    expected |= {"candidate_commands"} if plain(env).engine.suggests_commands else set()
    expected |= {"task_id"} if info["stage"] == 3 else set()
    if set(info) - {"metrics"} != expected:
        broken(f"info has keys {sorted(set(info) ^ expected)} too many or too few")
    json.dumps(info, allow_nan=False)
    if type(info["success"]) is not bool:
        broken(f"success {info['success']!r} is not a bool")
    if not 0.0 <= info["progress"] <= 1.0:
        broken(f"progress {info['progress']!r} is not in [0, 1]")
    if observation["tokens"] > plain(env).config.max_tokens:
        broken("the context exceeds its budget")


def context_rewritten_tells_the_truth(make: Make) -> None:
    """``info["context_rewritten"]`` is False exactly when the prompt extends the last one by what was said."""
    env = _with_a_tight_budget(make)
    seen = set()
    for seed in range(5):
        observation, info = env.reset(seed=seed)
        actions = mixed_actions(env, seed)
        over = False
        while not over:
            before, action = observation["messages"], next(actions)
            observation, _, terminated, truncated, info = env.step(action)
            extends = observation["messages"][: len(before)] == before
            if isinstance(action, str):
                # What was said in words has to be there as it was said.
                extends = extends and observation["messages"][len(before)]["content"] == action
            if info["context_rewritten"] == extends:
                broken(f"context_rewritten is {not extends}, but the prompt {'extends' if extends else 'does not'}")
            seen.add(extends)
            over = terminated or truncated
    if seen != {True, False}:
        broken("the episodes did not exercise both cases")


def _with_a_tight_budget(make: Make) -> gym.Env[Any, Any]:
    for budget in TIGHT_BUDGETS:
        env = make(max_tokens=budget)
        try:
            for seed in range(5):
                env.reset(seed=seed)
        except ConfigurationError:
            continue
        return env
    return make()


def stepping_after_the_end_raises(make: Make) -> None:
    """A step before `reset` or after the end raises `ResetNeeded`."""
    env = plain(make())
    _must_refuse(env, "before reset")
    rollout(env, DoNothing(), seed=0)
    _must_refuse(env, "after the end")


def _must_refuse(env: gym.Env[Any, Any], when: str) -> None:
    try:
        env.step("something")
    except ResetNeeded:
        return
    broken(f"a step {when} did not raise ResetNeeded")
