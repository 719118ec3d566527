"""Calls and answers written in the tags of the paper's format."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from agemem_env.types import ToolCall

_END_OF_ANSWER = re.compile(r"<\s*/\s*answer", re.IGNORECASE)


def render_calls(calls: Sequence[ToolCall]) -> str:
    r"""Return the calls in the paper's tag; they are read back equal, whatever their strings contain.

    >>> render_calls([ToolCall("Add_memory", {"content": "</tool_call>"})])
    '<tool_call>[{"name": "Add_memory", "arguments": {"content": "<\\/tool_call>"}}]</tool_call>'
    """
    body = json.dumps([call.to_dict() for call in calls], ensure_ascii=False)
    # "</" can only be inside a JSON string, where "<\/" means the same.
    return f"<tool_call>{body.replace('</', '<' + chr(92) + '/')}</tool_call>"


def render_answer(text: str) -> str:
    """Return the answer in its tag, or as a call of `answer` if the tag would not keep it as it is.

    >>> render_answer("Paris")
    '<answer>Paris</answer>'
    >>> render_answer("Paris ")
    '<tool_call>[{"name": "answer", "arguments": {"text": "Paris "}}]</tool_call>'
    """
    if text != text.strip() or _END_OF_ANSWER.search(text):
        return render_calls([ToolCall("answer", {"text": text})])
    return f"<answer>{text}</answer>"
