"""Whole completions, choices, parts and refusals as actions."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from openai.types.chat import ChatCompletion

from agemem_env.actions.parsing import parse, read
from agemem_env.env import AgeMemEnv
from agemem_env.types import ToolCall, Turn

ADD = ToolCall("Add_memory", {"content": "mug 2"})
BODY = '{"content": "mug 2"}'
CALL = {"id": "a", "type": "function", "function": {"name": "Add_memory", "arguments": BODY}}
MESSAGE = {"role": "assistant", "content": "I keep it.", "tool_calls": [CALL]}
COMPLETION: dict[str, Any] = {
    "id": "x",
    "object": "chat.completion",
    "created": 0,
    "model": "m",
    "choices": [{"index": 0, "finish_reason": "tool_calls", "message": MESSAGE}],
}


def namespace(value: Any) -> Any:
    if isinstance(value, dict):
        return SimpleNamespace(**{key: namespace(item) for key, item in value.items()})
    return [namespace(item) for item in value] if isinstance(value, list) else value


SDK = ChatCompletion.model_validate(COMPLETION)
WAYS = [
    COMPLETION, COMPLETION["choices"][0], SDK, SDK.choices[0], SDK.choices[0].message, namespace(COMPLETION),
    namespace(COMPLETION).choices[0],
]  # fmt: skip


@pytest.mark.parametrize("action", WAYS)
def test_completions_and_choices(action: Any) -> None:
    assert parse(action, commands=True) == Turn((ADD,), "I keep it.")
    sent = read(action, commands=True).sent
    assert sent is not None
    assert (sent.text, sent.calls[0].id, sent.calls[0].arguments) == ("I keep it.", "a", BODY)
    env = AgeMemEnv("tests.toy:ToyEngine")
    env.reset(seed=0)
    observation, *_, info = env.step(action)
    assert MESSAGE in observation["messages"]
    assert (info["tool_calls"]["Add_memory"], info["errors"], info["context_rewritten"]) == (1, {}, False)


def test_a_completion_without_choices_is_no_turn() -> None:
    turn = parse({**COMPLETION, "choices": []}, commands=True)
    assert (turn.calls, turn.text) == ((), "")
    assert turn.violations


@pytest.mark.parametrize(
    "content",
    [
        [
            {"type": "text", "text": "I keep it."},
            {"type": "tool_use", "id": "a", "name": "Add_memory", "input": ADD.arguments},
        ],
        [{"text": "I keep it."}, {"toolUse": {"toolUseId": "a", "name": "Add_memory", "input": ADD.arguments}}],
    ],
)
def test_parts_of_a_message(content: Any) -> None:
    assert parse({"role": "assistant", "content": content}, commands=True) == Turn((ADD,), "I keep it.")


def test_other_places_of_calls() -> None:
    part = {"functionCall": {"name": "Add_memory", "args": ADD.arguments}}
    gemini = {"candidates": [{"content": {"role": "model", "parts": [{"text": "So."}, part]}}]}
    assert parse(gemini, commands=True) == Turn((ADD,), "So.")
    legacy = {"role": "assistant", "content": None, "function_call": {"name": "Add_memory", "arguments": BODY}}
    assert parse(legacy, commands=True) == Turn((ADD,))
    broken = {**legacy, "function_call": {"name": "Add_memory", "arguments": BODY[:-1]}}
    assert [v.kind for v in parse(broken, commands=True).violations] == ["malformed_call"]
    thinking = [{"type": "thinking", "thinking": "why"}, {"type": "text", "text": "go"}]
    assert parse({"role": "assistant", "content": thinking}, commands=False) == Turn(text="go", think="why")


def test_replies_of_other_apis() -> None:
    legacy = {"choices": [{"index": 0, "text": "go north", "finish_reason": "stop"}]}
    assert parse(legacy, commands=False) == Turn(text="go north")
    said = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "So."}]}
    called = {"type": "function_call", "call_id": "a", "name": "Add_memory", "arguments": BODY, "status": "completed"}
    assert parse({"id": "r", "output": [{"type": "reasoning"}, said, called]}, commands=True) == Turn((ADD,), "So.")
    bedrock = {"output": {"message": {"role": "assistant", "content": [{"text": "So."}]}}, "stopReason": "end_turn"}
    assert parse(bedrock, commands=False) == Turn(text="So.")


def test_a_turn_keeps_what_its_calls_know_of_types() -> None:
    turn = parse('<invoke name="Retrieve_memory"><parameter name="top_k">3</parameter></invoke>', commands=True)
    assert not parse(turn, commands=True).calls[0].typed


@pytest.mark.parametrize("content", [None, "", [{"type": "refusal", "refusal": "I cannot do that."}]])
def test_a_refusal_is_a_reply_and_no_command(content: Any) -> None:
    message = {"role": "assistant", "content": content, "refusal": "I cannot do that."}
    if content:
        del message["refusal"]
    for commands in (True, False):
        assert parse(message, commands=commands) == Turn(text="I cannot do that.")
    env = AgeMemEnv("tests.toy:ToyEngine", stages=(3,))
    env.reset(seed=0)
    before = env.engine.state_hash()
    observation, *_, info = env.step(message)
    assert env.engine.state_hash() == before
    assert {"role": "assistant", "content": "I cannot do that."} in observation["messages"]
    assert info["errors"] == {"no_action": 1}


@pytest.mark.parametrize("token", ["<|im_end|>", "<im_end>", "</s>", "<|eot_id|>", "<|endoftext|>", "<end_of_turn>"])
def test_template_tokens_at_the_end_are_cut(token: str) -> None:
    act = (ToolCall("act", {"command": "open drawer 1"}),)
    assert parse(f"open drawer 1{token}", commands=True).calls == act
    assert parse(f"open drawer 1 {token}\n{token}\n", commands=True).calls == act
    assert parse(f"Noted.{token}", commands=False) == Turn(text="Noted.")
    assert parse(f"<answer>x</answer>{token}", commands=False).calls == (ToolCall("answer", {"text": "x"}),)
    assert [v.kind for v in parse(token, commands=True).violations] == ["empty_action"]


@pytest.mark.parametrize(
    ("name", "command"), [("BabyAI", "turn left."), ("BabyAI", "  turn left\n"), ("toy", " open red box. ")]
)
def test_commands_of_calls_are_stripped(name: str, command: str) -> None:
    env = AgeMemEnv("tests.toy:ToyEngine" if name == "toy" else name, stages=(3,))
    env.reset(seed=0)
    before = env.engine.state_hash()
    *_, info = env.step({"name": "act", "arguments": {"command": command}})
    assert info["errors"] == {}
    assert name == "toy" or env.engine.state_hash() != before
