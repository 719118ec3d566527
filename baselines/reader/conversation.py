"""Reads a request as a conversation, whatever tool format it is in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agemem_env.actions.parsing import parse
from agemem_env.context.origins import BETWEEN
from agemem_env.services.chat import ChatRequest
from agemem_env.types import ToolCall

_TASK = re.compile(r"\?\s*$|\bgoal:|\byour task\b|\btask is to\b", re.IGNORECASE)
_LIMIT = re.compile(r"\n\nTurns that you have for this: \d+\.\s*$")
_LISTED = re.compile(r"(?P<id>mem_\w+)\]?(?: \(-?\d+\.\d+\))?: (?P<content>.+)")
_STORED = re.compile(r"(?:Stored as|Updated|Deleted) (?P<id>mem_\w+)")
_TAG_RESULT = re.compile(r"\[(?P<name>\w+)\] (?P<text>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation as the reader understands it.

    Attributes:
        tools: Names of the tools offered.
        tags: Whether calls are written as tags in text.
        system: The system message.
        texts: Every text that somebody else wrote, in order.
        new_messages: What was said since the reader's last turn, without memories that were shown.
        memories_shown: Whether memories were shown unasked, anywhere in the conversation.
        query: The task; empty before it is known.
        observations: What was seen since the task came, memories excepted.
        before_task: What was said before the task, as far as it is still there.
        calls: The reader's calls since the task, each with its result.
        entries: Memories that have been seen, by id.
    """

    tools: frozenset[str]
    tags: bool
    system: str
    texts: tuple[str, ...]
    new_messages: tuple[str, ...]
    memories_shown: bool
    query: str
    observations: tuple[str, ...]
    before_task: tuple[str, ...]
    calls: tuple[tuple[ToolCall, str], ...]
    entries: Mapping[str, str] = field(default_factory=dict)


def read_conversation(request: ChatRequest) -> Conversation:
    """Return the conversation that a request shows."""
    offered, tags = _tools(request)
    turns = [_Turn.of(part) for message in request.messages for part in _parts(message)]
    query = max((i for i, t in enumerate(turns) if t.role == "user" and _is_task(t.text)), default=len(turns))
    last_own = max((i for i, t in enumerate(turns) if t.role == "assistant"), default=0)
    fresh = [t for t in turns[last_own:] if t.role == "user" and not t.result_of]
    return Conversation(
        tools=offered,
        tags=tags,
        system="\n".join(t.text for t in turns if t.role == "system"),
        texts=tuple(t.text for t in turns if t.role not in ("assistant", "system")) + _memories_in_prompt(turns),
        new_messages=tuple(t.text for t in fresh if not _LISTED.search(t.text)),
        memories_shown=any(_LISTED.search(t.text) for t in turns if t.role == "user" and not t.result_of),
        query=turns[query].text if query < len(turns) else "",
        observations=tuple(t.text for t in turns[query + 1 :] if t.role != "assistant" and not _LISTED.search(t.text)),
        before_task=tuple(t.text for t in turns[:query] if t.role == "user" and not t.result_of),
        calls=tuple(_calls_with_results(turns[query:])),
        entries=_shown_entries(turns),
    )


def _parts(message: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the messages of the user that the environment sends as one, apart."""
    if message["role"] != "user":
        return [message]
    return [{**message, "content": text} for text in (message.get("content") or "").split(BETWEEN)]


@dataclass(frozen=True, slots=True)
class _Turn:
    """One message: `result_of` names the tool or the call whose result it is."""

    role: str
    text: str
    calls: tuple[tuple[str, ToolCall], ...] = ()
    result_of: str = ""

    @classmethod
    def of(cls, message: Mapping[str, Any]) -> _Turn:
        """Return what a chat message says, in either tool format."""
        role, text = message["role"], _LIMIT.sub("", message.get("content") or "")
        if role == "assistant":
            native = message.get("tool_calls") or ()
            calls = [
                (c["id"], ToolCall(c["function"]["name"], _read_arguments(c["function"]["arguments"]))) for c in native
            ]
            return cls(role, text, tuple(calls or [("", call) for call in parse(text, commands=False).calls]))
        if role == "tool":
            return cls(role, text, result_of=message["tool_call_id"])
        result = _TAG_RESULT.fullmatch(text) if role == "user" else None
        return cls(role, result["text"], result_of=result["name"]) if result else cls(role, text)


def _read_arguments(text: str) -> dict[str, Any]:
    value = json.loads(text)
    return value if isinstance(value, dict) else {}


def _tools(request: ChatRequest) -> tuple[frozenset[str], bool]:
    """Return the names of the tools on offer, and whether the system message lists them."""
    if request.tools:
        return frozenset(tool["function"]["name"] for tool in request.tools), False
    system = "\n".join(m.get("content") or "" for m in request.messages if m["role"] == "system")
    if "<tool_call>" not in system:
        return frozenset(), False
    return frozenset(re.findall(r'^\{"name": "(\w+)"', system, re.MULTILINE)), True


def _is_task(text: str) -> bool:
    return _TASK.search(text) is not None and not _LISTED.search(text)


def _memories_in_prompt(turns: Sequence[_Turn]) -> tuple[str, ...]:
    """Return the bulleted lines of system messages: a memory system may show its memories there."""
    lines = (line for t in turns if t.role == "system" for line in t.text.splitlines())
    return tuple(line for line in lines if line.lstrip().startswith(("- ", "* ")) or _LISTED.search(line))


def _calls_with_results(turns: Sequence[_Turn]) -> Iterator[tuple[ToolCall, str]]:
    """Yield each call with its result."""
    open_calls: list[tuple[str, ToolCall]] = []
    for turn in turns:
        open_calls += turn.calls
        answered = next(
            (pair for pair in open_calls if turn.result_of and turn.result_of in (pair[0], pair[1].name)), None
        )
        if answered is not None:
            open_calls.remove(answered)
            yield answered[1], turn.text


def _shown_entries(turns: Sequence[_Turn]) -> dict[str, str]:
    """Return the memories that the conversation shows, in their latest form."""
    entries: dict[str, str] = {}
    for turn in turns:
        if turn.role != "assistant":
            for line in turn.text.splitlines():
                listed = _LISTED.search(line)
                if listed:
                    entries[listed["id"]] = listed["content"]
    for call, result in _calls_with_results(turns):
        stored = _STORED.match(result)
        if stored and isinstance(call.arguments.get("content"), str):
            entries[stored["id"]] = call.arguments["content"]
        elif stored and call.name == "Delete_memory":
            entries.pop(stored["id"], None)
    return entries
