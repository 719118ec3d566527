"""Dialects without a mark of their own: what begins a line looks like a call."""

from __future__ import annotations

import re
from typing import Any

from agemem_env.actions.calls import ARGUMENT_KEYS, call_fields, listed_calls
from agemem_env.actions.dialects.base import Dialect, Found, json_calls, passing, skip, tool_name, with_arguments
from agemem_env.text.relaxed_json import decode, unescaped
from agemem_env.types import ToolCall

_LINE = r"(?:^|(?<=>))[ \t]{0,8}"
_IDENTIFIER = r"[A-Za-z_][\w.-]{0,63}"
_DOTTED = r"[A-Za-z_][\w.]{0,63}"

_NAMED_MARK = _LINE + _IDENTIFIER + r"(?::\d{1,4})?[ \t]{0,8}(?:\r?\n[ \t\r\n]{0,8}(?:```\w{0,20}\s{0,8})?)?(?=\{)"
_NAMED = re.compile(rf"[ \t]{{0,8}}({_IDENTIFIER}(?::\d{{1,4}})?)[ \t\r\n]{{0,18}}(?:```\w{{0,20}}\s{{0,8}})?(?=\{{)")

_LINE_END = re.compile(r"\s{0,16}```|[ \t]{0,16}(?:\r?\n|<|\Z)")

_REACT_MARK = _LINE + r"\*{0,2}[Aa]ction\*{0,2}[ \t]{0,8}:[^\n]{0,200}\r?\n"
_REACT_MARK += r"\s{0,8}\*{0,2}[Aa]ction[ _][Ii]nput\*{0,2}[ \t]{0,8}:"
_REACT = re.compile(r"[^:]{0,24}:\*{0,2}([^\n]{0,200})\n[^:]{0,40}:\*{0,2}")

_REACT_JSON = _LINE + r"\*{0,2}[Aa]ction\*{0,2}[ \t]{0,8}:\s{0,8}(?:```\w{0,20}\s{0,8})?(?=[\[{]\s{0,8}[\[{\"'])"
_REACT_JSON_MARK = re.compile(r"[^:]{0,24}:\*{0,2}\s{0,8}")
_JSON_LINE = _LINE + r"(?:```\w{0,20}\s{0,8})?\[?\s{0,8}\{\s{0,8}[\"'“]"
_JSON_LINE += r"(?:name|type|id|tool(?:_name|_calls?|_uses?|Use|Call)?|function(?:_calls?|Call)?|recipient_name)"
_JSON_LINE += r"[\"'”]\s{0,8}:"
_FLOWER = r"✿FUNCTION✿"
_FLOWER_MARK = re.compile(r"✿FUNCTION✿\s{0,4}:\s{0,4}([\w.:-]{1,80})\s{0,8}✿ARGS✿\s{0,4}:")

_KEYWORD = rf"{_IDENTIFIER}\s{{0,8}}=(?!=)"
_PYTHON_MARK = _LINE + rf"\[?[ \t]{{0,8}}(?:print\()?{_DOTTED}\(\s{{0,8}}(?:{_KEYWORD}|\)|[\"'{{\[])"
_PYTHON_NAME = re.compile(rf"[\s,;]{{0,16}}(print\((?={_DOTTED}\())?({_DOTTED})\(")
_PYTHON_KEYWORD = re.compile(rf"\s{{0,16}}({_IDENTIFIER})\s{{0,8}}=\s{{0,8}}")
_PYTHON_NEXT = re.compile(r"\s{0,16}(,?)\s{0,16}(\)?)")
_PYTHON_END = re.compile(r"[ \t]{0,16}(?:\]|;)?[ \t]{0,16}(?:```[ \t]{0,16})?(?:<[^<>\n]{1,40}>|\r?\n|$)")
_LITERAL = re.compile(
    r"""(?P<long>\"{3}(?:[^\\]|\\.)*?\"{3}|'{3}(?:[^\\]|\\.)*?'{3})
    |(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?P<word>-?[\w.+-]{1,320})""",
    re.DOTALL | re.VERBOSE,
)


def _named(text: str, position: int) -> Found | None:
    mark = _NAMED.match(text, position)
    name = tool_name(mark[1]) if mark else None
    if mark is None or name is None:
        return None
    found = decode(text, mark.end())
    if found is not None and call_fields(found.value) and any(key in found.value for key in ARGUMENT_KEYS):
        whole = json_calls(text, mark.end(), several=False)  # "Call" or "json" before a whole call
    else:
        whole = with_arguments(name, text, mark.end())
    if whole is None or not _LINE_END.match(text, whole.end):
        return None
    return Found(whole.calls, passing(text, whole.end, "$^"), whole.kinds)


def _react(text: str, position: int) -> Found | None:
    mark = _REACT.match(text, position)
    name = tool_name(mark[1].strip(" \t\r*`")) if mark else None
    found = with_arguments(name, text, skip(text, mark.end())) if mark and name else None
    return found and Found(found.calls, passing(text, found.end, "$^"), found.kinds)


