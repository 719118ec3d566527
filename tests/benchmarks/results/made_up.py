"""Rows of episodes that nobody played."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.results.file import ResultFile
from benchmarks.results.row import SCHEMA, EpisodeRow
from benchmarks.specs import RunSpec

COST = {"calls": 0, "prompt_tokens": 0, "completion_tokens": 0, "price": 0.0, "seconds": 0.0}


def make_row(seed: int = 0, **changes: Any) -> EpisodeRow:
    """Return a row of a made-up episode."""
    kwargs = changes.pop("env_kwargs", {"reward": "paper", "stages": [1, 2, 3]})
    benchmark, policy = changes.get("benchmark", "HotpotQA"), changes.get("policy", "expert")
    spec = RunSpec(f"AgeMem-{benchmark}-v0", kwargs, policy, seed)
    values: dict[str, Any] = {
        "schema": SCHEMA,
        "config_hash": spec.config_hash,
        "env_id": spec.env_id,
        "env_kwargs": kwargs,
        "benchmark": benchmark,
        "policy": policy,
        "memory": None,
        "model": {},
        "seed": seed,
        "split": "test",
        "reward_profile": kwargs.get("reward", "paper"),
        "versions": {"agemem_env": "0.1.0", "gymnasium": "1", "numpy": "2", "python": "3"},
        "task_id": f"täsk-{seed}",
        "source": "generated",
        "difficulty": None,
        "reward": 0.5,
        "reward_components": {"task": 1.0, "memory": None},
        "metrics": {"J": 1.0, "SR": 0.0, "TC": 2.0, "TN": 100.0},
        "tool_calls": {"Add_memory": 2},
        "errors": {},
        "tokens": 50,
        "judge": "lexical",
        "token_counter": "estimate",
        "overflow": False,
        "steps": 10,
        "terminated": True,
        "success": True,
        "progress": 1.0,
        "entries": 2,
        "progress_by_turn": {"4": 1.0},
        "seconds": {"env": 0.25, "policy": 0.0},
        "cost": COST,
        "memory_cost": COST,
        "service_cost": COST,
        "service_faults": {},
    }
    return EpisodeRow(**{**values, **changes})


OUTCOME: tuple[str, ...] = (
    "task_id",
    "source",
    "reward",
    "reward_components",
    "metrics",
    "tool_calls",
    "errors",
    "tokens",
)


OUTCOME += ("token_counter", "overflow", "steps", "terminated", "success", "progress", "progress_by_turn", "seconds")


OUTCOME += ("entries", "cost", "memory_cost", "service_cost", "service_faults")


def make_crash(seed: int = 0, **changes: Any) -> EpisodeRow:
    """Return a row of a crashed episode."""
    error = {"type": "ValueError", "message": "no", "traceback": ""}
    return make_row(seed, **{"error": error, **dict.fromkeys(OUTCOME), **changes})


def write(path: Path, *rows: EpisodeRow) -> Path:
    with ResultFile(path) as file:
        for row in rows:
            file.append(row)
    return path
