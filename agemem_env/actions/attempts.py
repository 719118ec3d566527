"""Whether a text that could not be read looks like an attempt to call a tool, or only speaks of tools and data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from agemem_env.actions.calls import ARGUMENT_KEYS
from agemem_env.actions.dialects import ATTEMPT, ATTEMPT_AS_COMMAND, may_hold_no_call
from agemem_env.text.relaxed_json import decode

_KEYS = frozenset(
    ("arguments", "parameters", "args", "tool", "tool_name", "tool_call", "tool_calls", "tool_use", "toolUse",
     "tool_uses", "function", "function_call", "functionCall", "function_calls", "action_input", "recipient_name")
)  # fmt: skip
"""Keys of JSON that no plain data has."""

_FENCED = re.compile(r"```[\w-]{0,20}\s{0,16}")
_JSON_START = re.compile(r"\[\s{0,8}(?:[\[{\"'“\]]|-?\d+\s{0,8},)|\{\s{0,8}[\"'“{}]")
_STRUCTURE = re.compile(r"\{|<[|｜]|[|｜]>")

STARTS = ("{", "[", "```")
"""What JSON and code begin with."""


@lru_cache(maxsize=64)
def telling(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names that are no everyday words, so that they show that a tool is meant.

    >>> telling(("Add_memory", "act", "answer"))
    ('Add_memory',)
    """
    return tuple(name for name in names if "_" in name or any(map(str.isupper, name[1:])))


@lru_cache(maxsize=64)
def _named(names: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str]] | None:
    """Return what finds a name, and what finds one in a place where a call has it."""
    listed = "|".join(re.escape(name) for name in telling(names))
    if not listed:
        return None
    name = rf"(?<![A-Za-z0-9_])(?:{listed})(?![A-Za-z0-9_])"
    end = r"[\"'”`*]{0,2}\s{0,4}"
    inside = r"\s{0,8}(?:\w{1,64}\s{0,8}=|[\"'{\[]|\w{0,64}\Z|\n)"
    used = rf"""{name}{end}(?:[{{\[<|｜=]|\({inside}|\w{{1,64}}\s{{0,4}}=)
    |^[\W_]{{0,8}}{name}{end}(?::|\Z)|\A\W{{0,8}}{name}\s{{0,4}}(?:`{{1,3}}\w{{0,20}}\s{{0,4}})?\W{{0,4}}\Z
    |(?:[<=✿]|:\s{{0,4}}[\"'“])\s{{0,2}}{name}|^\W{{0,4}}action\W{{1,8}}{name}"""
    flags = re.IGNORECASE | re.ASCII
    return re.compile(name, flags), re.compile(used, flags | re.VERBOSE | re.MULTILINE)


def names_tool(text: str, names: tuple[str, ...]) -> bool:
    """Return whether a text has the name of a tool in a place where a call has it.

    >>> tools = ("Add_memory", "answer")
    >>> names_tool("I used Add_memory earlier (twice).", tools), names_tool("Action: Add_memory", tools)
    (False, True)
    """
    found = _named(names)
    if found is None:
        return False
    lower = text.lower()
    if not [name for name in telling(names) if name.lower() in lower] or found[0].search(text) is None:
        return False
    return bool(_STRUCTURE.search(text) or found[1].search(text))


def attempt_in_reply(text: str, names: tuple[str, ...]) -> bool:
    """Return whether a reply, stripped, is or holds an attempt; data in JSON and code are none.

    >>> attempt_in_reply('{"mug": "cabinet 3"}', ()), attempt_in_reply('{"mug": "cabinet', ())
    (False, True)
    """
    if names_tool(text, names):
        return True
    if may_hold_no_call(text):
        return False
    if ATTEMPT.search(text):
        return True
    fence = _FENCED.match(text)
    start = fence.end() if fence else 0
    if not text[start:].strip("` \t\r\n"):
        return True
    if not _JSON_START.match(text, start):
        return False
    found = decode(text, start)
    return found is None or found.value in ([], {}) or _speaks_of_tools(found.value)


def attempt_as_command(text: str, names: tuple[str, ...]) -> bool:
    """Return whether a text that stands in the place of a command, stripped, is an attempt.

    >>> attempt_as_command("open drawer 1", ("Add_memory",)), attempt_as_command("Add_memory mug 2", ("Add_memory",))
    (False, True)
    """
    if not may_hold_no_call(text) and (
        text.startswith(STARTS) or ATTEMPT.search(text) or ATTEMPT_AS_COMMAND.search(text)
    ):
        return True
    found = _named(names)
    return found is not None and (found[0].match(text) is not None or names_tool(text, names))


def _speaks_of_tools(value: object, depth: int = 3) -> bool:
    """Return whether plain data has keys of calls."""
    if isinstance(value, Mapping):
        named = isinstance(value.get("name"), str) and any(key in value for key in ARGUMENT_KEYS)
        return named or bool(_KEYS & value.keys()) or (depth > 0 and _any(value.values(), depth))
    return isinstance(value, list) and depth > 0 and _any(value, depth)


def _any(values: Iterable[object], depth: int) -> bool:
    return any(_speaks_of_tools(value, depth - 1) for value in values)
