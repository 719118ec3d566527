"""The episodes of a group as what `AsyncGRPOTrainer` takes: a sample per token row, and measurements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from agemem_env.errors import ConfigurationError
from baselines.grpo.math import group_advantages
from baselines.integrations.rows import EpisodeRows


def samples(played: Sequence[EpisodeRows], *, model_version: int = 0, group_id: int = 0) -> list[Any]:
    """Return the episodes of a group as TRL's `RolloutSample`s, one per row, with step-wise advantages.

    Args:
        played: The episodes.
        model_version: Version of the model that played them.
        group_id: Number of the group.

    Raises:
        ConfigurationError: If the log-probabilities of a row are not known.
    """
    from trl.experimental.async_grpo.async_rollout_worker import RolloutSample

    rewards = [episode.reward for episode in played]
    found: list[Any] = []
    for episode, advantage in zip(played, group_advantages(rewards).values, strict=True):
        metrics = {"reward": episode.reward, "reward_std": float(np.std(rewards)), **_parts(episode.info)}
        for row in filter(lambda row: any(row.mask), episode.rows):
            if row.logprobs is None:
                raise ConfigurationError("the log-probabilities of a row are not known; AsyncGRPO needs them")
            before = [0] * len(row.prompt_ids)
            found.append(
                RolloutSample(
                    prompt=[{"role": "user", "content": f"{row.group}, turn {row.step}"}],
                    completion=[{"role": "assistant", "content": ""}],
                    input_ids=np.asarray(row.prompt_ids + row.response_ids, dtype=np.int64),
                    completion_mask=np.asarray([*before, *row.mask], dtype=np.int64),
                    old_log_probs=np.asarray([*before, *row.logprobs], dtype=np.float32),
                    advantage=float(advantage),
                    model_version=model_version,
                    group_id=group_id,
                    metrics=dict(metrics),
                )
            )
    return found


def _parts(info: Mapping[str, Any]) -> dict[str, float]:
    """Return the parts of the reward that apply, as TRL names them."""
    parts = info.get("reward_components", {})
    return {f"rewards/{name}": float(value) for name, value in parts.items() if value is not None}


def measured(played: Sequence[EpisodeRows], seconds: float) -> dict[str, float]:
    """Return what was measured in a group that took so many seconds, as TRL names it."""
    return {
        "rollout/duration_s": seconds,
        "rollout/samples_per_rollout": sum(len(episode.rows) for episode in played) / len(played),
        "rollout/stopped_frac": sum(episode.stopped for episode in played) / len(played),
    }
