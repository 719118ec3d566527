"""A language model as a policy: the messages of the environment in, the model's turn out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, cast

import gymnasium as gym

from agemem_env.context.messages import ToolFormat
from agemem_env.env import AgeMemEnv
from agemem_env.errors import ConfigurationError, unknown_name
from agemem_env.services.chat import ChatModel, ChatReply, ChatRequest
from agemem_env.spaces import ToolCallSpace
from agemem_env.types import Usage
from baselines.base import Info, Observation, Policy
from baselines.llm.meter import Meter

FORMATS: tuple[ToolFormat, ...] = ("native", "tags")


class LLMPolicy(Policy):
    """Lets a language model play.

    The environment's system message describes the task, the stages, the form of commands and, in the tag format, the
    tools. The policy adds how to work, from the files in `baselines/llm/prompts`: what the environment's own token
    count does not know of is that addition, about 400 tokens.

    Reasoning of the model goes to the environment as thought, which leaves it out of the context unless it was made
    with ``keep_think=True``.

    Args:
        model: The model.
        tool_format: ``"native"`` gives the model functions to call, ``"tags"`` is for models without tool calling.
        prompt: What is added to the system message; None means the files, an empty text means nothing.
        episode_seconds: Seconds that an episode may take; beyond them a call fails.

    Raises:
        ConfigurationError: If the format is unknown.
    """

    def __init__(
        self,
        model: ChatModel,
        tool_format: ToolFormat = "native",
        *,
        prompt: str | None = None,
        episode_seconds: float | None = None,
    ) -> None:
        if tool_format not in FORMATS:
            raise unknown_name("tool_format", tool_format, FORMATS)
        self.name = model.name
        self.env_kwargs = MappingProxyType({"tool_format": tool_format})
        self.meter = Meter(model, episode_seconds)
        self.last_reply = ChatReply("")
        self._format: ToolFormat = tool_format
        self._given_prompt = prompt
        self._prompt = ""
        self._tools: Sequence[Mapping[str, Any]] = ()

    @property
    def usage(self) -> Usage:
        """What the calls in this episode have cost so far."""
        return self.meter.total

    @property
    def instructions(self) -> str:
        """What is added to the system message, once an environment is attached."""
        return self._prompt

    def attach(self, env: gym.Env[Any, Any]) -> None:
        """Take the tools of an environment.

        Raises:
            ConfigurationError: If the environment renders its messages in the other format.
        """
        plain = cast(AgeMemEnv, env.unwrapped)
        shown = plain.config.tool_format
        if shown != self._format:
            raise ConfigurationError(
                f"policy {self.name!r} speaks tool_format={self._format!r} but its environment {shown!r}; "
                "make the environment with the policy's env_kwargs"
            )
        space = cast(ToolCallSpace, plain.action_space)
        schemas = space.tools()
        self._tools = schemas if self._format == "native" else ()
        names = [schema["function"]["name"] for schema in schemas]
        self._prompt = compose(self._format, names) if self._given_prompt is None else self._given_prompt

    def reset(self, info: Info) -> None:
        """Begin a new episode."""
        self.meter.start()

    def act(self, observation: Observation, info: Info) -> Any:
        """Return the model's message.

        Raises:
            ServiceError: If the model fails or the episode's time is over.
        """
        request = ChatRequest(self.messages(observation), self._tools)
        self.last_reply = self.meter.chat(request)
        return self.last_reply.message()

    def messages(self, observation: Observation) -> list[dict[str, Any]]:
        """Return what the model is sent for an observation: its messages, with the prompt in the first one."""
        messages: list[dict[str, Any]] = list(observation["messages"])
        if self._prompt:
            messages[0] = {**messages[0], "content": f"{messages[0]['content']}\n\n{self._prompt}"}
        return messages


def compose(tool_format: ToolFormat, tools: Collection[str]) -> str:
    """Return what the prompt files say about the tools that are offered.

    A paragraph that begins with ``@needs NAME`` is for those who have that tool, one with ``@unless NAME`` for those
    who do not.

    >>> "Store" in compose("native", ["answer"]), "act" in compose("tags", ["act", "answer"])
    (True, True)
    >>> "Retrieve" in compose("native", ["answer"])
    False
    """
    chosen = []
    for paragraph in _paragraphs(tool_format):
        rule, _, rest = paragraph.partition("\n")
        if not rule.startswith("@"):
            chosen.append(paragraph)
            continue
        word, _, name = rule.partition(" ")
        if (name in tools) == (word == "@needs"):
            chosen.append(rest)
    return "\n\n".join(chosen)


@lru_cache(maxsize=len(FORMATS))
def _paragraphs(tool_format: ToolFormat) -> tuple[str, ...]:
    folder = files("baselines.llm").joinpath("prompts")
    texts = [folder.joinpath(f"{name}.md").read_text(encoding="utf-8") for name in ("workflow", tool_format)]
    return tuple("\n\n".join(text.strip() for text in texts).split("\n\n"))
