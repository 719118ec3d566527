from __future__ import annotations

import copy
import json
import math
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any
from unittest.mock import MagicMock

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openai.types.chat import ChatCompletionMessage, ChatCompletionMessageFunctionToolCall
from openai.types.chat.chat_completion_message_function_tool_call import Function

from agemem_env.actions.parsing import VIOLATIONS, parse
from agemem_env.text.paper_format import render_answer, render_calls
from agemem_env.types import ToolCall, Turn, Violation

ADD = ToolCall("Add_memory", {"content": "mug 2"})
GET = ToolCall("Retrieve_memory", {"query": "mug", "top_k": 3})
BARE = ToolCall("Summary_context", {})
ONE = '{"name": "Add_memory", "arguments": {"content": "mug 2"}}'
TWO = '{"name": "Retrieve_memory", "arguments": {"query": "mug", "top_k": 3}}'


def act(command: str) -> ToolCall:
    return ToolCall("act", {"command": command})


def answer(text: str) -> ToolCall:
    return ToolCall("answer", {"text": text})


def words(text: str) -> list[str]:
    return text.split()


def turn(*calls: ToolCall, text: str = "", think: str = "", kinds: str = "") -> Turn:
    return Turn(calls, text, think, tuple(Violation(kind, VIOLATIONS[kind]) for kind in kinds.split()))


PAPER = [
    (f"<tool_call>[{ONE}]</tool_call>", turn(ADD)),
    (f"<think> why </think>\n<tool_call>\n[{ONE}, {TWO}]\n</tool_call>\n", turn(ADD, GET, think="why")),
    ("<think>x</think><answer> Paris </answer>", turn(answer("Paris"), think="x")),
    ("<answer></answer>", turn(answer(""))),
    ("<answer>line\nline</answer>", turn(answer("line\nline"))),
    ("<answer>use <tool_call> tags</answer>", turn(answer("use <tool_call> tags"))),
    (
        f"<think><answer>no</answer></think><tool_call>[{ONE}]</tool_call>",
        turn(ADD, think="<answer>no</answer>"),
    ),
    (f"<THINK>x</Think ><Tool_Call>[{ONE}]</TOOL_CALL\n>", turn(ADD, think="x")),
    ('<tool_call>[{"name": "Summary_context"}]</tool_call>', turn(BARE)),
    ('<tool_call>[{"name": "Summary_context", "arguments": null}]</tool_call>', turn(BARE)),
    ('<tool_call>[{"name": "Summary_context", "arguments": "{}"}]</tool_call>', turn(BARE)),
    ('<tool_call>[{"name": "Summary_context", "arguments": ""}]</tool_call>', turn(BARE)),
    ('<tool_call>[{"name": "A", "arguments": "{\\"b\\": 1}"}]</tool_call>', turn(ToolCall("A", {"b": 1}))),
]

HERMES = [
    (f"<tool_call>{ONE}</tool_call>", turn(ADD)),
    (f"<tool_call>\n{ONE}\n</tool_call>\n<tool_call>\n{TWO}\n</tool_call>", turn(ADD, GET)),
    (f"why\n</think>\n\n<tool_call>{ONE}</tool_call>", turn(ADD, think="why")),
    (
        "so <answer>no</answer>, {'a'}\n</think><answer>x</answer>",
        turn(answer("x"), think="so <answer>no</answer>, {'a'}"),
    ),
    (f"<think>a</think><tool_call>{ONE}</tool_call><think>b</think>", turn(ADD, think="a\nb")),
    ('<tool_call>{"name": "A", "parameters": {"b": 1}}</tool_call>', turn(ToolCall("A", {"b": 1}))),
    (
        '<tool_call>{"function": {"name": "A", "arguments": {"b": 1}}}</tool_call>',
        turn(ToolCall("A", {"b": 1})),
    ),
]

