from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import gymnasium as gym
import pytest

import baselines
from agemem_env.errors import ConfigurationError, ServiceError
from agemem_env.services.chat import ChatReply, ChatRequest
from agemem_env.tools import MEMORY_TOOLS
from agemem_env.types import Usage
from baselines import make, rollout
from baselines.base import Policy
from baselines.llm.meter import Meter
from baselines.llm.models import make_model
from baselines.llm.policy import FORMATS, LLMPolicy, compose
from baselines.llm.scripted import ScriptedModel

HI = ChatRequest([{"role": "user", "content": "Hi"}])


def toy(**kwargs: Any) -> gym.Env[Any, Any]:
    return gym.make("AgeMem-HotpotQA-v0", source="generated", **kwargs)


class TestPolicy:
    @pytest.mark.parametrize("tool_format", FORMATS)
    def test_the_model_gets_the_messages_the_prompt_and_in_the_native_format_the_tools(self, tool_format: Any) -> None:
        model = ScriptedModel(["Noted."])
        policy = LLMPolicy(model, tool_format)
        env = toy(**policy.env_kwargs)
        policy.attach(env)
        observation, info = env.reset(seed=0)
        policy.reset(info)
        before = json.dumps(observation["messages"])
        assert policy.act(observation, info) == {"role": "assistant", "content": "Noted."}
        assert json.dumps(observation["messages"]) == before
        sent = model.requests[0]
        assert list(sent.messages[1:]) == list(observation["messages"][1:])
        own, added = observation["messages"][0]["content"], sent.messages[0]["content"]
        assert added.startswith(own + "\n\nHow to work:")
        assert ("<tool_call>" in added[len(own) :]) == (tool_format == "tags")
        names = [tool["function"]["name"] for tool in sent.tools]
        assert names == ([t["function"]["name"] for t in env.action_space.tools()] if tool_format == "native" else [])

    def test_an_environment_in_the_other_format_is_refused(self) -> None:
        with pytest.raises(ConfigurationError, match="speaks tool_format='tags' but its environment 'native'"):
            LLMPolicy(ScriptedModel([]), "tags").attach(toy())

    def test_what_is_said_of_tools_follows_the_tools_offered(self) -> None:
        for tool_format in FORMATS:
            everything = compose(tool_format, [*MEMORY_TOOLS, "act", "answer"])
            nothing = compose(tool_format, ["answer"])
            for tool, phrase in {
                "Add_memory": "store every statement",
                "Filter_context": "Remove",
                "act": "command",
            }.items():
                assert phrase in everything, tool
                assert phrase not in nothing, tool
            assert "Answer with the answer alone" in nothing
            assert "Answer with the answer alone" not in everything
            assert "@" not in everything + nothing

    def test_own_prompts_replace_the_files(self) -> None:
        for prompt in ("Be brief.", ""):
            model = ScriptedModel(["Noted."])
            policy = LLMPolicy(model, prompt=prompt)
            env = toy()
            policy.attach(env)
            observation, info = env.reset(seed=0)
            policy.act(observation, info)
            own = observation["messages"][0]["content"]
            assert model.requests[0].messages[0]["content"] == (f"{own}\n\n{prompt}" if prompt else own)

    @pytest.mark.parametrize("keep_think", [True, False])
    def test_reasoning_is_in_the_context_only_if_the_environment_keeps_it(self, keep_think: bool) -> None:
        model = ScriptedModel([{"content": "Noted.", "reasoning_content": "SECRET THOUGHT"}, "Noted."])
        policy = LLMPolicy(model)
        env = toy(keep_think=keep_think)
        policy.attach(env)
        observation, info = env.reset(seed=0)
        for _ in range(2):
            observation, *_, info = env.step(policy.act(observation, info))
        assert ("SECRET THOUGHT" in json.dumps(model.requests[1].messages)) == keep_think

    def test_usage_is_that_of_the_episode(self) -> None:
        cost = Usage(1, 10, 2, 0.5)
        policy = LLMPolicy(ScriptedModel([ChatReply("<answer>x</answer>", usage=cost)] * 100))
        env = toy(stages=(3,))
        for _ in range(2):
            assert rollout(env, policy, seed=0).steps == 1
            assert policy.usage == cost

    def test_a_policy_without_a_model_costs_nothing(self) -> None:
        assert make("do-nothing").usage == Usage()
        assert dict(make("do-nothing").env_kwargs) == {}

    def test_an_unknown_format(self) -> None:
        with pytest.raises(ConfigurationError, match="unknown tool_format 'xml'; Allowed: 'native', 'tags'"):
            make("openai:m", tool_format="xml")


class TestMeter:
    def test_it_counts_by_purpose_until_the_next_start(self) -> None:
        meter = Meter(ScriptedModel([ChatReply("x", usage=Usage(1, 10, 1, None))] * 4))
        for purpose in ("act", "memory", "act"):
            meter.chat(ChatRequest(HI.messages, purpose=purpose))  # type: ignore[arg-type]
        assert meter.usage == {"act": Usage(2, 20, 2, None), "memory": Usage(1, 10, 1, None)}
        assert meter.total == Usage(3, 30, 3, None)
        meter.start()
        assert meter.total == Usage()

    def test_what_is_left_of_the_episode_limits_each_call(self) -> None:
        model = ScriptedModel(["x", "y"])
        meter = Meter(model, episode_seconds=50.0)
        meter.chat(HI)
        meter.chat(ChatRequest(HI.messages, seconds=3.0))
        assert model.requests[0].seconds is not None
        assert 0 < model.requests[0].seconds <= 50
        assert model.requests[1].seconds == 3.0


