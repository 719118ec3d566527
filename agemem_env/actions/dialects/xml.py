"""Dialects that put names and arguments into elements: values are text, whatever type the tool expects."""

from __future__ import annotations

import re

from agemem_env.actions.dialects.base import Dialect, Found, passing, skip, tool_name, with_arguments
from agemem_env.types import ToolCall

_PREFIX = r"(?:[A-Za-z]{1,16}:|[|｜]DSML[|｜])?"
_FUNCTION = re.compile(r"<function=[\"']?([\w.:-]{1,80})[\"']?\s{0,4}>")
_FUNCTION_PARAMETER = re.compile(r"\s{0,64}<parameter=[\"']?([\w.:-]{1,80})[\"']?\s{0,4}>")
_MORE = r"(?:\s{1,4}\w{1,20}=(?:\"[^\"<>]{0,200}\"|'[^'<>]{0,200}')){0,4}\s{0,4}>"
_INVOKE = re.compile(rf"<({_PREFIX})invoke\s{{1,4}}name=[\"']([^\"'<>]{{1,80}})[\"']{_MORE}")
_INVOKE_PARAMETER = re.compile(rf"\s{{0,64}}<{_PREFIX}parameter\s{{1,4}}name=[\"']([^\"'<>]{{1,80}})[\"']{_MORE}")
_OLD_INVOKE = re.compile(r"<invoke>\s{0,16}<tool_name>([\w.:-]{1,80})</tool_name>\s{0,16}<parameters>")
_OLD_PARAMETER = re.compile(r"\s{0,64}<(\w{1,80})>")
_WRAPPERS = r"</function_calls>|</[A-Za-z]{1,16}:function_calls>|</[|｜]DSML[|｜]function_calls>|</tool_call>"
_WRAPPERS += r"|</minimax:tool_call>|</seed:tool_call>"
_NAMED = r"<(?!tool_|function_|arg_)[A-Za-z]{1,30}_(?!tool_)[A-Za-z_]{1,30}>(?=\s{0,16}<[a-z_]{1,40}>)"
_NAMED_MARK = re.compile(r"<(\w{1,64})>")
_GLM = re.compile(r"<tool_call>\s{0,16}([\w.:-]{1,80})\s{0,16}(?=<arg_key>|</tool_call>)")
_GLM_KEY = re.compile(r"\s{0,64}<arg_key>([^<>]{1,80})</arg_key>\s{0,16}<arg_value>")


def elements(text: str, position: int, opening: re.Pattern[str], closing: str) -> tuple[dict[str, str], int] | None:
    """Read elements with a name and a text, as many as there are.

    Args:
        text: The text.
        position: Where the first begins.
        opening: Matches the start of an element; its first group is the name.
        closing: The end of an element; ``{}`` stands for the name.

    Returns:
        The texts by name, without the line breaks around them, and the position after them; None if an element is not
        closed or comes twice.
    """
    values: dict[str, str] = {}
    while (start := opening.match(text, position)) is not None:
        end_tag = closing.replace("{}", start[1])
        end = text.find(end_tag, start.end())
        if end < 0 or start[1] in values or (opening is not _OLD_PARAMETER and opening.search(text, start.end(), end)):
            return None
        values[start[1]] = _without_breaks(text[start.end() : end])
        position = end + len(end_tag)
    return values, position


def _without_breaks(value: str) -> str:
    return value.removeprefix("\r").removeprefix("\n").removesuffix("\n").removesuffix("\r")


def _call(name: str | None, values: dict[str, str], end: int) -> Found | None:
    return None if name is None else Found((ToolCall(name, values, typed=False),), end)


def _function(text: str, position: int) -> Found | None:
    """Read ``<function=X>`` with parameters, or with JSON as Llama 3 writes it."""
    mark = _FUNCTION.match(text, position)
    if mark is None:
        return None
    name, start = tool_name(mark[1]), skip(text, mark.end())
    if text.startswith("{", start):
        found = None if name is None else with_arguments(name, text, start)
        return found and Found(found.calls, passing(text, found.end, "</function>|<\\|eom_id\\|>"), found.kinds)
    read = elements(text, mark.end(), _FUNCTION_PARAMETER, "</parameter>")
    return None if read is None else _ended(text, name, read, "</function>")


def _invoke(text: str, position: int) -> Found | None:
    """Read ``<invoke name="X">`` with parameters."""
    mark = _INVOKE.match(text, position)
    if mark is None:
        old = _OLD_INVOKE.match(text, position)
        read = old and elements(text, old.end(), _OLD_PARAMETER, "</{}>")
        return _ended(text, tool_name(old[1]), read, "</parameters>", "</invoke>") if old and read else None
    read = elements(text, mark.end(), _INVOKE_PARAMETER, f"</{mark[1]}parameter>")
    return None if read is None else _ended(text, tool_name(mark[2]), read, f"</{mark[1]}invoke>")


def _ended(text: str, name: str | None, read: tuple[dict[str, str], int], *closing: str) -> Found | None:
    """Return the call if the closing tags follow; tags around all calls are passed over."""
    values, position = read
    for tag in closing:
        position = skip(text, position)
        if not text.startswith(tag, position):
            return None
        position += len(tag)
    return _call(name, values, passing(text, position, _WRAPPERS))


def _named(text: str, position: int) -> Found | None:
    """Read ``<X>`` with elements that are named like the arguments."""
    mark = _NAMED_MARK.match(text, position)
    read = mark and elements(text, mark.end(), _OLD_PARAMETER, "</{}>")
    return _ended(text, tool_name(mark[1]), read, f"</{mark[1]}>") if mark and read else None


def _glm(text: str, position: int) -> Found | None:
    """Read ``<tool_call>X`` with pairs of ``<arg_key>`` and ``<arg_value>``."""
    mark = _GLM.match(text, position)
    read = mark and elements(text, mark.end(), _GLM_KEY, "</arg_value>")
    return _ended(text, tool_name(mark[1]), read, "</tool_call>") if mark and read else None


DIALECTS: tuple[Dialect, ...] = (
    Dialect(
        "function elements",
        "Qwen3-Coder, Seed-OSS, Llama 3 with JSON inside",
        r"<function=",
        _function,
        "<tool_call>\n<function=Add_memory>\n<parameter=content>\nmug 2\n</parameter>\n</function>\n</tool_call>",
        "<tool_call>\n<function=Add_memory>\n<parameter=content>\nmug 2\n</function>\n</tool_call>",
    ),
    Dialect(
        "invoke elements",
        "Anthropic's XML, MiniMax-M2, DeepSeek V3.2",
        rf"<{_PREFIX}invoke\b",
        _invoke,
        '<function_calls>\n<invoke name="Add_memory">\n<parameter name="content">mug 2</parameter>\n</invoke>\n'
        "</function_calls>",
        '<function_calls>\n<invoke name="Add_memory">\n<parameter name="content">mug 2\n</invoke>\n</function_calls>',
    ),
    Dialect(
        "argument pairs",
        "GLM-4.5",
        _GLM.pattern.replace("([", "(?:["),
        _glm,
        "<tool_call>Add_memory\n<arg_key>content</arg_key>\n<arg_value>mug 2</arg_value>\n</tool_call>",
        "<tool_call>Add_memory\n<arg_key>content</arg_key>\n<arg_value>mug 2</tool_call>",
    ),
    Dialect(
        "elements named like the tool",
        "Cline, Roo Code",
        _NAMED,
        _named,
        "<Add_memory>\n<content>mug 2</content>\n</Add_memory>",
        "<Add_memory>\n<content>mug 2\n</Add_memory>",
        own_mark=False,
    ),
)
