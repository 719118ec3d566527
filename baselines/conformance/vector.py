"""Contracts of Gymnasium's vector environments: merged observations and infos are those of single environments."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv, VectorEnv

from agemem_env.vector import PoolVectorEnv
from baselines.conformance.common import Make, broken

Step = tuple[Any, float, bool, bool, dict[str, Any]]

LIMITS = (1, 3, 2)
"""Turn limits of the environments side by side, so that their episodes end at different times."""

STEPS = 24


def vector_environments_agree(make: Make) -> None:
    """Sync vector environments in every autoreset mode give what single environments give, with staggered ends."""
    for mode in AutoresetMode:
        check_vector(functools.partial(SyncVectorEnv, autoreset_mode=mode), make, mode)


def async_vector_environments_agree(make: Make) -> None:
    """Async vector environments, in processes that are spawned, give what single environments give."""
    mode = AutoresetMode.NEXT_STEP
    spawned = functools.partial(AsyncVectorEnv, shared_memory=False, context="spawn", autoreset_mode=mode)
    check_vector(spawned, make, mode)


def pool_vector_environments_agree(make: Make) -> None:
    """Environments in a pool of worker processes give in every autoreset mode what single environments give."""
    for mode in AutoresetMode:
        check_vector(functools.partial(PoolVectorEnv, workers=2, autoreset_mode=mode), make, mode)


def check_vector(vector: Callable[[Sequence[Any]], VectorEnv[Any, Any, Any]], make: Make, mode: AutoresetMode) -> None:
    """Play single environments, then the same ones side by side, and compare every step.

    Raises:
        BrokenContractError: If an observation, a reward, a flag or an info differs.
    """
    makers = [_Maker(make, limit) for limit in LIMITS]
    alone = [list(_single(maker, i, mode)) for i, maker in enumerate(makers)]
    if not any(step[2] or step[3] for steps in alone for step in steps):
        broken(f"no episode ended within {STEPS} steps of a limit of {min(LIMITS)} turns in stage 3")
    many: Any = vector(makers)
    try:
        observations, infos = many.reset(seed=list(range(len(makers))))
        _compare(observations, infos, [steps[0] for steps in alone], f"{mode.value}, reset")
        for t in range(1, STEPS + 1):
            expected = [steps[t] for steps in alone]
            observations, rewards, terminated, truncated, infos = many.step(
                tuple(map(_action, range(t, t + len(makers))))
            )
            where = f"{mode.value}, step {t}"
            _compare(observations, infos, expected, where)
            for got, index in ((rewards, 1), (terminated, 2), (truncated, 3)):
                if list(got) != [step[index] for step in expected]:
                    broken(f"{where}: {got} is not that of single environments")
            ended = np.logical_or(terminated, truncated)
            if mode == AutoresetMode.DISABLED and ended.any():
                many.reset(options={"reset_mask": ended})
    finally:
        many.close()


class _Maker:
    """Makes an environment with a turn limit of its own; can be sent to another process."""

    def __init__(self, make: Make, limit: int) -> None:
        self._make, self._limit = make, limit

    def __call__(self) -> gym.Env[Any, Any]:
        return self._make(max_rounds=self._limit, facts_per_turn=8)


def _action(number: int) -> Any:
    """Return one of some actions that never end an episode: a call, a reply, two calls, and one that is refused."""
    return (
        {"name": "Retrieve_memory", "arguments": {"query": f"fact {number}"}},
        "I see. Zürich 東京",
        [{"name": "Add_memory", "arguments": {"content": f"fact {number}"}}] * 2,
        {"name": "Delete_memory", "arguments": {"memory_id": "none"}},
    )[number % 4]


def _single(make: _Maker, index: int, mode: AutoresetMode) -> Iterator[Step]:
    """Yield what a vector environment should show of the environment at an index, from its reset on."""
    env = make()
    observation, info = env.reset(seed=index)
    yield observation, 0.0, False, False, info
    over = False
    for t in range(1, STEPS + 1):
        if over and mode == AutoresetMode.NEXT_STEP:
            observation, info = env.reset()
            over = False
            yield observation, 0.0, False, False, info
            continue
        observation, reward, terminated, truncated, info = env.step(_action(t + index))
        over = terminated or truncated
        if over and mode != AutoresetMode.NEXT_STEP:
            last, info_at_end = observation, info
            observation, info = env.reset()
            over = False
            if mode == AutoresetMode.SAME_STEP:
                info = {**info, "final_obs": last, "final_info": info_at_end}
            else:
                observation, info = last, info_at_end
        yield observation, float(reward), terminated, truncated, info
    env.close()


def _compare(observations: Any, infos: Mapping[str, Any], expected: Sequence[Step], where: str) -> None:
    for i, step in enumerate(expected):
        seen = {key: value[i] for key, value in observations.items()}
        if not _same(seen, step[0]):
            broken(f"{where}: the observation of environment {i} is not that of a single one")
        got = _separate(infos, i)
        if not _same(got, step[4]):
            broken(f"{where}: the info of environment {i} is {got}, but a single one gives {step[4]}")


def _separate(infos: Mapping[str, Any], index: int) -> dict[str, Any]:
    """Return the info of one environment from the merged one."""
    found = {}
    for key, value in infos.items():
        mask = infos.get(f"_{key}")
        if mask is not None and mask[index]:
            found[key] = _separate(value, index) if isinstance(value, dict) else value[index]
    return found


def _same(got: Any, expected: Any) -> bool:
    """Whether two values are equal; a merged None may be NaN."""
    if isinstance(expected, Mapping):
        return isinstance(got, Mapping) and set(got) == set(expected) and all(_same(got[k], expected[k]) for k in got)
    if expected is None:
        return got is None or (isinstance(got, float) and math.isnan(got))
    if isinstance(expected, (list, tuple)):
        return len(got) == len(expected) and all(map(_same, got, expected))
    return bool(got == expected)
