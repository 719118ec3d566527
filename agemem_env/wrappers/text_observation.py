"""`TextObservation`: the prompt as one text."""

from __future__ import annotations

import json
from typing import Any

import gymnasium as gym
from gymnasium.spaces import Text
from gymnasium.utils import RecordConstructorArgs

MAX_CHARACTERS = 1 << 20


class AnyText(Text):
    """All texts up to a length, whatever their characters."""

    def __init__(self, max_length: int = MAX_CHARACTERS) -> None:
        super().__init__(max_length=max_length, min_length=0)

    def contains(self, x: Any) -> bool:
        """Return whether a value is a text that is not too long."""
        return isinstance(x, str) and len(x) <= self.max_length


class TextObservation(gym.ObservationWrapper[str, Any, Any], RecordConstructorArgs):
    r"""Observations are one text: the messages, each under its role, as most text agents expect.

    Calls that a message makes stand under its text in JSON.

    Args:
        env: An environment of the suite.

    Example:
        >>> import gymnasium, agemem_env
        >>> env = TextObservation(gymnasium.make("AgeMem-HotpotQA-v0", source="generated"))
        >>> text, info = env.reset(seed=7)
        >>> text.startswith("[system]\nYou are"), "\n\n[user]\n" in text
        (True, True)
    """

    def __init__(self, env: gym.Env[Any, Any]) -> None:
        RecordConstructorArgs.__init__(self)
        gym.ObservationWrapper.__init__(self, env)
        self.observation_space = AnyText()

    def observation(self, observation: Any) -> str:
        """Return the messages as one text."""
        return "\n\n".join(_told(message) for message in observation["messages"])

    def restore(self, snapshot: Any) -> tuple[str, dict[str, Any]]:
        """Return to a snapshot of the environment below; return its observation and info."""
        observation, info = self.env.get_wrapper_attr("restore")(snapshot)
        return self.observation(observation), info


def _told(message: dict[str, Any]) -> str:
    lines = [f"[{message['role']}]", message["content"] or ""]
    lines += [json.dumps(call["function"], ensure_ascii=False) for call in message.get("tool_calls", ())]
    return "\n".join(line for line in lines if line)
