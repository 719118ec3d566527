from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import gymnasium as gym
import pytest

from agemem_env.errors import ConfigurationError, ContextLengthError, ServiceError
from agemem_env.services.chat import ChatRequest
from agemem_env.services.openai.client import OpenAIModel
from agemem_env.services.openai.connection import connect
from agemem_env.services.openai.endpoint import Endpoint
from agemem_env.services.openai.options import OpenAIOptions
from agemem_env.types import ToolCall, Usage
from baselines import make, rollout
from baselines.llm.models import make_model
from baselines.llm.preflight import preflight
from benchmarks.speed.fake_server import Fault, OpenAIServer, chat_completion, failure
from tests import loopback as fake
from tests.loopback import speak_calls
from tests.openai_server import KEY, server

__all__ = ["server"]

HI = ChatRequest([{"role": "user", "content": "Hi"}])
TOOL = {"type": "function", "function": {"name": "ready", "parameters": {"type": "object", "properties": {}}}}


def model(**options: Any) -> OpenAIModel:
    return OpenAIModel("m", OpenAIOptions(**{"first_wait": 0.01, "timeout": 10.0, **options}))


def fails(made: OpenAIModel, request: ChatRequest = HI, kind: type[ServiceError] = ServiceError) -> str:
    with pytest.raises(kind) as caught:
        made.chat(request)
    assert "\n" not in str(caught.value)
    assert KEY not in str(caught.value)
    assert KEY not in "".join(traceback.format_exception(caught.value))
    return str(caught.value)


