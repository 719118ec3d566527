"""A tiny language model learns a level of BabyAI on a laptop: python examples/tiny_language_model.py.

Its vocabulary is made from the environment's own text. It first reads a teacher's episodes as text, then learns what
the teacher said in them (behaviour cloning), and then plays and learns by step-wise GRPO. Prints the success on test
tasks before and after GRPO, with 95 % intervals. ``--stages 1 3`` tells it facts first, to be stored and looked up.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from baselines.grpo.settings import Budget
from baselines.grpo.workers import World
from baselines.language_model.checkpoint import ModelFolder
from baselines.language_model.cloning import clone, demonstrate, whole
from baselines.language_model.grpo import GRPOSettings, Row, evaluate, train
from baselines.language_model.playing import Limits
from baselines.language_model.policy import LanguagePolicy
from baselines.language_model.tiny import tiny_model, tiny_tokenizer
from benchmarks.scores.intervals import Estimate, estimate

INSTRUCTIONS = "Carry out the instruction with commands. Store facts that you are told, and look them up."


@dataclass(frozen=True)
class Level:
    """Where the model plays.

    Attributes:
        name: A level of BabyAI.
        stages: Stages of an episode.
    """

    name: str = "BabyAI-GoToLocal-v0"
    stages: tuple[int, ...] = (3,)

    def make(self, split: str, changes: Mapping[str, Any]) -> Any:
        """Return an environment of a split."""
        fixed = {"source": "generated", "reward": "strict", "tool_format": "tags", "offer_answer": False}
        world = World("BabyAI", {**fixed, "levels": [self.name], "split": split})
        return world.make(**{**changes, "stages": self.stages})


@dataclass(frozen=True)
class Amounts:
    """How much of everything.

    Attributes:
        episodes: Of the teacher.
        readings: How often each is read as text.
        epochs: How often what the teacher said in it is learned.
        updates: Of GRPO.
        tests: Test tasks.
        vocabulary: Tokens.
    """

    episodes: int = 1000
    readings: int = 6
    epochs: int = 6
    updates: int = 60
    tests: int = 200
    vocabulary: int = 800


def cloned(level: Level, amounts: Amounts) -> LanguagePolicy:
    """Return a model that has read a teacher's episodes, and learned what the teacher said."""
    torch.manual_seed(0)
    env = level.make("train", {})
    shown = [demonstrate(env, seed=seed) for seed in range(amounts.episodes)]
    tokenizer = tiny_tokenizer([text for one in shown[:200] for text in one.texts()], amounts.vocabulary)
    policy = LanguagePolicy(tiny_model(len(tokenizer), layers=3), tokenizer, instructions=INSTRUCTIONS)
    rows = [row for one in shown for row in one.rows(policy.prompter, min(policy.stops))]
    size = sum(weight.numel() for weight in policy.trainable())
    print(f"{size:,} weights, {len(rows)} rows of {len(shown)} episodes of the teacher", flush=True)
    read = clone(policy, [whole(row) for row in rows], epochs=amounts.readings, rate=3e-3)
    said = clone(policy, rows, epochs=amounts.epochs, rate=3e-3)
    print(f"loss per token: {read[-1]:.2f} of all text, {said[-1]:.2f} of what the teacher said", flush=True)
    return policy


def main(level: Level, amounts: Amounts) -> dict[str, Estimate]:
    """Train; return the success on test tasks before and after GRPO, with drawn tokens and the most probable ones."""
    policy = cloned(level, amounts)
    limits = Limits(new_tokens=60, context=1500, turns=30)
    settings = GRPOSettings(Budget(updates=amounts.updates), groups=8, limits=limits, rate=3e-4, curriculum="all")
    found: dict[str, Estimate] = {}

    def test(who: str) -> None:
        """Play the test tasks, and print and keep what came."""
        for way in ("drawn", "best"):
            played = evaluate(policy, level.make, settings, "test", amounts.tests, greedy=way == "best")
            about = estimate([outcome.score for outcome in played])
            assert about is not None, "every task has a score"
            found[f"{who}, {way}"] = about
            print(f"{who}, {way}: {about.mean:.2f} ({about.low:.2f} to {about.high:.2f})", flush=True)

    def tell(row: Row) -> None:
        """Print every tenth update."""
        if row["update"] % 10 == 0:
            print(f"update {row['update']:3d}  reward {row['reward']:.2f}  kl {row['kl']:.2f}", flush=True)

    test("cloned")
    train(policy, level.make, settings, ModelFolder(Path(tempfile.mkdtemp(prefix="agemem-tiny-"))), tell)
    test("trained")
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--level", default=Level.name)
    parser.add_argument("--stages", type=int, nargs="+", default=[3])
    parser.add_argument("--updates", type=int, default=Amounts.updates)
    options = parser.parse_args()
    main(Level(options.level, tuple(options.stages)), Amounts(updates=options.updates))
