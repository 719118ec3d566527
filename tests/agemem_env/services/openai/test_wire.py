"""No body, however odd, raises anything but what the client expects."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agemem_env.actions.parsing import parse
from agemem_env.services.chat import ReplyTokens
from agemem_env.services.openai.failures import meaning, read_error
from agemem_env.services.openai.vectors import read_vectors
from agemem_env.services.openai.wire import FailedReplyError, read_reply
from agemem_env.types import ToolCall
from benchmarks.speed.fake_server import chat_completion, embeddings
from tests.loopback import speak_calls

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["text", "error", "code", "message", "name", "index", "function", "id", "x"]), inner
        )
    ),
    max_leaves=8,
)
MESSAGE = {**dict(speak_calls([ToolCall("act", {"command": "go"})], "native")), "content": "Hi", "reasoning": "Hm"}  # type: ignore[arg-type]
REPLY = chat_completion(MESSAGE, {})
CALL = {"index": 0, "id": "a", "function": {"name": "act", "arguments": "{}"}}
CHUNKS = [
    {"choices": [{"index": 0, "delta": {"content": "a", "tool_calls": [CALL]}, "finish_reason": None}]},
    {"choices": [{"index": 0, "delta": {"tool_calls": [CALL]}, "finish_reason": "stop"}]},
    {"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1}},
]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every value inside of a value, itself included."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inner for place in places(item, (*path, key)))]


@st.composite
def broken(draw: Callable[..., Any], value: Any) -> Any:
    """Return a value in which up to three values are others or are missing."""
    made = copy.deepcopy(value)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from(places(made)))
        other = draw(VALUES)
        if not place:
            return other
        parent = made
        for key in place[:-1]:
            parent = parent[key]
        if isinstance(parent, dict) and draw(st.booleans()):
            del parent[place[-1]]
        else:
            parent[place[-1]] = other
    return made


def read(content: str) -> None:
    with suppress(ValueError, FailedReplyError):
        reply, counts = read_reply(content.encode("utf-8", "surrogatepass"))
        assert counts is None or min(counts.prompt, counts.completion, counts.cached) >= 0
        json.dumps(reply.message(), ensure_ascii=False).encode()
        parse(reply.message(), commands=True)


@given(broken(REPLY))
def test_replies(value: Any) -> None:
    read(json.dumps(value))


@given(broken(CHUNKS))
def test_streams(value: Any) -> None:
    events = value if isinstance(value, list) else [value]
    read("".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n")


@given(st.binary(max_size=60) | st.text(alphabet='data: {}[]":,\n\r\\u2028', max_size=60).map(str.encode))
def test_bytes(content: bytes) -> None:
    for prefix in (b"", b"data: ", b"\xef\xbb\xbf"):
        with suppress(ValueError, FailedReplyError):
            read_reply(prefix + content)
        with suppress(ValueError, FailedReplyError):
            read_vectors(prefix + content, 1)


@given(broken(embeddings(["a", "b"], 2)))
def test_embeddings(value: Any) -> None:
    with suppress(ValueError, FailedReplyError):
        vectors, _ = read_vectors(json.dumps(value).encode(), 2)
        assert vectors.shape[0] == 2


@given(broken({"error": {"message": "No.", "code": "nope", "type": "x", "param": "p", "failed_generation": "g"}}))
def test_errors(value: Any) -> None:
    said = read_error(json.dumps(value))
    assert "\n" not in said.message
    for status in (400, 403, 500):
        meaning(status, said)


@pytest.mark.parametrize(
    ("body", "choice", "expected"),
    [
        ({"prompt_token_ids": [1, 2]}, {"token_ids": [3]}, ReplyTokens((1, 2), (3,))),
        (
            {"prompt_token_ids": [1]},
            {"token_ids": [3, 4], "logprobs": {"content": [{"logprob": -1}, {"logprob": -0.5}]}},
            ReplyTokens((1,), (3, 4), (-1.0, -0.5)),
        ),
        ({"prompt_token_ids": [1]}, {"token_ids": [3], "logprobs": {"content": []}}, ReplyTokens((1,), (3,))),
        ({"prompt_token_ids": [1]}, {"token_ids": [3], "logprobs": {"content": [None]}}, ReplyTokens((1,), (3,))),
        ({"prompt_token_ids": [1]}, {"token_ids": [3], "logprobs": {"content": 7}}, ReplyTokens((1,), (3,))),
        ({"prompt_token_ids": None}, {"token_ids": [3]}, None),
        ({"prompt_token_ids": [1]}, {}, None),
        ({"prompt_token_ids": [1]}, {"token_ids": [3.5]}, None),
        ({"prompt_token_ids": "12"}, {"token_ids": [True]}, None),
    ],
)
def test_tokens_are_kept_where_they_are_told(body: Any, choice: Any, expected: ReplyTokens | None) -> None:
    message = {"role": "assistant", "content": "Noted."}
    reply, _ = read_reply(json.dumps({**body, "choices": [{"message": message, **choice}]}).encode())
    assert reply.tokens == expected
    carried = {} if expected is None else expected.to_dict()
    assert reply.message() == {**message, **carried}
