"""Dialects with a mark, then JSON: the whole call as an object, or its name before the arguments."""

from __future__ import annotations

import re
from dataclasses import replace

from agemem_env.actions.dialects.bare import python_calls
from agemem_env.actions.dialects.base import (
    Dialect,
    Found,
    json_calls,
    named_json,
    passing,
    skip,
    tool_name,
    with_arguments,
)
from agemem_env.text.relaxed_json import decode
from agemem_env.types import ToolCall

_CALL = '{"name": "Add_memory", "arguments": {"content": "mug 2"}}'
_BROKEN = '{"name": "Add_memory", "arguments": {"content": "mug 2}}'
_CALL_PARAMETERS = '{"name": "Add_memory", "parameters": {"content": "mug 2"}}'

_OPENERS = r"""<\|python_(?:tag|start)\|>|<\|plugin\|>|<\|tool_call(?:_start)?\|>|<TOOLCALL>|<\|START_ACTION\|>
|<\|tools_prefix\|>|<(?:longcat_tool_call|tool_calls|tools|function_call|function_calls|tool_use)>(?!\s{0,16}<)
|functools(?=\[)|\bfunction call(?:<\|role_sep\|>)?(?=\s{0,8}\{)""".replace("\n", "")
_CLOSERS = r"<\|action_end\|>|</TOOLCALL>|<\|END_ACTION\|>|<\|tools_suffix\|>|</tool_calls>|</tools>|</function_call>"
_CLOSERS += r"|</tool_use>|<\|eom_id\|>|<\|eot_id\|>|<\|tool_call_end\|>|</longcat_tool_call>|<\|python_end\|>"
_CLOSERS += r"|</function_calls>|<\|/tool_call\|>"
_OPENER = re.compile(_OPENERS)

_BEGIN = r"<[|｜]tool[_▁ ]call[_▁ ]begin[|｜]>(?!\s{0,16}<)"
_BEGIN_MARK = re.compile(_BEGIN)
_FUNCTION = re.compile(r"\s{0,8}function\s{0,8}(?=<[|｜]tool[_▁ ]sep[|｜]>)")
_SECTION_CLOSERS = r"<[|｜]tool[_▁ ]calls?[_▁ ](?:section[_▁ ])?end[|｜]>"

_MISTRAL = r"\[TOOL_CALLS\]"
_MISTRAL_MARK = re.compile(r"\[TOOL_CALLS\]\s{0,8}")
_MISTRAL_NAME = re.compile(r"([\w.:-]{1,80})\s{0,4}(?:\[CALL_ID\]\s{0,4}[\w-]{1,64}\s{0,4})?(?:\[ARGS\])?\s{0,4}(?=\{)")


def _json_after_opener(text: str, position: int) -> Found | None:
    mark = _OPENER.match(text, position)
    if mark is None:
        return None
    found = json_calls(text, mark.end()) or python_calls(text, mark.end()) or _by_key(text, mark.end())
    return _closed(text, found, _CLOSERS)


def _by_key(text: str, position: int) -> Found | None:
    """Read a list of objects whose only key is the name and whose value is the arguments."""
    found = decode(text, skip(text, position))
    items = found.value if found and isinstance(found.value, list) else []
    calls = [ToolCall(*pair) for item in items if isinstance(item, dict) and len(item) == 1 for pair in item.items()]
    fit = calls and len(calls) == len(items) and all(isinstance(call.arguments, dict) for call in calls)
    return Found(tuple(calls), found.end, ("repaired_json",) * found.repaired) if found and fit else None


def _begun(text: str, position: int) -> Found | None:
    """Read one call of DeepSeek's or Kimi's."""
    mark = _BEGIN_MARK.match(text, position)
    if mark is None:
        return None
    function = _FUNCTION.match(text, mark.end())
    return _closed(text, named_json(text, function.end() if function else mark.end()), _SECTION_CLOSERS)


def _mistral(text: str, position: int) -> Found | None:
    mark = _MISTRAL_MARK.match(text, position)
    if mark is None:
        return None
    named = _MISTRAL_NAME.match(text, mark.end())
    if named is None:
        return json_calls(text, mark.end())
    name = tool_name(named[1])
    return None if name is None else with_arguments(name, text, named.end())


def _closed(text: str, found: Found | None, closers: str) -> Found | None:
    return None if found is None else Found(found.calls, passing(text, found.end, closers), found.kinds)


