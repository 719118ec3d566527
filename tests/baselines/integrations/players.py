"""Who plays in the tests of adapters, and what our own rollout of the same turns comes to."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gymnasium as gym

import agemem_env  # noqa: F401 - registers the environments
from agemem_env.services.chat import ChatRequest
from agemem_env.types import ToolCall
from baselines import make, rollout
from baselines.reader import Reader

EXAMPLES = Path(__file__).parents[3] / "examples"
ID, OPTIONS = "AgeMem-HotpotQA-v0", {"source": "generated"}

Messages = Sequence[Mapping[str, Any]]


def reader_says(messages: Messages, tools: Messages) -> dict[str, Any]:
    """Return the reader's turn as a chat message."""
    return Reader().chat(ChatRequest(messages=tuple(messages), tools=tuple(tools), purpose="act")).message()


@dataclass(frozen=True)
class OwnRollout:
    """What an episode came to; rewrites are those of the context before a turn."""

    reward: float
    turns: int
    rewrites: int
    info: Mapping[str, Any]


def own_rollout(seed: int, says: Callable[[Messages, Messages], Mapping[str, Any]] = reader_says) -> OwnRollout:
    """Play an episode with our own environment."""
    env: Any = gym.make(ID, **OPTIONS)
    observation, info = env.reset(seed=seed)
    total, turns, rewrites, over = 0.0, 0, 0, False
    while not over:
        observation, reward, terminated, truncated, info = env.step(
            says(observation["messages"], env.action_space.tools())
        )
        total, turns, over = total + reward, turns + 1, terminated or truncated
        rewrites += info["context_rewritten"] and not over
    return OwnRollout(total, turns, rewrites, info)


def expert_turns(seed: int) -> list[str | list[ToolCall]]:
    """Return what the expert does, a text or calls in each turn."""
    env = gym.make(ID, **OPTIONS)
    turns: list[str | list[ToolCall]] = []

    def note(action: Any, *_: Any) -> None:
        turns.append([action] if isinstance(action, ToolCall) else action)

    rollout(env, make("expert", env), seed=seed, spectator=note)
    return turns


def in_tags(call: ToolCall, ascii_only: bool = False) -> str:
    """Return a call as Qwen's models write it."""
    return f"<tool_call>\n{json.dumps(call.to_dict(), ensure_ascii=ascii_only)}\n</tool_call>"


def as_texts(turns: Sequence[str | list[ToolCall]], write: Callable[[ToolCall], str] = in_tags) -> list[str]:
    """Return turns as a model says them that writes calls into its text."""
    return [turn if isinstance(turn, str) else "\n".join(map(write, turn)) for turn in turns]


class Lost(gym.Wrapper[Any, Any, Any, Any]):
    """An environment whose simulator is lost in the second step."""

    def step(self, action: Any) -> Any:
        self.steps = getattr(self, "steps", 0) + 1
        observation, reward, terminated, truncated, info = super().step(action)
        gone = {"engine_error": "its process ended"} if self.steps > 1 else {}
        return observation, reward, terminated, truncated or bool(gone), {**info, **gone}
