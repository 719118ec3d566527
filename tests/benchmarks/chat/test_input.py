"""What a person types: short forms and completion."""

from __future__ import annotations

import io
import sys
from typing import Any

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from agemem_env.errors import ConfigurationError
from agemem_env.tools import MEMORY_TOOLS, ToolBox
from agemem_env.types import ToolCall
from benchmarks.chat.input import LOCAL, ChatCompleter, WrongInputError, read_line, short_forms
from benchmarks.chat.session import _terminal

TOOLS = ToolBox(MEMORY_TOOLS, commands=True)


FORMS = short_forms(TOOLS)


@pytest.mark.parametrize(
    ("line", "name", "arguments"),
    [
        ("/add the mug  is blue ", "Add_memory", {"content": "the mug  is blue"}),
        ("/update mem_1 東京 is a city", "Update_memory", {"memory_id": "mem_1", "content": "東京 is a city"}),
        ("/delete mem_1", "Delete_memory", {"memory_id": "mem_1", "confirmation": True}),
        ("/retrieve where is it?", "Retrieve_memory", {"query": "where is it?"}),
        ("/filter talk about dogs", "Filter_context", {"criteria": "talk about dogs"}),
        ("/summary", "Summary_context", {"span": "all"}),
        ("/summary 3", "Summary_context", {"span": "3"}),
        ("/act open red box", "act", {"command": "open red box"}),
        ("  /answer Paris", "answer", {"text": "Paris"}),
    ],
)
def test_short_forms(line: str, name: str, arguments: dict[str, Any]) -> None:
    assert read_line(line, FORMS) == {"name": name, "arguments": arguments}
    assert TOOLS.accepts(ToolCall(name, arguments))


def test_every_tool_has_a_short_form_of_its_own() -> None:
    assert [form.tool for form in FORMS.values()] == list(TOOLS.names)
    assert not FORMS.keys() & LOCAL.keys()


def test_plain_text_is_what_a_model_would_say() -> None:
    assert read_line(" <answer>a/b</answer> ", FORMS) == "<answer>a/b</answer>"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "Say something, or type /help."),
        ("/ad x", "There is no /ad. Did you mean /add?"),
        ("/xyzzy", "There is no /xyzzy. Type /help for the list."),
        ("/add", "content is missing: /add CONTENT"),
        ("/update mem_1", "content is missing: /update MEMORY_ID CONTENT"),
    ],
)
def test_wrong_lines_say_what_to_type(line: str, message: str) -> None:
    with pytest.raises(WrongInputError) as raised:
        read_line(line, FORMS)
    assert str(raised.value) == message


COMPLETER = ChatCompleter(FORMS, lambda: [("mem_a1", "the mug"), ("mem_b2", "東京")], lambda: ["open red box", "look"])


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("/a", ["/add", "/act", "/answer"]),
        ("/q", ["/quit"]),
        ("/delete ", ["mem_a1", "mem_b2"]),
        ("/update mem_a", ["mem_a1"]),
        ("/update mem_a1 the", []),
        ("/add mem", []),
        ("/act op", ["open red box"]),
        ("open r", ["open red box"]),
        ("", ["open red box", "look"]),
        ("/xyzzy ", []),
    ],
)
def test_completion(typed: str, expected: list[str]) -> None:
    found = list(COMPLETER.get_completions(Document(typed), CompleteEvent()))
    assert [completion.text for completion in found] == expected
    for completion in found:  # what is replaced is the beginning of what is offered
        assert completion.text.startswith(typed[len(typed) + completion.start_position :])


def test_the_terminal_reads_lines_and_has_the_completer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", type("Terminal", (io.StringIO,), {"isatty": lambda self: True})())
    with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
        read = _terminal(COMPLETER)
        pipe.send_text("/add 東京\r")
        assert read() == "/add 東京"
        pipe.send_text("\x04")
        with pytest.raises(EOFError):
            read()
    assert read.__self__.completer is COMPLETER  # type: ignore[attr-defined]


class TestToolFromElsewhere:
    """A tool brings its own word, defaults and completion."""

    forms = short_forms(ToolBox(["tests.agemem_env.tools.test_choice:AddNote"], commands=True))

    def test_is_typed_by_its_word(self) -> None:
        assert read_line("/note mem_1 very big", self.forms) == {
            "name": "Add_note",
            "arguments": {"entry": "mem_1", "text": "very big"},
        }
        assert self.forms["note"].usage == "/note ENTRY TEXT"

    def test_completes_what_its_argument_names(self) -> None:
        completer = ChatCompleter(self.forms, lambda: [("mem_a1", "the mug")], lambda: ["look"])
        found = completer.get_completions(Document("/note "), CompleteEvent())
        assert [completion.text for completion in found] == ["mem_a1"]

    def test_a_word_of_the_chat_itself_is_refused(self) -> None:
        class Quit(MEMORY_TOOLS["Add_memory"]):  # type: ignore[misc]
            """Takes a word of the chat."""

            name = "Quit_memory"

        with pytest.raises(ConfigurationError, match="tool 'Quit_memory' cannot be typed: /quit is taken"):
            short_forms(ToolBox([Quit], commands=False))