class TestRequest:
    def test_the_body_has_what_was_asked_for_and_nothing_else(self, server: OpenAIServer) -> None:
        model().chat(HI)
        assert server.requests == [
            {"path": "/v1/chat/completions", "model": "m", "messages": list(HI.messages), "max_tokens": 2048}
        ]

    def test_sampling_tools_and_form(self, server: OpenAIServer) -> None:
        made = model(
            temperature=0.0, top_p=0.9, seed=7, stop=["END"], max_tokens=None, extra_body={"reasoning_effort": "low"}
        )
        made.chat(ChatRequest(HI.messages, [TOOL], json_reply=True, force_tool=True))
        sent = server.requests[0]
        assert {k: sent[k] for k in ("temperature", "top_p", "seed", "stop", "reasoning_effort")} == {
            "temperature": 0.0,
            "top_p": 0.9,
            "seed": 7,
            "stop": ["END"],
            "reasoning_effort": "low",
        }
        assert (sent["tools"], sent["tool_choice"]) == ([TOOL], "required")
        assert sent["response_format"] == {"type": "json_object"}
        assert "max_tokens" not in sent

    def test_the_key_comes_from_the_variable_that_is_named(
        self, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("OPENAI_API_KEY")
        assert "needs a key: set OPENAI_API_KEY" in fails(model())
        monkeypatch.setenv("OTHER_KEY", "k")
        assert model(key_variable="OTHER_KEY").chat(HI).text == "ok"

    @pytest.mark.parametrize("name", ["timeout", "call_seconds", "attempts", "concurrency", "max_tokens", "first_wait"])
    def test_numbers_out_of_range_are_refused(self, name: str) -> None:
        with pytest.raises(ConfigurationError, match=f"{name}=0 is not allowed; it must be a "):
            model(**{name: 0})


class TestReply:
    def test_text_calls_and_tokens(self, server: OpenAIServer) -> None:
        server.say({"role": "assistant", "content": "Well.", "tool_calls": [native("act", {"command": "go"})]})
        reply = model(prices={"m": {"input": 1e6, "output": 2e6}}).chat(HI)
        assert reply.text == "Well."
        assert [call["function"]["name"] for call in reply.tool_calls] == ["act"]
        assert reply.finish_reason == "tool_calls"
        assert reply.usage.prompt_tokens == 0
        assert reply.usage.completion_tokens > 20
        assert reply.usage.price == 2 * reply.usage.completion_tokens

    def test_calls_without_ids_and_with_objects_get_the_standard_form(self, server: OpenAIServer) -> None:
        server.say(
            speak_calls([ToolCall("act", {"command": "go"}), ToolCall("answer", {"text": "x"})], "native-object")
        )
        calls = model().chat(HI).tool_calls
        assert [c["id"] for c in calls] == ["call_0", "call_1"]
        assert [json.loads(c["function"]["arguments"]) for c in calls] == [{"command": "go"}, {"text": "x"}]
        assert {c["type"] for c in calls} == {"function"}

    @pytest.mark.parametrize(
        "message",
        [
            {"content": "<think>Hm.</think>\n\nYes."},
            {"content": "Hm.</think>Yes."},
            {"content": "Yes.", "reasoning_content": "Hm."},
            {"content": "Yes.", "reasoning": "Hm."},
            {"content": [{"type": "text", "text": "<think>Hm.</think>"}, {"type": "text", "text": "Yes."}]},
        ],
    )
    def test_reasoning_comes_apart(self, message: dict[str, Any], server: OpenAIServer) -> None:
        server.say({"role": "assistant", **message})
        reply = model().chat(HI)
        assert (reply.text, reply.reasoning) == ("Yes.", "Hm.")
        assert reply.message() == {"role": "assistant", "content": "Yes.", "reasoning_content": "Hm."}

    def test_reasoning_that_was_cut_off_stays_in_the_text(self, server: OpenAIServer) -> None:
        server.say({"role": "assistant", "content": "<think>Hm", "finish_reason": "length"})
        reply = model().chat(HI)
        assert (reply.text, reply.reasoning, reply.finish_reason) == ("<think>Hm", "", "length")

    @pytest.mark.parametrize(
        "calls", [[], [ToolCall("act", {"command": "go east"}), ToolCall("answer", {"text": "é"})]]
    )
    def test_a_stream_adds_up_to_the_same_reply(self, calls: list[ToolCall], server: OpenAIServer) -> None:
        message = {"role": "assistant", "content": "One two  three."}
        if calls:
            spoken = speak_calls(calls, "native")
            assert isinstance(spoken, Mapping)
            message = {**message, "tool_calls": spoken["tool_calls"]}
        server.say(message, message)
        whole = model().chat(HI)
        assert model(extra_body={"stream": True}).chat(HI) == whole
        assert server.requests[1]["stream"] is True

    def test_a_stream_that_ends_early_is_no_reply(self, server: OpenAIServer) -> None:
        event = json.dumps({"choices": [{"index": 0, "delta": {"content": "Half"}, "finish_reason": None}]})
        server.say(Fault(f"data: {event}\n\n", content_type="text/event-stream"), "whole")
        assert model().chat(HI).text == "whole"

    def test_a_refusal_of_the_model_is_its_text(self, server: OpenAIServer) -> None:
        server.say({"role": "assistant", "content": None, "refusal": "I will not."})
        assert model().chat(HI).text == "I will not."

    def test_tokens_that_are_not_reported_are_estimated_and_have_no_price(self, server: OpenAIServer) -> None:
        body = chat_completion("Yes.", {})
        del body["usage"]
        server.say(Fault(json.dumps(body)))
        usage = model(prices={"m": {"input": 1, "output": 1}}).chat(HI).usage
        assert usage.prompt_tokens > 0
        assert usage.completion_tokens > 0
        assert usage.price is None

    def test_the_price_of_an_unknown_model_is_not_zero(self, server: OpenAIServer) -> None:
        assert model().chat(HI).usage.price is None


def native(name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    return {"id": "a", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}


AGAIN: dict[str, Fault] = {
    "408": failure(408, "too slow"),
    "409": failure(409, "conflict"),
    "429": failure(429, "slow down"),
    "429, seconds": failure(429, "slow down", retry_after="0.01"),
    "500": failure(500, "oops"),
    "503": failure(503, "no room"),
    "cut in the head": Fault("{}", cut=20),
    "cut in the body": fake.CUT,
    "malformed": fake.MALFORMED,
    "html": Fault("<html>busy</html>", content_type="text/html"),
    "no choice": fake.EMPTY_CHOICE,
    "no message": Fault('{"choices": [{"index": 0}]}'),
}


class TestFailures:
    @pytest.mark.parametrize("name", AGAIN)
    def test_what_may_pass_is_tried_again_and_counted_once(self, name: str, server: OpenAIServer) -> None:
        server.say(AGAIN[name], AGAIN[name], "at last")
        reply = model().chat(HI)
        assert (reply.text, reply.usage.calls, len(server.requests)) == ("at last", 1, 3)

    @pytest.mark.parametrize("name", AGAIN)
    def test_what_does_not_pass_fails_after_all_attempts(self, name: str, server: OpenAIServer) -> None:
        server.say(*[AGAIN[name]] * 3)
        line = fails(model(attempts=3))
        assert line.startswith("model 'openai:m': 127.0.0.1:")
        assert line.endswith("after 3 attempts")
        assert len(server.requests) == 3

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    def test_an_address_that_leads_elsewhere_is_what_to_check(self, status: int, server: OpenAIServer) -> None:
        server.say(Fault(status=status, headers={"location": "/login"}))
        assert f"leads elsewhere ({status}); check OPENAI_BASE_URL" in fails(model())

    def test_a_date_to_wait_for_is_kept(self, server: OpenAIServer) -> None:
        late = datetime.now(timezone.utc) + timedelta(hours=1)
        server.say(failure(503, "maintenance", retry_after=format_datetime(late, usegmt=True)))
        line = fails(model())
        assert "the next one would be in 3" in line
        assert len(server.requests) == 1

    def test_a_hang_is_tried_again(self, server: OpenAIServer) -> None:
        server.say(fake.HANG, "at last")
        assert model(timeout=0.2).chat(HI).text == "at last"

    def test_a_hang_without_end_fails(self, server: OpenAIServer) -> None:
        server.say(fake.HANG, fake.HANG)
        assert "no answer within 0.1 s" in fails(model(timeout=0.1, attempts=2))

    def test_the_time_of_a_call_includes_all_attempts(self, server: OpenAIServer) -> None:
        server.say(*[fake.HANG] * 50)
        fails(model(timeout=0.1, call_seconds=0.3, attempts=50))
        assert len(server.requests) <= 4

    def test_a_request_may_have_less_time_than_the_model(self, server: OpenAIServer) -> None:
        server.say(fake.HANG)
        assert "no answer within" in fails(model(), ChatRequest(HI.messages, seconds=0.1))

    def test_a_prompt_that_is_too_long_is_not_tried_again(self, server: OpenAIServer) -> None:
        server.say(fake.TOO_LONG)
        assert "lower max_tokens of the environment" in fails(model(), kind=ContextLengthError)
        assert len(server.requests) == 1

    @pytest.mark.parametrize(
        ("said", "text"),
        [
            (fake.REFUSED_PROMPT, ""),
            ({"role": "assistant", "content": None, "finish_reason": "content_filter"}, ""),
            ({"role": "assistant", "content": "I was", "finish_reason": "content_filter"}, "I was"),
        ],
    )
    def test_a_content_filter_is_a_reply(self, said: Any, text: str, server: OpenAIServer) -> None:
        server.say(said)
        reply = model().chat(HI)
        assert (reply.text, reply.finish_reason, reply.usage.calls) == (text, "content_filter", 1)
        assert len(server.requests) == 1

    @pytest.mark.parametrize(
        ("fault", "hint"),
        [
            (failure(401, f"Incorrect API key provided: {KEY}"), "refused the key (401); check OPENAI_API_KEY"),
            (failure(403, f"{KEY} may not"), "refused the key (403)"),
            (failure(404, "The model `m` does not exist"), "check the model name 'm' and OPENAI_BASE_URL"),
            (failure(400, f"no parameter top_q, {KEY}"), "accepts this request"),
        ],
    )
    def test_other_refusals_fail_at_once(self, fault: Fault, hint: str, server: OpenAIServer) -> None:
        server.say(fault)
        assert hint in fails(model())
        assert len(server.requests) == 1

    def test_nobody_listens(self, server: OpenAIServer) -> None:
        line = fails(model(base_url="http://127.0.0.1:9/v1", attempts=2))
        assert "127.0.0.1:9: cannot connect; check OPENAI_BASE_URL and the network" in line

    def test_no_key_in_logs_and_reprs(self, server: OpenAIServer, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        made = model()
        server.say(failure(500, f"oops {KEY}"), "ok")
        made.chat(HI)
        assert "HTTP" in caplog.text
        assert KEY not in caplog.text
        assert KEY not in repr(made) + repr(made.options) + repr(connect(Endpoint.find("x"), 1, None))


class TestPreflight:
    def test_a_model_that_calls_tools_costs_one_call(self, server: OpenAIServer) -> None:
        server.say(speak_calls([ToolCall("ready", {})], "native"))
        preflight(model())
        assert len(server.requests) == 1
        assert "tool_choice" not in server.requests[0]

    def test_a_model_that_calls_tools_when_it_has_to(self, server: OpenAIServer) -> None:
        server.say("I am ready!", speak_calls([ToolCall("ready", {})], "native"))
        preflight(model())
        assert server.requests[1]["tool_choice"] == "required"

    def test_tags_need_no_tools(self, server: OpenAIServer) -> None:
        preflight(model(), "tags")
        assert "tools" not in server.requests[0]

    @pytest.mark.parametrize(
        ("script", "line"),
        [
            ([failure(404, "no such model")] * 2, "check the model name 'm'"),
            ([fake.NO_TOOLS] * 2, "fake does not support tools.*use tool_format='tags'"),
            (["I am ready!", "ready()"], "told to call a function and called none; use tool_format='tags'"),
            ([failure(401, KEY)], "refused the key"),
        ],
    )
    def test_one_line_says_what_is_wrong(self, script: list[Any], line: str, server: OpenAIServer) -> None:
        server.say(*script)
        with pytest.raises(ServiceError, match=line):
            preflight(model())

    def test_an_address_where_nobody_is_takes_two_attempts(self, server: OpenAIServer) -> None:
        with pytest.raises(ServiceError, match=r"cannot connect.* after 2 attempts"):
            preflight(model(base_url="http://127.0.0.1:9/v1"))

    def test_a_missing_key(self, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("OPENAI_API_KEY")
        with pytest.raises(ServiceError, match="needs a key: set OPENAI_API_KEY"):
            preflight(model())
        assert not server.requests

    def test_a_model_in_this_process_is_not_asked(self) -> None:
        script = make_model(["one"])
        preflight(script)
        assert script.chat(HI).text == "one"


def cycle(faults: list[Fault], server: OpenAIServer) -> Callable[..., Any]:
    """Return what makes every second request of a server fail in one of several ways."""
    inner, count = server.reply, iter(range(1_000_000))

    def reply(path: str, body: Mapping[str, Any]) -> Fault:
        number = next(count)
        return inner(path, body) if number % 2 else faults[number // 2 % len(faults)]

    return reply


class TestEpisodes:
    def test_no_episode_is_lost_or_counted_twice(self, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
        def play(seed: int) -> tuple[Any, Usage]:
            policy = make("openai:m", first_wait=0.01, timeout=2.0, attempts=100)
            env = gym.make("AgeMem-HotpotQA-v0", source="generated", **policy.env_kwargs)
            result = rollout(env, policy, seed=seed)
            assert policy.usage.calls == result.steps
            return result, policy.usage

        server.speak = lambda messages, tools: speak_calls([ToolCall("answer", {"text": "unknown"})], "native")
        calm = [play(seed) for seed in range(6)]
        answered = len(server.requests)
        server.requests.clear()
        monkeypatch.setattr(server, "reply", cycle([*AGAIN.values(), fake.HANG], server))
        with ThreadPoolExecutor(6) as pool:
            rough = list(pool.map(play, range(6)))
        assert rough == calm
        assert len(server.requests) == answered  # those that faults answered are not among them

    def test_a_filtered_turn_is_counted_as_a_mistake_and_the_episode_goes_on(self, server: OpenAIServer) -> None:
        server.speak = lambda messages, tools: "<answer>unknown</answer>"
        server.say(fake.REFUSED_PROMPT)
        policy = make("openai:m")
        env = gym.make("AgeMem-HotpotQA-v0", source="generated", **policy.env_kwargs)
        result = rollout(env, policy, seed=0)
        assert result.terminated
        assert result.info["errors"] == {"empty_action": 1}

    def test_the_time_of_an_episode_is_limited(self, server: OpenAIServer) -> None:
        server.speak = lambda messages, tools: fake.HANG  # type: ignore[return-value]
        server.say(*[fake.HANG] * 9)
        policy = make("openai:m", episode_seconds=0.2)
        env = gym.make("AgeMem-HotpotQA-v0", source="generated")
        with pytest.raises(ServiceError, match="no answer within"):
            rollout(env, policy, seed=0)
        observation, info = env.reset(seed=0)
        with pytest.raises(ServiceError, match=r"the episode's 0\.2 s are over"):
            policy.act(observation, info)

    def test_many_at_once_share_the_connections(self, server: OpenAIServer) -> None:
        made = model(concurrency=3)
        server.latency = 0.02
        with ThreadPoolExecutor(12) as pool:
            texts = [reply.text for reply in pool.map(lambda _: made.chat(HI), range(24))]
        assert texts == ["ok"] * 24
        assert server.most_at_once == 3


class TestPrices:
    def test_own_prices_come_first_and_may_be_a_file(self, server: OpenAIServer, tmp_path: Path) -> None:
        path = tmp_path / "prices.json"
        path.write_text('{"gpt-4o": {"input": 1e6, "output": 0}}')
        server.say(
            Fault(json.dumps({**chat_completion("x", {}), "usage": {"prompt_tokens": 3, "completion_tokens": 1}}))
        )
        made = make_model("openai:gpt-4o", prices=str(path))
        assert made.chat(HI).usage.price == 3.0

    def test_cached_tokens_have_their_own_price_and_dates_do_not_count(self, server: OpenAIServer) -> None:
        usage = {"prompt_tokens": 1000, "completion_tokens": 100, "prompt_tokens_details": {"cached_tokens": 400}}
        server.say(Fault(json.dumps({**chat_completion("x", {}), "usage": usage})))
        price = make_model("openai:gpt-4o-mini-2024-07-18").chat(HI).usage.price
        assert price == pytest.approx((600 * 0.15 + 400 * 0.075 + 100 * 0.6) / 1e6)

    @pytest.mark.parametrize("price", [{"input": 1}, {"input": -1, "output": 1}, {"input": 1, "output": 1, "x": 1}, 3])
    def test_prices_of_another_form_are_refused(self, price: Any) -> None:
        with pytest.raises(ConfigurationError, match="in US dollars per million tokens"):
            model(prices={"m": price})

    def test_a_file_with_a_byte_order_mark(self, server: OpenAIServer, tmp_path: Path) -> None:
        path = tmp_path / "prices.json"
        path.write_text('\ufeff{"m": {"input": 0, "output": 1e6}}', encoding="utf-8")
        assert (model(prices=str(path)).chat(HI).usage.price or 0) > 1

    def test_a_file_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError, match="cannot read the prices in"):
            model(prices=str(tmp_path / "none.json"))