TAGS_IN_STRINGS = [
    (
        f'<tool_call>[{{"name": "Add_memory", "arguments": {{"content": "{text}"}}}}]</tool_call>',
        turn(ToolCall("Add_memory", {"content": text})),
    )
    for text in (
        "use </tool_call> wisely",
        "<tool_call>[]</tool_call>",
        "</think>",
        "<answer>x</answer>",
        "```",
        "[}",
    )
] + [
    (
        '[{"name": "A", "arguments": {"b": "</tool_call><answer>x</answer>"}}]</tool_call>',
        turn(ToolCall("A", {"b": "</tool_call><answer>x</answer>"}), kinds="unbalanced_tags"),
    ),
    (
        '{"name": "A", "arguments": {"b": "<answer>x</answer>"}}',
        turn(ToolCall("A", {"b": "<answer>x</answer>"}), kinds="missing_tags"),
    ),
]

REPAIRS = [
    (f"<tool_call>[{ONE},]</tool_call>", turn(ADD, kinds="repaired_json")),
    (
        "<tool_call>[{'name': 'A', 'arguments': {'b': True, 'c': None}}]</tool_call>",
        turn(ToolCall("A", {"b": True, "c": None}), kinds="repaired_json"),
    ),
    (f"<tool_call>\n```json\n[{ONE}]\n```\n</tool_call>", turn(ADD, kinds="repaired_json")),
    (f"<tool_call>{ONE}\n{TWO}</tool_call>", turn(ADD, GET, kinds="repaired_json")),
    (f"<tool_call>[{ONE}]}}</tool_call>", turn(ADD, kinds="repaired_json")),
    ("<tool_call>{“name”: “A”}</tool_call>", turn(ToolCall("A", {}), kinds="repaired_json")),
    (
        '<tool_call>{"name": "A", "arguments": {"b": NaN}}</tool_call>',
        turn(ToolCall("A", {"b": None}), kinds="repaired_json"),
    ),
    (
        '<tool_call>{"name": "A", "arguments": "{\'b\': 1e999,}"}</tool_call>',
        turn(ToolCall("A", {"b": None}), kinds="repaired_json"),
    ),
    (f"<tool_call>[{ONE}]", turn(ADD, kinds="unbalanced_tags")),
    (f"<tool_call>[{ONE}]<answer>x</answer>", turn(ADD, kinds="unbalanced_tags call_and_answer")),
    (f"<tool_call>{ONE}<tool_call>{TWO}</tool_call>", turn(ADD, GET, kinds="unbalanced_tags")),
    (f"[{ONE}]</tool_call>", turn(ADD, kinds="unbalanced_tags")),
    (
        f"I store it: {ONE}\n</tool_call>",
        turn(ADD, text="I store it:", kinds="unbalanced_tags text_outside_tags"),
    ),
    (f"<tool_call>{ONE}</tool_call></tool_call>", turn(ADD, kinds="unbalanced_tags")),
    (f"<think>hm <tool_call>{ONE}</tool_call>", turn(ADD, think="hm", kinds="unbalanced_tags")),
    ("<think>hm <answer>x</answer>", turn(answer("x"), think="hm", kinds="unbalanced_tags")),
    ("<think>then I close with <answer> and", turn(think="then I close with\nand", kinds="unbalanced_tags")),
    (
        f"a <tool_call>{ONE}</tool_call></think><answer>x</answer>",
        turn(answer("x"), think=f"a <tool_call>{ONE}</tool_call>"),
    ),
    ("<think>hm", turn(think="hm", kinds="unbalanced_tags")),
    (
        "<think>a <think>b</think> c</think><answer>x</answer>",
        turn(answer("x"), think="a <think>b\nc", kinds="unbalanced_tags"),
    ),
    (f"<think>a</think><tool_call>{ONE}</tool_call></think>", turn(ADD, think="a", kinds="unbalanced_tags")),
    ("<answer>x", turn(answer("x"), kinds="unbalanced_tags")),
    ("<answer>x</answer></answer>", turn(answer("x"), kinds="unbalanced_tags")),
    (ONE, turn(ADD, kinds="missing_tags")),
    (f"<think>x</think>[{ONE}, {TWO}]", turn(ADD, GET, think="x", kinds="missing_tags")),
    (f"```json\n[{ONE}]\n```", turn(ADD, kinds="missing_tags")),
    (f"```\n{ONE}\n``` done", turn(ADD, text="done", kinds="missing_tags text_outside_tags")),
    (f"```xml\n<tool_call>{ONE}</tool_call>\n```", turn(ADD)),
]

