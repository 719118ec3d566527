"""GRPO with TRL on a task whose facts lie in memory: python examples/trl_grpo.py Qwen/Qwen3-0.6B --steps 100."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping
from typing import Any

from datasets import Dataset
from trl import GRPOConfig, GRPOTrainer

from baselines.integrations.trl import StageThree


def trainer(
    model: Any,
    config: GRPOConfig,
    *,
    benchmark: str = "HotpotQA",
    options: Mapping[str, Any] | None = None,
    seeds: Iterable[int] = range(1000),
    kind: type[GRPOTrainer] = GRPOTrainer,
    **more: Any,
) -> GRPOTrainer:
    """Return a trainer whose episodes are those of the seeds; the environment pays the reward."""
    make = StageThree(f"AgeMem-{benchmark}-v0", {"split": "train", **(options or {})})
    dataset = Dataset.from_list(make.rows(seeds))
    return kind(model=model, args=config, train_dataset=dataset, environment_factory=make, **more)


def main() -> None:
    """Train as the command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--benchmark", default="HotpotQA")
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--folder", default="runs/trl")
    given = parser.parse_args()
    # All turns of an episode and what the tools say in between have to fit.
    config = GRPOConfig(
        given.folder,
        max_steps=given.steps,
        max_completion_length=4096,
        num_generations=8,
        per_device_train_batch_size=8,
    )
    trainer(given.model, config, benchmark=given.benchmark).train()


if __name__ == "__main__":
    main()
