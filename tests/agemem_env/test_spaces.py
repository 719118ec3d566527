from __future__ import annotations

import copy
import json
import pickle
from collections import Counter
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from gymnasium import Space
from gymnasium.spaces import Dict, Tuple
from gymnasium.vector.utils import batch_space, concatenate, create_empty_array, iterate
from hypothesis import given
from hypothesis import strategies as st

from agemem_env.env import AgeMemEnv
from agemem_env.spaces import MessageSpace, ToolCallSpace, chat_error
from agemem_env.tools import MEMORY_TOOLS
from agemem_env.types import ToolCall, Turn

TOOLS = tuple(MEMORY_TOOLS)
SYSTEM = {"role": "system", "content": "Be brief."}
USER = {"role": "user", "content": "東京?"}


def call(call_id: Any = "call_0", name: Any = "act", arguments: Any = "{}", kind: Any = "function") -> dict[str, Any]:
    return {"id": call_id, "type": kind, "function": {"name": name, "arguments": arguments}}


def assistant(*calls: Any, content: Any = None) -> dict[str, Any]:
    return {"role": "assistant", "content": content, "tool_calls": list(calls)}


def tool(call_id: Any = "call_0", content: Any = "done") -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": call_id, "content": content}


def calls_space(seed: int | None = 0, *, commands: bool = True, tools: tuple[str, ...] = TOOLS) -> ToolCallSpace:
    return ToolCallSpace(tools, commands=commands, seed=seed)


GOOD: list[list[dict[str, Any]]] = [
    [SYSTEM],
    [SYSTEM, USER, USER, {"role": "assistant", "content": ""}],
    [SYSTEM, assistant(call()), tool(), USER],
    [SYSTEM, assistant(call(), content="I will."), tool()],
    [SYSTEM, assistant(call("a"), call("b")), tool("b"), tool("a")],
    [SYSTEM, assistant(call("a")), tool("a"), assistant(call("a")), tool("a")],
]


@pytest.mark.parametrize("messages", GOOD)
def test_what_a_chat_api_takes(messages: list[dict[str, Any]]) -> None:
    assert chat_error(messages) is None
    assert messages in MessageSpace()
    assert tuple(messages) in MessageSpace()


ROLE = "the system message comes first and once"
NOT_CALLS = "which are not calls of an assistant"
BAD: list[tuple[list[Any], str]] = [
    ([USER], f"message 0 has role 'user'; {ROLE}"),
    ([SYSTEM, USER, SYSTEM], f"message 2 has role 'system'; {ROLE}"),
    ([SYSTEM, {"role": "function", "content": "x"}], f"message 1 has role 'function'; {ROLE}"),
    ([SYSTEM, {"content": "x"}], f"message 1 has role None; {ROLE}"),
    ([SYSTEM, {"role": ["user"], "content": "x"}], f"message 1 has role ['user']; {ROLE}"),
    ([SYSTEM, {"role": "user"}], "message 1 has content None, which is not a string"),
    ([SYSTEM, {"role": "user", "content": 3}], "message 1 has content 3, which is not a string"),
    ([SYSTEM, {"role": "assistant", "content": None}], "message 1 has content None, which is not a string"),
    ([SYSTEM, assistant(call(), content=3), tool()], "message 1 has content 3, which is not a string"),
    ([SYSTEM, tool()], "message 1 answers call 'call_0', which is not open"),
    ([SYSTEM, assistant(call()), tool(), tool()], "message 3 answers call 'call_0', which is not open"),
    ([SYSTEM, assistant(call()), tool("call_1")], "message 2 answers call 'call_1', which is not open"),
    ([SYSTEM, assistant(call()), {"role": "tool", "content": "x"}], "message 2 answers call None, which is not open"),
    ([SYSTEM, assistant(call()), tool(content=None)], "message 2 has content None, which is not a string"),
    ([SYSTEM, assistant(call()), USER, tool()], "message 2 comes before the calls ['call_0'] are answered"),
    ([SYSTEM, assistant(call()), assistant(call("b"))], "message 2 comes before the calls ['call_0'] are answered"),
    ([SYSTEM, assistant(call("a"), call("b")), tool("a")], "the calls ['b'] are not answered"),
    ([SYSTEM, {**assistant(call()), "role": "user"}], f"message 1 has tool_calls [{call()}], {NOT_CALLS}"),
    (
        [SYSTEM, {"role": "assistant", "content": "x", "tool_calls": None}],
        f"message 1 has tool_calls None, {NOT_CALLS}",
    ),
    ([SYSTEM, assistant()], f"message 1 has tool_calls [], {NOT_CALLS}"),
    ([SYSTEM, assistant("x")], f"message 1 has tool_calls ['x'], {NOT_CALLS}"),
    ([SYSTEM, assistant({"id": "x"})], NOT_CALLS),
    ([SYSTEM, assistant(call(3))], NOT_CALLS),
    ([SYSTEM, assistant(call(kind=None))], NOT_CALLS),
    ([SYSTEM, assistant(call(name=None))], NOT_CALLS),
    ([SYSTEM, assistant(call(arguments={}))], NOT_CALLS),
    ([SYSTEM, assistant(call("a"), call("a")), tool("a"), tool("a")], NOT_CALLS),
]