class TestScripted:
    def test_it_says_one_reply_after_the_other_and_then_no_more(self, tmp_path: Path) -> None:
        path = tmp_path / "script.txt"
        path.write_text("One.\nTwo.\n")
        model = make_model(f"scripted:{path}")
        assert [model.chat(HI).text, model.chat(HI).text] == ["One.", "Two."]
        with pytest.raises(ServiceError, match="has 2 replies and was asked for one more"):
            model.chat(HI)

    def test_jsonl_holds_texts_and_messages(self, tmp_path: Path) -> None:
        call = {"function": {"name": "answer", "arguments": {"text": "x"}}}
        path = tmp_path / "script.jsonl"
        path.write_text('"One\\nline"\n' + json.dumps({"content": None, "tool_calls": [call]}) + "\n")
        model = make_model(f"scripted:{path}")
        assert model.chat(HI).text == "One\nline"
        assert model.chat(HI).tool_calls[0]["function"]["arguments"] == '{"text": "x"}'

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    @pytest.mark.parametrize("mark", ["", "\ufeff"])
    def test_lines_end_where_json_lines_do(self, end: str, mark: str, tmp_path: Path) -> None:
        path = tmp_path / "script.jsonl"
        path.write_bytes(f'{mark}"a\u2028b"{end}{{"content": "c\u0085d"}}{end}'.encode())
        model = make_model(f"scripted:{path}")
        assert [model.chat(HI).text for _ in range(2)] == ["a\u2028b", "c\u0085d"]

    def test_it_plays_an_episode(self, tmp_path: Path) -> None:
        path = tmp_path / "script.txt"
        path.write_text("<answer>unknown</answer>\n" * 60)
        policy = make(f"scripted:{path}", tool_format="tags")
        result = rollout(toy(**policy.env_kwargs), policy, seed=0)
        assert result.terminated
        assert policy.usage.calls == result.steps

    @pytest.mark.parametrize(
        ("name", "content", "message"),
        [
            ("a.jsonl", "{", "cannot read the script"),
            ("a.jsonl", "3", "must be a text or an assistant message, not 3"),
            ("a.csv", "", "must be a .txt file or a .jsonl file"),
            ("", "", "cannot read the script"),
        ],
    )
    def test_bad_scripts(self, name: str, content: str, message: str, tmp_path: Path) -> None:
        path = tmp_path / (name or "missing.txt")
        if name:
            path.write_text(content)
        with pytest.raises(ConfigurationError, match=message):
            make_model(f"scripted:{path}")


class Forgetful(Policy):
    name = "forgetful"

    def act(self, observation: Any, info: Any) -> Any:
        return "Noted."


class TestMake:
    @pytest.mark.parametrize(
        ("name", "options", "message"),
        [
            ("opnai:m", {}, "unknown policy 'opnai:m'; did you mean .*'openai:<model>'"),
            ("openai", {}, "unknown policy 'openai'"),
            ("openai:", {}, "model 'openai:' names no model; write 'openai:<model>'"),
            ("openai:m", {"temperature_": 0}, "unknown option of openai: 'temperature_'; did you mean 'temperature'"),
            ("openai:m", {"llm": "openai:n"}, "is a model itself: leave out llm"),
            ("scripted:x.txt", {"temperature": 0}, "unknown option of scripted: 'temperature'"),
            ("expert", {"temperature": 0}, "policy 'expert' takes no option, but got temperature"),
            ("expert", {"llm": "openai:m"}, "policy 'expert' takes no option, but got llm"),
            ("forgetful", {}, "memory system 'forgetful' needs a model: add llm='openai:<model>'"),
        ],
    )
    def test_what_is_wrong_is_said(
        self, name: str, options: dict[str, Any], message: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(baselines, "MEMORY_SYSTEMS", {"forgetful": lambda llm, seed: Forgetful()})
        with pytest.raises(ConfigurationError, match=message):
            make(name, **options)

    def test_memory_systems_get_the_model_and_both_kinds_of_options(self, monkeypatch: pytest.MonkeyPatch) -> None:
        got: dict[str, Any] = {}

        def build(name: str, inner: Policy, model: Any, **options: Any) -> Policy:
            got.update(options, name=name, inner=inner, model=model)
            return Forgetful()

        monkeypatch.setattr(baselines, "with_memory", build)
        assert make("mem0", llm=["One."], tool_format="tags", backend="embedded").name == "forgetful"
        assert got["model"].chat(HI).text == "One."
        assert (got["name"], got["backend"]) == ("mem0", "embedded")
        assert got["inner"].env_kwargs == {"tool_format": "tags"}

    def test_a_model_that_is_an_object_is_taken_as_it_is(self) -> None:
        model = ScriptedModel([])
        assert make_model(model) is model
        with pytest.raises(ConfigurationError, match="options temperature are only for models given by name"):
            make_model(model, temperature=0)

    def test_what_make_knows(self) -> None:
        assert all(map(baselines.is_policy, [*baselines.POLICIES, "openai:m", "transformers:m", "scripted:f.txt"]))
        assert not baselines.is_policy("openai")
