"""Many environments at once, in a pool of worker processes.

``gymnasium.make_vec("AgeMem-HotpotQA-v0", num_envs=16)`` makes a `PoolVectorEnv`. From bottom to top: `processes` (a
worker process and its pipe), `merging` (infos of many, key by key), `batches` (what environments give in one step),
`worker` (what a process does), `wire` and `failures` (what travels), `places` (what is known of one environment),
`pool` (environments spread over processes, and what happens when one dies), `stepping` (one environment at a time, and
autoreset), `deliveries` (who gets a result) and `vector_env`.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import gymnasium as gym
from gymnasium.vector import AutoresetMode

from agemem_env.vector.processes import WorkerError
from agemem_env.vector.stepping import SlotResult
from agemem_env.vector.vector_env import PoolVectorEnv

__all__ = ["PoolVectorEnv", "SlotResult", "WorkerError", "make_vector"]


def make_vector(
    num_envs: int,
    *,
    workers: int | None = None,
    autoreset_mode: str | AutoresetMode = AutoresetMode.NEXT_STEP,
    step_limit_s: float | None = None,
    worker_memory_mb: float | None = None,
    **arguments: Any,
) -> PoolVectorEnv:
    """Make equal environments side by side; `gymnasium.make_vec` calls it.

    Args:
        num_envs: Number of environments.
        workers: As for `PoolVectorEnv`, like the next three.
        autoreset_mode: What happens after the end of an episode.
        step_limit_s: Seconds that a step may take.
        worker_memory_mb: Memory beyond which a process is replaced.
        **arguments: Of `AgeMemEnv`.
    """
    makers = [partial(_make, arguments)] * num_envs
    return PoolVectorEnv(
        makers,
        workers=workers,
        autoreset_mode=autoreset_mode,
        step_limit_s=step_limit_s,
        worker_memory_mb=worker_memory_mb,
    )


def _make(arguments: dict[str, Any]) -> gym.Env[Any, Any]:
    from agemem_env.env import AgeMemEnv
    from agemem_env.registration import env_id

    env = AgeMemEnv(**arguments)
    env.spec = gym.registry.get(env_id(arguments["benchmark"]))
    return env