FAULTS = [
    (f"Sure.<tool_call>{ONE}</tool_call>ok", turn(ADD, text="Sure.\nok", kinds="text_outside_tags")),
    (f"[note] so <tool_call>{ONE}</tool_call>", turn(ADD, text="[note] so", kinds="text_outside_tags")),
    ("It is <answer>x</answer>", turn(answer("x"), text="It is", kinds="text_outside_tags")),
    (f"<answer>x</answer><tool_call>{ONE}</tool_call>", turn(ADD, kinds="call_and_answer")),
    ("<tool_call>[{]</tool_call><answer>x</answer>", turn(kinds="malformed_call call_and_answer")),
    ("<answer>x</answer><answer>x</answer>", turn(answer("x"))),
    ("<answer>x</answer><answer>y</answer>", turn(answer("x"), kinds="several_answers")),
    (
        f'<tool_call>[1, {ONE}, {{"name": 2}}, {{"name": ""}}, [], {{"name": "A", "arguments": [1]}}]</tool_call>',
        turn(ADD, kinds="malformed_call"),
    ),
    ('<tool_call>[{"name": "A", "arguments": "{broken"}]</tool_call>', turn(kinds="malformed_call")),
    ('<tool_call>[{"name": "A", "arguments": "{} rest"}]</tool_call>', turn(kinds="malformed_call")),
    (
        f"<tool_call>{{'name': oops}}</tool_call><tool_call>{ONE}</tool_call>",
        turn(ADD, kinds="malformed_call"),
    ),
    (f"<tool_call>{{'name': oops}}<tool_call>{ONE}</tool_call>", turn(ADD, kinds="malformed_call")),
    (f"<tool_call>{ONE} {{oops</tool_call>", turn(ADD, kinds="malformed_call")),
    ('<tool_call>[{"a": "b" <answer>x</answer>}]</tool_call>', turn(kinds="malformed_call")),
    (f'<tool_call>{ONE}</tool_call> {{"name": "A", "arguments": oops', turn(ADD, kinds="malformed_call")),
    ("<tool_call></tool_call>", turn(kinds="malformed_call")),
    ("<tool_call>Add_memory(content='x')</tool_call>", turn(kinds="malformed_call")),
    ("<tool_call>[]</tool_call>", turn(kinds="empty_action")),
    ("x <tool_call>[]</tool_call>", turn(kinds="empty_action")),
    ('x {"name": "A"} y </tool_call>', turn(kinds="malformed_call")),
    ("x </tool_call>", turn(kinds="malformed_call")),
    ("x </answer>", turn(kinds="malformed_call")),
    ("use <tool_call", turn(kinds="malformed_call")),
    ('call it with "arguments"', turn(kinds="malformed_call")),
    ('I call {"name": "A", "arguments": {}}', turn(kinds="malformed_call")),
    ('{"name": "Add_memory"', turn(kinds="malformed_call")),
    ("[]", turn(kinds="malformed_call")),
    ("```", turn(kinds="malformed_call")),
    ('{"name": "A", "arguments": ' + "[" * 40 + "]" * 40 + "}", turn(kinds="malformed_call")),
    ("", turn(kinds="empty_action")),
    (" \n\t", turn(kinds="empty_action")),
    ("<think>x</think>", turn(think="x", kinds="empty_action")),
    ("x</think>", turn(think="x", kinds="empty_action")),
    ("</think></think>", turn(kinds="unbalanced_tags")),
]


