"""Names of tools as models write them: what a name means, and a form of it that every chat API takes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace

from agemem_env.types import Turn, Violation

_PREFIX = re.compile(r"(?:functions?|default_api|tools?|assistant)(?:\.|:{1,2}|/)")
_SUFFIX = re.compile(r":\d{1,4}$")
_OTHER = re.compile(r"[^a-z0-9]")
_REFUSED = re.compile(r"[^a-zA-Z0-9_-]+")
TOOLS = ("Add_memory", "Update_memory", "Delete_memory", "Retrieve_memory", "Summary_context", "Filter_context",
         "act", "answer")  # fmt: skip
"""The tools that a text is read with unless others are named."""

LONGEST = 64
"""Characters of a name that an API takes."""


def meant(name: str, offered: Iterable[str]) -> str:
    """Return the tool that a name means if that is clear, else the name as it is.

    Prefixes and suffixes of templates, blanks, case and separators do not matter.

    >>> tools = ("Add_memory", "act")
    >>> [meant(name, tools) for name in ("functions.Add_memory", "Add_memory:0", "addMemory", "Add_memroy")]
    ['Add_memory', 'Add_memory', 'Add_memory', 'Add_memroy']
    """
    listed = tuple(offered)
    if name in listed:
        return name
    bare = name[: 4 * LONGEST].split("<|")[0].strip().strip("\"'`*() \t\r\n")
    bare = _SUFFIX.sub("", _PREFIX.sub("", bare, count=1)).strip()
    found = [tool for tool in listed if _letters(tool) == _letters(bare)]
    return found[0] if len(found) == 1 else name


def _letters(name: str) -> str:
    return _OTHER.sub("", name.lower()) if name.isascii() else name


def allowed(name: str) -> str:
    """Return a name in a form that every chat API takes: letters, digits, _ and -, at most `LONGEST` of them.

    >>> allowed("multi_tool_use.parallel"), allowed("東京"), len(allowed("x" * 100))
    ('multi_tool_use_parallel', 'unknown_tool', 64)
    """
    if name and len(name) <= LONGEST and not _REFUSED.search(name):
        return name
    return _REFUSED.sub("_", name[: 4 * LONGEST]).strip("_")[:LONGEST] or "unknown_tool"


def with_names_meant(turn: Turn, offered: Collection[str]) -> Turn:
    """Return the turn with the names of tools that are meant; a mended name is a mistake that is counted once."""
    names = [meant(call.name, offered) for call in turn.calls]
    mended = [name for call, name in zip(turn.calls, names, strict=True) if name != call.name]
    if not mended:
        return turn
    calls = tuple(replace(call, name=name) for call, name in zip(turn.calls, names, strict=True))
    told = ", ".join(dict.fromkeys(mended))
    violation = Violation("repaired_name", f"A tool's name was mended. Write it as it is listed: {told}.")
    return replace(turn, calls=calls, violations=(*turn.violations, violation))
