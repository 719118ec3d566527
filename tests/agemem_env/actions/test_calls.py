"""The spellings of one call: what is read, what is mended, what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agemem_env.actions.calls import read_call
from agemem_env.actions.parsing import parse
from agemem_env.types import ToolCall

BODY = '{"content": "mug 2"}'
ARGUMENTS = {"content": "mug 2"}
ADD = ToolCall("Add_memory", ARGUMENTS)


def native(arguments: Any, name: Any = "Add_memory") -> dict[str, Any]:
    call = {"id": "a", "type": "function", "function": {"name": name, "arguments": arguments}}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


@pytest.mark.parametrize(
    ("arguments", "kinds"),
    [
        (BODY, []),
        (ARGUMENTS, []),
        (json.dumps(BODY), ["repaired_json"]),
        (json.dumps(json.dumps(BODY)), ["repaired_json"]),
        (BODY + BODY, ["repaired_json"]),
        ("{}" + BODY, ["repaired_json"]),
        (f"{{{BODY}}}", ["repaired_json"]),
        (f"```json\n{BODY}\n```", ["repaired_json"]),
        (f"```\n{BODY}```", ["repaired_json"]),
        (BODY + "}", ["repaired_json"]),
        (BODY + " ]}", ["repaired_json"]),
        (f"[{BODY}]", ["repaired_json"]),
        ([ARGUMENTS], ["repaired_json"]),
        (f'{{"name": "Add_memory", "arguments": {BODY}}}', ["repaired_json"]),
        (f'{{"name": "Add_memory", "args": {BODY}}}', ["repaired_json"]),
        ({"name": "Add_memory", "input": ARGUMENTS}, ["repaired_json"]),
    ],
)
def test_native_arguments_that_are_read(arguments: Any, kinds: list[str]) -> None:
    turn = parse(native(arguments), commands=True)
    assert turn.calls == (ADD,)
    assert [v.kind for v in turn.violations] == kinds


@pytest.mark.parametrize(
    "arguments", ["null", "", " ", None, "{}", "[]", [], "None", json.dumps("null"), json.dumps("")]
)
def test_native_arguments_that_are_none(arguments: Any) -> None:
    turn = parse(native(arguments, "Summary_context"), commands=True)
    assert turn.calls == (ToolCall("Summary_context", {}),)


@pytest.mark.parametrize(
    "arguments",
    [
        "mug 2", '"mug 2"', "[1]", BODY + "{}", '{"content": "mug 2", "content": "mug 3"}', f"[{BODY}, {BODY}]", BODY + '{"content": "mug 3"}', BODY + " and more", BODY[:-1], 3, True,
        BODY + "}" * 20, '{"content": "mug 2"', json.dumps(BODY)[:-1], "```json\nmug 2\n```", "[" * 10_000,
    ],
)  # fmt: skip
def test_native_arguments_that_are_refused(arguments: Any) -> None:
    turn = parse(native(arguments), commands=True)
    assert (turn.calls, turn.text) == ((), "")
    assert "malformed_call" in [v.kind for v in turn.violations]


@pytest.mark.parametrize(
    ("value", "kinds"),
    [
        ({"name": "Add_memory", "args": ARGUMENTS}, []),
        ({"name": "Add_memory", "input": ARGUMENTS}, []),
        ({"name": "Add_memory", "parameters": ARGUMENTS, "arguments": None}, []),
        ({"name": "Add_memory", "parameters": ARGUMENTS, "arguments": ARGUMENTS}, []),
        ({"type": "tool_use", "id": "x", "name": "Add_memory", "input": ARGUMENTS}, []),
        ({"type": "function_call", "call_id": "x", "name": "Add_memory", "arguments": BODY, "status": "completed"}, []),
        ({"toolUse": {"toolUseId": "x", "name": "Add_memory", "input": ARGUMENTS}}, []),
        ({"functionCall": {"name": "Add_memory", "args": ARGUMENTS}}, []),
        ({"tool_name": "Add_memory", "parameters": ARGUMENTS}, []),
        ({"tool": "Add_memory", "tool_input": ARGUMENTS}, []),
        ({"action": "Add_memory", "action_input": ARGUMENTS}, []),
        ({"thought": "why", "name": "Add_memory", "arguments": ARGUMENTS}, []),
        ({"name": "Add_memory", "content": "mug 2"}, ["repaired_json"]),
        ({"name": "Add_memory", "arguments": ARGUMENTS, "memory_type": "fact"}, ["extra_keys"]),
    ],
)
def test_objects_that_are_read(value: Any, kinds: list[str]) -> None:
    told: list[str] = []
    assert (read_call(value, told), told) == (ADD, kinds)
    assert parse(value, commands=False).calls == (ADD,)


@pytest.mark.parametrize(
    "value",
    [
        {"name": "Add_memory", "arguments": {}, "content": "mug 2"},
        {"name": "Add_memory", "arguments": ARGUMENTS, "input": {"content": "mug 3"}},
        {"name": "Add_memory", "arguments": [1, 2]},
        {"name": ["Add_memory"], "arguments": ARGUMENTS},
        {"arguments": ARGUMENTS},
        {"content": "mug 2", "command": "go"},
    ],
)
def test_objects_that_may_mean_two_things_are_refused(value: Any) -> None:
    kinds: list[str] = []
    assert read_call(value, kinds) is None
    assert kinds == ["malformed_call"]


def test_a_flat_command() -> None:
    assert parse({"name": "act", "command": "go"}, commands=True).calls == (ToolCall("act", {"command": "go"}),)
    assert parse('{"name": "act", "command": "go"}', commands=True).calls == (ToolCall("act", {"command": "go"}),)
