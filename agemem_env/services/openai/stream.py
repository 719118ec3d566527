"""Streams of server-sent events, put together to the reply that they add up to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from agemem_env.services.openai.values import list_of, mapping_of, text_of, thought_of
from agemem_env.text.lines import split_lines

_FIELDS = (b"data:", b"event:", b"id:", b"retry:", b":")
_READERS = {"content": text_of, "refusal": text_of, "reasoning_content": thought_of, "reasoning": thought_of}


def is_stream(content: bytes) -> bool:
    """Whether a body is a stream of events."""
    return content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_FIELDS)


def assemble(content: bytes) -> dict[str, Any]:
    """Return the reply that a stream of events adds up to, in the form of one that was sent whole.

    Args:
        content: The stream. Only the first choice is read.

    Raises:
        ValueError: If it is no such stream, or ended before the reply did.
    """
    texts: dict[str, list[str]] = {name: [] for name in _READERS}
    calls: list[dict[str, Any]] = []
    last: dict[str, Any] = {}
    usage, ended = None, False
    for data in _events(content.decode("utf-8-sig")):
        ended = ended or data == "[DONE]"
        for chunk in () if data == "[DONE]" else _chunks(json.loads(data)):
            if chunk.get("error"):
                return dict(chunk)
            usage = chunk.get("usage") or usage
            choice = next((mapping_of(c, "a choice") for c in list_of(chunk.get("choices"), "choices")), {})
            if choice.get("index") not in (None, 0):
                continue
            last.update({name: value for name, value in choice.items() if value is not None})
            delta = mapping_of(choice.get("delta") or choice.get("message") or {}, "a delta")
            for name, parts in texts.items():
                parts.append(_READERS[name](delta.get(name)))
            for call in list_of(delta.get("tool_calls"), "tool_calls"):
                _add_call(calls, mapping_of(call, "a tool call"))
    if not last or not (ended or last.get("finish_reason")):
        raise ValueError("the stream ended before the reply did")
    message = {**{name: "".join(parts) for name, parts in texts.items()}, "tool_calls": [c["call"] for c in calls]}
    return {"choices": [{**last, "message": message}], "usage": usage}


def _events(text: str) -> Iterator[str]:
    """Yield the data of each event; the lines of one event are one value."""
    parts: list[str] = []
    for line in (*split_lines(text), ""):
        if line.startswith("data:"):
            parts.append(line.removeprefix("data:"))
            # Servers that do not put an empty line between events send whole values in each line.
            joined = "\n".join(parts).strip()
            if joined == "[DONE]" or _is_json(joined):
                yield joined
                parts = []
        elif not line and "".join(parts).strip():
            raise ValueError(f"an event is not JSON: {' '.join(parts)[:200]}")
        elif not line:
            parts = []


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _chunks(value: Any) -> list[Mapping[str, Any]]:
    return [mapping_of(chunk, "an event") for chunk in (value if isinstance(value, list) else [value])]


def _add_call(calls: list[dict[str, Any]], delta: Mapping[str, Any]) -> None:
    """Add a piece of a tool call to the call that it belongs to, or begin a new one."""
    function = mapping_of(delta.get("function") or {}, "a function")
    name, arguments = text_of(function.get("name")), function.get("arguments")
    if not isinstance(arguments, str):
        arguments = "" if arguments is None else json.dumps(arguments, ensure_ascii=False)
    known = _known(calls, delta, name)
    if known is None:
        call = {"id": delta.get("id"), "function": {"name": name, "arguments": arguments}}
        calls.append({"index": delta.get("index"), "call": call})
        return
    held = known["call"]["function"]
    known["call"]["id"] = known["call"]["id"] or delta.get("id")
    held["name"] += "" if name == held["name"] else name  # some servers repeat the name in every piece
    held["arguments"] += arguments


def _known(calls: list[dict[str, Any]], delta: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    """Return the call that a piece goes on with, or None if it begins one.

    Pieces belong together by their index; by their id where servers number all calls with 0 or not at all; and without
    either, a piece goes on with the last call unless it names a function and that call is complete.
    """
    index, call_id = delta.get("index"), delta.get("id")
    same = [c for c in calls if c["index"] == index] if index is not None else calls
    if call_id:
        by_id = [c for c in same if c["call"]["id"] == call_id]
        if by_id or any(c["call"]["id"] for c in same[-1:]):
            return by_id[-1] if by_id else None
    if not same or (index is None and not call_id and name and _complete(same[-1], name)):
        return None
    return same[-1]


def _complete(entry: Mapping[str, Any], name: str) -> bool:
    held = entry["call"]["function"]
    return name != held["name"] or _is_json(held["arguments"])