DATA = ['{"thing": 1}', "[1] says so", "```\nls\n```", "[1, 2, 3]", '{"name": "Bob", "age": 3}', '[{"a": 1}]']


@pytest.mark.parametrize("text", DATA)
def test_data_and_code_are_replies_and_no_commands(text: str) -> None:
    assert parse(text, commands=False) == turn(text=text)
    if "name" not in text:
        assert parse(text, commands=True) == turn(kinds="malformed_call")


@pytest.mark.parametrize("commands", [True, False])
@pytest.mark.parametrize(("text", "expected"), PAPER + HERMES + TAGS_IN_STRINGS + REPAIRS + FAULTS)
def test_texts(text: str, expected: Turn, commands: bool) -> None:
    assert parse(text, commands=commands) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  go to cabinet 3\n", turn(act("go to cabinet 3"))),
        ("<think>x</think>look", turn(act("look"), think="x")),
        ("go\nlook", turn(text="go\nlook", kinds="multiline_command")),
        ("Thought: x\nAction: go\n", turn(act("go"), text="Thought: x")),
        ("ACTION : go", turn(act("go"))),
        ("**Action:** go", turn(act("go"))),
        ("**Thought**: x\n**Action**: go", turn(act("go"), text="**Thought**: x")),
        (
            "Action: go\nAction: look",
            turn(act("go"), kinds="several_actions"),
        ),
        ("Action:", turn(text="Action:", kinds="empty_action")),
        ("<action> go </action>", turn(act("go"))),
        ("<action>go", turn(act("go"), kinds="unbalanced_tags")),
        ("go</action>", turn(act("go"), kinds="unbalanced_tags")),
        ("<action>go\nlook</action>", turn(kinds="multiline_command")),
        ("<action></action>", turn(kinds="empty_action")),
        ("<action>go</action><action>look</action>", turn(act("go"), kinds="several_actions")),
        ("Fine. <action>go</action>", turn(act("go"), text="Fine.", kinds="text_outside_tags")),
        (f"<tool_call>{ONE}</tool_call><action>go</action>", turn(ADD, act("go"))),
        ("<action>go</action><answer>x</answer>", turn(act("go"), kinds="call_and_answer")),
        (
            f"<tool_call>{ONE}</tool_call>\nAction: go",
            turn(ADD, text="Action: go", kinds="text_outside_tags"),
        ),
        ("<action>go</action></think><action>look</action>", turn(act("look"), think="<action>go</action>")),
        ("<think>\ud800</think>\udfff", turn(act("\ufffd"), think="\ufffd")),
        ("<think>then <action> next", turn(think="then\nnext", kinds="unbalanced_tags")),
        ("<actıon>go</actıon>", turn(act("<actıon>go</actıon>"))),
        ("<anſwer>x", turn(act("<anſwer>x"))),
    ],
)
def test_commands(text: str, expected: Turn) -> None:
    assert parse(text, commands=True) == expected


@pytest.mark.parametrize("text", ["Nice to meet you.", "two\nlines", "Action: go", "<action>go</action>", "a < b"])
def test_replies(text: str) -> None:
    assert parse(f"\n{text} ", commands=False) == turn(text=text)


def function(name: str, arguments: object) -> dict[str, Any]:
    return {"id": "call_1", "type": "function", "function": {"name": name, "arguments": arguments}}


def message(content: object = None, *calls: object, **fields: object) -> dict[str, Any]:
    return {"role": "assistant", "content": content, "tool_calls": list(calls), **fields}


