"""One row for everything that a strict chat API or template refuses."""

from __future__ import annotations

from typing import Any

import pytest

from agemem_env.context.validity import problems

SYSTEM, USER = {"role": "system", "content": "a"}, {"role": "user", "content": "b"}
REPLY = {"role": "assistant", "content": "c"}


def call(call_id: Any = "a", name: Any = "act", arguments: Any = "{}") -> dict[str, Any]:
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}


def calling(*calls: Any, content: Any = None) -> dict[str, Any]:
    return {"role": "assistant", "content": content, "tool_calls": list(calls)}


def result(call_id: str = "a") -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call_id, "content": "d"}


@pytest.mark.parametrize(
    "messages",
    [
        [SYSTEM, USER],
        [SYSTEM, USER, REPLY, USER],
        [SYSTEM, USER, calling(call()), result()],
        [SYSTEM, USER, calling(call(), call("b"), content="so"), result("b"), result(), USER],
        [SYSTEM, USER, calling(call()), result(), calling(call("b")), result("b"), REPLY],
        [SYSTEM, USER, calling(call(name="x" * 64, arguments='{"a": "\\u00e9"}')), result()],
    ],
)
def test_what_passes(messages: list[Any]) -> None:
    assert problems(messages) == []


@pytest.mark.parametrize(
    ("messages", "problem"),
    [
        ([USER], "the system message comes first and once"),
        ([SYSTEM, USER, SYSTEM], "the system message comes first and once"),
        ([SYSTEM, REPLY], "role assistant directly after system"),
        ([SYSTEM, USER, USER], "role user directly after user"),
        ([SYSTEM, USER, REPLY, REPLY], "role assistant directly after assistant"),
        ([SYSTEM, USER, {"role": "developer", "content": "x"}], "roles are"),
        ([SYSTEM, USER, "x"], "role None"),
        ([SYSTEM, {"role": "user", "content": ["x"]}], "which is not a string"),
        ([SYSTEM, {"role": "user"}], "which is not a string"),
        ([SYSTEM, USER, result()], "answers call 'a', which is not open"),
        ([SYSTEM, USER, calling(call()), result(), result()], "answers call 'a', which is not open"),
        ([SYSTEM, USER, calling(call())], "the calls ['a'] are not answered"),
        ([SYSTEM, USER, calling(call()), USER], "before the calls ['a'] are answered"),
        ([SYSTEM, USER, calling(call(), call()), result()], "with the id 'a', which is taken"),
        ([SYSTEM, USER, calling(call()), result(), calling(call()), result()], "with the id 'a', which is taken"),
        ([SYSTEM, USER, calling(call("a b")), result("a b")], "with the id 'a b'"),
        ([SYSTEM, USER, calling(call("")), result("")], "with the id ''"),
        ([SYSTEM, USER, calling(call("functions.x:0"))], "with the id 'functions.x:0'"),
        ([SYSTEM, USER, calling(call(name="functions.act")), result()], "with the name 'functions.act'"),
        ([SYSTEM, USER, calling(call(name="x" * 65)), result()], "with the name"),
        ([SYSTEM, USER, calling(call(name="東京")), result()], "with the name"),
        ([SYSTEM, USER, calling(call(name="act\n")), result()], "with the name"),
        ([SYSTEM, USER, calling(call(arguments={})), result()], "the text of a JSON object"),
        ([SYSTEM, USER, calling(call(arguments="[]")), result()], "the text of a JSON object"),
        ([SYSTEM, USER, calling(call(arguments='{"a": NaN}')), result()], "the text of a JSON object"),
        ([SYSTEM, USER, calling(call(arguments="{'a': 1}")), result()], "the text of a JSON object"),
        ([SYSTEM, USER, calling("x")], "not of type function"),
        ([SYSTEM, {**USER, "tool_calls": [call()]}], "which are not calls of an assistant"),
        ([SYSTEM, USER, {**REPLY, "tool_calls": []}], "which are not calls of an assistant"),
    ],
)
def test_what_is_refused(messages: list[Any], problem: str) -> None:
    assert any(problem in found for found in problems(messages)), problems(messages)


def test_the_tag_format_has_no_calls() -> None:
    assert problems([SYSTEM, USER, REPLY, USER], "tags") == []
    found = problems([SYSTEM, USER, calling(call()), result()], "tags")
    assert len(found) == 2
    assert all("which the tag format does not have" in problem for problem in found)
