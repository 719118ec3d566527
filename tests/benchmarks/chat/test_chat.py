"""A person plays: short forms, completion, what is shown, and whole episodes from injected lines."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from rich.console import Console
from typer.testing import CliRunner

from agemem_env.env import AgeMemEnv
from agemem_env.tools import MEMORY_TOOLS, ToolBox
from agemem_env.types import ToolCall
from benchmarks.chat.input import LOCAL, ChatCompleter, WrongInputError, read_line, short_forms
from benchmarks.chat.session import _terminal, chat
from benchmarks.cli import app

TOOLS = ToolBox(MEMORY_TOOLS, commands=True)
FORMS = short_forms(TOOLS.schemas())


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


def lines(given: Iterable[str]) -> Callable[[], str]:
    left = iter(given)

    def read() -> str:
        try:
            return next(left)
        except StopIteration:
            raise EOFError from None

    return read


def play(env: AgeMemEnv, given: Iterable[str]) -> tuple[Any, str]:
    shown = io.StringIO()
    result = chat(env, Console(file=shown, width=100), lines(given), seed=3)
    return result, shown.getvalue()


def test_an_episode_is_played_to_its_end() -> None:
    env = AgeMemEnv("tests.toy:ToyEngine")
    env.reset(seed=3)
    facts, box = [fact.text for fact in env.task.gold_facts], env.task.data["box"]
    replies = ["ok"] * (len(env.task.facts) - len(facts) + len(env.task.distractors))
    talk = [*(f"/add {fact}" for fact in facts), *replies]
    result, shown = play(env, [*talk, "/retrieve key", "/foo", "/memory", f"open {box} box"])
    assert result is not None and result.info["success"]
    assert result.steps == len(talk) + 2  # neither /foo nor /memory takes a turn
    called = {name: count for name, count in result.info["tool_calls"].items() if count}
    assert called == {"Add_memory": len(facts), "Retrieve_memory": 1, "act": 1}
    for text in ("stage 1", "stage 2", "stage 3", "The context was changed", "You found the key.", "There is no /foo",
                 "The task is solved; progress 100%.", "reward", "storage", "SR", "tokens", "mem_"):  # fmt: skip
        assert text in shown


def test_texts_are_shown_as_they_are() -> None:
    _, shown = play(AgeMemEnv("tests.toy:ToyEngine"), ["/add [bold]東京[/bold] \ud800 [/]", "/quit"])
    assert "[bold]東京[/bold] \ufffd [/]" in shown


@pytest.mark.parametrize("given", [["/quit"], [], ["hello"]])
def test_who_leaves_is_not_scored(given: list[str]) -> None:
    result, shown = play(AgeMemEnv("tests.toy:ToyEngine"), given)
    assert result is None
    assert shown.splitlines()[-1] == "You left the episode; nothing was scored."


def test_the_command() -> None:
    command = ["chat", "-b", "HotpotQA", "--seed", "1", "--env", "source=generated"]
    result = CliRunner().invoke(app, [*command, "--stages", "3", "--task", "5"], input="/help\n/answer Zürich\n")
    assert result.exit_code == 0, result.output
    assert "/answer TEXT" in result.stdout
    assert "The task is not solved" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-b", "HotpotA"], "did you mean 'HotpotQA'?"),
        (["--env", "source=generated", "--task", "5000000"], "unknown task 5000000"),
        (["--stages", "1"], "stages="),
        (["--env", "dense"], "use key=value"),
    ],
)
def test_wrong_options_are_one_line(arguments: list[str], message: str) -> None:
    result = CliRunner().invoke(app, ["chat", *arguments], input="")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert message in result.stderr