NATIVE = function("Add_memory", '{"content": "mug 2"}')


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (message(None, NATIVE), turn(ADD)),
        (message("", NATIVE, function("Summary_context", "")), turn(ADD, BARE)),
        (message(None, function("Add_memory", {"content": "mug 2"})), turn(ADD)),
        (message("<think>x</think>Stored.", NATIVE), turn(ADD, text="Stored.", think="x")),
        (message("go\nlook", NATIVE), turn(ADD, text="go\nlook")),
        (message(None, NATIVE, reasoning_content=" why "), turn(ADD, think="why")),
        (message("<answer>x</answer>", reasoning="why"), turn(answer("x"), think="why")),
        (message("<think>b</think><answer>x</answer>", reasoning="a"), turn(answer("x"), think="a\nb")),
        (message("<answer>x</answer>", NATIVE), turn(ADD, kinds="call_and_answer")),
        (message(f"<tool_call>{ONE}</tool_call>", NATIVE), turn(ADD, kinds="calls_twice")),
        (message([{"type": "text", "text": "go"}, {"type": "image_url"}, 3]), turn(act("go"))),
        (message(None), turn(kinds="empty_action")),
        (message(5), turn(kinds="unsupported_action")),
        (message(5, NATIVE), turn(ADD)),
        ({"content": "go"}, turn(act("go"))),
        ({"tool_calls": [NATIVE]}, turn(ADD)),
        ({"role": "assistant", "tool_calls": "x"}, turn(kinds="malformed_call")),
        (message(None, function("A", "{'b': 1}")), turn(ToolCall("A", {"b": 1}), kinds="repaired_json")),
        (message(None, function("A", '{"b": '), NATIVE), turn(ADD, kinds="malformed_call")),
        (message(None, function("A", "[1]")), turn(kinds="malformed_call")),
        (
            message(None, {"type": "custom", "custom": {"name": "A", "input": "b"}}),
            turn(kinds="malformed_call"),
        ),
        (ADD, turn(ADD)),
        (ADD.to_dict(), turn(ADD)),
        ({"name": "A", "parameters": {"b": 1}}, turn(ToolCall("A", {"b": 1}))),
        ({"function": {"name": "Summary_context"}}, turn(BARE)),
        (NATIVE, turn(ADD)),
        ([ADD, GET.to_dict(), NATIVE], turn(ADD, GET, ADD)),
        ((ADD, 5, None, "go", [ADD], {}), turn(ADD, kinds="malformed_call")),
        (MappingProxyType(ADD.to_dict()), turn(ADD)),
        (ToolCall("A", MappingProxyType({"b": (1, np.int64(2))})), turn(ToolCall("A", {"b": [1, 2]}))),
        ({"name": "A", "arguments": {1: math.inf}}, turn(ToolCall("A", {"1": None}), kinds="repaired_json")),
        ([ADD, {"name": "A", "arguments": {"b": b"x"}}], turn(ADD, kinds="malformed_call")),
        (
            {"name": "\ud800", "arguments": {"\udc00": "\udfff"}},
            turn(ToolCall("\ufffd", {"\ufffd": "\ufffd"})),
        ),
        ({}, turn(kinds="malformed_call")),
        ([], turn(kinds="empty_action")),
        ((), turn(kinds="empty_action")),
        (None, turn(kinds="empty_action")),
    ],
)
def test_objects(action: object, expected: Turn) -> None:
    assert parse(action, commands=True) == expected


def test_sdk_objects() -> None:
    call = ChatCompletionMessageFunctionToolCall(
        id="call_1", type="function", function=Function(name="Add_memory", arguments='{"content": "mug 2"}')
    )
    sdk = ChatCompletionMessage(role="assistant", content="Stored.", tool_calls=[call])
    assert parse(sdk, commands=True) == turn(ADD, text="Stored.")
    assert parse(ChatCompletionMessage(role="assistant", content="look"), commands=True) == turn(act("look"))
    assert parse([call, call], commands=True) == turn(ADD, ADD)
    assert parse(message(None, call), commands=True) == turn(ADD)
    thought = ChatCompletionMessage.model_validate({"role": "assistant", "reasoning_content": "why", "content": "x"})
    assert parse(thought, commands=False) == turn(text="x", think="why")
    loose = ChatCompletionMessage.model_construct(role="assistant", content=["x"], tool_calls=[3])
    assert parse(loose, commands=False) == turn(kinds="malformed_call")


