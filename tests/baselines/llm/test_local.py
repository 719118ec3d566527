from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import gymnasium as gym
import pytest

from agemem_env.errors import ConfigurationError, ContextLengthError, MissingExtraError, ServiceError
from agemem_env.services.chat import ChatRequest
from baselines import rollout
from baselines.llm.local import LocalModel, LocalOptions
from baselines.llm.models import make_model
from baselines.llm.policy import LLMPolicy
from baselines.llm.preflight import preflight

END = 0


class Inputs(dict[str, Any]):
    def to(self, device: str) -> Inputs:
        self.device = device
        return self


class Tokens:
    """Token ids of one prompt, of shape (1, n)."""

    def __init__(self, ids: list[int]) -> None:
        self.ids, self.shape = ids, (1, len(ids))


class StandInTokenizer:
    """One token per character."""

    chat_template: Any = "a template"
    eos_token_id = END

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def apply_chat_template(self, messages: list[dict[str, Any]], **options: Any) -> Inputs:
        self.asked.append({"messages": messages, **options})
        return Inputs(input_ids=Tokens([ord(c) for m in messages for c in m["content"]]))

    def decode(self, ids: list[int], skip_special_tokens: bool) -> str:
        assert skip_special_tokens
        return "".join(chr(i) for i in ids if i != END)


class StandInModel:
    """Says its text, one character a token, and stops at the limit that it is given."""

    device = "cpu"

    def __init__(self, text: str, room: int = 100_000) -> None:
        self.text = text
        self.config = SimpleNamespace(max_position_embeddings=room)
        self.settings: dict[str, Any] = {}

    def generate(self, input_ids: Tokens, **settings: Any) -> list[list[int]]:
        self.settings = settings
        said = [*map(ord, self.text), END][: settings["max_new_tokens"]]
        return [[*input_ids.ids, *said]]


def local(text: str, room: int = 100_000, **options: Any) -> LocalModel:
    return LocalModel("tiny", StandInTokenizer(), StandInModel(text, room), LocalOptions(**options))


def ask(text: str = "Hi", **fields: Any) -> ChatRequest:
    return ChatRequest([{"role": "user", "content": text}], **fields)


def test_text_reasoning_tokens_and_price() -> None:
    reply = local("<think>Hm.</think> Yes.").chat(ask("Hello"))
    assert (reply.text, reply.reasoning, reply.finish_reason) == ("Yes.", "Hm.", "stop")
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens, reply.usage.price) == (5, 24, 0.0)


def test_a_reply_is_cut_at_its_limit_and_at_the_end_of_the_context() -> None:
    assert local("Yes, of course.", max_tokens=4).chat(ask()).text == "Yes,"
    cut = local("Yes, of course.", room=6).chat(ask())
    assert (cut.text, cut.finish_reason) == ("Yes,", "length")


def test_a_prompt_that_fills_the_context_is_refused() -> None:
    with pytest.raises(ContextLengthError, match="the prompt of 9 tokens exceeds its context of 9"):
        local("x", room=9).chat(ask("123456789"))


def test_stop_texts_end_the_reply() -> None:
    model = local("One. END Two.", stop=["END"])
    assert model.chat(ask()).text == "One."


def test_templates_get_tools_and_arguments_as_objects() -> None:
    tokenizer = StandInTokenizer()
    model = LocalModel("tiny", tokenizer, StandInModel("x"), LocalOptions(template={"enable_thinking": False}))
    call = {"id": "a", "type": "function", "function": {"name": "act", "arguments": '{"command": "go"}'}}
    tool = {"type": "function", "function": {"name": "act"}}
    messages = [
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "a", "content": "Gone."},
    ]
    model.chat(ChatRequest(messages, [tool]))
    asked = tokenizer.asked[0]
    assert asked["messages"][0]["content"] == ""
    assert asked["messages"][0]["tool_calls"][0]["function"]["arguments"] == {"command": "go"}
    assert call["function"] == {"name": "act", "arguments": '{"command": "go"}'}
    assert (asked["tools"], asked["enable_thinking"], asked["add_generation_prompt"]) == ([tool], False, True)


def test_without_sampling_the_most_probable_token_is_taken() -> None:
    model = StandInModel("x")
    LocalModel("tiny", StandInTokenizer(), model).chat(ask())
    assert model.settings == {"max_new_tokens": 2048, "do_sample": False}


def test_calls_in_hermes_tags_reach_the_environment() -> None:
    call = '<tool_call>\n{"name": "answer", "arguments": {"text": "unknown"}}\n</tool_call>'
    env = gym.make("AgeMem-HotpotQA-v0", source="generated")
    result = rollout(env, LLMPolicy(local(call)), seed=0)
    assert result.terminated
    assert result.info["errors"] == {}


def test_a_model_without_a_chat_template_is_refused() -> None:
    tokenizer = StandInTokenizer()
    tokenizer.chat_template = None
    with pytest.raises(ConfigurationError, match="'transformers:tiny' has no chat template"):
        LocalModel("tiny", tokenizer, StandInModel("x"))


@pytest.mark.parametrize("template", ["a template", {"default": "a template"}])
def test_a_template_without_tools_is_found_before_any_episode(template: Any) -> None:
    tokenizer = StandInTokenizer()
    tokenizer.chat_template = template
    model = LocalModel("tiny", tokenizer, StandInModel("x"))
    preflight(model, "tags")
    with pytest.raises(ServiceError, match="chat template without tools; use tool_format='tags'"):
        preflight(model)
    tokenizer.chat_template = "{% for tool in tools %}"
    preflight(model)


def test_a_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'agemem-env\[local\]'"):
        make_model("transformers:tiny")


def test_an_unknown_option() -> None:
    with pytest.raises(
        ConfigurationError, match="unknown option of transformers: 'temperatures'; did you mean 'temperature'"
    ):
        make_model("transformers:tiny", temperatures=1)
