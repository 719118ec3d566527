"""A policy is any object with `reset` and `act`."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import pytest
from typer.testing import CliRunner

import agemem_env  # noqa: F401 - registers the environments
from agemem_env.errors import ConfigurationError
from baselines import Policy, make, rollout, with_memory
from benchmarks.cli import app


class Plain:
    """Says what it saw; no sub-class of anything."""

    def __init__(self) -> None:
        self.resets = 0

    def reset(self, info: Any) -> None:
        self.resets += 1

    def act(self, observation: Any, info: Any) -> Any:
        return f"I have read {len(observation['messages'])} messages."


class Awaited:
    def reset(self, info: Any) -> None: ...

    async def act(self, observation: Any, info: Any) -> Any:
        return "Hm."


class AwaitedPolicy(Policy):
    async def act(self, observation: Any, info: Any) -> Any:
        return "Hm."


class NoReset:
    def act(self, observation: Any, info: Any) -> Any:
        return "Hm."


def hotpot(**kwargs: Any) -> gym.Env[Any, Any]:
    return gym.make("AgeMem-HotpotQA-v0", source="generated", **kwargs)


def test_plays() -> None:
    policy = Plain()
    result = rollout(hotpot(), policy, seed=0)
    assert (policy.resets, result.info["success"]) == (1, False)
    assert result == rollout(hotpot(), Plain(), seed=0)


def test_has_a_memory_system_around_it() -> None:
    policy = with_memory("rag", Plain())
    assert policy.name == "Plain + rag"
    assert rollout(hotpot(**policy.env_kwargs), policy, seed=0).info["metrics"]["MO"] > 0


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        (Plain, "Plain is a class; give an object of it"),
        (Awaited(), r"Awaited\.act is asynchronous"),
        (AwaitedPolicy(), r"AwaitedPolicy\.act is asynchronous"),
        (NoReset(), r"NoReset has no method reset\(info\)"),
        (lambda observation, info: "Hm.", r"function has no method reset\(info\)"),
        ("expert", r"str has no method reset\(info\)"),
    ],
)
def test_what_is_no_policy_is_refused(policy: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=f"this policy is not allowed: {message}"):
        rollout(hotpot(), policy, seed=0)
    with pytest.raises(ConfigurationError, match=message):
        with_memory("rag", policy)


@pytest.mark.parametrize(
    "command",
    [
        ["bench", "-n", "1", "--output", "rows.jsonl"],
        ["throughput", "--seconds", "0"],
        ["bench", "-n", "2", "--concurrency", "2", "--output", "rows.jsonl"],
    ],
)
def test_plays_on_the_command_line(command: list[str], tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    name = f"{__name__}:Plain"
    arguments = [*command, "-b", "HotpotQA", "--source", "generated", "-p", name]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output


def test_progress_is_told_by_turn_of_the_task() -> None:
    env = gym.make("AgeMem-PDDL-v0", source="generated")
    seen: list[tuple[int, float]] = []

    def watch(action: Any, observation: Any, reward: float, info: dict[str, Any]) -> None:
        seen.append((observation["stage"], info["progress"]))

    result = rollout(env, make("expert", env), seed=3, spectator=watch)
    env.close()
    turns = [now for (stage, _), (_, now) in zip([(1, 0.0), *seen], seen, strict=False) if stage == 3]
    rises = {str(i + 1): now for i, now in enumerate(turns) if now > (turns[i - 1] if i else 0.0)}
    assert result.progress_by_turn == rises
    assert list(rises.values())[-1] == result.info["progress"] == 1.0
