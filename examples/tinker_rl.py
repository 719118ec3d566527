"""Training with Thinking Machines' service: TINKER_API_KEY=... python examples/tinker_rl.py Qwen/Qwen3-8B."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping
from typing import Any

from tinker_cookbook import model_info
from tinker_cookbook.rl import train

from baselines.integrations.tinker import AgeMemDatasetBuilder


def config(
    model: str,
    benchmark: str = "HotpotQA",
    folder: str = "runs/tinker",
    *,
    renderer: str | None = None,
    options: Mapping[str, Any] | None = None,
    episodes: int = 1000,
) -> train.Config:
    """Return the configuration of a run: one group of eight rollouts for each of the episodes."""
    renderer = renderer or model_info.get_recommended_renderer_name(model)
    dataset = AgeMemDatasetBuilder(
        model_name=model,
        renderer_name=renderer,
        env_id=f"AgeMem-{benchmark}-v0",
        options={"split": "train", **(options or {})},
        seeds=range(episodes),
        max_trajectory_tokens=16_384,
        max_generation_tokens=512,
    )
    return train.Config(
        model_name=model,
        recipe_name="agemem",
        renderer_name=renderer,
        log_path=folder,
        dataset_builder=dataset,
        learning_rate=4e-5,
        max_tokens=512,
        eval_every=0,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--benchmark", default="HotpotQA")
    parser.add_argument("--folder", default="runs/tinker")
    asyncio.run(train.main(config(**vars(parser.parse_args()))))
