"""The system message of an episode and the words around incoming messages."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agemem_env.types import Stage

_INTRODUCTION = """\
You are an assistant with a long-term memory that outlives the conversation and a context of limited size. \
Manage both with the tools."""

_INTRODUCTION_WITHOUT_TOOLS = "You are an assistant with a context of limited size."

_STAGES: Mapping[Stage, str] = {
    1: "First somebody tells you things, one message at a time.",
    2: "Then come messages that have nothing to do with what you will be asked.",
    3: "At last you get the task.",
}

_CONCLUSIONS: Mapping[Stage, str] = {1: "Afterwards the conversation will be cleared.", 3: "Solve it."}
"""What is told of a stage if no tool's advice concludes it."""

_NATIVE = "Call tools as functions; several calls in one turn are carried out in order."

_TAGS = """\
Write your reasoning in <think>...</think> if you want, then either calls or the answer:
<tool_call>[{"name": "...", "arguments": {...}}]</tool_call>
<answer>...</answer>
Several calls in one array are carried out in order."""

_TAGS_WITHOUT_ANSWER = """\
Write your reasoning in <think>...</think> if you want, then calls:
<tool_call>[{"name": "...", "arguments": {...}}]</tool_call>
Several calls in one array are carried out in order."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What the system message tells about the use of a tool in one stage.

    Attributes:
        stage: The stage.
        text: Whole sentences.
        concludes: Whether it comes first and stands for the sentence that the stage has otherwise ("Afterwards the
            conversation will be cleared." in stage 1, "Solve it." in stage 3).
    """

    stage: Stage
    text: str
    concludes: bool = False


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
    def of(
        cls,
        instructions: str,
        stages: Sequence[Stage],
        schemas: Sequence[dict[str, Any]],
        advice: Sequence[Advice] | None = (),
    ) -> SystemMessage:
        """Compose the message.

        Args:
            instructions: The benchmark's.
            stages: The stages played.
            schemas: All tools, in OpenAI's format.
            advice: What the memory tools tell about their use; None if there is none of them.
        """
        course = _course(stages, advice or ()) if len(stages) > 1 else ""
        introduction = _INTRODUCTION_WITHOUT_TOOLS if advice is None else _INTRODUCTION
        parts = [part for part in (introduction, course, instructions) if part]
        tools = "\n".join(json.dumps(schema["function"], ensure_ascii=False) for schema in schemas)
        answers = any(schema["function"]["name"] == "answer" for schema in schemas)
        tags = _TAGS if answers else _TAGS_WITHOUT_ANSWER
        return cls("\n\n".join([*parts, tags, f"Tools:\n{tools}"]), "\n\n".join([*parts, _NATIVE]))


def _course(stages: Sequence[Stage], advice: Sequence[Advice]) -> str:
    """Return what the system message tells about the stages, with the advice of the tools offered.

    >>> _course((2, 3), [Advice(1, "Store."), Advice(3, "Look it up.", concludes=True)])
    'Then come messages that have nothing to do with what you will be asked. At last you get the task. Look it up.'
    """
    told: list[str] = []
    for stage in stages:
        fitting = [a for a in advice if a.stage == stage]
        first = [a.text for a in fitting if a.concludes] or [_CONCLUSIONS.get(stage, "")]
        sentences = dict.fromkeys([*first, *(a.text for a in fitting if not a.concludes)])
        told += [_STAGES[stage], *filter(None, sentences)]
    return " ".join(told)


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

QUERY = "{query}\n\nTurns that you have for this: {turns}."
"""The task as it is told under the default protocol, with the turn limit."""

TURNS_LEFT = "Turns left: {turns}."
"""Sent with each observation of stage 3 if the environment shows the turns left."""

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
