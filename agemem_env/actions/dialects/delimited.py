"""Dialects whose values stand between tokens of their own: Gemma's calls, and Kimi K3's elements of tokens."""

from __future__ import annotations

import json
import re

from agemem_env.actions.dialects.base import Dialect, Found, passing, tool_name
from agemem_env.text.relaxed_json import decode
from agemem_env.types import ToolCall

_GEMMA = r"<\|tool_call>\s{0,8}call:|<start_function_call>\s{0,8}call:"
_GEMMA_NAME = re.compile(rf"(?:{_GEMMA})\s{{0,8}}([\w.:-]{{1,80}})\s{{0,8}}(?=\{{)")
_GEMMA_END = r"<tool_call\|>|<end_function_call>"
_GEMMA_TOKEN = re.compile(
    r"""\s*(?:
      <\|"\|>(?P<quoted>.*?)<\|"\|> | <escape>(?P<escaped>.*?)<escape>
    | (?P<string>"(?:[^"\\]|\\.)*") | (?P<open>[\[{]) | (?P<close>[\]}]) | (?P<mark>[,:])
    | (?P<word>[^\s\[\]{},:"<>]+)
    )""",
    re.VERBOSE | re.DOTALL,
)
_NUMBER = re.compile(r"-?\d[\d.eE+-]*|true|false|null|None|True|False")


def _gemma(text: str, position: int) -> Found | None:
    """Read ``call:X{key:value}`` with keys without quotes."""
    name = _GEMMA_NAME.match(text, position)
    tool = tool_name(name[1]) if name else None
    if name is None or tool is None:
        return None
    tokens, end = _gemma_tokens(text, name.end())
    found = decode(" ".join(tokens))
    if found is None or not isinstance(found.value, dict):
        return None
    return Found((ToolCall(tool, found.value),), passing(text, end, _GEMMA_END))


def _gemma_tokens(text: str, position: int) -> tuple[list[str], int]:
    """Return the tokens of one object as JSON has them, and the position after it; no token if it does not end."""
    tokens: list[str] = []
    depth = 0
    while (match := _GEMMA_TOKEN.match(text, position)) is not None:
        kind, position = match.lastgroup or "", match.end()
        token = match[kind]
        if kind in ("quoted", "escaped"):
            token = json.dumps(token)
        elif kind == "word" and (not _NUMBER.fullmatch(token) or text[position : position + 1] == ":"):
            if text[position : position + 1] != ":":
                break
            token = json.dumps(token)
        depth += (kind == "open") - (kind == "close")
        tokens.append(token)
        if depth == 0:
            return tokens, position
    return [], position


_OPEN = re.compile(r"<\|open\|>\s{0,4}(\w{1,20})([^<>|]{0,200})<\|sep\|>")
_OPENED = re.compile(r"\s{0,16}<\|open\|>")
_ATTRIBUTE = r"(?<!\w){}=\"([^\"]{{1,80}})\""
_TOOL, _KEY = re.compile(_ATTRIBUTE.format("tool")), re.compile(_ATTRIBUTE.format("key"))


def _close(kind: str) -> re.Pattern[str]:
    return re.compile(rf"<\|close\|>\s{{0,4}}{kind}\s{{0,4}}<\|sep\|>")


_CLOSE = {kind: _close(kind) for kind in ("call", "argument", "response", "think")}


def _tokens(text: str, position: int) -> Found | None:
    """Read one element of tokens: a call, text, a thought, or the start of what stands around calls."""
    mark = _OPEN.match(text, position)
    if mark is None:
        return None
    if mark[1] == "call":
        return _token_call(text, mark)
    if mark[1] not in _CLOSE:
        return Found((), mark.end()) if mark[1] == "tools" and _OPENED.match(text, mark.end()) else None
    end = _CLOSE[mark[1]].search(text, mark.end())
    body = text[mark.end() : end.start() if end else None]
    thought = mark[1] == "think"
    return Found((), end.end() if end else len(text), text="" if thought else body, think=body if thought else "")


def _token_call(text: str, mark: re.Match[str]) -> Found | None:
    tool = _TOOL.search(mark[2])
    name = tool_name(tool[1]) if tool else None
    values: dict[str, str] = {}
    position = mark.end()
    while (argument := _OPEN.match(text, position)) is not None and argument[1] == "argument":
        key, end = _KEY.search(argument[2]), _CLOSE["argument"].search(text, argument.end())
        if key is None or end is None or key[1] in values:
            return None
        values[key[1]] = text[argument.end() : end.start()]
        position = end.end()
    closed = _CLOSE["call"].match(text, position)
    return Found((ToolCall(name, values, typed=False),), closed.end()) if name and closed else None


DIALECTS: tuple[Dialect, ...] = (
    Dialect(
        "gemma",
        "Gemma 4, FunctionGemma",
        _GEMMA,
        _gemma,
        '<|tool_call>call:Add_memory{content:<|"|>mug 2<|"|>}<tool_call|>',
        '<|tool_call>call:Add_memory{content:<|"|>mug 2}<tool_call|>',
    ),
    Dialect(
        "elements of tokens",
        "Kimi K3",
        r"<\|open\|>",
        _tokens,
        '<|open|>tools<|sep|><|open|>call tool="Add_memory" index="1"<|sep|><|open|>argument key="content" '
        'type="string"<|sep|>mug 2<|close|>argument<|sep|><|close|>call<|sep|><|close|>tools<|sep|>',
        '<|open|>tools<|sep|><|open|>call tool="Add_memory" index="1"<|sep|><|open|>argument key="content" '
        'type="string"<|sep|>mug 2<|close|>call<|sep|><|close|>tools<|sep|>',
    ),
)
