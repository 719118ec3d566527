"""Thoughts in other tags than ``<think>``, which are read as thoughts: what stands in them is neither said nor done."""

from __future__ import annotations

import re

from agemem_env.actions.dialects.base import Dialect, Found

_NAMES = "(?i:thinking|thoughts?|reasoning|reflection|scratchpad|seed:think|longcat_think)"
_MARK = rf"</?{_NAMES}>|\[/?THINK\]|◁/?think▷|<\|(?:START|END)_THINKING\|>|<\|/?think\|>"
_TAG = re.compile(_MARK)
_CLOSES = re.compile(r"/|END_")


def _thought(text: str, position: int) -> Found | None:
    """Read a thought up to its closing tag; one that only ends was opened by the chat template."""
    tag = _TAG.match(text, position)
    if tag is None:
        return None
    if _CLOSES.search(tag[0]):
        return Found((), tag.end(), after_thought=True)
    closing = tag[0].replace("START_", "END_") if "START_" in tag[0] else re.sub(r"(?=[\w:])", "/", tag[0], count=1)
    end = text.find(closing, tag.end())
    return None if end < 0 else Found((), end + len(closing), think=text[tag.end() : end].strip())


DIALECTS: tuple[Dialect, ...] = (
    Dialect(
        "thoughts in other tags",
        "Claude, Magistral, Seed, Kimi, Command A",
        _MARK,
        _thought,
        '<thinking>I keep it.</thinking>\nAdd_memory(content="mug 2")',
        '<thinking>I keep it.\nAdd_memory("mug 2")',
    ),
)