def test_a_turn_is_taken_over() -> None:
    given = Turn((ADD,), "text", "think", (Violation("empty_action", "message"),))
    assert parse(given, commands=True) == given


class Hostile:
    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        raise RuntimeError("no class")

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)


class BrokenDump:
    def model_dump(self, *, warnings: bool) -> dict[str, Any]:
        raise RuntimeError("cannot dump")


class BrokenMapping(Mapping[str, Any]):
    def __getitem__(self, key: str) -> Any:
        raise RuntimeError(key)

    def __iter__(self) -> Iterator[str]:
        return iter(["name"])

    def __len__(self) -> int:
        return 1


@pytest.mark.parametrize(
    "action",
    [
        5,
        1.5,
        True,
        b"look",
        object(),
        {1, 2},
        parse,
        ToolCall,
        ChatCompletionMessage,
        MagicMock(),
        np.zeros(3),
        BrokenDump(),
        BrokenMapping(),
        [BrokenMapping()],
    ],
    ids=lambda action: type(action).__name__,
)
def test_other_objects_are_unsupported(action: object) -> None:
    assert parse(action, commands=True) == turn(kinds="unsupported_action")


def test_an_object_that_hides_its_class_is_unsupported() -> None:
    assert parse(Hostile(), commands=True) == turn(kinds="unsupported_action")


def test_circular_arguments_are_malformed() -> None:
    arguments: dict[str, Any] = {}
    arguments["self"] = arguments
    assert parse([ADD, ToolCall("A", arguments)], commands=True) == turn(ADD, kinds="malformed_call")


def test_arguments_share_nothing_with_the_action() -> None:
    tags = ["a"]
    parsed = parse({"name": "A", "arguments": {"tags": tags}}, commands=True)
    tags.append("b")
    assert parsed.calls[0].arguments == {"tags": ["a"]}


def test_broken_calls_are_given_up_after_a_while() -> None:
    broken = "<tool_call>[oops]</tool_call>"
    assert parse(broken * 7 + render_calls([ADD]), commands=True).calls == (ADD,)
    assert parse(broken * 8 + render_calls([ADD]), commands=True).calls == ()


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
TRICKY = st.lists(
    st.sampled_from(
        [
            *words("</ < / \\ tool_call> </tool_call> <tool_call> </think> <think> <answer> </answer> <action>"),
            *words("Action: \" ' “ ```json { }] é😀 \x00 a"),
            *("\n", " ", "\u2028"),
        ]
    ),
    max_size=8,
).map("".join)
CALLS = st.lists(
    st.builds(
        ToolCall,
        st.text(min_size=1) | TRICKY.filter(bool),
        st.dictionaries(st.text() | TRICKY, VALUES | TRICKY, max_size=3),
    ),
    min_size=1,
    max_size=3,
)


@given(CALLS, st.booleans())
def test_rendered_calls_are_read_back(calls: list[ToolCall], commands: bool) -> None:
    text = render_calls(calls)
    assert parse(text, commands=commands) == Turn(tuple(calls))
    assert "</tool_call>" not in text.removesuffix("</tool_call>")


@given(st.text() | TRICKY, st.booleans())
def test_rendered_answers_are_read_back(text: str, commands: bool) -> None:
    assert parse(render_answer(text), commands=commands) == turn(answer(text))


@given(CALLS)
def test_every_dialect_says_the_same(calls: list[ToolCall]) -> None:
    native = message(None, *(function(call.name, json.dumps(call.arguments)) for call in calls))
    objects: list[object] = [calls, [call.to_dict() for call in calls], native]
    tags = "\n".join(f"<tool_call>\n{json.dumps(call.to_dict())}\n</tool_call>" for call in calls)
    assert all(parse(form, commands=True) == Turn(tuple(calls)) for form in [*objects, tags])