def python_calls(text: str, position: int) -> Found | None:
    """Read ``X(a="b")`` or a list of such calls, with values that JSON has too."""
    start = text.find("[", position, position + 20)
    listed = start >= 0 and not text[position:start].strip()
    position = start + 1 if listed else position
    calls: list[ToolCall] = []
    while (mark := _PYTHON_NAME.match(text, position)) is not None:
        read = _keywords(text, mark.end())
        name = tool_name(mark[2].removesuffix(".call"))  # as Llama 3 calls what is built in
        if read is None or name is None or (mark[1] and not text.startswith(")", read[1])):
            return None
        calls.append(ToolCall(name, read[0]))
        position = read[1] + bool(mark[1])
    end = _PYTHON_END.match(text, position)
    if not calls or end is None or (listed and "]" not in text[position : end.end()]):
        return None
    return Found(tuple(calls), end.start() + len(text[position : end.end()].split("<")[0]))


def _keywords(text: str, position: int) -> tuple[dict[str, Any], int] | None:
    """Read ``a=1, b="x")``; return the values and the position after the bracket."""
    values: dict[str, Any] = {}
    if text.startswith(")", position):
        return values, position + 1
    while (key := _PYTHON_KEYWORD.match(text, position)) is not None:
        read = _literal(text, key.end())
        if read is None or key[1] in values:
            return None
        values[key[1]], position = read
        after = _PYTHON_NEXT.match(text, position)
        if after is None or not (after[1] or after[2]):
            return None
        position = after.end()
        if after[2]:
            return values, position
    return None


def _literal(text: str, position: int) -> tuple[Any, int] | None:
    """Read one value: a string, number, constant, list or object."""
    if text.startswith(("{", "["), position):
        found = decode(text, position)
        return None if found is None else (found.value, found.end)
    match = _LITERAL.match(text, position)
    if match is None:
        return None
    if match["long"]:
        return unescaped(match[0][3:-3]), match.end()
    found = decode(f"[{match[0]}]")
    return None if found is None or len(found.value) != 1 else (found.value[0], match.end())


def _json_line(text: str, position: int) -> Found | None:
    """Read whole calls; an object with a name and no arguments may be data."""
    found = decode(text, skip(text, position))
    fields = [call_fields(item) for item in listed_calls(found.value)] if found else []
    if not all(pair is not None and any(key in pair[1] for key in ARGUMENT_KEYS) for pair in fields):
        return None
    return json_calls(text, position)


def _react_json(text: str, position: int) -> Found | None:
    mark = _REACT_JSON_MARK.match(text, position)
    found = json_calls(text, mark.end()) if mark else None
    return found and Found(found.calls, passing(text, found.end, "$^"), found.kinds)


def _flower(text: str, position: int) -> Found | None:
    mark = _FLOWER_MARK.match(text, position)
    name = tool_name(mark[1]) if mark else None
    return with_arguments(name, text, skip(text, mark.end())) if mark and name else None


JSON_LINE = Dialect(
    "json on a line of its own",
    "xLAM, Qwen2.5-Coder",
    _JSON_LINE,
    _json_line,
    'I keep it.\n```json\n{"name": "Add_memory", "arguments": {"content": "mug 2"}}\n```',
    'I keep it.\n```json\n{"name": "Add_memory", "arguments": {"content": "mug 2"}\n```',
    own_mark=False,
)

PYTHONIC = Dialect(
    "pythonic",
    "Llama 4, Gemma, LFM2, xLAM",
    _PYTHON_MARK,
    python_calls,
    'Add_memory(content="mug 2")',
    'Add_memory("mug 2")',
    own_mark=False,
)

DIALECTS: tuple[Dialect, ...] = (
    Dialect(
        "name before json",
        "GLM-4",
        _NAMED_MARK,
        _named,
        'Add_memory\n{"content": "mug 2"}',
        'Add_memory\n{"content": "mug 2"',
        own_mark=False,
    ),
    Dialect(
        "react",
        "ReAct prompts",
        _REACT_MARK,
        _react,
        'Thought: I keep it.\nAction: Add_memory\nAction Input: {"content": "mug 2"}',
        "Thought: I keep it.\nAction: Add_memory\nAction Input: content = mug 2",
    ),
    Dialect(
        "react with json",
        "LangChain's structured chat, Command R+",
        _REACT_JSON,
        _react_json,
        'Action:\n```json\n{"action": "Add_memory", "action_input": {"content": "mug 2"}}\n```',
        'Action:\n```json\n{"action": "Add_memory", "action_input": {"content": "mug 2"}\n```',
    ),
    Dialect(
        "marks with flowers",
        "Qwen 1.5 and 2 in Qwen-Agent",
        _FLOWER,
        _flower,
        '✿FUNCTION✿: Add_memory\n✿ARGS✿: {"content": "mug 2"}',
        '✿FUNCTION✿: Add_memory\n✿ARGS✿: {"content": "mug 2"',
    ),
    JSON_LINE,
    PYTHONIC,
)
