"""What a dialect is, and the pieces of which several are made."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from agemem_env.actions.calls import call_fields, listed_calls, read_arguments, read_call
from agemem_env.text.relaxed_json import Decoded, decode
from agemem_env.types import ToolCall

NAME = re.compile(r"[A-Za-z_][\w.:-]{0,79}")
"""A name of a tool as models write it, with their prefixes and suffixes."""

HEAD = 240
"""Characters that may stand between the mark of a call and its arguments."""

_PREFIX = re.compile(r"(?:functions|default_api|tools)[.:]")
_SUFFIX = re.compile(r":\d{1,4}$")
_FENCE = re.compile(r"\s{0,64}(?:```[\w-]{0,20})?\s{0,64}")
_BETWEEN = re.compile(r"[\s,;]{0,64}")
_NOISE = re.compile(r"<[|｜][^<>|｜]{0,40}[|｜]>|```\w{0,20}|\[(?:ARGS|CALL_ID)\]|\s+")
_WORDS = ("", "function", "json", "tool")


@dataclass(frozen=True, slots=True)
class Found:
    """What a reader found at a mark.

    Attributes:
        calls: The calls.
        end: Position after them.
        kinds: Mistakes that were mended.
        text: Text for the reader of the turn, where a dialect marks it.
        think: Thought, where a dialect marks it.
        after_thought: Whether all text before it is thought.
    """

    calls: tuple[ToolCall, ...]
    end: int
    kinds: tuple[str, ...] = ()
    text: str = ""
    think: str = ""
    after_thought: bool = False


Read = Callable[[str, int], "Found | None"]
"""Reads what begins with the mark at a position; None if it is an attempt that cannot be read.

It never raises, and takes time linear in the text that it passes over.
"""


@dataclass(frozen=True, slots=True)
class Dialect:
    r"""One way in which models write tool calls in text.

    Attributes:
        name: Short name.
        models: Who writes so.
        mark: Regular expression of what begins an attempt; it matches at least one character, takes bounded time at
            each position and has no groups.
        read: The reader.
        example: The call ``Add_memory(content="mug 2")``.
        near_miss: The same with one mistake: an attempt that cannot be read.
        own_mark: Whether the mark stands in no other text. Where it may, as in code or data, only what names a tool
            that is offered, or fills the whole text, is an attempt within a reply.
    """

    name: str
    models: str
    mark: str
    read: Read
    example: str
    near_miss: str
    own_mark: bool = True


def tool_name(text: str) -> str | None:
    """Return the name of a tool without the decoration of dialects, or None if it is no name.

    >>> tool_name("functions.Add_memory:0"), tool_name("go north")
    ('Add_memory', None)
    """
    bare = _SUFFIX.sub("", _PREFIX.sub("", text.strip(), count=1))
    return bare if NAME.fullmatch(bare) else None


def skip(text: str, position: int) -> int:
    """Return the position after white space and the start of a code fence."""
    match = _FENCE.match(text, position)
    return match.end() if match else position


def json_calls(text: str, position: int, *, several: bool = True) -> Found | None:
    """Read calls as JSON from a position on: objects or lists, one after the other."""
    calls: list[ToolCall] = []
    kinds: list[str] = []
    found: Decoded | None = None
    end = skip(text, position)
    while (piece := decode(text, end if found is None else _after(text, found.end))) is not None:
        items = listed_calls(piece.value)
        if found is not None and not any(map(call_fields, items)):
            break
        found = piece
        kinds += ["repaired_json"] if found.repaired else []
        for item in items:
            call = read_call(item, kinds)
            calls += [call] if call is not None else []
        if not several:
            break
    if found is None or not calls:
        return None
    return Found(tuple(calls), found.end, tuple(kinds))


def _after(text: str, position: int) -> int:
    match = _BETWEEN.match(text, position)
    return match.end() if match else position


def named_json(text: str, position: int) -> Found | None:
    """Read a name and, after marks, fences and blanks, a JSON object of arguments."""
    brace = text.find("{", position, position + HEAD)
    if brace < 0:
        return None
    words = [word for word in _NOISE.split(text[position:brace]) if word not in _WORDS]
    name = tool_name(words[0]) if len(words) == 1 else None
    return None if name is None else with_arguments(name, text, brace)


def with_arguments(name: str, text: str, position: int) -> Found | None:
    """Return the call of a tool with the JSON object at a position."""
    found = decode(text, position)
    if found is None or not isinstance(found.value, dict):
        return None
    kinds = ["repaired_json"] if found.repaired else []
    arguments = read_arguments(found.value, name, kinds)
    return None if arguments is None else Found((ToolCall(name, arguments),), found.end, tuple(kinds))


def passing(text: str, position: int, closers: str) -> int:
    """Return the position after an optional code fence and closing marks.

    Args:
        text: The text.
        position: Where they may begin.
        closers: Regular expression of the marks.
    """
    match = re.compile(rf"\s{{0,16}}(?:```)?\s{{0,16}}(?:(?:{closers})\s{{0,16}}){{0,3}}").match(text, position)
    return match.end() if match else position
