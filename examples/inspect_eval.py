"""Evaluates models with Inspect: python examples/inspect_eval.py openai/gpt-4o-mini anthropic/claude-haiku-4-5."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from inspect_ai import eval as evaluate
from inspect_ai.log import EvalLog

from baselines.integrations.inspect_ai import agemem


def means(log: EvalLog) -> dict[str, float]:
    """Return the mean of each metric that applies."""
    scores = log.results.scores if log.results else []
    return {score.name: score.metrics["mean"].value for score in scores if score.scored_samples}


def main(
    models: Sequence[str], benchmark: str = "HotpotQA", episodes: int = 20, **more: Any
) -> dict[str, Mapping[str, float]]:
    """Play the same episodes with each model; print and return what they reached."""
    task = agemem(f"AgeMem-{benchmark}-v0", episodes, options=more.pop("options", None))
    found = {str(log.eval.model): means(log) for log in evaluate(task, model=list(models), **more)}
    for model, values in found.items():
        print(model, {name: round(value, 3) for name, value in values.items()})
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("models", nargs="+")
    parser.add_argument("--benchmark", default="HotpotQA")
    parser.add_argument("--episodes", type=int, default=20)
    main(**vars(parser.parse_args()))
