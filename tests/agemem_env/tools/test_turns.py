"""What the next prompt repeats of an agent's turn, in every dialect, and what it says where it does not."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import gymnasium as gym
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from agemem_env.actions.dialects import DIALECTS
from agemem_env.context.validity import problems
from agemem_env.env import AgeMemEnv
from agemem_env.errors import ConfigurationError

BODY = '{"content":"mug 2"}'
CALL = f'{{"name":"Add_memory","arguments":{BODY}}}'


def toy(**kwargs: Any) -> AgeMemEnv:
    env = AgeMemEnv("tests.toy:ToyEngine", **kwargs)
    env.reset(seed=0)
    return env


def native(name: str = "Add_memory", arguments: Any = BODY, call_id: Any = "chatcmpl-tool-1", **more: Any) -> Any:
    function = {"name": name, "arguments": arguments}
    call = {"id": call_id, "type": "function", "function": function}
    return {"role": "assistant", "content": None, "tool_calls": [call], **more}


def as_sent(action: Any) -> dict[str, Any]:
    if isinstance(action, str):
        return {"role": "assistant", "content": action}
    return {key: action[key] for key in ("role", "content", "tool_calls") if action.get(key) or key != "tool_calls"}


THINKING = ("harmony", "thoughts in other tags")
"""Dialects whose examples hold a thought or its channel, which is left out."""

VERBATIM: list[tuple[str, Any]] = [
    ("plain", "Noted."),
    ("plain", "  Noted.\n"),
    ("compact tags", f"<tool_call>[{CALL}]</tool_call>"),
    ("hermes", f"<tool_call>\n{CALL}\n</tool_call>"),
    ("answer", "<answer> Paris</answer>"),
    ("unreadable", "<tool_call>[{oops</tool_call>"),
    *((dialect.name, dialect.example) for dialect in DIALECTS if dialect.name not in THINKING),
    *((dialect.name, dialect.near_miss) for dialect in DIALECTS if dialect.name != "harmony"),
]
NATIVE: list[tuple[str, Any]] = [
    ("native", native()),
    ("spaces in arguments", native(arguments='{ "content" :\n"mug 2" }')),
    ("native with text", native(content="I keep it. ")),
    ("unknown tool", native("remember")),
    ("other case", native("add_memory")),
    ("two calls", {**native(), "tool_calls": [native()["tool_calls"][0], native(call_id="b")["tool_calls"][0]]}),
    ("SDK's other fields", native(refusal=None, annotations=[], function_call=None)),
]


@pytest.mark.parametrize("tool_format", ["native", "tags"])
@pytest.mark.parametrize(("form", "action"), VERBATIM + NATIVE)
def test_what_was_sent_is_repeated(form: str, action: Any, tool_format: Any) -> None:
    env = toy(tool_format=tool_format)
    before = env.desk().observation()[0]["messages"]
    observation, *_, info = env.step(action)
    after = observation["messages"]
    assert after[: len(before)] == before
    assert problems(after, tool_format) == []
    kept = isinstance(action, str) or tool_format == "native"
    assert (after[len(before)] == as_sent(action)) == kept
    assert info["context_rewritten"] == (not kept)


MENDED: list[tuple[str, Any]] = [
    ("thought", f"<think>why</think>\n<tool_call>[{CALL}]</tool_call>"),
    ("thought in another tag", f"[THINK]why[/THINK]\n<tool_call>[{CALL}]</tool_call>"),
    ("type null", {**native(), "tool_calls": [{**native()["tool_calls"][0], "type": None}]}),
    ("another type", {**native(), "tool_calls": [{**native()["tool_calls"][0], "type": "tool_call"}]}),
    ("thought beside", native(reasoning_content="why")),
    ("template token", "Noted.<|im_end|>"),
    ("harmony", f"<|channel|>commentary to=functions.Add_memory<|message|>{BODY}<|call|>"),
    ("blank", "  "),
    ("surrogate", "a\ud800b"),
    ("prefixed name", native("functions.Add_memory")),
    ("name with mark", native("Add_memory<|channel|>commentary")),
    ("name of 100 letters", native("x" * 100)),
    ("name in another script", native("記憶")),
    ("id with dots", native(call_id="functions.Add_memory:0")),
    ("no id", native(call_id=None)),
    ("arguments as object", native(arguments={"content": "mug 2"})),
    ("arguments in quotes of Python", native(arguments="{'content': 'mug 2'}")),
    ("arguments twice", native(arguments=json.dumps(BODY))),
    ("broken arguments", native(arguments='{"content": "mug')),
    ("a number no float can hold", native(arguments='{"content": "mug 2", "top_k": 1e999}')),
    ("an integer of 400 digits", native(arguments='{"content": "mug 2", "top_k": ' + "9" * 400 + "}")),
    ("half of a surrogate pair", native(arguments='{"content": "mug \\ud83d"}')),
    ("a key twice", native(arguments='{"content": "mug 2", "content": "mug 2"}')),
    ("no text among the parts", native(content=[None])),
    ("content that is no text", {"role": "assistant", "content": 5}),
    ("content in a dict", {"role": "assistant", "content": {"text": "Noted."}}),
    ("parts", {"role": "assistant", "content": [{"type": "text", "text": "Noted."}]}),
    (
        "function_call",
        {"role": "assistant", "content": None, "function_call": {"name": "Add_memory", "arguments": BODY}},
    ),
    ("refusal", {"role": "assistant", "content": None, "refusal": "I cannot do that."}),
]


@pytest.mark.parametrize("tool_format", ["native", "tags"])
@pytest.mark.parametrize(("form", "action"), MENDED)
def test_what_had_to_be_mended_is_valid_and_said(form: str, action: Any, tool_format: Any) -> None:
    env = toy(tool_format=tool_format)
    observation, *_, info = env.step(action)
    assert problems(observation["messages"], tool_format) == []
    assert info["context_rewritten"]


def test_a_key_with_two_values_is_no_call() -> None:
    *_, info = toy().step(native(arguments='{"content": "mug 2", "content": "mug 3"}'))
    assert info["errors"] == {"malformed_call": 1}
    *_, info = toy().step(
        '<tool_call>{"name": "Add_memory", "arguments": {"content": "a", "content": "b"}}</tool_call>'
    )
    assert info["errors"] == {"malformed_call": 1}


def test_an_id_of_the_environment_is_one_that_mistral_takes() -> None:
    env = toy()
    for action in (native(call_id=None), {"name": "Add_memory", "arguments": {"content": "mug 3"}}):
        observation, *_ = env.step(action)
    ids = [call["id"] for m in observation["messages"] for call in m.get("tool_calls", ())]
    assert len(ids) == 2
    assert all(re.fullmatch(r"[a-zA-Z0-9]{9}", call_id) for call_id in ids)


def test_an_id_is_used_once() -> None:
    env = toy()
    *_, info = env.step(native(call_id="a"))
    assert not info["context_rewritten"]
    second, *_, info = env.step(native(call_id="a"))
    assert info["context_rewritten"]
    assert problems(second["messages"]) == []


@pytest.mark.parametrize("text", [f"<think>why</think>\n<tool_call>[{CALL}]</tool_call>", "why\n</think>\n\nNoted."])
def test_thoughts_are_repeated_if_they_are_kept(text: str) -> None:
    for tool_format in ("native", "tags"):
        env = toy(tool_format=tool_format, keep_think=True)
        observation, *_, info = env.step(text)
        assert text in [message["content"] for message in observation["messages"]]
        assert not info["context_rewritten"]
        left_out, *_, info = toy(tool_format=tool_format).step(text)
        assert not any("why" in (message["content"] or "") for message in left_out["messages"])
        assert info["context_rewritten"]


@pytest.mark.parametrize("tool_format", ["native", "tags"])
@pytest.mark.parametrize(
    "text",
    [
        "<|open|>think<|sep|>why<|close|>think<|sep|><|open|>response<|sep|>Noted.<|close|>response<|sep|>",
        f"analysiswhy.assistantcommentary to=functions.Add_memory json{BODY}",
        "analysiswhy.assistantfinalNoted.",
    ],
)
def test_thoughts_of_dialects_are_left_out_too(text: str, tool_format: Any) -> None:
    observation, *_, info = toy(tool_format=tool_format).step(text)
    assert not any("why" in (message["content"] or "") for message in observation["messages"])
    assert info["context_rewritten"]


def test_the_rest_of_a_message_is_repeated_without_its_thought() -> None:
    observation, *_ = toy(tool_format="tags").step(f"<think>why</think>\n<tool_call>\n{CALL}\n</tool_call>")
    assert f"<tool_call>\n{CALL}\n</tool_call>" in [m["content"] for m in observation["messages"]]


def test_unreadable_native_calls_are_shown_as_text() -> None:
    observation, *_, info = toy().step(native(arguments='{"content": "mug'))
    assert 'Add_memory({"content": "mug)' in [m["content"] for m in observation["messages"]]
    assert info["errors"] == {"malformed_call": 1}


@pytest.mark.parametrize(
    ("name", "shown", "errors"),
    [
        ("functions.Add_memory", "Add_memory", {"repaired_name": 1}),
        ("Add_memory:0", "Add_memory", {"repaired_name": 1}),
        (" Add_memory\n", "Add_memory", {"repaired_name": 1}),
        ("default_api.Add_memory", "Add_memory", {"repaired_name": 1}),
        ("Add_memory<|channel|>commentary", "Add_memory", {"repaired_name": 1}),
        ("add_memory", "add_memory", {"repaired_name": 1}),
        ("multi_tool_use.parallel", "multi_tool_use_parallel", {"unknown_tool": 1}),
        ("記憶", "unknown_tool", {"unknown_tool": 1}),
        ("x" * 100, "x" * 64, {"unknown_tool": 1}),
    ],
)
def test_names_of_tools(name: str, shown: str, errors: dict[str, int]) -> None:
    for history in ("verbatim", "canonical"):
        observation, *_, info = toy(history=history).step(native(name))
        (call,) = next(m["tool_calls"] for m in observation["messages"] if m.get("tool_calls"))
        assert call["function"]["name"] == (shown if history == "verbatim" else shown.replace("add", "Add"))
        assert info["errors"] == errors
        assert observation["memory_size"] == ("repaired_name" in errors)


def test_the_canonical_history_is_the_environments_own() -> None:
    for action in (native(), f"<tool_call>{CALL}</tool_call>"):
        observation, *_ = toy(history="canonical").step(action)
        (call,) = next(m["tool_calls"] for m in observation["messages"] if m.get("tool_calls"))
        assert call == {
            "id": "call00000",
            "type": "function",
            "function": {"name": "Add_memory", "arguments": '{"content": "mug 2"}'},
        }
    with pytest.raises(ConfigurationError, match="history"):
        toy(history="literal")


FORMS = [text for dialect in DIALECTS for text in (dialect.example, dialect.near_miss)]
TOOLS = [
    ("Add_memory", {"content": "the key lies in the red box"}),
    ("Retrieve_memory", {"query": "key"}),
    ("Filter_context", {"criteria": "key of vault lies in the box"}),
    ("Filter_context", {"criteria": "noted"}),
    ("Summary_context", {"span": "all"}),
    ("Summary_context", {"span": "3", "summary": "x"}),
    ("act", {"command": "open red box"}),
]
text_actions = st.sampled_from(["Noted.", "go", " a ", "<think>x</think>Noted.", "[", *FORMS])
tool_actions = st.tuples(st.sampled_from(TOOLS), st.integers(0, 3), st.integers(0, 99)).map(
    lambda t: [
        native(t[0][0], json.dumps(t[0][1], separators=(",", ":")), f"id-{t[2]}"),
        f"<tool_call>{json.dumps({'name': t[0][0], 'arguments': t[0][1]})}</tool_call>",
        f"{t[0][0]}\n{json.dumps(t[0][1])}",
        {"name": t[0][0], "arguments": t[0][1]},
    ][t[1]]
)


@pytest.mark.parametrize("tool_format", ["native", "tags"])
@pytest.mark.parametrize("keep_think", [False, True])
def test_the_next_prompt_is_prompt_and_message_and_news_or_the_flag_says_so(tool_format: Any, keep_think: bool) -> None:
    seen: Counter[bool] = Counter()

    @seed(1)
    @settings(max_examples=150, deadline=None, database=None)
    @given(st.lists(text_actions | tool_actions, min_size=4, max_size=12), st.sampled_from([1300, 1500, 4000]))
    def run(actions: list[Any], max_tokens: int) -> None:
        env = AgeMemEnv("tests.toy:ToyEngine", tool_format=tool_format, keep_think=keep_think, max_tokens=max_tokens)
        observation, _ = env.reset(seed=0)
        for action in actions:
            before = observation["messages"]
            observation, _, terminated, truncated, info = env.step(action)
            after = observation["messages"]
            assert problems(after, tool_format) == []
            assert observation["tokens"] <= max_tokens
            sent = None if isinstance(action, dict) and "name" in action else as_sent(action)
            extends = after[: len(before)] == before and (
                sent is None or after[len(before) : len(before) + 1] == (sent,)
            )
            # What was removed may happen to leave the same words behind; the flag is set all the same.
            assert extends or info["context_rewritten"]
            seen[info["context_rewritten"]] += 1
            if terminated or truncated:
                break

    run()
    assert min(seen.values()) > 30


class TestFinish:
    def test_scores_the_episode_as_it_stands_once(self) -> None:
        for dense in (False, True):
            env = toy(dense=dense)
            total = sum(env.step(action)[1] for action in (native(), "Noted."))
            _, reward, terminated, truncated, info = env.finish()
            assert (terminated, truncated) == (False, True)
            assert info["metrics"]["SR"] == 0.0
            parts = info["reward_components"]
            expected = sum(parts[c] / 3 for c in ("task", "context", "memory") if parts[c] is not None)
            assert total + reward == pytest.approx(expected + parts["penalty"])
            with pytest.raises(gym.error.ResetNeeded, match=r"call reset\(\)"):
                env.finish()
            with pytest.raises(gym.error.ResetNeeded, match=r"call reset\(\)"):
                env.step("late")
            env.reset(seed=1)
            env.step("Noted.")

    def test_needs_an_episode(self) -> None:
        with pytest.raises(gym.error.ResetNeeded, match=r"call reset\(\)"):
            AgeMemEnv("tests.toy:ToyEngine").finish()
        env = toy(stages=(3,))
        env.step("<answer>x</answer>")
        with pytest.raises(gym.error.ResetNeeded, match=r"call reset\(\)"):
            env.finish()

    def test_does_not_change_what_the_agent_sees(self) -> None:
        env = toy()
        before, *_, info = env.step("Noted.")
        after, *_, last = env.finish()
        assert after["messages"] == before["messages"]
        assert last["context_rewritten"] == info["context_rewritten"]