_HEADER = re.compile(r"<\|(?:start|channel)\|>")
_RECIPIENT = re.compile(r"to=([\w.:-]{1,80})")
_ENDS = re.compile(r"<\|(?:end|call|return|start|channel)\|>")
_STRIPPED = r"(?:assistant)?commentary\s{0,4}to=functions\.|assistantfinal"
_STRIPPED_MARK = re.compile(r"(?:assistant)?commentary\s{0,4}to=(functions\.[\w.:-]{1,80})[^{\n]{0,40}\n{0,2}")
_THOUGHT = re.compile(r"\s{0,16}(?:assistant)?analysis")


def _harmony(text: str, position: int) -> Found | None:
    """Read one message of gpt-oss: a call, or text of one of its channels."""
    body = text.find("<|message|>", position, position + HEADER)
    if body < 0:
        return None
    header, body = text[position:body], body + len("<|message|>")
    recipient = _RECIPIENT.search(header)
    if recipient is not None:
        name = tool_name(recipient[1])
        found = None if name is None else with_arguments(name, text, skip(text, body))
        return _closed(text, found, r"<\|call\|>|<\|end\|>|<\|return\|>")
    ends = _ENDS.search(text, body)
    end = ends.start() if ends else len(text)
    said = text[body:end].strip()
    after = ends.end() if ends and ends[0] not in ("<|start|>", "<|channel|>") else end
    thought = "analysis" in header
    return Found((), after, text="" if thought else said, think=said if thought else "")


def _stripped_harmony(text: str, position: int) -> Found | None:
    """Read a call, or the start of an answer, of gpt-oss whose special tokens a decoder has left out."""
    thought = _THOUGHT.match(text) is not None
    if text.startswith("assistantfinal", position):
        end = position + len("assistantfinal")
        return Found((), end, after_thought=True) if thought else Found((), end, text="assistantfinal")
    mark = _STRIPPED_MARK.match(text, position)
    name = tool_name(mark[1]) if mark else None
    found = with_arguments(name, text, mark.end()) if mark and name else None
    return found and replace(found, after_thought=thought)


HEADER = 200
"""Characters between the start of a Harmony message and its text."""

_DEEPSEEK = "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>Add_memory\n```json\n{}\n```"
_DEEPSEEK += "<｜tool▁call▁end｜><｜tool▁calls▁end｜>"
_KIMI = "<|tool_calls_section_begin|><|tool_call_begin|>functions.Add_memory:0<|tool_call_argument_begin|>{}"
_KIMI += "<|tool_call_end|><|tool_calls_section_end|>"
_ARGUMENTS, _CUT = '{"content": "mug 2"}', '{"content": "mug 2"'

DIALECTS: tuple[Dialect, ...] = (
    Dialect(
        "json after a mark",
        "Llama, InternLM, Granite, Nemotron, MiniMax-M1, Command R, Apertus, LFM2, LongCat, GigaChat, OLMo 3",
        _OPENERS,
        _json_after_opener,
        f"<|python_tag|>{_CALL_PARAMETERS}",
        f"<|python_tag|>{_BROKEN}",
    ),
    Dialect(
        "deepseek and kimi",
        "DeepSeek, Kimi",
        _BEGIN,
        _begun,
        _KIMI.replace("{}", _ARGUMENTS),
        _DEEPSEEK.replace("{}", _CUT),
    ),
    Dialect(
        "mistral",
        "Mistral",
        _MISTRAL,
        _mistral,
        f"[TOOL_CALLS][{_CALL}]",
        f"[TOOL_CALLS]Add_memory[ARGS]{_CUT}",
    ),
    Dialect(
        "harmony",
        "gpt-oss",
        _HEADER.pattern,
        _harmony,
        f"<|channel|>commentary to=functions.Add_memory <|constrain|>json<|message|>{_ARGUMENTS}<|call|>",
        f"<|channel|>commentary to=functions.Add_memory <|constrain|>json<|message|>{_CUT}<|call|>",
    ),
    Dialect(
        "harmony without special tokens",
        "gpt-oss behind some servers",
        _STRIPPED,
        _stripped_harmony,
        f"commentary to=functions.Add_memory json{_ARGUMENTS}",
        f"commentary to=functions.Add_memory json{_CUT}",
    ),
)
