"""Arbitrary actions, ten thousand per stage in the slow run: no action raises or breaks an invariant.

Each action is tried in the same state, restored from a snapshot, on every benchmark and on the toy one.
"""

from __future__ import annotations

import json
import math
from typing import Any

import gymnasium as gym
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

import agemem_env  # noqa: F401 - registers the ids
from agemem_env.actions.dialects import DIALECTS
from agemem_env.context.context import MESSAGE_OVERHEAD
from agemem_env.context.validity import problems
from agemem_env.engines import ENGINES
from agemem_env.env import AgeMemEnv
from agemem_env.errors import MissingExtraError

ACTIONS_PER_EXAMPLE = 20

NAMES = ("Add_memory", "Update_memory", "Delete_memory", "Retrieve_memory", "Summary_context", "Filter_context",
         "act", "answer", "Add_memroy", "")  # fmt: skip
KEYS = ("content", "memory_id", "query", "top_k", "span", "summary", "criteria", "confirmation", "metadata",
        "metadata_filter", "command", "text", "extra")  # fmt: skip

texts = st.text(max_size=60) | st.sampled_from(
    ["all", "3", "-1", "0", "true", "mem_00000000", "open red box", "Zürich 東京", "\ud800", "9" * 400, "NaN"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=8,
)
calls = st.fixed_dictionaries(
    {"name": st.sampled_from(NAMES) | texts, "arguments": st.dictionaries(st.sampled_from(KEYS), values, max_size=5)}
)
json_like = st.lists(calls, min_size=1, max_size=3).map(lambda c: json.dumps(c, ensure_ascii=False))
broken = st.tuples(json_like, st.integers(0, 200), texts).map(lambda t: t[0][: t[1]] + t[2] + t[0][t[1] + 1 :])
tagged = st.tuples(
    st.sampled_from(["", "<think>", "<think>x</think>", "<answer>", "Action: "]),
    st.sampled_from(["", "<tool_call>", "```json\n"]),
    json_like | broken | texts,
    st.sampled_from(["", "</tool_call>", "```", "</answer>", "</think>"]),
).map("".join)
forms = [text for dialect in DIALECTS for text in (dialect.example, dialect.near_miss)]
dialects = st.tuples(
    st.sampled_from(["", "<think>x</think>", "Sure.\n", "x</think>"]),
    st.sampled_from(forms),
    st.sampled_from(["mug 2", *NAMES[:6], "open red box", "all"]),
    st.sampled_from(["", "<|im_end|>", "\n</s>", "\nok"]),
).map(lambda t: t[0] + t[1].replace("mug 2", t[2]) + t[3])
wild_names = st.sampled_from(
    ["functions.Add_memory", "Add_memory<|channel|>commentary", "Add_memory:0", " act ", "multi_tool_use.parallel",
     "x" * 100, "東京", "", "add_memory", "default_api.act"]
) | texts  # fmt: skip
native = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["call_0", "a", "functions.x:0", "", "y" * 100]) | texts,
        "type": st.just("function"),
        "function": st.fixed_dictionaries(
            {
                "name": wild_names | st.sampled_from(NAMES),
                "arguments": st.dictionaries(st.sampled_from(KEYS), values, max_size=3).map(json.dumps)
                | texts
                | values,
            }
        ),
    }
)
messages = st.fixed_dictionaries(
    {
        "role": st.just("assistant"),
        "content": st.none() | texts | json_like | dialects,
        "tool_calls": st.none() | st.lists(native | values, max_size=3),
    }
)
actions = st.one_of(
    dialects,
    messages,
    texts,
    json_like,
    broken,
    tagged,
    calls,
    st.lists(calls, max_size=3),
    values,
    st.binary(max_size=8),
    st.builds(object),
)


def at_stage(stage: int, benchmark: str) -> AgeMemEnv:
    tool_format: Any = "tags" if stage == 2 else "native"
    env = AgeMemEnv(benchmark, source="generated", max_tokens=2000, tool_format=tool_format)
    observation, _ = env.reset(seed=stage)
    env.step({"name": "Add_memory", "arguments": {"content": "Zürich lies by a lake."}})
    while observation["stage"] < stage:
        observation, *_ = env.step("Noted.")
    return env


def check(env: AgeMemEnv, action: Any) -> None:
    engine_state = env.engine.state_hash()
    observation, reward, terminated, truncated, info = env.step(action)
    assert observation in env.observation_space
    assert problems(observation["messages"], env.config.tool_format) == []
    assert observation["tokens"] <= env.config.max_tokens
    assert math.isfinite(reward)
    assert type(terminated) is type(truncated) is bool
    json.dumps(info, allow_nan=False).encode("utf-8")
    json.dumps(observation, ensure_ascii=False).encode("utf-8")
    moved = any(event.effect.kind in ("command", "answer") for event in env.ledger.events)
    assert moved or env.engine.state_hash() == engine_state, "the engine moved without a command"


@pytest.mark.parametrize("count", [500, pytest.param(10_000, marks=pytest.mark.exhaustive)])
@pytest.mark.parametrize("stage", [1, 2, 3])
@pytest.mark.parametrize("benchmark", [*ENGINES, "tests.toy:ToyEngine"])
def test_arbitrary_actions(benchmark: str, stage: int, count: int) -> None:
    try:
        env = at_stage(stage, benchmark)
    except MissingExtraError as error:
        pytest.skip(str(error))
    if benchmark == "SciWorld":
        count //= 5  # a state that was left is loaded anew, which takes 50 ms
    saved = env.snapshot()
    tried = 0

    @seed(stage)
    @settings(
        max_examples=count // ACTIONS_PER_EXAMPLE,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(actions, min_size=ACTIONS_PER_EXAMPLE, max_size=ACTIONS_PER_EXAMPLE))
    def run(batch: list[Any]) -> None:
        nonlocal tried
        for action in batch:
            env.restore(saved)
            check(env, action)
            tried += 1

    run()
    env.close()
    assert tried >= count


@settings(max_examples=30, deadline=None)
@given(
    st.lists(actions, max_size=30),
    st.sampled_from([(1, 2, 3), (1, 3), (2, 3), (3,)]),
    st.sampled_from(["native", "tags"]),
    st.sampled_from(["verbatim", "canonical"]),
    st.sampled_from([1250, 1800]),
)
def test_whole_episodes(
    batch: list[Any], stages: tuple[int, ...], tool_format: Any, history: Any, max_tokens: int
) -> None:
    env = AgeMemEnv(
        "tests.toy:ToyEngine",
        stages=stages,
        max_tokens=max_tokens,
        dense=True,
        tool_format=tool_format,
        history=history,
    )
    env.reset(seed=0)
    total = 0.0
    for action in batch:
        observation, reward, terminated, truncated, info = env.step(action)
        total += reward
        assert problems(observation["messages"], tool_format) == []
        counted = sum(env._counter.count(m.full_text) + MESSAGE_OVERHEAD for m in env._current().context.messages())
        assert observation["tokens"] == counted
        if terminated or truncated:
            parts = info["reward_components"]
            expected = sum(parts[c] / 3 for c in ("task", "context", "memory") if parts[c] is not None)
            assert total == pytest.approx(expected + parts["penalty"], abs=1e-9)
            with pytest.raises(gym.error.ResetNeeded, match=r"call reset\(\)"):
                env.step("late")
            break
