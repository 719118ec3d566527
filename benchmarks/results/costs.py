"""What a row says of an episode beside its outcome: the task, and what language models cost."""

from __future__ import annotations

from typing import Any, cast

import gymnasium as gym

from agemem_env.env import AgeMemEnv
from agemem_env.types import Task, Usage
from baselines.base import Policy


def task_of(env: gym.Env[Any, Any]) -> Task:
    """Return the task that an environment of the suite plays."""
    return cast(AgeMemEnv, env.unwrapped).task


def costs(env: gym.Env[Any, Any], policy: Policy) -> dict[str, Any]:
    """Return what the models of an episode cost: the policy's, the memory system's, and the environment's services'."""
    ledger = cast(AgeMemEnv, env.unwrapped).ledger
    memory, services = ledger.memory_usage(), ledger.service_usage()
    return {
        "cost": written_usage(policy.usage + memory + services),
        "memory_cost": written_usage(memory),
        "service_cost": written_usage(services),
        "service_faults": dict(ledger.faults("environment")),
    }


def written_usage(usage: Usage) -> dict[str, float | None]:
    """Return what calls of models cost, as it stands in a row."""
    return {
        "calls": usage.calls,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "price": usage.price,
        "seconds": round(usage.seconds, 6),
    }
