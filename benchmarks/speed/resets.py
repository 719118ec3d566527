"""What a new task, the same task again and the return to a snapshot cost.

Times are processor time of this process: other loads hardly disturb it, and a new task cannot be timed twice. What a
virtual machine does beside it is not in them. Python's search for garbage is, but not its way through what lay in
memory before.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import numpy as np

from agemem_env.env import AgeMemEnv
from benchmarks.specs import make_env

TASKS = 24
"""New tasks, drawn at random, after one that is not counted."""

AGAIN = 20
"""How often the same task, and a snapshot, is returned to."""

STEPS = 6
"""Commands in stage 3 before the snapshot, at most."""


@dataclass(frozen=True)
class Resets:
    """Processor times in milliseconds.

    Attributes:
        new: Mean for a task that this process has not made before.
        again: Median for the task that was played last.
        restore: Median for a snapshot.
    """

    new: float
    again: float
    restore: float


def measure(env_id: str, kwargs: Mapping[str, Any], seed: int = 0) -> Resets:
    """Measure the resets of an environment.

    Args:
        env_id: What `make_env` takes for it.
        kwargs: Its arguments.
        seed: Seed of the tasks that are drawn.
    """
    with closing(make_env(env_id, kwargs, checker=False)) as env:
        core = cast(AgeMemEnv, env.unwrapped)
        rng = np.random.default_rng(seed)
        numbers = rng.permutation(len(core.tasks))[: TASKS + 1].tolist()
        first = _ms(partial(core.reset, seed=1, options={"task": numbers[0]}))
        with _old_things_left_alone():
            others = [_ms(partial(core.reset, seed=1, options={"task": number})) for number in numbers[1:]]
        again = [_ms(partial(core.reset, seed=1, options={"task": numbers[-1]})) for _ in range(AGAIN)]
        _play(core, rng)
        restore = [_ms(partial(core.restore, core.snapshot())) for _ in range(AGAIN)]
    return Resets(statistics.mean(others or [first]), statistics.median(again), statistics.median(restore))


def _play(env: AgeMemEnv, rng: np.random.Generator) -> None:
    """Go on to stage 3 and carry out some commands, but not to the end."""
    _, info = env.reset(seed=1)
    for _ in range(1000):
        if info["stage"] == 3:
            break
        _, _, _, _, info = env.step("Noted.")
    for _ in range(STEPS):
        allowed = env.admissible_commands()
        if not allowed:
            return
        before = env.snapshot()
        command = allowed[int(rng.integers(len(allowed)))]
        _, _, terminated, truncated, _ = env.step({"name": "act", "arguments": {"command": command}})
        if terminated or truncated:
            env.restore(before)
            return


@contextmanager
def _old_things_left_alone() -> Iterator[None]:
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _ms(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return 1e3 * (time.process_time() - start)
