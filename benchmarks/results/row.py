"""From what came of an episode to its row."""

from __future__ import annotations

import platform
import traceback
from typing import Any, cast

import gymnasium as gym
import numpy as np

import agemem_env
from agemem_env.config import EnvConfig
from agemem_env.env import AgeMemEnv
from agemem_env.types import Usage
from baselines.base import Policy
from baselines.rollout import EpisodeResult
from benchmarks.results.file import SCHEMA, EpisodeRow
from benchmarks.specs import RunSpec


def finished(spec: RunSpec, result: EpisodeResult, cost: dict[str, Any]) -> EpisodeRow:
    """Return the row of an episode that was played to its end.

    Args:
        spec: What was played.
        result: What came of it.
        cost: What it cost, from `costs`.

    Raises:
        ValueError: If something in it is not a JSON value.
        TypeError: If something in it is not a JSON value.
    """
    info = result.info
    copied = ("task_id", "source", "reward_components", "metrics", "tool_calls", "errors", "tokens")
    row = EpisodeRow(
        **_identity(spec),
        **{name: info[name] for name in (*copied, "token_counter", "overflow", "success", "progress")},
        reward=result.reward,
        steps=result.steps,
        terminated=result.terminated,
        seconds={"env": round(result.seconds, 6), "policy": round(result.policy_seconds, 6)},
        **cost,
    )
    row.to_json()  # what JSON cannot hold is an error of this episode, not of the file
    return row


def costs(env: gym.Env[Any, Any], policy: Policy) -> dict[str, Any]:
    """Return what the models of an episode cost: the policy's, the memory system's, and the environment's services'."""
    ledger = cast(AgeMemEnv, env.unwrapped).ledger
    memory, services = ledger.memory_usage(), ledger.service_usage()
    return {
        "cost": _usage(policy.usage + memory + services),
        "memory_cost": _usage(memory),
        "service_cost": _usage(services),
        "service_faults": dict(ledger.faults("environment")),
    }


def crashed(spec: RunSpec, error: Exception, cost: dict[str, Any] | None = None) -> EpisodeRow:
    """Return the row of an episode that an exception ended."""
    described = {
        "type": type(error).__name__,
        "message": str(error),
        "traceback": "".join(traceback.format_exception(error)),
    }
    return EpisodeRow(**_identity(spec), error=described, **(cost or {}))


def expired(spec: RunSpec, limit: float, cost: dict[str, Any] | None = None) -> EpisodeRow:
    """Return the row of an episode that was given up after its time limit in seconds."""
    message = f"the episode was given up after {limit:g} s; --episode-timeout sets the limit"
    error = {"type": "EpisodeTimeout", "message": message, "traceback": ""}
    return EpisodeRow(**_identity(spec), error=error, **(cost or {}))


def lost(spec: RunSpec, exit_code: int | None) -> EpisodeRow:
    """Return the row of an episode whose process died."""
    message = f"the process that played the episode ended with exit code {exit_code}"
    return EpisodeRow(**_identity(spec), error={"type": "ProcessDied", "message": message, "traceback": ""})


def _usage(usage: Usage) -> dict[str, float | None]:
    return {
        "calls": usage.calls,
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "price": usage.price,
        "seconds": round(usage.seconds, 6),
    }


def _identity(spec: RunSpec) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "config_hash": spec.config_hash,
        "env_id": spec.env_id,
        "env_kwargs": dict(spec.env_kwargs),
        "benchmark": spec.benchmark,
        "policy": spec.policy,
        "memory": spec.memory,
        "model": dict(spec.model),
        "seed": spec.seed,
        "split": spec.env_kwargs.get("split", EnvConfig.split),
        "reward_profile": spec.env_kwargs.get("reward", EnvConfig.reward),
        "versions": {
            "agemem_env": agemem_env.__version__,
            "gymnasium": gym.__version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
    }
