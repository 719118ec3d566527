"""An empty turn, where the benchmark has asked a question that may be left unanswered."""

from __future__ import annotations

from agemem_env.types import ToolCall, Turn


def blank_command(turn: Turn) -> Turn:
    """Return a turn that gives an empty command if this one says nothing at all, else the turn itself.

    >>> from agemem_env.actions.parsing import parse
    >>> blank_command(parse(" ", commands=True)).calls
    (ToolCall(name='act', arguments={'command': ''}),)
    >>> blank_command(parse("look around", commands=True)).calls
    (ToolCall(name='act', arguments={'command': 'look around'}),)
    """
    empty = not turn.calls and not turn.text.strip() and {v.kind for v in turn.violations} <= {"empty_action"}
    return Turn((ToolCall("act", {"command": ""}),), think=turn.think) if empty else turn
