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

from agemem_env.text.paper_format import render_calls
from agemem_env.types import ToolCall

Origin = Literal[
    "system", "fact", "distractor", "query", "observation", "retrieval", "summary", "result", "notice", "agent"
]
"""Who is behind a message. Rewards trust origins, never the words of a message."""

ToolFormat = Literal["native", "tags"]

History = Literal["verbatim", "canonical"]
"""Whether the agent's messages are repeated as they were sent, or written in the environment's own way."""

_to_json = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class ShownMemory:
    """A long-term memory as a message shows it.

    Attributes:
        id: Its id.
        content: Its content at that time.
        score: Similarity to what was looked for, in [-1, 1]; None if it was not measured.
    """

    id: str
    content: str
    score: float | None = None


@dataclass(frozen=True, slots=True)
class CallRef:
    """The tool call that a message answers; the id is empty if the call was made in the text of a message."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class SaidCall:
    """A native tool call as a chat API is sent it; the arguments are the text of a JSON object."""

    id: str
    name: str
    arguments: str

    def to_dict(self) -> dict[str, Any]:
        """Return the element of `tool_calls`."""
        return {"id": self.id, "type": "function", "function": {"name": self.name, "arguments": self.arguments}}


@dataclass(frozen=True, slots=True)
class Said:
    """An agent's message as a chat API is sent it: the text, and native calls."""

    content: str | None
    calls: tuple[SaidCall, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the chat message as a new dict.

        >>> Said("Noted.").to_dict()
        {'role': 'assistant', 'content': 'Noted.'}
        """
        if not self.calls:
            return {"role": "assistant", "content": self.content or ""}
        calls = [call.to_dict() for call in self.calls]
        return {"role": "assistant", "content": self.content, "tool_calls": calls}

    @property
    def full_text(self) -> str:
        """Everything that a tokenizer would be given."""
        if not self.calls:
            return self.content or ""
        calls = ", ".join(f'{{"name": "{call.name}", "arguments": {call.arguments}}}' for call in self.calls)
        return "\n".join(part for part in (self.content, f"[{calls}]") if part)


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
        memories: The long-term memories that it shows (retrieval only).
        sources: The messages that it stands for (summary only), summaries resolved.
        said: What a chat API is sent for it (agent only); None: made from text, think and calls.
    """

    origin: Origin
    text: str
    calls: tuple[ToolCall, ...] = ()
    call_ids: tuple[str, ...] = ()
    answers: CallRef | None = None
    think: str = ""
    memories: tuple[ShownMemory, ...] = ()
    sources: tuple[Message, ...] = ()
    said: Said | None = None

    @property
    def memory_ids(self) -> tuple[str, ...]:
        """Ids of the long-term memories that it shows."""
        return tuple(memory.id for memory in self.memories)

    @property
    def role(self) -> str:
        """The chat role in the native format."""
        if self.origin == "system":
            return "system"
        if self.origin == "agent":
            return "assistant"
        return "tool" if self.answers is not None and self.answers.id else "user"

    @property
    def full_text(self) -> str:
        """Everything that a tokenizer would be given: think text, text and calls."""
        if self.said is not None:
            return self.said.full_text
        if self.answers is not None and not self.answers.id:
            return _result_text(self.answers, self.text)
        if not self.calls and not self.think:
            return self.text
        calls = _calls_json(self.calls) if self.calls else ""
        return "\n".join(part for part in (self.think, self.text, calls) if part)

    def digest(self) -> bytes:
        """Return 16 bytes that identify what a chat API is sent for this message."""
        if not (self.calls or self.call_ids or self.think or self.answers):
            # No two messages have such a text in common: others begin with a bracket, and no origin has a sign.
            plain = f"{self.origin}|{self.text}"
            if self.said is not None:
                plain = (
                    "" if self.said.calls else f"{self.origin}>{len(self.text)}|{self.text}{self.said.content or ''}"
                )
            if plain:
                return hashlib.blake2b(plain.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        answered = (self.answers.id, self.answers.name) if self.answers else None
        calls = [(call.name, call.arguments) for call in self.calls]
        # Quoted text keeps the parts apart, whatever characters they contain.
        said = self.said and (self.said.content, [(c.id, c.name, c.arguments) for c in self.said.calls])
        parts = ascii((self.origin, self.think, self.text, calls, self.call_ids, answered, said))
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
    if message.said is not None:
        return message.said.to_dict()
    if message.answers is not None:
        return _render_result(message.answers, message.text, tool_format)
    if tool_format == "tags":
        return _render_tags(message)
    role = message.role
    content = _with_think(message, message.text)
    if not message.calls:
        return {"role": role, "content": content}
    pairs = zip(message.call_ids, message.calls, strict=True)
    native = tuple(SaidCall(call_id, call.name, _to_json(call.arguments)) for call_id, call in pairs)
    return Said(content or None, native).to_dict()


def _render_tags(message: Message) -> dict[str, Any]:
    if message.origin == "agent":
        calls = render_calls(message.calls) if message.calls else ""
        body = "\n".join(part for part in (message.text, calls) if part)
        return {"role": "assistant", "content": _with_think(message, body)}
    return {"role": message.role, "content": message.text}


def _render_result(answers: CallRef, text: str, tool_format: ToolFormat) -> dict[str, Any]:
    if tool_format == "native" and answers.id:
        return {"role": "tool", "tool_call_id": answers.id, "content": text}
    return {"role": "user", "content": _result_text(answers, text)}


def _result_text(answers: CallRef, text: str) -> str:
    return f"[{answers.name}] {text}"


def _with_think(message: Message, body: str) -> str:
    return f"<think>{message.think}</think>\n{body}" if message.think else body


def _calls_json(calls: tuple[ToolCall, ...]) -> str:
    listed: list[Mapping[str, Any]] = [call.to_dict() for call in calls]
    return _to_json(listed)
