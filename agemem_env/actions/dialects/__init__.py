"""The dialects in which models write tool calls in text, beside the paper's tags and Hermes style.

`DIALECTS` is the table: to read another dialect, add one line to the table of a family, or a file with its own. A text
with the mark of a dialect that cannot be read is an attempt: it is neither a command nor a reply.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from agemem_env.actions.dialects import bare, delimited, marked, thoughts, xml
from agemem_env.actions.dialects.base import Dialect, Found

__all__ = ["ATTEMPT", "ATTEMPT_AS_COMMAND", "DIALECTS", "MARKS", "NOISE", "Dialect", "Found", "dialect_of"]

DIALECTS: tuple[Dialect, ...] = (
    *thoughts.DIALECTS,
    *xml.DIALECTS,
    *delimited.DIALECTS,
    *marked.DIALECTS,
    *bare.DIALECTS,
)
"""All dialects; where two marks match at one position, the first is meant."""

_KEYS: Mapping[str, Dialect] = MappingProxyType({f"d{i}": dialect for i, dialect in enumerate(DIALECTS)})

MARKS = re.compile("|".join(f"(?P<{key}>{dialect.mark})" for key, dialect in _KEYS.items()), re.MULTILINE)
"""Finds what begins a call in any dialect."""

NOISE = re.compile(
    r"</?(?:[A-Za-z]{1,16}:|[|｜]DSML[|｜])?(?:function_calls|tool_calls?|tools)>"
    r"|<[|｜]tool[_▁ ](?:calls?[_▁ ](?:section[_▁ ])?(?:begin|start|end)|sep)[|｜]>"
    r"|<[|｜](?:action_start|action_end|begin▁of▁sentence|assistant|call|python_end|eo[mt]_id)[|｜]>"
    r"|\[/TOOL_CALLS\]|<\|/[a-z_]{1,20}\|>|<\|close\|>\s{0,4}\w{1,20}\s{0,4}<\|sep\|>"
    r"|✿RESULT✿|^>>>$|<end_code>"
)
"""Tags around calls, which mean nothing beside calls that have been read."""

ATTEMPT = re.compile(
    r"""</?tool_call|["'“]arguments["'”]\s{0,8}(?::|=|\Z)
    |["'“](?:args|parameters|tool_use|toolUse|functionCall|function_call|tool_calls|tool_name|action_input)["'”]\s{0,8}:
    |<[/|｜]{0,2}(?:[A-Za-z]{1,16}[:_|｜]{1,2})?(?:tool|function|invoke|parameter|plugin|python_|action_start)[\w▁|｜=:-]{0,40}
    |<arg_(?:key|value)>|<\|(?:channel|message|constrain|call|open|close)\|>|\[/?(?:TOOL_CALLS|ARGS)\]|\[TOOL\w{0,8}\Z|<TOOLCALL
    |\bto=functions\b|\bfunctions\.\w{1,64}\s{0,4}(?:[:({<]|\Z)|\baction[ _]input["'”*]{0,2}\s{0,4}(?::|\Z)|```tool_c
    |\A[A-Za-z_]\w{0,63}\([^()\n]{0,80}\Z|<[/|｜]{0,2}[A-Za-z_][\w:|｜▁]{0,40}\Z|\A[`<|｜]{1,3}\Z|✿(?:FUNCTION|ARGS)""",
    re.IGNORECASE | re.VERBOSE | re.ASCII | re.MULTILINE,
)
"""Whatever looks like an attempt to call a tool, in a known dialect or not."""

ATTEMPT_AS_COMMAND = re.compile(
    r"""\{\s{0,8}["'“]\w{1,64}["'”]\s{0,8}:|^\s{0,8}arguments\s{0,4}:
    |\b[A-Za-z_]\w{0,63}\(\s{0,8}(?:[A-Za-z_]\w{0,63}\s{0,8}=(?!=)|["'{])
    |</[A-Za-z_][\w:-]{0,64}>|<[A-Za-z_][\w:-]{0,64}(?:\s[^<>]{0,200})?/>
    |\bcall:[A-Za-z_]\w{0,63}\{|\b[A-Za-z_]\w{0,63}\[[^\[\]\n]{1,200}\]|<[|｜]|[|｜]>|</?\Z|\Afunction\scall""",
    re.VERBOSE | re.IGNORECASE | re.ASCII | re.MULTILINE,
)
"""What looks like an attempt where a command is expected: JSON, elements, tokens of templates, ``X(…)``, ``X[…]``."""

_SIGNS = re.compile(r"[<{(\[`✿|｜◁]")
_WORDS = ("rguments", "arameters", "args", "tool", "unction", "ction", "istantfinal")


def may_hold_no_call(text: str) -> bool:
    """Return True if none of `MARKS`, `ATTEMPT` and `ATTEMPT_AS_COMMAND` can match; a quick check for most texts.

    >>> may_hold_no_call("open drawer 1"), may_hold_no_call("Action Input: x")
    (True, False)
    """
    if _SIGNS.search(text):
        return False
    lower = text.lower()
    return not [word for word in _WORDS if word in lower]


def dialect_of(mark: re.Match[str]) -> Dialect:
    """Return the dialect whose mark was found by `MARKS`."""
    return _KEYS[mark.lastgroup or ""]
