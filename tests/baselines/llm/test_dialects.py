"""The same expert, spoken through a server in every way that models speak, plays identical episodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, get_args

import gymnasium as gym
import pytest

from agemem_env.context.validity import problems
from agemem_env.engines import ENGINES
from agemem_env.errors import DataError, MissingExtraError
from agemem_env.registration import env_id
from agemem_env.types import ToolCall
from baselines import Policy, make, rollout
from baselines.base import Info, Observation
from baselines.rollout import EpisodeResult
from benchmarks.speed.fake_server import OpenAIServer
from tests.loopback import Dialect, speak_calls
from tests.openai_server import server

__all__ = ["server"]

TASKS = range(3)


class Behind(Policy):
    """Plays with a language model behind which sits another policy."""

    def __init__(self, model: Policy, author: Policy, server: OpenAIServer, dialect: Dialect) -> None:
        self.name = f"{author.name} in {dialect}"
        self._model, self._author = model, author
        self._turn: Any = None
        self._dialect: Dialect = dialect
        server.speak = self.speak

    def attach(self, env: gym.Env[Any, Any]) -> None:
        self._model.attach(env)
        self._author.attach(env)

    def reset(self, info: Info) -> None:
        self._model.reset(info)
        self._author.reset(info)

    def act(self, observation: Observation, info: Info) -> Any:
        self._turn = self._author.act(observation, info)
        return self._model.act(observation, info)

    def speak(self, messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]]) -> Any:
        if isinstance(self._turn, str):
            return self._turn
        return speak_calls([self._turn] if isinstance(self._turn, ToolCall) else self._turn, self._dialect)


def episodes(name: str, server: OpenAIServer, dialect: Dialect, **kwargs: Any) -> list[EpisodeResult]:
    tool_format = "native" if dialect.startswith("native") else "tags"
    policy = make("openai:some-model", tool_format=tool_format)
    behind = Behind(policy, make("expert"), server, dialect)
    env = gym.make(env_id(name), source="generated", **policy.env_kwargs, **kwargs)
    try:
        return [rollout(env, behind, seed=task, task=task) for task in TASKS]
    finally:
        env.close()


def told(result: EpisodeResult) -> dict[str, Any]:
    """Return the info without what depends on the words: whether they are the model's own, and how long they are."""
    return {key: value for key, value in result.info.items() if key not in ("context_rewritten", "origins")}


def done(result: EpisodeResult) -> list[Any]:
    """Return what was done, whatever words the context keeps of it."""
    return [result.info[key] for key in ("task_id", "success", "progress", "tool_calls", "errors")]


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name == "SciWorld" else []) for name in ENGINES]
)
def test_every_dialect_gives_the_experts_own_episode(name: str, server: OpenAIServer) -> None:
    try:
        env = gym.make(env_id(name), source="generated")
    except (MissingExtraError, DataError) as error:
        pytest.skip(str(error))
    expected = [rollout(env, make("expert"), seed=task, task=task) for task in TASKS]
    env.close()
    assert all(result.info["success"] for result in expected)
    for dialect in get_args(Dialect):
        spoken = episodes(name, server, dialect, history="canonical")
        assert [told(result) for result in spoken] == [told(result) for result in expected], dialect
        assert [result.reward for result in spoken] == [result.reward for result in expected], dialect
        quoted = episodes(name, server, dialect)
        assert [done(result) for result in quoted] == [done(result) for result in expected], dialect
    for request in server.requests:
        assert problems(request["messages"], "native" if request.get("tools") else "tags") == []
    assert {bool(request.get("tools")) for request in server.requests} == {True, False}
