from __future__ import annotations

from pathlib import Path
from typing import Any

import gymnasium as gym
import pytest

from agemem_env.errors import ReplayMissError, ServiceError
from agemem_env.services.cassette.cassette import VARIABLE
from agemem_env.services.chat import ChatRequest
from baselines import make, rollout
from baselines.llm.local import LocalModel, LocalOptions
from baselines.llm.models import make_model
from baselines.llm.preflight import preflight
from tests.baselines.llm.test_local import StandInModel, StandInTokenizer

NAME = "transformers:small"


def play(**options: Any) -> Any:
    policy = make(NAME, tool_format="tags", **options)
    env = gym.make("AgeMem-HotpotQA-v0", source="generated", stages=(3,), **policy.env_kwargs)
    return rollout(env, policy, seed=1), policy.usage


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The models that were loaded."""
    found: list[str] = []

    def load(path: str, options: LocalOptions) -> LocalModel:
        found.append(path)
        return LocalModel(path, StandInTokenizer(), StandInModel("<answer>a lake</answer>"), options)

    monkeypatch.setattr(LocalModel, "load", load)
    return found


def test_a_model_of_this_process_is_replayed_without_it(
    loads: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, f"record:{tmp_path / 'said.jsonl'}")
    first, cost = play()
    assert loads == ["small"] and cost.calls == first.steps > 0
    monkeypatch.setenv(VARIABLE, f"replay:{tmp_path / 'said.jsonl'}")
    again, same = play()
    assert loads == ["small"], "the model is not loaded"
    assert again == first
    assert (same.calls, same.prompt_tokens, same.completion_tokens) == (
        cost.calls, cost.prompt_tokens, cost.completion_tokens,
    )  # fmt: skip
    preflight(make_model(NAME))
    monkeypatch.delenv(VARIABLE)
    kept = make_model(NAME)
    assert loads == ["small", "small"]
    monkeypatch.setenv(VARIABLE, f"replay:{tmp_path / 'said.jsonl'}")
    with pytest.raises(ReplayMissError):
        kept.chat(ChatRequest([{"role": "user", "content": "Hm?"}]))  # a model that is there already replays too
    with pytest.raises(ReplayMissError):
        play(temperature=0.7)


def test_what_is_recorded_is_checked_as_the_model_is(
    loads: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, f"record:{tmp_path / 'said.jsonl'}")
    with pytest.raises(ServiceError, match="chat template without tools"):
        preflight(make_model(NAME))
