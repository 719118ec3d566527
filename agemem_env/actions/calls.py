"""Reads one tool call from a plain value: the ways in which models and APIs spell name and arguments.

What can mean only one thing is read; what could mean two things is refused, and nothing is left out without a word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from agemem_env.text.relaxed_json import Decoded, decode
from agemem_env.types import ToolCall

ARGUMENT_KEYS = ("arguments", "parameters", "args", "input", "params", "action_input", "tool_input")
"""Keys that hold the arguments of a call."""

_OTHER_NAMES = ("tool_name", "tool", "function", "recipient_name", "action")
"""Keys that hold the name of a call if one of `ARGUMENT_KEYS` stands beside them."""

_WRAPPERS = ("function", "functionCall", "function_call", "toolUse", "tool_use", "tool_call", "toolCall")

_LISTS = ("tool_calls", "tool_uses", "function_calls", "calls")

_NEUTRAL = frozenset(
    ("id", "type", "index", "call_id", "tool_call_id", "toolUseId", "status", "role", "caller", "strict",
     "cache_control", "thought", "thoughts", "think", "reasoning", "explanation")
)  # fmt: skip
"""Keys beside name and arguments that say nothing about what to do."""

_FENCED = re.compile(r"```[\w-]{0,20}\s([^`]*)```", re.DOTALL)
_CLOSING = frozenset("]} \t\r\n")


def call_fields(value: object) -> tuple[str, Mapping[str, Any]] | None:
    """Return the name of a call and the object that holds it; None if the value is not a call."""
    if not isinstance(value, dict):
        return None
    fields: Mapping[str, Any] = value
    for key in _WRAPPERS:
        inner = value.get(key)
        if isinstance(inner, dict) and (key == "function" or "name" not in value):
            fields = inner
            break
    name = fields.get("name")
    if "name" not in fields and any(key in fields for key in ARGUMENT_KEYS):
        name = next((fields[key] for key in _OTHER_NAMES if key in fields), None)
    return (name, fields) if isinstance(name, str) and name else None


def listed_calls(value: object) -> list[Any]:
    """Return the values that a JSON text lists as calls: the items of a list, also if it stands under ``tool_calls``.

    >>> listed_calls({"tool_calls": [1, 2]}), listed_calls({"name": "x"})
    ([1, 2], [{'name': 'x'}])
    """
    if isinstance(value, dict) and "name" not in value:
        value = next((value[key] for key in _LISTS if isinstance(value.get(key), list)), value)
    return value if isinstance(value, list) else [value]


def read_call(value: object, kinds: list[str]) -> ToolCall | None:
    """Return the call that a plain value means, or None; adds to `kinds` what is wrong with it.

    >>> kinds = []
    >>> read_call({"name": "act", "command": "go"}, kinds), kinds
    (ToolCall(name='act', arguments={'command': 'go'}), ['repaired_json'])
    >>> read_call({"name": "act", "arguments": {}, "command": "go"}, kinds) is None
    True
    """
    found = call_fields(value)
    if found is not None:
        name, fields = found
        arguments = _all_arguments(name, fields, kinds)
        if arguments is not None:
            return ToolCall(name, arguments)
    kinds.append("malformed_call")
    return None


def _all_arguments(name: str, fields: Mapping[str, Any], kinds: list[str]) -> dict[str, Any] | None:
    """Return the arguments of a call, wherever they stand; None if they cannot be read or may be two things."""
    given = [fields[key] for key in ARGUMENT_KEYS if fields.get(key) is not None]
    names = "name" if "name" in fields else next(key for key in _OTHER_NAMES if key in fields)
    others = {k: v for k, v in fields.items() if k != names and k not in ARGUMENT_KEYS and k not in _NEUTRAL}
    if any(value != given[0] for value in given):
        return None
    if not given:
        kinds += ["repaired_json"] if others else []
        return others
    arguments = read_arguments(given[0], name, kinds)
    if others and arguments is not None:
        if not arguments:
            return None
        kinds.append("extra_keys")
    return arguments


def read_arguments(value: object, name: str, kinds: list[str]) -> dict[str, Any] | None:
    r"""Return arguments as an object, or None; text is decoded, once or twice.

    >>> read_arguments('"{\\"a\\": 1}"', "x", []), read_arguments("null", "x", []), read_arguments("[1]", "x", [])
    ({'a': 1}, {}, None)
    """
    for _ in range(3):
        if not isinstance(value, str):
            break
        decoded = _decoded(value.strip())
        if decoded is None:
            return None
        kinds += ["repaired_json"] if decoded.repaired else []
        value = decoded.value
    if value is None:
        return {}
    if isinstance(value, list) and len(value) <= 1 and all(isinstance(item, dict) for item in value):
        kinds.append("repaired_json")
        value = value[0] if value else {}
    if not isinstance(value, dict):
        return None
    inner = [key for key in ARGUMENT_KEYS if key in value]
    if value.get("name") == name and len(inner) == 1 and value.keys() - _NEUTRAL == {"name", inner[0]}:
        kinds.append("repaired_json")
        return read_arguments(value[inner[0]], "", kinds)
    return value


def _decoded(text: str) -> Decoded | None:
    """Decode arguments that are written as text; what follows the value must mean nothing."""
    if text in ("", "null", "None"):
        return Decoded({}, len(text), False)
    fenced = _FENCED.fullmatch(text)
    if fenced is not None:
        inner = decode(fenced[1].strip())
        return Decoded(inner.value, inner.end, True) if inner and inner.end == len(fenced[1].strip()) else None
    if text.startswith('"'):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return None
        return Decoded(value, len(text), True) if isinstance(value, str) else None
    found = decode(text)
    if found is None or found.end == len(text):
        return found
    rest = text[found.end :].strip()
    if len(rest) <= 8 and _CLOSING.issuperset(rest):
        return Decoded(found.value, len(text), True)
    again = decode(rest)
    if again is None or again.end < len(rest):
        return None
    # Some servers send an empty object first, or the same one twice.
    value = again.value if found.value == {} else found.value
    return Decoded(value, len(text), True) if again.value == value else None
