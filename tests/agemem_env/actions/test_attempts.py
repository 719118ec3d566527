"""What is an attempt to call a tool, and what only speaks of tools, data and code."""

from __future__ import annotations

import time

import pytest

from agemem_env.actions.attempts import attempt_as_command, attempt_in_reply, names_tool, telling
from agemem_env.actions.names import TOOLS
from agemem_env.actions.parsing import parse
from agemem_env.tools import PAPER_TOOLS
from tests.agemem_env.actions.dialects.test_dialects import FORMS

REPLIES = [
    "I used Add_memory earlier, so the mug (blue) is stored.",
    "I have these tools: Add_memory, Update_memory and Delete_memory.",
    "I called Add_memory(content) before.",
    "Should I call Retrieve_memory for that?",
    'Here is what I know: {"mug": "cabinet 3"}',
    '{"mug": {"place": "cabinet 3", "shelf": 2}, "lamp": null}',
    '[{"mug": "cabinet 3"}, {"lamp": "desk 1"}]',
    '```json\n{"fact": "the mug is in cabinet 3"}\n```',
    '```python\nprint("hello")\nmain()\n```',
    "The function f(x=3) gives 9.",
    'You can use print("hello") in Python.',
    'Anna("the queen") ruled.',
    "main() is the entry point.",
    "[Note] the mug is blue.",
    "[laughs] That's funny.",
    "[1] says so.",
    "The answer is in functions.py.",
    'The "arguments" were loud.',
    "The action input was zero.",
    "Arguments:\nfor and against",
    'Facts so far:\n{"name": "Bob", "age": 3}',
    '{"name": "Bob", "age": 3}',
    'The record is {"name": "Bob", "city": "Paris"}.',
    "def f(x):\n    return g(x=3)",
    "<ul>\n<li>mug</li>\n</ul>",
    "I think 3 < 5 and 7 > 2.",
    "See <https://example.com>.",
]


@pytest.mark.parametrize("text", REPLIES)
def test_replies_that_speak_of_tools_data_and_code(text: str) -> None:
    turn = parse(text, commands=False)
    assert (turn.calls, turn.text, turn.violations) == ((), text, ())


ATTEMPTS = [
    "Add_memory",
    "`Add_memory`",
    "Add_memory(content",
    "Add_memory(\n    content",
    "[Add_memory(content",
    "Add_memory: mug 2",
    'Add_memory content="mug 2"',
    "Action: Add_memory",
    "Thought: x\nAction: Add_memory\nAction Inpu",
    ">>>Add_memory\n",
    '{"Add_memory": {"content": "mug 2"}}',
    '{"action": "Add_memory", "content": "mug 2"}',
    "{name: Add_memory, content: mug 2}",
    '{"name": "search"',
    '{"na',
    "<Add_memory>mug 2</Add_memory>",
    '<Add_memory content="mug 2"/>',
    "<|begin_of_tool|>Add_memory<|sep|>mug 2",
    "I keep it. <too",
    "I keep it.[TOOL_CALLS",
    "<|start|>assistant<|chan",
    "commentary to=functions",
    "✿FUNCTION✿: Add_memory\n✿ARG",
    'I store it:\n```json\n{"name": "Add_memory", "argu',
]


@pytest.mark.parametrize("commands", [True, False])
@pytest.mark.parametrize("text", ATTEMPTS)
def test_attempts_in_no_dialect_or_cut(text: str, commands: bool) -> None:
    turn = parse(text, commands=commands)
    assert (turn.calls, turn.text) == ((), "")
    assert "malformed_call" in [v.kind for v in turn.violations]


@pytest.mark.parametrize(
    "text",
    ["Add_memory mug 2", "<|user|>go", "function call", "<", "``", "<command>go</command>", "call:act{command:go}"],
)
def test_attempts_in_place_of_a_command(text: str) -> None:
    assert [v.kind for v in parse(text, commands=True).violations] == ["malformed_call"]


@pytest.mark.parametrize("form", FORMS)
def test_a_form_cut_anywhere_after_the_name_is_an_attempt(form: str) -> None:
    text = FORMS[form][0]
    name = text.index("Add_memory") + len("Add_memory")
    for end in range(name, len(text)):
        for commands in (True, False):
            turn = parse(text[:end], commands=commands)
            read = [(call.name.removeprefix("functions."), call.arguments) for call in turn.calls]
            assert read in ([], [("Add_memory", {"content": "mug 2"})])
            assert read or "malformed_call" in [v.kind for v in turn.violations]


def test_other_tools_are_known_by_their_names() -> None:
    assert parse("Keep_note: mug 2", commands=False).text == "Keep_note: mug 2"
    turn = parse("Keep_note: mug 2", commands=False, tools=["Keep_note"])
    assert [v.kind for v in turn.violations] == ["malformed_call"]


def test_the_tools_that_are_meant_by_default_are_the_papers() -> None:
    assert (*PAPER_TOOLS, "act", "answer") == TOOLS


def test_everyday_words_do_not_tell_of_a_tool() -> None:
    assert telling(("act", "Note", "keepNote", "keep_note")) == ("keepNote", "keep_note")
    assert not names_tool("act: now", ("act",))
    assert not attempt_in_reply("Add_memory", ())


@pytest.mark.parametrize("piece", ["Add_memory ", "Add_memory(", '{"a": ', "[[", "<|", "Action: ", "`", '"arguments" '])
def test_takes_time_linear_in_the_text(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    start = time.process_time()
    attempt_in_reply(text, TOOLS)
    attempt_as_command(text, TOOLS)
    assert time.process_time() - start < 1
