"""What goes wrong with services, as responses of the loopback server, and the ways in which models write calls."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Literal

from agemem_env.text.paper_format import render_answer, render_calls
from agemem_env.types import ToolCall
from benchmarks.speed.fake_server import Fault, failure

Dialect = Literal["native", "native-object", "tags", "hermes", "plain"]

JSON_TYPE = "application/json"
HANG = Fault(hang=True)
CUT = Fault('{"id": "chat", "choices": [', cut=-5)
MALFORMED = Fault('{"id": "chat", "choices": [{"message": {"role": "assis')
EMPTY_CHOICE = Fault(json.dumps({"id": "chat", "object": "chat.completion", "model": "fake", "choices": []}))
REFUSED_PROMPT = failure(400, "The prompt triggered the content policy.", "content_filter")
TOO_LONG = failure(
    400, "This model's maximum context length is 4096 tokens; your messages have 5000.", "context_length_exceeded"
)
NO_TOOLS = failure(400, "fake does not support tools")


def brief_failure(status: int, message: str) -> Fault:
    """Return an error after which a client may try again at once."""
    return failure(status, message, retry_after_ms="1")


def speak_calls(calls: Sequence[ToolCall], dialect: Dialect) -> str | dict[str, Any]:
    """Return calls in the way of a kind of model.

    ``native``: `tool_calls`; ``native-object``: the same with arguments as an object and without ids, as some servers
    send them; ``tags``: the paper's tags; ``hermes``: one tag per call; ``plain``: a command as bare text and an
    answer in its tag, other calls in tags.

    >>> speak_calls([ToolCall("act", {"command": "go north"})], "plain")
    'go north'
    """
    if dialect == "native":
        return {"role": "assistant", "content": None, "tool_calls": [_native(i, c) for i, c in enumerate(calls)]}
    if dialect == "native-object":
        bare = [{"function": {"name": c.name, "arguments": dict(c.arguments)}} for c in calls]
        return {"role": "assistant", "content": "", "tool_calls": bare}
    if dialect == "hermes":
        return "\n".join(f"<tool_call>\n{json.dumps(c.to_dict(), ensure_ascii=False)}\n</tool_call>" for c in calls)
    if dialect == "plain" and len(calls) == 1:
        if calls[0].name == "act":
            return str(calls[0].arguments["command"])
        if calls[0].name == "answer":
            return render_answer(str(calls[0].arguments["text"]))
    return render_calls(calls)


def _native(index: int, call: ToolCall) -> dict[str, Any]:
    arguments = json.dumps(call.arguments, ensure_ascii=False)
    return {"id": f"x{index}", "type": "function", "function": {"name": call.name, "arguments": arguments}}
