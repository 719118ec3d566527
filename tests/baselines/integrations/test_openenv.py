"""The OpenEnv server over a real socket."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gymnasium as gym
import pytest

import agemem_env  # noqa: F401 - registers the environments
from baselines import make, rollout

pytest.importorskip("openenv", reason="the package openenv is not installed")

from baselines.integrations.openenv import AgeMemAction, AgeMemClient, create_app

OPTIONS = {"source": "generated"}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    import uvicorn

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = create_app("AgeMem-HotpotQA-v0", OPTIONS, sessions=2)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(20)


def turns(seed: int) -> list[Any]:
    """The expert's episode in this process: action, observation, reward, info of each turn, as JSON."""
    env = gym.make("AgeMem-HotpotQA-v0", **OPTIONS)
    found: list[Any] = []

    def note(action: Any, observation: Any, reward: float, info: Any) -> None:
        calls = action if isinstance(action, str) else [call.to_dict() for call in _calls(action)]
        found.append(json.loads(json.dumps([calls, observation, reward, info])))

    rollout(env, make("expert", env), seed=seed, spectator=note)
    return found


def _calls(action: Any) -> list[Any]:
    return action if isinstance(action, list) else [action]


def same(result: Any, observation: Any, reward: float, info: Any) -> None:
    seen = result.observation
    assert {name: getattr(seen, name) for name in observation} == observation
    assert (result.reward, seen.info) == (reward, info)


def test_an_episode_over_the_socket_is_the_local_one(url: str) -> None:
    with AgeMemClient(base_url=url).sync() as client:
        first = client.reset(seed=7)
        assert [tool["function"]["name"] for tool in first.observation.tools][-1] == "answer"
        expected = turns(7)
        for action, observation, reward, info in expected:
            result = client.step(AgeMemAction(turn=action))
            same(result, observation, reward, info)
        assert result.done and not result.observation.truncated
        assert (client.state().step_count, client.state().over) == (len(expected), True)


def test_two_sessions_at_once_are_two_episodes_and_a_third_is_refused_by_name(url: str) -> None:
    with AgeMemClient(base_url=url).sync() as one, AgeMemClient(base_url=url).sync() as two:
        one.reset(seed=1)
        two.reset(seed=2)
        episodes = [turns(1), turns(2)]
        for (a, *after_a), (b, *after_b) in zip(*episodes, strict=False):
            same(one.step(AgeMemAction(turn=a)), *after_a)
            same(two.step(AgeMemAction(turn=b)), *after_b)
        with (
            pytest.raises(Exception, match=r"(?i)capacity|maximum"),
            AgeMemClient(base_url=url).sync() as c,
        ):
            c.reset(seed=3)


@pytest.mark.parametrize("turn", ['<tool_call>{"name": "Add_mem', {"nonsense": [1]}, [None], 7, {"name": "nobody"}])
def test_a_broken_turn_is_answered_in_words(url: str, turn: Any) -> None:
    with AgeMemClient(base_url=url).sync() as client:
        client.reset(seed=7)
        result = client.step(AgeMemAction(turn=turn))
        assert not result.done and sum(result.observation.info["errors"].values()) >= 1


def test_an_episode_can_be_stopped_and_is_scored_as_it_stands(url: str) -> None:
    with AgeMemClient(base_url=url).sync() as client:
        client.reset(seed=7)
        client.step(AgeMemAction(turn="Noted."))
        result = client.step(AgeMemAction(finish=True))
        assert result.done and result.observation.truncated and "metrics" in result.observation.info
        assert client.reset(seed=7).observation.round == 0


def test_the_example_plays_an_episode(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[3] / "examples"))
    from openenv_client import main  # type: ignore[import-not-found]

    env: Any = gym.make("AgeMem-HotpotQA-v0", **OPTIONS)
    observation, _ = env.reset(seed=7)
    over, reward = False, 0.0
    while not over:
        told = observation["messages"][-1]["content"]
        add = {"name": "Add_memory", "arguments": {"content": told}}
        turn = {"name": "answer", "arguments": {"text": "unknown"}} if observation["stage"] == 3 else add
        observation, reward, terminated, truncated, _ = env.step(turn)
        over = terminated or truncated
    assert main(url, 7) == reward
