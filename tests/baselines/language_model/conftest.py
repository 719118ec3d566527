"""A tiny model, its vocabulary and its environments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import gymnasium as gym
import pytest

import agemem_env  # noqa: F401 - registers the environments


def make(split: str, changes: Mapping[str, Any]) -> Any:
    """Return a small environment of BabyAI."""
    fixed = {"source": "generated", "tool_format": "tags", "reward": "strict", "levels": ["BabyAI-GoToLocal-v0"]}
    return gym.make("AgeMem-BabyAI-v0", disable_env_checker=True, split=split, **{**fixed, **changes})


@pytest.fixture(scope="session")
def tokenizer() -> Any:
    """A vocabulary of a few words, and bytes for the others."""
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    from baselines.language_model.tiny import tiny_tokenizer

    env = make("train", {})
    return tiny_tokenizer([env.reset(seed=seed)[0]["messages"][-1]["content"] for seed in range(20)], 512)


@pytest.fixture
def build(tokenizer: Any) -> Callable[..., Any]:
    """Returns policies with equal weights."""
    import torch

    from baselines.language_model.policy import LanguagePolicy
    from baselines.language_model.tiny import tiny_model

    def made(rank: int | None = None) -> LanguagePolicy:
        torch.set_num_threads(1)
        torch.manual_seed(0)
        model = tiny_model(len(tokenizer), width=32, layers=2)
        return LanguagePolicy(model, tokenizer, instructions="Act.", rank=rank)

    return made
