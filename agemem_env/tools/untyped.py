"""Arguments of calls in whose dialect every value is text: numbers and the like are read from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agemem_env.text.relaxed_json import decode
from agemem_env.tools.arguments import JSONType
from agemem_env.tools.base import Tool
from agemem_env.types import ToolCall

_WORDS: Mapping[str, Any] = {"true": True, "false": False, "null": None, "none": None}


def typed_arguments(tool: Tool, call: ToolCall) -> Mapping[str, Any]:
    """Return the arguments of a call with the types that its tool declares, as far as the text allows it.

    >>> from agemem_env.tools.short_term import RetrieveMemory
    >>> call = ToolCall("Retrieve_memory", {"query": "3", "top_k": "3"}, typed=False)
    >>> typed_arguments(RetrieveMemory(), call)
    {'query': '3', 'top_k': 3}
    """
    if call.typed:
        return call.arguments
    kinds = {name: spec.json_type for name, spec in tool.specs.items()}
    kinds |= {alias: spec.json_type for spec in tool.specs.values() for alias in spec.aliases}
    return {name: _read(value, kinds.get(name, "string")) for name, value in call.arguments.items()}


def _read(value: Any, kind: JSONType) -> Any:
    if kind == "string" or not isinstance(value, str):
        return value
    text = value.strip()
    if kind == "object":
        found = decode(text)
        return found.value if found and found.end == len(text) else _WORDS.get(text.lower(), value)
    if kind == "integer" and text.isascii() and text.isdecimal() and len(text) < 10:
        return int(text)
    return _WORDS.get(text.lower(), value)
