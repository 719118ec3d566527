"""What info tells a learner beside the prompt."""

from __future__ import annotations

import gymnasium as gym
import pytest

from agemem_env.context.origins import read
from agemem_env.env import AgeMemEnv
from agemem_env.errors import ConfigurationError
from agemem_env.memory.store import LongTermMemory
from agemem_env.services.encoders import HashingEncoder


def _env(benchmark: str = "HotpotQA", **options: object) -> AgeMemEnv:
    env = gym.make(f"AgeMem-{benchmark}-v0", source="generated", **options).unwrapped
    assert isinstance(env, AgeMemEnv)
    return env


def _call(name: str, **arguments: object) -> dict[str, object]:
    return {"name": name, "arguments": arguments}


def test_origins_divide_messages_that_were_joined() -> None:
    env = _env()
    observation, info = env.reset(seed=1)
    assert [origin for origin, _ in info["origins"][0]] == ["system"]
    told = observation["messages"][1]["content"]
    observation, _, _, _, info = env.step(_call("Add_memory", content=told))
    # The memory just stored is shown before the next message, in one message of the user if it is related.
    said = list(read(observation["messages"], info["origins"]))
    assert [part.origin for part in said][:3] == ["system", "told", "agent"]
    assert said[1].text == told
    assert said[-1].origin == "told" and said[-1].text == env.snapshot().episode.plan[1].text


def test_small_talk_and_gold_facts_are_told_alike() -> None:
    env = _env()
    observation, info = env.reset(seed=1)
    while info["stage"] == 1:
        assert {part.origin for part in read(observation["messages"], info["origins"])} <= {
            "system", "told", "agent", "retrieval"
        }  # fmt: skip
        observation, _, _, _, info = env.step("Noted.")
    assert list(read(observation["messages"], info["origins"]))[-1].origin == "distractor"


def test_shown_memories_have_scores_and_leave_with_their_message() -> None:
    env = _env()
    env.reset(seed=1)
    env.step(_call("Add_memory", content="the mug is red"))
    _, _, _, _, info = env.step(_call("Retrieve_memory", query="the mug is red", top_k=1))
    (shown,) = info["shown_memories"]
    assert shown["content"] == "the mug is red" and shown["score"] == pytest.approx(1.0)
    assert info["last_effect"] == [
        {"tool": "Retrieve_memory", "kind": "retrieve", "memories": 1, "messages": 0, "tokens": 0}
    ]
    _, _, _, _, info = env.step(_call("Summary_context", span="all", summary="nothing"))
    assert [effect["kind"] for effect in info["last_effect"]] == ["reduce"]
    assert info["last_effect"][0]["messages"] > 0 > info["last_effect"][0]["tokens"]
    assert shown["id"] not in {memory["id"] for memory in info["shown_memories"]}


def test_a_call_that_changes_nothing_says_so() -> None:
    env = _env()
    env.reset(seed=1)
    _, _, _, _, info = env.step([_call("Filter_context", criteria="xyzzy"), _call("Delete_memory", memory_id="mem_0")])
    assert [(e["tool"], e["kind"], e["messages"]) for e in info["last_effect"]] == [
        ("Filter_context", "none", 0), ("Delete_memory", "none", 0)
    ]  # fmt: skip
    assert env.step("Noted.")[4]["last_effect"] == []


def test_memory_of_one_episode() -> None:
    env = _env()
    store = LongTermMemory(HashingEncoder())
    env.reset(seed=1)
    store.add("the mug is red", {}, 0, env.np_random)
    assert env.reset(seed=1, options={"memory": store})[0]["memory_size"] == 1
    assert env.reset(seed=1)[0]["memory_size"] == 0
    env.step(_call("Add_memory", content="x"))
    with pytest.raises(ConfigurationError, match="use a LongTermMemory"):
        env.reset(options={"memory": ["the mug is red"]})
    assert env.step("Noted.")[0]["memory_size"] == 1, "the episode in progress goes on"
    with pytest.raises(ConfigurationError, match="task"):
        env.reset(options={"seed": 3})


def test_the_answer_tool_can_be_left_out_where_commands_solve_the_task() -> None:
    env = _env("PDDL", offer_answer=False, tool_format="tags")
    observation, info = env.reset(seed=1)
    assert "answer" not in info["tool_calls"] and "act" in info["tool_calls"]
    assert "<answer>" not in observation["messages"][0]["content"]
    assert _call("answer", text="x") not in env.action_space
    with pytest.raises(ConfigurationError, match="HotpotQA is solved by answering"):
        _env(offer_answer=False)
