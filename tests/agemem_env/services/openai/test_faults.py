"""What goes wrong with a service, for everyone who asks one: policy, judge, summariser and encoder."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Mapping
from typing import Any

import gymnasium as gym
import pytest

from agemem_env.errors import ContextLengthError, EndpointError, ServiceError
from agemem_env.services.chat import ChatRequest
from agemem_env.services.encoders import OpenAIEncoder
from agemem_env.services.judges import OpenAIJudge
from agemem_env.services.openai.client import OpenAIModel
from agemem_env.services.openai.options import OpenAIOptions
from agemem_env.services.summarizers import OpenAISummarizer
from agemem_env.services.tokens import make_token_counter
from baselines import make, rollout
from benchmarks.speed.fake_server import Fault, OpenAIServer, chat_completion, failure
from tests import loopback
from tests.openai_server import KEY, server

__all__ = ["server"]

HI = ChatRequest([{"role": "user", "content": "Hi"}])
COUNTER = make_token_counter()

ASK: dict[str, Callable[..., object]] = {
    "policy": lambda **o: OpenAIModel("m", OpenAIOptions(**o)).chat(HI).text,
    "judge": lambda **o: OpenAIJudge("m", **o).answer("q", "a", "b"),
    "summarizer": lambda **o: OpenAISummarizer("m", COUNTER, **o).summarize(["text"], 9),
    "encoder": lambda **o: OpenAIEncoder("m", **o).encode(["a"]).shape,
}
GOOD = {"policy": "0.5", "judge": 0.5, "summarizer": "0.5", "encoder": (1, 8)}
NAMES = {"policy": "model", "judge": "judge", "summarizer": "summarizer", "encoder": "encoder"}
CHATS = ("policy", "judge", "summarizer")

everyone = pytest.mark.parametrize("who", ASK)
chats = pytest.mark.parametrize("who", CHATS)


def ask(who: str, **options: Any) -> object:
    return ASK[who](**{"first_wait": 0.01, "timeout": 10.0, **options})


def fails(who: str, kind: type[ServiceError] = ServiceError, **options: Any) -> str:
    with pytest.raises(kind) as caught:
        ask(who, **options)
    line = str(caught.value)
    assert "\n" not in line
    assert KEY not in "".join(traceback.format_exception(caught.value))
    assert line.startswith(f"{NAMES[who]} 'openai:m'")
    return line


def body(value: Any, status: int = 200, content_type: str = loopback.JSON_TYPE) -> Fault:
    return Fault(value if isinstance(value, str) else json.dumps(value), status, content_type=content_type)


def choice(**fields: Any) -> Fault:
    return body({"choices": [{"index": 0, "finish_reason": "stop", **fields}]})


def stream(*events: Any) -> Fault:
    lines = [event if isinstance(event, str) else f"data: {json.dumps(event, ensure_ascii=False)}" for event in events]
    return body("".join(f"{line}\n\n" for line in lines), content_type="text/event-stream")


def delta(**fields: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": fields, "finish_reason": None}]}


END = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}

AGAIN = {
    "408": failure(408, "too slow"),
    "429": failure(429, "slow down"),
    "503": failure(503, "no room"),
    "502, plain text": body("Bad gateway", 502),
    "cut in the body": loopback.CUT,
    "html": Fault("<html>busy</html>", content_type="text/html"),
    "a number": body("5"),
    "nested without end": body("[" * 100_000),
    "JSON and a rest": body('{"choices": ["0.1"]} x'),
    "an error instead": body({"error": {"message": "upstream failed", "code": 502}}),
    "an error as text": body({"error": "upstream failed"}),
    "an error in a stream": stream({"error": {"message": "upstream failed"}}),
    "a stream that is cut": stream(delta(content="0.")),
    "a stream of something else": stream([5]),
    "a stream that is no JSON": stream("data: {half"),
}
AGAIN_CHAT = {
    "no choice": loopback.EMPTY_CHOICE,
    "no message": choice(),
    "an error in the choice": choice(message={"content": "0.1"}, error={"message": "x", "code": 500}),
    **{f"reason {r}": choice(message={"content": "0.1"}, finish_reason=r) for r in ("error", "abort", "network_error")},
    "tool_calls is a number": choice(message={"content": "0.1", "tool_calls": 5}),
    "a tool call is a number": choice(message={"content": "0.1", "tool_calls": [5]}),
    "the message is a list": choice(message=["0.1"]),
    "the content is true": choice(message={"content": True}),
    "the choice is a number": body({"choices": [5]}),
    "a delta is a number": stream({"choices": [{"delta": 5}]}),
    "a delta's calls are a number": stream(delta(tool_calls=5), END),
    "a stream with a reason to fail": stream(delta(content="0.1"), {"choices": [{"finish_reason": "error"}]}),
}
AGAIN_VECTORS = {
    "none": body({"data": []}),
    "two": body({"data": [{"embedding": [1, 0]}, {"embedding": [0, 1]}]}),
    "no list": body({"data": 5}),
    "texts": body({"data": [{"embedding": ["a"]}]}),
    "not a number": body('{"data": [{"embedding": [NaN, 1]}]}'),
    "too large": body('{"data": [{"embedding": [1' + "0" * 400 + ", 1]}]}"),
    "empty": body({"data": [{"embedding": []}]}),
    "another index": body({"data": [{"index": 3, "embedding": [1, 0]}]}),
    "an index of text": body({"data": [{"index": "a", "embedding": [1, 0]}]}),
    "no base64": body({"data": [{"embedding": "%"}]}),
}


def check_again(who: str, fault: Fault, server: OpenAIServer) -> None:
    server.say(fault, fault, "0.5")
    assert ask(who) == GOOD[who]
    assert len(server.requests) == 3
    server.say(fault, fault)
    assert fails(who, attempts=2).endswith("after 2 attempts")
    assert len(server.requests) == 5


@everyone
@pytest.mark.parametrize("name", AGAIN)
def test_what_may_pass_is_tried_again(name: str, who: str, server: OpenAIServer) -> None:
    check_again(who, AGAIN[name], server)


@chats
@pytest.mark.parametrize("name", AGAIN_CHAT)
def test_a_reply_without_a_unique_meaning_is_asked_for_again(name: str, who: str, server: OpenAIServer) -> None:
    check_again(who, AGAIN_CHAT[name], server)


@pytest.mark.parametrize("name", AGAIN_VECTORS)
def test_embeddings_that_cannot_be_used_are_asked_for_again(name: str, server: OpenAIServer) -> None:
    check_again("encoder", AGAIN_VECTORS[name], server)


@everyone
def test_the_time_of_an_attempt_is_limited(who: str, server: OpenAIServer) -> None:
    server.say(loopback.HANG, "0.5")
    assert ask(who, timeout=0.2) == GOOD[who]
    server.say(loopback.HANG)
    assert "no answer within 0.1 s" in fails(who, timeout=0.1, attempts=1)


@everyone
def test_what_the_server_asks_to_wait_is_kept(who: str, server: OpenAIServer) -> None:
    server.say(failure(503, "maintenance", retry_after="3600"))
    assert "the next one would be in 3600 s" in fails(who)
    assert len(server.requests) == 1


@everyone
@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"error": "no such thing"}, "no such thing"),
        ({"detail": "no such thing"}, "no such thing"),
        ({"detail": [{"loc": ["body"], "msg": "no such thing"}]}, "no such thing"),
        ([{"error": {"message": "no such thing"}}], "no such thing"),
        ({"object": "error", "message": "no such thing"}, "no such thing"),
        ("no\nsuch  thing", "no such thing"),
        ({"error": {"message": None, "hint": "odd"}}, '"hint": "odd"'),
        ({"error": 5}, '{"error": 5}'),
        ("[" * 5000, "[[["),
        (f"{KEY} may not", r"*** may not"),
        ("", "accepts this request (BadRequestError)"),
    ],
)
def test_what_a_server_says_is_read_in_every_form(value: Any, said: str, who: str, server: OpenAIServer) -> None:
    server.say(body(value, 400))
    assert said in fails(who)
    assert len(server.requests) == 1


TOO_LONG = [
    "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens",
    "the request exceeds the available context size, try increasing it",
    "prompt is too long: 210000 tokens > 200000 maximum",
    "The input token count (40000) exceeds the maximum number of tokens allowed (32768)",
    "Range of input length should be [1, 30720]",
    "`inputs` tokens + `max_new_tokens` must be <= 4096",
    "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000",
    "`inputs` must have less than 512 tokens. Given: 800",
    "Please reduce the length of the messages or completion.",
]


@everyone
@pytest.mark.parametrize("words", TOO_LONG)
@pytest.mark.parametrize("status", [400, 413])
def test_a_prompt_that_is_too_long_is_told_apart(status: int, words: str, who: str, server: OpenAIServer) -> None:
    server.say(body({"error": words}, status))
    assert "lower max_tokens of the environment" in fails(who, ContextLengthError)
    assert len(server.requests) == 1


@everyone
def test_a_prompt_that_is_too_long_may_be_told_in_a_reply(who: str, server: OpenAIServer) -> None:
    server.say(body({"error": {"message": "too big", "code": "context_length_exceeded"}}))
    fails(who, ContextLengthError)


FILTERED = [
    failure(400, "The response was filtered due to Azure OpenAI's content management policy.", "content_filter"),
    failure(400, "Invalid prompt: your prompt was flagged as potentially violating our usage policy", "invalid_prompt"),
    failure(403, "m requires moderation. Your input was flagged for violence."),
    failure(400, "Input data may contain inappropriate content.", "data_inspection_failed"),
    body({"error": "Output blocked by content filtering policy"}, 400),
]


@everyone
@pytest.mark.parametrize("fault", FILTERED)
def test_a_content_filter_ends_a_policys_turn_and_fails_others(fault: Fault, who: str, server: OpenAIServer) -> None:
    server.say(fault)
    if who == "policy":
        reply = OpenAIModel("m").chat(HI)
        assert (reply.text, reply.finish_reason) == ("", "content_filter")
    elif who == "encoder":
        assert "127.0.0.1" in fails(who)
    else:
        assert "the reply has no text (finish_reason 'content_filter')" in fails(who)
    assert len(server.requests) == 1


REFUSED_TEMPERATURE = [
    body(
        {
            "error": {
                "message": "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) "
                "value is supported.",
                "type": "invalid_request_error",
                "param": "temperature",
                "code": "unsupported_value",
            }
        },
        400,
    ),
    body({"detail": "temperature is not supported by this model"}, 422),
]


@chats
@pytest.mark.parametrize("fault", REFUSED_TEMPERATURE)
def test_a_temperature_of_0_that_is_refused_is_left_out(fault: Fault, who: str, server: OpenAIServer) -> None:
    server.say(fault, "0.5")
    assert ask(who, temperature=0, attempts=1) == GOOD[who]
    assert ["temperature" in request for request in server.requests] == [True, False]


@chats
def test_a_temperature_that_was_asked_for_is_not_left_out(who: str, server: OpenAIServer) -> None:
    server.say(REFUSED_TEMPERATURE[0])
    assert "'temperature' does not support 0" in fails(who, temperature=0.7)
    assert len(server.requests) == 1


@chats
def test_a_refusal_that_is_repeated_fails(who: str, server: OpenAIServer) -> None:
    server.say(*[REFUSED_TEMPERATURE[0]] * 3)
    fails(who, temperature=0)
    assert len(server.requests) == 2


@chats
def test_the_new_name_of_max_tokens_is_found(who: str, server: OpenAIServer) -> None:
    words = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    server.say(failure(400, words, "unsupported_parameter"), REFUSED_TEMPERATURE[0], "0.5")
    assert ask(who, max_tokens=99, temperature=0, attempts=1) == GOOD[who]
    last = server.requests[-1]
    assert last["max_completion_tokens"] == 99
    assert not {"max_tokens", "temperature"} & set(last)


@chats
@pytest.mark.parametrize(
    "message",
    [
        {"content": "<think>0.1 or 0.2?</think>\n\n0.5"},
        {"content": "0.1 or 0.2?</think>0.5"},
        {"content": "0.5", "reasoning_content": "0.1 or 0.2?"},
        {"content": "0.5", "reasoning": "0.1 or 0.2?"},
        {"content": "0.5", "reasoning": False, "reasoning_content": True},
        {
            "content": [
                {"type": "thinking", "thinking": [{"type": "text", "text": "0.1"}]},
                {"type": "text", "text": "0.5"},
            ]
        },
        {"content": [{"type": "text", "text": "<think>0.1</think>"}, {"type": "text", "text": "0.5"}]},
    ],
)
def test_reasoning_is_split_off(message: Mapping[str, Any], who: str, server: OpenAIServer) -> None:
    server.say({"role": "assistant", **message})
    assert ask(who) == GOOD[who]


ODD = {
    "a choice that is text": body({"choices": ["0.5"]}),
    "a choice with a text": body({"choices": [{"text": "0.5"}]}),
    "a message that is text": choice(message="0.5"),
    "a part alone": choice(message={"content": {"type": "text", "text": "0.5"}}),
    "a number": choice(message={"content": 0.5}),
    "a mark at the beginning": body("\ufeff" + json.dumps(chat_completion("0.5", {}))),
    "usage that is odd": body({**chat_completion("0.5", {}), "usage": {"prompt_tokens": -1, "completion_tokens": "x"}}),
    "comments first": stream(": OPENROUTER PROCESSING", ":", delta(content="0."), delta(content="5"), END),
    "an id and a name first": stream("id: 1\nevent: message\nretry: 5", delta(content="0.5"), END, "data: [DONE]"),
    "a chunk that is a list": stream([delta(content="0."), delta(content="5")], [END]),
    "no reason but an end": stream(delta(content="0.5"), "data: [DONE]"),
    "a whole message": stream({"choices": [{"message": {"content": "0.5"}, "finish_reason": "stop"}]}),
    "CR at the ends": body(
        f"data: {json.dumps(delta(content='0.5'))}\r\rdata: {json.dumps(END)}\r\r", content_type="text/event-stream"
    ),
    "CRLF at the ends": body(
        f"data:{json.dumps(delta(content='0.5'))}\r\n\r\ndata:{json.dumps(END)}\r\n\r\n",
        content_type="text/event-stream",
    ),
    "an event of two lines": stream(
        'data: {"choices": [{"delta": {"content": "0.5"},\ndata: "finish_reason": "stop"}]}'
    ),
    "usage alone at the end": stream(delta(content="0.5"), END, {"choices": [], "usage": None}, {"usage": {}}),
}


@chats
@pytest.mark.parametrize("name", ODD)
def test_odd_bodies_with_one_meaning_are_read(name: str, who: str, server: OpenAIServer) -> None:
    server.say(ODD[name])
    assert ask(who, attempts=1) == GOOD[who]


@pytest.mark.parametrize("streams", [False, True])
def test_line_separators_of_unicode_do_not_end_a_line(streams: bool, server: OpenAIServer) -> None:
    text = "one\u2028two\u2029three\u0085four\x0bfive\x0csix"
    server.say(stream(delta(content=text), END) if streams else choice(message={"content": text}))
    assert OpenAIModel("m").chat(HI).text == text


def call(name: str, arguments: Any, **fields: Any) -> dict[str, Any]:
    return {"function": {"name": name, "arguments": arguments}, **fields}


ONE = [("act", {"command": "go"})]
TWO = [("act", {"command": "go"}), ("answer", {"text": "x"})]
GO, X = '{"command": "go"}', '{"text": "x"}'
CALLS: dict[str, tuple[Fault, list[Any]]] = {
    "one without a list": (choice(message={"tool_calls": call("act", GO)}), ONE),
    "without a function": (choice(message={"tool_calls": [{"name": "act", "arguments": {"command": "go"}}]}), ONE),
    "no list": (choice(message={"content": "", "tool_calls": None}), []),
    "an object in a delta": (stream(delta(tool_calls=[call("act", {"command": "go"}, index=0)]), END), ONE),
    "pieces": (
        stream(
            delta(tool_calls=[call("act", '{"comm', index=0, id="a")]),
            delta(tool_calls=[{"index": 0, "function": {"arguments": 'and": "go"}'}}]),
            delta(tool_calls=[call("answer", X, index=1, id="b")]),
            END,
        ),
        TWO,
    ),
    "no index": (
        stream(delta(tool_calls=[call("act", GO, id="a")]), delta(tool_calls=[call("answer", X, id="b")]), END),
        TWO,
    ),
    "no index and no id": (
        stream(delta(tool_calls=[call("act", GO)]), delta(tool_calls=[call("answer", X)]), END),
        TWO,
    ),
    "no index, in pieces with the name repeated": (
        stream(
            delta(tool_calls=[call("act", '{"comm')]),
            delta(tool_calls=[call("act", 'and": "go"}')]),
            delta(tool_calls=[call("answer", X)]),
            END,
        ),
        TWO,
    ),
    "names repeated": (
        stream(
            delta(tool_calls=[call("act", '{"comm', index=0, id="a")]),
            delta(tool_calls=[call("act", 'and": "go"}', index=0, id="a")]),
            END,
        ),
        ONE,
    ),
    "all with index 0": (
        stream(
            delta(tool_calls=[call("act", GO, index=0, id="a")]),
            delta(tool_calls=[call("answer", X, index=0, id="b")]),
            END,
        ),
        TWO,
    ),
    "one call outside of a list": (stream(delta(tool_calls=call("act", GO)), END), ONE),
}


@pytest.mark.parametrize("name", CALLS)
def test_calls_in_odd_forms_are_read(name: str, server: OpenAIServer) -> None:
    fault, expected = CALLS[name]
    server.say(fault)
    calls = OpenAIModel("m", OpenAIOptions(attempts=1)).chat(HI).tool_calls
    assert [(c["function"]["name"], json.loads(c["function"]["arguments"])) for c in calls] == expected
    assert len({c["id"] for c in calls}) == len(calls)


def test_a_lone_surrogate_can_be_sent_back(server: OpenAIServer) -> None:
    server.say(body('{"choices": [{"message": {"content": "a\\ud800b"}}]}'))
    reply = OpenAIModel("m").chat(HI)
    assert reply.text == "a\ufffdb"
    OpenAIModel("m").chat(ChatRequest([*HI.messages, reply.message()]))


GROQ = {
    "message": "Failed to call a function. Please adjust your prompt. See 'failed_generation' for more details.",
    "type": "invalid_request_error",
    "code": "tool_use_failed",
}
MALFORMED: dict[str, tuple[Fault, str]] = {
    "ollama": (
        failure(
            500, """error parsing tool call: raw='{"name": "act", "arguments": {"co', err=unexpected end of JSON"""
        ),
        '{"name": "act", "arguments": {"co',
    ),
    "llama.cpp": (failure(500, "Failed to parse tool call arguments as JSON: [json.exception.parse_error.101]"), ""),
    "llama.cpp, input": (failure(500, "Failed to parse input at pos 12: <tool_call>{"), ""),
    "groq": (body({"error": {**GROQ, "failed_generation": "<function=act{oops}"}}, 400), "<function=act{oops}"),
    "groq, nothing told": (body({"error": GROQ}, 400), ""),
    "groq, another tool": (
        failure(400, "tool call validation failed: attempted to call tool 'x' which was not in request.tools"),
        "",
    ),
    "gemini": (choice(message={"content": ""}, finish_reason="function_call_filter: MALFORMED_FUNCTION_CALL"), ""),
    "openrouter": (
        choice(
            message={"content": ""},
            finish_reason="error",
            native_finish_reason="MALFORMED_FUNCTION_CALL",
            error={"message": "x", "code": 502},
        ),
        "",
    ),
    "inside a reply": (body({"error": {**GROQ, "failed_generation": "go{"}}), "go{"),
}


class TestMalformedCall:
    @pytest.mark.parametrize("name", MALFORMED)
    def test_it_is_a_reply(self, name: str, server: OpenAIServer) -> None:
        fault, text = MALFORMED[name]
        server.say(fault)
        reply = OpenAIModel("m").chat(HI)
        assert (reply.text, reply.finish_reason, reply.usage.calls) == (text, "malformed_call", 1)
        assert len(server.requests) == 1

    @pytest.mark.parametrize("tool_format", ["native", "tags"])
    @pytest.mark.parametrize("name", MALFORMED)
    def test_the_environment_counts_it_and_goes_on(self, name: str, tool_format: str, server: OpenAIServer) -> None:
        server.speak = lambda messages, tools: "<answer>unknown</answer>"
        server.say(MALFORMED[name][0])
        policy = make("openai:m", tool_format=tool_format)
        env = gym.make("AgeMem-HotpotQA-v0", source="generated", stages=(3,), **policy.env_kwargs)
        result = rollout(env, policy, seed=0)
        assert result.terminated
        assert result.info["errors"] == {"malformed_call": 1}
        assert policy.usage.calls == len(server.requests) == 2

    @pytest.mark.parametrize("name", MALFORMED)
    def test_it_is_so_in_every_stage(self, name: str, server: OpenAIServer) -> None:
        server.speak = lambda messages, tools: "<answer>unknown</answer>"
        server.say(MALFORMED[name][0])
        policy = make("openai:m")
        env = gym.make("AgeMem-HotpotQA-v0", source="generated", **policy.env_kwargs)
        assert rollout(env, policy, seed=0).info["errors"]["malformed_call"] == 1

    def test_what_a_judge_or_summariser_says_instead_fails(self, server: OpenAIServer) -> None:
        for who in ("judge", "summarizer"):
            server.say(MALFORMED["llama.cpp"][0])
            assert "the reply has no text (finish_reason 'malformed_call')" in fails(who)

    @pytest.mark.parametrize(
        "words", ["Failed to parse tools: expected an object", "m does not support tools", "Invalid 'tools[0].type'"]
    )
    def test_a_request_that_is_refused_for_its_tools_is_none(self, words: str, server: OpenAIServer) -> None:
        server.say(failure(400, words))
        tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
        with pytest.raises(ServiceError, match="without tool calling, use tool_format='tags'"):
            OpenAIModel("m").chat(ChatRequest(HI.messages, [tool]))


@everyone
class TestAccess:
    @pytest.mark.parametrize("key", [" {} ", "{}\n", "\t{}"])
    def test_white_space_around_a_key_is_left_out(
        self, key: str, who: str, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", key.format(KEY))
        server.say("0.5")
        assert ask(who) == GOOD[who]

    @pytest.mark.parametrize("key", ["sk-clé", "sk-a\nb", "sk-“x”", "sk-\x1b", "sk-\u200bx"])
    def test_a_key_that_is_none_is_not_sent(
        self, key: str, who: str, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", key)
        line = fails(who, EndpointError)
        assert "the key in OPENAI_API_KEY" in line
        assert key not in line
        assert not server.requests

    @pytest.mark.parametrize("key", ["", "  "])
    def test_a_missing_key(self, key: str, who: str, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", key)
        assert "needs a key: set OPENAI_API_KEY" in fails(who, EndpointError)

    @pytest.mark.parametrize(
        "url",
        ["127.0.0.1:8000/v1", "localhost", "ftp://x/v1", "http://", "http://x:port/v1", "http://x:99999/v1", "http://[1",
         "http://x:0/v1", "http://exa mple/v1", "http://a\x00b/"],
    )  # fmt: skip
    def test_an_address_that_is_none(
        self, url: str, who: str, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert "in base_url cannot be used; write it like 'http://localhost" in fails(who, EndpointError, base_url=url)
        if "\x00" not in url:
            monkeypatch.setenv("OPENAI_BASE_URL", url)
            assert "in OPENAI_BASE_URL cannot be used" in fails(who, EndpointError)
        assert not server.requests

    def test_a_password_in_an_address_is_not_shown(self, who: str, server: OpenAIServer) -> None:
        assert "secret" not in fails(who, EndpointError, base_url="http://me:secret@x:99999/v1")

    def test_white_space_around_an_address_is_left_out(self, who: str, server: OpenAIServer) -> None:
        server.say("0.5")
        assert ask(who, base_url=f" {server.url}\n") == GOOD[who]

    @pytest.mark.parametrize("proxy", ["{}", "http://{}", "http://me:secret@{}"])
    def test_a_proxy_without_a_scheme_is_http(
        self, proxy: str, who: str, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("http_proxy", proxy.format(server.url.removeprefix("http://").removesuffix("/v1")))
        server.say("0.5")
        assert ask(who, base_url="http://service.example/v1") == GOOD[who]
        assert server.requests[0]["path"].startswith("http://service.example/v1/")

    @pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
    @pytest.mark.parametrize(
        "proxy", ["http://x:port", "socks4://x:1", "http://", "http://me:secret@x:99999", "pröxy:1"]
    )
    def test_a_proxy_that_cannot_be_used(
        self, proxy: str, variable: str, who: str, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv(variable, proxy)
        line = fails(who, EndpointError, base_url="http://service.example/v1")
        assert f"in {variable} cannot be used; write http://host:port" in line
        assert "secret" not in line


@pytest.mark.parametrize("given", ["socks://127.0.0.1:9", "socks5://127.0.0.1:9"])
def test_socks_is_socks5(given: str, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    from agemem_env.services.openai import proxy

    monkeypatch.setenv("all_proxy", given)
    monkeypatch.setattr(proxy, "find_spec", lambda name: name)
    assert proxy.find_proxy("model 'm'", "http://service.example/v1") == "socks5://127.0.0.1:9"
    monkeypatch.setattr(proxy, "find_spec", lambda name: None)
    with pytest.raises(EndpointError, match=r"in all_proxy needs the package 'socksio': run `pip install"):
        proxy.find_proxy("model 'n'", "http://service.example/v1")
    assert proxy.find_proxy("model 'm'", server.url) is None