@pytest.mark.parametrize(("messages", "error"), BAD)
def test_what_a_chat_api_refuses(messages: list[Any], error: str) -> None:
    assert error in (chat_error(messages) or "")
    assert messages not in MessageSpace()


@pytest.mark.parametrize(
    "value", [(), [], None, "x", 3, {}, SYSTEM, [None], [SYSTEM, "x"], np.zeros(3), {SYSTEM["role"]}]
)
def test_message_space_refuses_other_objects(value: Any) -> None:
    assert value not in MessageSpace()


CONTAINED: list[tuple[Any, bool]] = [
    ({"name": "Add_memory", "arguments": {"content": "mug"}}, True),
    ([{"name": "Add_memory", "arguments": {"content": "mug"}}, {"name": "act", "arguments": {"command": "go"}}], True),
    (ToolCall("Retrieve_memory", {"query": "mug", "top_k": 20}), True),
    (Turn((ToolCall("answer", {"text": ""}),)), True),
    ({"name": "Retrieve_memory", "arguments": {"query": "mug", "top_k": "3"}}, True),
    ("open drawer 1", True),
    ("<answer>Paris</answer>", True),
    ('<think>x</think><tool_call>[{"name": "Filter_context", "arguments": {"criteria": "x"}}]</tool_call>', True),
    (assistant(call(name="Add_memory", arguments='{"content": "mug"}')), True),
    ({"role": "assistant", "content": "open drawer 1"}, True),
    ({"name": "Add_memory", "arguments": {}}, False),
    ({"name": "Add_memory", "arguments": {"content": " "}}, False),
    ({"name": "Add_memory", "arguments": {"content": ["mug"]}}, False),
    ({"name": "Add_memroy", "arguments": {"content": "mug"}}, False),
    ([{"name": "Add_memory", "arguments": {"content": "mug"}}, {"name": "nothing", "arguments": {}}], False),
    ({"name": "Retrieve_memory", "arguments": {"query": "mug", "top_k": 21}}, False),
    ("", False),
    ("<tool_call>[{</tool_call>", False),
    (None, False),
    (3, False),
    (object(), False),
    ([], False),
    (b"open drawer 1", False),
    (np.zeros(3), False),
]


@pytest.mark.parametrize(("action", "contained"), CONTAINED)
def test_tool_call_space_contains(action: Any, contained: bool) -> None:
    assert calls_space().contains(action) is contained


def test_commands_are_unknown_without_commands() -> None:
    act = {"name": "act", "arguments": {"command": "go"}}
    assert act in calls_space()
    assert act not in calls_space(commands=False)
    assert "a reply" in calls_space(commands=False)


@given(st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
    st.sampled_from(["role", "content", "tool_calls", "tool_call_id", "id", "name", "arguments", "function"]), inner
)))  # fmt: skip
def test_contains_never_raises(value: Any) -> None:
    assert calls_space().contains(value) in (True, False)
    assert MessageSpace().contains([SYSTEM, value]) in (True, False)
    assert MessageSpace().contains([SYSTEM, {"role": "assistant", "content": "x", "tool_calls": value}]) in (
        True,
        False,
    )


class TestSample:
    @pytest.mark.parametrize("commands", [True, False])
    def test_samples_are_contained_and_use_every_tool(self, commands: bool) -> None:
        space = calls_space(commands=commands)
        samples = [space.sample() for _ in range(1000)]
        assert all(sample in space for sample in samples)
        counts = Counter(sample["name"] for sample in samples)
        assert set(counts) == {*TOOLS, "answer", *(["act"] if commands else [])}
        assert min(counts.values()) > 80
        json.dumps(samples, allow_nan=False)

    def test_samples_use_every_argument(self) -> None:
        space = calls_space()
        drawn = Counter((s["name"], a) for s in (space.sample() for _ in range(1000)) for a in s["arguments"])
        for schema in space.tools():
            function = schema["function"]
            assert all(drawn[function["name"], a] for a in function["parameters"]["properties"])

    def test_commands_are_drawn_from_the_admissible_ones(self) -> None:
        allowed = ["go north", "take 黒 key", "wait"]
        space = ToolCallSpace([], commands=True, admissible=lambda: allowed, seed=0)
        drawn = {s["arguments"]["command"] for s in (space.sample() for _ in range(200)) if s["name"] == "act"}
        assert drawn == set(allowed)

    def test_without_admissible_commands_any_text_is_drawn(self) -> None:
        space = ToolCallSpace([], commands=True, admissible=tuple, seed=0)
        assert all(space.sample() in space for _ in range(50))

    def test_an_environment_can_be_sampled_at_any_time(self) -> None:
        env = AgeMemEnv("tests.toy:ToyEngine", stages=(3,), tools=())
        assert all(env.action_space.sample() in env.action_space for _ in range(20))
        env.reset(seed=0)
        drawn = [env.action_space.sample() for _ in range(60)]
        commands = {s["arguments"]["command"] for s in drawn if s["name"] == "act"}
        assert commands == set(env.admissible_commands())

    def test_message_samples_are_contained(self) -> None:
        space = MessageSpace(seed=0)
        samples = [space.sample() for _ in range(100)]
        assert all(sample in space for sample in samples)
        assert {len(sample) for sample in samples} == {3, 5, 7}

    @pytest.mark.parametrize("space", [MessageSpace(), calls_space()])
    def test_masks_are_refused(self, space: Space[Any]) -> None:
        with pytest.raises(ValueError, match="takes neither mask nor probability"):
            space.sample(mask=np.ones(3))
        with pytest.raises(ValueError, match="takes neither mask nor probability"):
            space.sample(probability=np.ones(3))

    @pytest.mark.parametrize("make", [MessageSpace, calls_space])
    def test_seeding_is_reproducible(self, make: Any) -> None:
        one, other = make(seed=7), make(seed=None)
        first = [one.sample() for _ in range(10)]
        other.seed(7)
        assert [other.sample() for _ in range(10)] == first
        assert [one.sample() for _ in range(10)] != first
        one.seed(8)
        assert [one.sample() for _ in range(10)] != first


