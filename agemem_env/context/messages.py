"""Messages of the short-term context: what is kept of each, and how a chat API sees it.

A `Message` is independent of the tool format. `render` turns it into the dict that a chat API takes, either
with native ``tool_calls`` and ``tool`` messages or with plain text in the paper's tags.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from agemem_env.actions.parsing import render_calls
from agemem_env.types import ToolCall

Origin = Literal[
    "system", "fact", "distractor", "query", "observation", "retrieval", "summary", "result", "notice", "agent"
]
"""Who is behind a message. Rewards trust origins, never the words of a message."""

ToolFormat = Literal["native", "tags"]

_to_json = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class CallRef:
    """The tool call that a message answers."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the context.

    Attributes:
        origin: Who is behind it.
        text: Its text, without think block and without tool calls.
        calls: Tool calls made in it (agent only).
        call_ids: One id per call, unique in the episode.
        answers: The call whose result this is, or None.
        think: The agent's think text if it is kept in the context.
        memory_ids: Ids of the long-term memories that it shows (retrieval only).
        sources: The messages that it stands for (summary only), summaries resolved.
    """

    origin: Origin
    text: str
    calls: tuple[ToolCall, ...] = ()
    call_ids: tuple[str, ...] = ()
    answers: CallRef | None = None
    think: str = ""
    memory_ids: tuple[str, ...] = ()
    sources: tuple[Message, ...] = ()

    @property
    def role(self) -> str:
        """The chat role in the native format."""
        if self.origin == "system":
            return "system"
        if self.origin == "agent":
            return "assistant"
        return "user" if self.answers is None else "tool"

    @property
    def full_text(self) -> str:
        """Everything that a tokenizer would be given: think text, text and calls."""
        if not self.calls and not self.think:
            return self.text
        calls = _calls_json(self.calls) if self.calls else ""
        return "\n".join(part for part in (self.think, self.text, calls) if part)

    def digest(self) -> bytes:
        """Return 16 bytes that identify what a chat API is sent for this message."""
        answered = (self.answers.id, self.answers.name) if self.answers else None
        calls = [(call.name, call.arguments) for call in self.calls]
        # Quoted text keeps the parts apart, whatever characters they contain.
        parts = ascii((self.origin, self.think, self.text, calls, self.call_ids, answered))
        return hashlib.blake2b(parts.encode(), digest_size=16).digest()


def render(message: Message, tool_format: ToolFormat) -> dict[str, Any]:
    """Return the chat message as a new dict.

    >>> call = ToolCall("Add_memory", {"content": "mug 2 is in cabinet 3"})
    >>> turn = Message("agent", "", calls=(call,), call_ids=("call_0",))
    >>> render(turn, "native")["tool_calls"][0]["function"]["name"]
    'Add_memory'
    >>> render(turn, "tags")["content"]
    '<tool_call>[{"name": "Add_memory", "arguments": {"content": "mug 2 is in cabinet 3"}}]</tool_call>'
    """
    if tool_format == "tags":
        return _render_tags(message)
    role = message.role
    if role == "tool" and message.answers is not None:
        return {"role": "tool", "tool_call_id": message.answers.id, "content": message.text}
    content = _with_think(message, message.text)
    if not message.calls:
        return {"role": role, "content": content}
    calls = [_native_call(i, c) for i, c in zip(message.call_ids, message.calls, strict=True)]
    return {"role": role, "content": content or None, "tool_calls": calls}


def _render_tags(message: Message) -> dict[str, Any]:
    if message.origin == "agent":
        calls = render_calls(message.calls) if message.calls else ""
        body = "\n".join(part for part in (message.text, calls) if part)
        return {"role": "assistant", "content": _with_think(message, body)}
    if message.answers is not None:
        return {"role": "user", "content": f"[{message.answers.name}] {message.text}"}
    return {"role": message.role, "content": message.text}


def _with_think(message: Message, body: str) -> str:
    return f"<think>{message.think}</think>\n{body}" if message.think else body


def _native_call(call_id: str, call: ToolCall) -> dict[str, Any]:
    arguments = _to_json(call.arguments)
    return {"id": call_id, "type": "function", "function": {"name": call.name, "arguments": arguments}}


def _calls_json(calls: tuple[ToolCall, ...]) -> str:
    listed: list[Mapping[str, Any]] = [call.to_dict() for call in calls]
    return _to_json(listed)
