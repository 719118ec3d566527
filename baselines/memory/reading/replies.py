"""What a model's reply to a memory system says, in whatever form the model wrote it.

A memory system asks for one JSON object; models answer with a list of objects where texts were asked for, under another
key, in a fence, after prose. What can mean only one thing is read. Nothing is left out silently: a `Reading` says how
many items could not be read, and the question is asked again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from agemem_env.services.openai.wire import split_reasoning
from agemem_env.text.relaxed_json import decode
from baselines.memory.reading.values import by_name, is_numbered, listed

T = TypeVar("T")

_ATTEMPT = re.compile(r"\{\s*[\"'“}{]|\[\s*[\"'“{\[]")
"""What begins like JSON with content: if it cannot be read, neither can be what stands inside it."""

_DEPTH = 3
"""Objects around the list, as in ``{"result": {"facts": […]}}``."""


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """What a reply says.

    Attributes:
        value: What could be read.
        unread: Number of items that could not be read.
    """

    value: T
    unread: int = 0


_EMPTY: tuple[Any, ...] = (None, "", {})

ItemReader = Callable[[Any], "list[T] | None"]
"""From one JSON value to the items that it stands for (none if it says nothing), or None if it cannot be read."""


def read_reply(text: str, read: Callable[[Any], Reading[T] | None]) -> Reading[T] | None:
    r"""Return what a reply says, or None if nothing or more than one thing can be read from it.

    Args:
        text: The reply. Reasoning before ``</think>`` is left out; prose and fences around the JSON do not matter.
        read: Reads one JSON value.

    >>> facts = lambda value: read_list(value, "facts", lambda item: [item] if isinstance(item, str) else None)
    >>> read_reply('Sure:\n```json\n{"facts": ["a",]}\n```', facts)
    Reading(value=['a'], unread=0)
    >>> read_reply('Either {"facts": ["a"]} or {"facts": ["b"]}.', facts) is None
    True
    """
    values = json_values(split_reasoning(text)[1])
    found: list[Reading[T]] = []
    for value in values:
        reading = read(value)
        if reading is not None and reading not in found:
            found.append(reading)
    if len(found) == 1 and (len(values) == 1 or not found[0].unread):
        return found[0]
    if len(values) > 1 and all(isinstance(value, dict) for value in values):
        lines = read(values)  # one item per line, without a list around them
        return lines if lines is not None and not lines.unread else None
    return None


def json_values(text: str) -> list[Any]:
    """Return the JSON lists and objects in a text, in order; none if one of them is broken.

    >>> json_values('See [1]: {"facts": ["a"]}')
    [[1], {'facts': ['a']}]
    >>> json_values('{"facts": [{"fact": "a"}, {"fact": "b')
    []
    """
    stripped = text.strip()
    if stripped.startswith('"'):
        with suppress(ValueError, RecursionError):
            stripped = str(json.loads(stripped))  # JSON as a JSON text
    values: list[Any] = []
    place = 0
    while (start := _next_opening(stripped, place)) >= 0:
        decoded = decode(stripped, start)
        if decoded is not None:
            values.append(decoded.value)
            place = decoded.end
        elif _ATTEMPT.match(stripped, start):
            return []
        else:
            place = start + 1
    return values


def read_list(
    found: Any,
    key: str,
    read: ItemReader[T],
    split: Callable[[str], Sequence[str] | None] = lambda text: [text],
    *,
    alone: ItemReader[T] | None = None,
    whole: Callable[[Any], Any] | None = None,
) -> Reading[list[T]] | None:
    """Return the items of the list that a JSON value holds, or None if no item can be read.

    The list may be the value itself, or stand under the key in another spelling, or be the only list of the object, or
    be a single item without a list around it, or null.

    Args:
        found: The JSON value.
        key: Name under which the list was asked for.
        read: Reads one item.
        split: Makes items of a text that stands in place of the list; None if it may be one or several.
        alone: Reads an item without a list around it; None means as in a list.
        whole: Says of a list in the list that it is one item by itself; None means whatever can be read as one.
    """
    place = _find_list(found, key, alone or read)
    items = None if place is None else listed(place[0], read, split, whole)
    if items is None:
        return None
    readings = [read(item) for item in items]
    value = [one for reading in readings if reading for one in reading]
    unread = sum(reading is None for reading in readings)
    return Reading(value, unread) if value or not unread else None


def names_of(key: str) -> Collection[str]:
    """Return a key with its singular and plural.

    >>> sorted(names_of("entities")), sorted(names_of("memory"))
    (['entities', 'entity'], ['memories', 'memory'])
    """
    if key.endswith("ies"):
        return {key, f"{key[:-3]}y"}
    if key.endswith("y"):
        return {key, f"{key[:-1]}ies"}
    return {key, key[:-1]} if key.endswith("s") else {key, f"{key}s"}


def _next_opening(text: str, place: int) -> int:
    return min((at for mark in "{[" if (at := text.find(mark, place)) >= 0), default=-1)


def _find_list(found: Any, key: str, read: ItemReader[T], depth: int = 0) -> tuple[Any] | None:
    """Return what stands for the list, in a tuple because it may be null; None if that is not unique."""
    if isinstance(found, list):
        return (found,) if found else None  # an empty list alone does not say of what
    named = by_name(found) if isinstance(found, Mapping) else None
    if named is None:
        return None
    if read(found):
        return ([found],)
    if named and is_numbered(found):
        return (list(found.values()),)
    present = [named[name] for name in names_of(key) if name in named]
    given = [value for value in present if value not in _EMPTY]
    if given:
        return (given[0],) if len(given) == 1 else None
    others = [value for value in named.values() if isinstance(value, (list, dict)) and value]
    lists = [value for value in others if isinstance(value, list)]
    if present:
        return None if others else (None,)  # nothing where it was asked for, but something elsewhere
    if len(lists) == 1:
        return (lists[0],)
    if len(others) == 1 and depth < _DEPTH:
        return _find_list(others[0], key, read, depth + 1)
    empty = not others and any(isinstance(value, list) for value in named.values())
    return (None,) if empty else None