class TestIdentity:
    def test_equality(self) -> None:
        assert MessageSpace() == MessageSpace(seed=3)
        assert MessageSpace() != calls_space()
        assert calls_space() == calls_space(seed=3)
        assert calls_space() == ToolCallSpace(TOOLS, commands=True, admissible=tuple)
        assert calls_space() != calls_space(commands=False)
        assert calls_space() != calls_space(tools=TOOLS[:5])
        assert calls_space() != calls_space(tools=TOOLS[::-1])
        assert calls_space() != "ToolCallSpace"

    def test_repr_lists_the_tools(self) -> None:
        assert repr(MessageSpace()) == "MessageSpace()"
        assert repr(calls_space(tools=("Add_memory",))) == "ToolCallSpace(Add_memory, act, answer)"

    def test_tools_are_fresh_schemas(self) -> None:
        space = calls_space(tools=("Add_memory",), commands=False)
        space.tools()[0]["function"]["name"] = "changed"
        assert [t["function"]["name"] for t in space.tools()] == ["Add_memory", "answer"]

    def test_is_not_flattenable(self) -> None:
        assert not MessageSpace().is_np_flattenable
        assert not calls_space().is_np_flattenable


@pytest.mark.parametrize(
    "duplicate", [copy.deepcopy, lambda space: pickle.loads(pickle.dumps(space))], ids=["copy", "pickle"]
)
class TestCopies:
    def test_keep_the_state_of_the_generator(self, duplicate: Any) -> None:
        for space in (calls_space(), MessageSpace(seed=0)):
            space.sample()
            twin = duplicate(space)
            assert twin == space
            ahead = [twin.sample() for _ in range(10)]
            assert [space.sample() for _ in range(10)] == ahead

    def test_leave_the_callback_behind(self, duplicate: Any) -> None:
        holder = SimpleNamespace(unpicklable=lambda: ["go north"])
        space = ToolCallSpace([], commands=True, admissible=lambda: holder.unpicklable(), seed=0)
        twin = duplicate(space)
        commands = [s["arguments"]["command"] for s in (twin.sample() for _ in range(50)) if s["name"] == "act"]
        assert "go north" not in commands
        drawn = [s["arguments"]["command"] for s in (space.sample() for _ in range(50)) if s["name"] == "act"]
        assert set(drawn) == {"go north"}

    def test_of_unseeded_spaces(self, duplicate: Any) -> None:
        assert duplicate(calls_space(seed=None)).sample() in calls_space()


@pytest.mark.parametrize("space", [MessageSpace(seed=0), calls_space()], ids=["messages", "calls"])
class TestVectors:
    def test_batch_of_spaces(self, space: Space[Any]) -> None:
        batched = batch_space(space, 3)
        assert isinstance(batched, Tuple)
        assert batched == Tuple([space] * 3)
        sample = batched.sample()
        assert sample in batched
        assert list(iterate(batched, sample)) == list(sample)

    def test_batches_are_reproducible(self, space: Space[Any]) -> None:
        one, other = batch_space(space, 2), batch_space(space, 2)
        one.seed(5)
        other.seed(5)
        assert one.sample() == other.sample()

    def test_concatenate(self, space: Space[Any]) -> None:
        items = [space.sample() for _ in range(3)]
        out = create_empty_array(space, n=3)
        joined = concatenate(space, items, out)
        assert joined == tuple(items)
        assert joined in batch_space(space, 3)

    def test_inside_a_dict(self, space: Space[Any]) -> None:
        both = Dict({"x": space})
        items = [both.sample() for _ in range(2)]
        joined = concatenate(both, items, create_empty_array(both, n=2))
        assert joined["x"] == tuple(item["x"] for item in items)

    def test_json(self, space: Space[Any]) -> None:
        samples = [space.sample() for _ in range(5)]
        text = json.dumps(space.to_jsonable(samples))
        back = list(space.from_jsonable(json.loads(text)))
        assert back == samples
        assert all(sample in space for sample in back)
        assert {type(sample) for sample in back} == {type(sample) for sample in samples}
