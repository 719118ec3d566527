"""Copies whatever is sent as an action to plain values: the only code that touches foreign objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Protocol, runtime_checkable

from agemem_env.text.relaxed_json import NotPlainError, Plain, plain, valid_text
from agemem_env.types import ToolCall, Turn


@runtime_checkable
class SupportsModelDump(Protocol):
    """A pydantic object, such as the SDK's ``ChatCompletionMessage`` or one of its tool calls."""

    def model_dump(self, *, warnings: bool) -> dict[str, Any]:
        """Return the fields as a dict."""


@dataclass(frozen=True, slots=True)
class ChatForm:
    """A chat message.

    Attributes:
        content: Its text; None if there is none.
        understood: Whether the content is text, or parts of which one is.
        reasoning: Its thought, where that stands beside the text.
        calls: Its calls; one is None if it has no JSON form.
        refusal: What the model said instead of an answer.
        exact: Whether content and calls stand where OpenAI's API has them, and there is nothing beside them.
    """

    content: str | None
    understood: bool
    reasoning: str
    calls: tuple[Plain | None, ...]
    refusal: str
    exact: bool


Form = Turn | str | ChatForm | list["Plain | None"] | None

_CALL_PARTS = ("tool_use", "function_call", "tool_call", "toolUse", "functionCall")
_MESSAGE_KEYS = frozenset(("tool_calls", "role", "refusal", "parts"))
_WAYS_IN = ("choices", "candidates", "message", "output")


def form_of(action: object) -> Form:
    """Return the action as plain values; None if it is nothing that an agent may send.

    Raises:
        Exception: Whatever the action's own code raises.
    """
    if isinstance(action, Turn):
        return action
    if action is None:
        return ""
    if isinstance(action, str):
        return str.__str__(action)
    if isinstance(action, (list, tuple)):
        return [element(item) for item in action]
    if isinstance(action, ToolCall):
        return [element(action)]
    fields = _fields(action)
    if fields is None:
        return None
    for _ in range(3):
        inner = _inside(fields)
        if inner is None:
            break
        fields = inner
    if not _MESSAGE_KEYS.isdisjoint(fields):
        return _message(fields)
    if "name" not in fields and ("function_call" in fields or "content" in fields):
        return _message(fields)
    if isinstance(fields.get("text"), str) and "finish_reason" in fields:
        return str.__str__(fields["text"])  # a choice of the legacy completions API
    return [element(fields)]


def element(item: object) -> Plain | None:
    """Return one call as plain values, or None if it has no JSON form."""
    if isinstance(item, ToolCall):
        item = {"name": item.name, "arguments": item.arguments}
    elif type(item) is not dict and not isinstance(item, Mapping):
        item = _fields(item) or item
    try:
        return plain(item)
    except NotPlainError:
        return None


def _fields(item: object) -> Mapping[str, Any] | None:
    """Return the fields of a mapping, a pydantic object or a simple namespace, which are not to be changed."""
    if type(item) is dict:
        return item
    if isinstance(item, Mapping):
        return dict(item)
    if isinstance(item, SimpleNamespace):
        return {key: _without_namespaces(value, 8) for key, value in vars(item).items()}
    # The protocol comes last: it is slow to check.
    if not isinstance(item, (str, bytes, int, float, list, tuple)) and isinstance(item, SupportsModelDump):
        dumped = item.model_dump(warnings=False)
        return dict(dumped) if isinstance(dumped, Mapping) else None
    return None


def _without_namespaces(value: object, depth: int) -> object:
    """Return a value with its namespaces as dicts, to some depth."""
    if depth and isinstance(value, SimpleNamespace):
        return {key: _without_namespaces(item, depth - 1) for key, item in vars(value).items()}
    if depth and isinstance(value, (list, tuple)):
        return [_without_namespaces(item, depth - 1) for item in value]
    return value


def _inside(fields: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the message inside a completion or one of its choices."""
    if "role" in fields or "name" in fields:
        return None
    if isinstance(fields.get("output"), (list, tuple)):
        return {"role": "assistant", "content": list(_output_parts(fields["output"]))}
    for key in _WAYS_IN:
        inner = fields.get(key)
        if inner is None:
            continue
        if isinstance(inner, (list, tuple)) and inner:
            inner = inner[0]
        found = None if isinstance(inner, str) else _fields(inner)
        if found is not None:
            content = found.get("content")
            return dict(content) if key == "candidates" and isinstance(content, Mapping) else found
    return None


def _output_parts(items: Sequence[object]) -> Iterator[object]:
    """Yield the parts of a reply of OpenAI's Responses API."""
    for item in items:
        fields = _part(item) or {}
        content = fields.get("content")
        if isinstance(content, (list, tuple)):
            yield from content
        else:
            yield fields


def _message(fields: Mapping[str, Any]) -> ChatForm:
    """Read a chat message as servers and client libraries write it."""
    given = fields.get("content")
    parts = fields.get("parts") if given is None else given
    listed = [part for part in map(_part, _items(parts)) if part is not None]
    native = fields.get("tool_calls") or ()
    calls = [element(item) for item in native] if isinstance(native, (list, tuple)) else [None]
    legacy = fields.get("function_call")
    others = [element(legacy)] if legacy is not None and not calls else []
    others += [element(part) for part in listed if _is_call(part)]
    refusal = "\n".join(filter(None, (_text(fields.get("refusal")), *_texts(listed, "refusal"))))
    thoughts = (_text(fields.get("reasoning_content")) or _text(fields.get("reasoning")), *_texts(listed, "thinking"))
    reasoning = "\n".join(filter(None, map(str.strip, thoughts)))
    content = str.__str__(given) if isinstance(given, str) else "\n".join(_texts(listed, "text")) if listed else None
    return ChatForm(
        content=content,
        understood=given is None or isinstance(given, (str, list, tuple)),
        reasoning=valid_text(reasoning),
        calls=tuple(calls + others),
        refusal=valid_text(refusal).strip(),
        exact=not (others or reasoning) and (parts is None or isinstance(given, str)) and all(map(_is_function, calls)),
    )


def _is_function(call: Plain | None) -> bool:
    """Whether a native call is of the kind that an API is sent back, or of none that could not be read."""
    return call is None or not isinstance(call.value, dict) or call.value.get("type", "function") == "function"


def _items(parts: object) -> Sequence[object]:
    return parts if isinstance(parts, (list, tuple)) else ()


def _part(part: object) -> Mapping[str, Any] | None:
    return None if isinstance(part, str) else _fields(part)


def _is_call(part: Mapping[str, Any]) -> bool:
    return part.get("type") in _CALL_PARTS or any(isinstance(part.get(key), Mapping) for key in _CALL_PARTS)


def _texts(parts: Sequence[Mapping[str, Any]], key: str) -> Iterator[str]:
    for part in parts:
        value = part.get(key)
        if isinstance(value, str) and not _is_call(part):
            yield str.__str__(value)


def _text(value: object) -> str:
    return str.__str__(value) if isinstance(value, str) else ""
