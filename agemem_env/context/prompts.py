"""The system message of an episode and the words around incoming messages."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agemem_env.types import Stage

_INTRODUCTION = """\
You are an assistant with a long-term memory that outlives the conversation and a context of limited size. \
Manage both with the tools."""

_INTRODUCTION_WITHOUT_TOOLS = "You are an assistant with a context of limited size."

_STAGES: Mapping[Stage, str] = {
    1: "First somebody tells you things, one message at a time. {store} {correct}",
    2: "Then come messages that have nothing to do with what you will be asked. {tidy}",
    3: "At last you get the task. {look_up}",
}

_STORE = "Store what may matter later: the conversation will be cleared."
_NO_STORE = "Afterwards the conversation will be cleared."
_CORRECT = "When something you stored turns out to be outdated, update or delete it."
_TIDY = "Keep them out of your context."
_LOOK_UP = "Look up what you need in long-term memory, then solve it."
_NO_LOOK_UP = "Solve it."

_NATIVE = "Call tools as functions; several calls in one turn are carried out in order."

_TAGS = """\
Write your reasoning in <think>...</think> if you want, then either calls or the answer:
<tool_call>[{"name": "...", "arguments": {...}}]</tool_call>
<answer>...</answer>
Several calls in one array are carried out in order."""


@dataclass(frozen=True, slots=True)
class SystemMessage:
    """The system message in both tool formats.

    Attributes:
        canonical: With the tag format and the tool schemas. This is what counts as tokens in either format, since
            a chat API that is given ``tools=`` puts the schemas into the prompt as well.
        native: Without schemas, for models that are given ``tools=``.
    """

    canonical: str
    native: str

    @classmethod
    def of(cls, instructions: str, stages: Sequence[Stage], schemas: Sequence[dict[str, Any]]) -> SystemMessage:
        """Compose the message from the benchmark's instructions, the stages played and the tools offered."""
        offered = {schema["function"]["name"] for schema in schemas}
        course = _course(stages, offered) if len(stages) > 1 else ""
        introduction = _INTRODUCTION if offered - {"act", "answer"} else _INTRODUCTION_WITHOUT_TOOLS
        parts = [part for part in (introduction, course, instructions) if part]
        tools = "\n".join(json.dumps(schema["function"], ensure_ascii=False) for schema in schemas)
        return cls("\n\n".join([*parts, _TAGS, f"Tools:\n{tools}"]), "\n\n".join([*parts, _NATIVE]))


def _course(stages: Sequence[Stage], offered: Collection[str]) -> str:
    """Return what the system message tells about the stages; it gives no advice for tools that are not offered.

    >>> _course((2, 3), {"Add_memory"})
    'Then come messages that have nothing to do with what you will be asked. At last you get the task. Solve it.'
    """
    advice = {
        "store": _STORE if "Add_memory" in offered else _NO_STORE,
        "correct": _CORRECT if "Update_memory" in offered else "",
        "tidy": _TIDY if "Filter_context" in offered or "Summary_context" in offered else "",
        "look_up": _LOOK_UP if "Retrieve_memory" in offered else _NO_LOOK_UP,
    }
    return " ".join(_STAGES[stage].format(**advice).strip() for stage in stages)


def unreadable(action: object) -> str:
    """Return what the context keeps of an action that could not be understood.

    >>> unreadable("{broken"), unreadable(17)
    ('{broken', '(no text)')
    """
    text = action if isinstance(action, str) else ""
    shown = text.strip()[:MAX_UNREADABLE].encode("utf-8", "replace").decode()
    return shown or "(no text)"


MAX_UNREADABLE = 2000
"""Characters kept of an action that could not be understood."""

SHOWN = "Memories that may be related:"
"""What precedes memories that a memory system shows."""

MEMORIES = "Memories that may be related to the next message:\n{hits}"
"""What precedes a stage 1 message if long-term memory holds anything (introspective retrieval)."""

NO_COMMANDS = "Plain text does nothing now. Call a tool, or end with the answer tool: <answer>your answer</answer>."
"""Sent when plain text arrives in stage 3 of a benchmark without commands."""

AFTER_END_OF_TURN = "{name} was not run: nothing may follow {last} in the same turn."
"""Result of a call that stands after a command or an answer."""

GAP = "..."
"""Stands for messages that were removed between the system message and a turn of the agent, or between two turns."""
