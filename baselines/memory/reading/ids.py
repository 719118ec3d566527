"""Memory ids as models write them: numbers, ids in brackets or with the text behind them, objects around them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from baselines.memory.reading.values import SIDE_KEYS, TEXT_KEYS, by_name, is_nothing

ID_KEYS = (
    "id",
    "memoryid",
    "memid",
    "noteid",
    "targetmemoryid",
    "linkid",
    "existingid",
    "targetid",
    "target",
    "index",
    "key",
    "ref",
)
"""Names under which the id of an item may stand."""

_ID_SIDE_KEYS = SIDE_KEYS - {"id", "index"} | {*TEXT_KEYS, "relation", "relationship", "context", "note", "strength"}
_MEMORY_ID = re.compile(r"mem_[0-9a-f]{8}(?![0-9a-zA-Z])")
_NUMBERS = re.compile(r"\s*\[?\s*#?\d{1,9}(?:\s*[,;\s]\s*#?\d{1,9})*\s*\]?\s*")
_NUMBERED = re.compile(r"(?:id|mem|memory|note|relation)?[\s_#:]*(?P<number>\d{1,9})\s*(?::.*)?", re.I | re.DOTALL)


def read_ids(value: Any) -> list[str] | None:
    """Return the distinct memory ids that a value names, in order; None if it cannot be read.

    >>> read_ids([{"id": 0, "reason": "same"}, "1: The violin hangs in the attic.", 2.0]), read_ids("mem_0000abcd")
    (['0', '1', '2'], ['mem_0000abcd'])
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return [str(int(value))] if value == int(value) else None
    if value is None or isinstance(value, str):
        return _ids_in(value or "")
    groups = [read_ids(item) for item in value] if isinstance(value, list) else _ids_of(value)
    if groups is None or None in groups:
        return None
    return list(dict.fromkeys(one for group in groups if group for one in group))


def is_id(text: str) -> bool:
    """Return whether a text is a memory id and nothing else."""
    return bool(_MEMORY_ID.fullmatch(text.strip()) or text.strip().isdecimal())


def _ids_in(text: str) -> list[str]:
    if is_nothing(text) or text.strip().casefold().startswith("none of "):
        return []
    whole = _NUMBERED.fullmatch(text.strip(" []<>()\"'"))
    if not text.lstrip(" [<(\"'").startswith("mem_") and whole:
        return [whole["number"]]
    if _NUMBERS.fullmatch(text):
        return re.findall(r"\d+", text)
    found = list(dict.fromkeys(_MEMORY_ID.findall(text)))
    return found or ([whole["number"]] if whole else [text.strip()])


def _ids_of(value: Any) -> list[list[str] | None] | None:
    """Return the ids in an object: those that it has under a name, or its keys."""
    if not isinstance(value, Mapping):
        return None
    if all(is_id(key) for key in value):
        return [[key.strip()] for key, kept in value.items() if kept is not False]
    named = by_name(value) or {}
    given = [read_ids(inner) for name, inner in named.items() if name in ID_KEYS and inner is not None]
    if not given:
        inner = [text for text in named.values() if isinstance(text, str) and _MEMORY_ID.fullmatch(text.strip())]
        return [[inner[0].strip()]] if len(inner) == 1 else None
    other = any(name not in ID_KEYS and name not in _ID_SIDE_KEYS for name in named)
    return given if len(given) == 1 and not other else None
