"""What a language model is to the rest of the project: messages and tools in, one reply out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from agemem_env.types import Usage

Purpose = Literal["act", "memory", "summary", "judge"]
"""What a call is for: it decides in which column its cost is counted."""

MALFORMED_CALL = "malformed_call"
"""The `ChatReply.finish_reason` of a reply whose tool call the server could not read."""

_NO_CALL = "<tool_call></tool_call>"


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One call of a chat model.

    Attributes:
        messages: Chat messages, as a chat API takes them.
        tools: OpenAI function schemas; empty for none.
        purpose: What the call is for.
        json_reply: The reply is to be one JSON object.
        force_tool: The reply is to be a tool call.
        seconds: Seconds that the call may take, retries included; None means the model's own limit.
    """

    messages: Sequence[Mapping[str, Any]]
    tools: Sequence[Mapping[str, Any]] = ()
    purpose: Purpose = "act"
    json_reply: bool = False
    force_tool: bool = False
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class ReplyTokens:
    """The tokens of a call, where the server tells them.

    Attributes:
        prompt: Those that the model was given.
        sampled: Those that it sampled.
        logprobs: The log-probability of each of these; None if they were not told.
    """

    prompt: tuple[int, ...]
    sampled: tuple[int, ...]
    logprobs: tuple[float, ...] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return them as a message carries them: under the names that vLLM has for them."""
        known = {} if self.logprobs is None else {"logprobs": list(self.logprobs)}
        return {"prompt_token_ids": list(self.prompt), "token_ids": list(self.sampled), **known}


@dataclass(frozen=True, slots=True)
class ChatReply:
    """What a chat model said.

    Attributes:
        text: Its text, without reasoning; may be empty beside tool calls.
        tool_calls: Calls in the form of the chat API (``{"id", "type", "function": {"name", "arguments"}}``).
        reasoning: Reasoning text that came apart from the reply.
        finish_reason: Why it stopped: ``stop``, ``tool_calls``, ``length``, ``content_filter``, or
            `MALFORMED_CALL`.
        usage: What it cost.
        tokens: Its tokens, where the server tells them; they go into the message, and so into trajectories.
    """

    text: str
    tool_calls: tuple[Mapping[str, Any], ...] = ()
    reasoning: str = ""
    finish_reason: str = "stop"
    usage: Usage = field(default_factory=Usage)
    tokens: ReplyTokens | None = None

    def message(self) -> dict[str, Any]:
        """Return the assistant message, as `AgeMemEnv.step` and a chat API take it.

        A call that the server could not read is shown as an empty one, which the environment counts as malformed.

        >>> ChatReply("Noted.").message()
        {'role': 'assistant', 'content': 'Noted.'}
        """
        unread = self.finish_reason == MALFORMED_CALL and not self.tool_calls
        content = f"{self.text}\n{_NO_CALL}".lstrip("\n") if unread else self.text
        message: dict[str, Any] = {"role": "assistant", "content": content}
        if self.tool_calls:
            message["tool_calls"] = [dict(call) for call in self.tool_calls]
        if self.reasoning:
            message["reasoning_content"] = self.reasoning
        return message if self.tokens is None else {**message, **self.tokens.to_dict()}


class ChatModel(Protocol):
    """A language model. `chat` blocks and may be called from many threads at once."""

    name: str
    """How it is called in tables and result rows, for example ``openai:gpt-4o-mini``."""

    def chat(self, request: ChatRequest) -> ChatReply:
        """Return the reply.

        Raises:
            ServiceError: If there is none after all retries.
        """
        ...
