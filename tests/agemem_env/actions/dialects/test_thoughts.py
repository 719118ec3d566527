"""Thoughts in the tags of other models."""

from __future__ import annotations

import pytest

from agemem_env.actions.parsing import parse, read
from agemem_env.types import ToolCall

TAGS = [
    ("<think>", "</think>"),
    ("<thinking>", "</thinking>"),
    ("<Thought>", "</Thought>"),
    ("<reasoning>", "</reasoning>"),
    ("<seed:think>", "</seed:think>"),
    ("<longcat_think>", "</longcat_think>"),
    ("[THINK]", "[/THINK]"),
    ("◁think▷", "◁/think▷"),
    ("<|START_THINKING|>", "<|END_THINKING|>"),
    ("<|think|>", "<|/think|>"),
]
CALL = '<tool_call>{"name": "act", "arguments": {"command": "look"}}</tool_call>'
GO = (ToolCall("act", {"command": "go north"}),)


@pytest.mark.parametrize(("opening", "closing"), TAGS)
def test_a_thought_is_neither_said_nor_done(opening: str, closing: str) -> None:
    turn = parse(f"{opening}perhaps {CALL} or <answer>x</answer>{closing}\ngo north", commands=True)
    assert (turn.calls, turn.violations) == (GO, ())
    assert turn.think == f"perhaps {CALL} or <answer>x</answer>"
    reading = read(f"{opening}hm{closing}Noted.", commands=False, tools=("Add_memory",))
    assert (reading.turn.text, reading.turn.think) == ("Noted.", "hm")
    assert reading.sent is not None and reading.sent.spoken == "Noted."


@pytest.mark.parametrize(("opening", "closing"), TAGS)
def test_a_thought_that_only_ends_was_opened_by_the_template(opening: str, closing: str) -> None:
    turn = parse(f"I could {CALL}{closing}\ngo north", commands=True)
    assert (turn.calls, turn.violations) == (GO, ())
    turn = parse(f"{opening}a{closing}{CALL}{closing}", commands=True)
    assert turn.calls == (ToolCall("act", {"command": "look"}),)


@pytest.mark.parametrize(("opening", "closing"), TAGS[1:])
def test_a_thought_that_does_not_end_is_no_move(opening: str, closing: str) -> None:
    for commands in (True, False):
        turn = parse(f"{opening}go north", commands=commands)
        assert (turn.calls, turn.text) == ((), "")


def test_tags_of_thoughts_inside_what_is_stored_mean_nothing() -> None:
    text = '<tool_call>{"name": "Add_memory", "arguments": {"content": "</thinking>[THINK]a◁think▷"}}</tool_call>'
    assert parse(text, commands=False).calls == (ToolCall("Add_memory", {"content": "</thinking>[THINK]a◁think▷"}),)