def check(action: object) -> None:
    """Whatever comes, the turn is well formed, repeatable and fit for JSON and UTF-8."""
    for commands in (True, False):
        parsed = parse(action, commands=commands)
        assert parsed == parse(action, commands=commands)
        kinds = [violation.kind for violation in parsed.violations]
        assert len(set(kinds)) == len(kinds)
        assert all(violation.message == VIOLATIONS[violation.kind] for violation in parsed.violations)
        assert parsed.calls or parsed.text or kinds
        assert all(type(call.name) is str and call.name and type(call.arguments) is dict for call in parsed.calls)
        assert commands or not any(call.name == "act" for call in parsed.calls)
        data = [call.to_dict() for call in parsed.calls]
        dumped = json.dumps([data, parsed.text, parsed.think], allow_nan=False, ensure_ascii=False)
        dumped.encode("utf-8")
        assert json.loads(dumped)[0] == data


PIECES = [
    *words("<tool_call> </tool_call> <think> </think> <answer> </answer> <action> </action> <tool_call < </"),
    *words("[ ] { } \" ' “ , : \\ - 0 [1, {'a': ``` Action: go None NaN 1e999 \"arguments\""),
    *("\n", " ", "\ud83d", "\\ud83d", ONE, '{"name": "A"}'),
]


@given(st.text(alphabet=st.characters()) | st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
@settings(max_examples=500)
def test_any_text(text: str) -> None:
    check(text)


ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(alphabet=st.characters())
    | st.binary()
    | st.builds(object)
    | st.sampled_from([ADD, NATIVE, turn(ADD), ONE, 10**400, BrokenDump()]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.builds(ToolCall, inner, inner)
        | st.dictionaries(
            st.sampled_from(
                ["role", "content", "tool_calls", "name", "arguments", "parameters", "function", "reasoning"]
            )
            | st.none()
            | st.integers(),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(ANYTHING)
@settings(max_examples=300)
def test_any_object(action: Any) -> None:
    if not isinstance(action, Turn):
        check(action)


@given(CALLS, st.data())
@settings(max_examples=300)
def test_mutations_of_a_valid_call(calls: list[ToolCall], data: st.DataObject) -> None:
    text = "<think>so</think>" + render_calls(calls)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        end = min(len(text), at + data.draw(st.integers(0, 12)))
        insert = data.draw(st.sampled_from(["", *PIECES, text[at:end] * 2]))
        text = text[:at] + insert + text[end:]
    check(text)


HEADS = (
    "",
    "[",
    "['",
    "<tool_call>",
    "<tool_call>[",
    '<tool_call>[1, "',
    "<think>",
    "x</think>",
    "[1.",
    "[-1",
)


@given(
    st.sampled_from(HEADS),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=3),
)
@example("", ["<think>", "<answer>"])
@example("<tool_call>", ['["', "</tool_call>"])
@settings(max_examples=60, deadline=2000)
def test_long_repetitive_texts(head: str, unit: list[str]) -> None:
    piece = "".join(unit)
    text = head + piece * (100_000 // len(piece))
    for commands in (True, False):
        assert len(parse(text, commands=commands).violations) <= len(VIOLATIONS)


def test_parsing_changes_nothing() -> None:
    action = message("x", copy.deepcopy(NATIVE), {"name": "A", "arguments": {"b": [math.nan]}})
    before = copy.deepcopy(action)
    parse(action, commands=True)
    assert repr(action) == repr(before)


def test_messages_are_short() -> None:
    assert all(message.endswith(".") and len(message) <= 160 for message in VIOLATIONS.values())


def test_a_hand_made_turn_is_made_plain() -> None:
    made = parse(Turn((ToolCall("A", {"b": float("nan"), "c": "\ud800"}),), "\udfff"), commands=False)
    assert made.calls == (ToolCall("A", {"b": None, "c": "\ufffd"}),)
    assert made.text == "\ufffd"
    assert [violation.kind for violation in made.violations] == ["repaired_json"]
