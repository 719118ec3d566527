"""Copies of environments and of snapshots go on as the originals do."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable
from contextlib import closing
from copy import deepcopy
from typing import Any

from agemem_env.env import AgeMemEnv
from baselines.conformance.common import Make, plain, same


def copies_continue_the_episode(make: Make) -> None:
    """Environments and snapshots can be pickled and deep-copied at any point, and the copies go on alike."""
    env, other = plain(make()), plain(make())
    for copy in (deepcopy, _pickled):
        with closing(copy(env)) as twin:
            same(env.reset(seed=6), twin.reset(seed=6), f"resets after {copy.__name__} before the first reset")
            env.step({"name": "Add_memory", "arguments": {"content": "The mug is in cabinet 3."}})
            _check(env, other, copy, "in the first stage")
        for stage in (2, 3):
            while env.desk().stage < stage:
                env.step("Noted.")
            env.step("look around")
            _check(env, other, copy, f"in stage {env.desk().stage}")
        while not env.over:
            env.step(env.engine.oracle([]))
        _check(env, other, copy, "after the end")
        env = plain(make())


def _check(env: AgeMemEnv, other: AgeMemEnv, copy: Callable[[Any], Any], where: str) -> None:
    """Check that a copy of an environment, and another one with a copy of its snapshot, go on as it would."""
    how = f"{copy.__name__.strip('_')} {where}"
    saved = env.snapshot()
    with closing(copy(env)) as twin:
        other.restore(copy(saved))
        same(env.action_space.sample(), twin.action_space.sample(), f"sampled actions, {how},")
        led = saved.episode.stage == 3 and not env.over
        actions = [env.engine.oracle([]) if led else env.action_space.sample(), "look around"]
        here = _play(env, actions)
        same(here, _play(twin, actions), f"an environment and its copy, {how},")
    same(here, _play(other, actions), f"an environment and one with a copy of its snapshot, {how},")
    env.restore(saved)


def _play(env: AgeMemEnv, actions: Iterable[Any]) -> list[Any]:
    """Return the results of actions; if there is no turn left, of the next reset."""
    results: list[Any] = []
    for action in actions:
        if env.over:
            return [*results, env.reset()]
        results.append(env.step(action))
    return results


def _pickled(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))
