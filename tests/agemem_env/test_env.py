"""What `AgeMemEnv` does with its arguments, stage by stage, on the toy benchmark."""

from __future__ import annotations

import json
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

from agemem_env.env import AgeMemEnv
from agemem_env.errors import ConfigurationError, ServiceError
from agemem_env.memory.store import LongTermMemory
from agemem_env.services.encoders import HashingEncoder
from agemem_env.services.judges import LexicalJudge
from baselines import make as make_policy
from baselines import rollout

MOVED = 3  # a toy task whose key is moved in stage 1: facts, distractors and query take 3 + 2 + n turns


def toy(**kwargs: Any) -> AgeMemEnv:
    return AgeMemEnv("tests.toy:ToyEngine", **kwargs)


def contents(observation: dict[str, Any]) -> list[Any]:
    return [message["content"] for message in observation["messages"][1:]]


def call(name: str, **arguments: Any) -> dict[str, Any]:
    return {"name": name, "arguments": arguments}


def to_stage(env: AgeMemEnv, stage: int, task: int = MOVED) -> dict[str, Any]:
    observation, _ = env.reset(seed=0, options={"task": task})
    while observation["stage"] < stage:
        observation, *_ = env.step("Noted.")
    return observation


class TestStages:
    def test_the_course_of_an_episode(self) -> None:
        env = toy()
        observation, _ = env.reset(options={"task": MOVED})
        stages, last = [], []
        over = False
        while not over:
            stages.append(observation["stage"])
            last.append(contents(observation)[-1])
            observation, _, terminated, truncated, _ = env.step(
                "open blue box" if observation["stage"] == 3 else "Noted."
            )
            over = terminated or truncated
        assert stages == [1, 1, 1, 2, 2, 3]
        assert last == [
            "The key of vault 3 lies in the weiß box.",
            "The ceiling is high.",
            "The key of vault 3 lies in the blue box.",
            "The key of vault 103 lies in the red box.",
            "The key of vault 104 lies in the green box.",
            "You see 5 boxes.",
        ]

    def test_stage_2_starts_empty_and_stage_3_does_not(self) -> None:
        env = toy()
        assert contents(to_stage(env, 2)) == ["The key of vault 103 lies in the red box."]
        assert contents(to_stage(env, 3))[:2] == ["The key of vault 103 lies in the red box.", "Noted."]

    def test_the_context_is_cleared_after_stage_1_even_without_stage_2(self) -> None:
        observation = to_stage(toy(stages=(1, 3)), 3)
        assert contents(observation) == [
            "Find the key of vault 3.\n\nTurns that you have for this: 8.",
            "You see 5 boxes.",
        ]

    def test_the_plain_benchmark_hides_nothing(self) -> None:
        observation, _ = toy(stages=(3,)).reset(options={"task": MOVED})
        assert contents(observation)[-1].endswith("A note says: The key of vault 3 lies in the blue box.")

    def test_facts_per_turn(self) -> None:
        observation, _ = toy(facts_per_turn=2).reset(options={"task": MOVED})
        assert contents(observation) == ["The key of vault 3 lies in the weiß box.\nThe ceiling is high."]

    def test_long_term_memory_outlives_the_reset(self) -> None:
        env = toy()
        env.reset(seed=0, options={"task": MOVED})
        env.step(call("Add_memory", content="blue box"))
        while env.step("Noted.")[0]["stage"] < 3:
            pass
        observation, *_ = env.step(call("Retrieve_memory", query="box"))
        assert "blue box" in contents(observation)[-1]

    def test_memories_are_shown_before_a_message_of_stage_1(self) -> None:
        env = toy()
        env.reset(seed=0, options={"task": MOVED})
        observation, *_, info = env.step(call("Add_memory", content="The key of vault 3 lies in the weiß box."))
        assert "The key of vault 3 lies in the weiß box." in contents(observation)[-2]
        assert contents(observation)[-1] == "The ceiling is high."
        assert {k: n for k, n in info["tool_calls"].items() if n} == {"Add_memory": 1}, (
            "the environment's own retrieval is nobody's call"
        )

    @pytest.mark.parametrize(("literal", "stage"), [(False, 1), (True, 2)])
    def test_an_answer_in_stage_1(self, literal: bool, stage: int) -> None:
        env = toy(answer_ends_stage=literal)
        env.reset(options={"task": MOVED})
        observation, reward, terminated, _, info = env.step("<answer>I see.</answer>")
        assert (observation["stage"], reward, terminated) == (stage, 0.0, False)
        assert info["errors"] == {}


class TestTurns:
    def test_several_calls_run_in_order(self) -> None:
        env = toy()
        env.reset(seed=0)
        observation, *_ = env.step([call("Add_memory", content="a"), call("Add_memory", content="b")])
        assert [entry.content for entry in env.memory] == ["a", "b"]
        assert observation["memory_size"] == 2

    def test_nothing_follows_a_command(self) -> None:
        env = toy()
        to_stage(env, 3)
        calls = [call("act", command="open red box"), call("act", command="open blue box")]
        observation, _, terminated, _, info = env.step(calls)
        assert not terminated
        assert info["errors"] == {"after_end_of_turn": 1}
        assert contents(observation)[-1] == "act was not run: nothing may follow act in the same turn."

    def test_a_refused_command_lets_the_next_one_through(self) -> None:
        env = toy()
        to_stage(env, 3)
        _, _, terminated, _, info = env.step([call("act"), call("act", command="open blue box")])
        assert terminated and info["success"]

    def test_an_impossible_command_is_a_counted_mistake_and_a_turn(self) -> None:
        env = toy()
        to_stage(env, 3)
        observation, *_, info = env.step("fly away")
        assert info["errors"] == {"invalid_command": 1}
        assert contents(observation)[-1] == "Nothing happens."

    def test_a_command_before_stage_3_does_nothing(self) -> None:
        env = toy()
        env.reset(options={"task": MOVED})
        state = env.engine.state_hash()
        _, *_, info = env.step(call("act", command="open blue box"))
        assert env.engine.state_hash() == state
        assert info["errors"] == {"wrong_stage": 1}

    def test_a_garbled_call_is_no_command(self) -> None:
        env = toy()
        to_stage(env, 3)
        state = env.engine.state_hash()
        observation, *_, info = env.step('<tool_call>[{"name": "act", "arguments": {"command": </tool_call>')
        assert env.engine.state_hash() == state
        assert info["errors"] == {"malformed_call": 1}
        assert "was not executed" in contents(observation)[-1]

    def test_think_text_is_dropped_unless_asked_for(self) -> None:
        action = "<think>It may matter.</think>" + json.dumps([call("Add_memory", content="a")])
        for keep in (False, True):
            env = toy(keep_think=keep)
            env.reset(seed=0)
            observation, *_ = env.step(action)
            assert ("It may matter." in str(observation["messages"])) is keep

    def test_the_query_cannot_be_removed(self) -> None:
        env = toy()
        to_stage(env, 3)
        env.step(call("Filter_context", criteria="Find the key of vault 3."))
        observation, *_ = env.step(call("Summary_context", span="all"))
        assert "Find the key of vault 3.\n\nTurns that you have for this: 8." in contents(observation)

    def test_the_turn_limit(self) -> None:
        env = toy(max_rounds=2)
        to_stage(env, 3)
        assert env.step("open red box")[2:4] == (False, False)
        _, reward, terminated, truncated, info = env.step("open red box")
        assert (terminated, truncated) == (False, True)
        assert info["reward_components"]["penalty/rounds"] == 0.0
        assert reward == pytest.approx((info["reward_components"]["task"] + info["reward_components"]["context"]
                                        + info["reward_components"]["memory"]) / 3)  # fmt: skip

    def test_at_the_limit_one_earns_what_giving_up_there_earns(self) -> None:
        rewards = []
        for last in ("open red box", [{"name": "answer", "arguments": {"text": "unknown"}}]):
            env = toy(max_rounds=2, reward="strict")
            to_stage(env, 3)
            env.step("open red box")
            rewards.append(env.step(last)[1])
        assert rewards[0] >= rewards[1] - 1e-9

    def test_the_limit_is_told_and_the_turns_left_are_if_wanted(self) -> None:
        env = toy(max_rounds=3, show_turns_left=True)
        assert "Turns that you have for this: 3." in str(contents(to_stage(env, 3)))
        assert "Turns left" not in str(contents(env._observe()))
        assert contents(env.step("open red box")[0])[-1] == "Turns left: 2."
        plain = toy(max_rounds=3)
        to_stage(plain, 3)
        assert "Turns left" not in str(contents(plain.step("open red box")[0]))

    def test_winning_at_the_limit_is_winning(self) -> None:
        env = toy(max_rounds=1)
        to_stage(env, 3)
        _, _, terminated, truncated, info = env.step("open blue box")
        assert (terminated, truncated, info["success"]) == (True, False, True)

    def test_an_overflow_is_charged_once_and_drops_the_oldest(self) -> None:
        env = toy(max_tokens=1300)
        observation = to_stage(env, 3)
        before = contents(observation)
        observation, *_, info = env.step(call("Add_memory", content="word " * 150))
        assert info["overflow"] and observation["tokens"] <= 1300
        assert before[0] not in contents(
            observation
        ) and "Find the key of vault 3.\n\nTurns that you have for this: 8." in contents(observation)
        *_, info = env.step("open blue box")
        assert info["reward_components"]["penalty"] == -0.5


class TestArguments:
    @pytest.mark.parametrize(
        ("kwargs", "message"),
        [
            ({"split": "tset"}, "unknown split 'tset'; did you mean 'test'"),
            ({"source": "offical"}, "unknown source 'offical'; did you mean 'official'"),
            ({"protocol": "agentbord"}, "unknown protocol 'agentbord'"),
            ({"reward": "fair"}, "unknown reward 'fair'; Allowed: 'paper', 'strict'"),
            ({"tools": ["Add_memry"]}, "unknown tool 'Add_memry'; did you mean 'Add_memory'"),
            ({"stages": (2, 1)}, r"stages=\(2, 1\) is not allowed"),
            ({"max_tokens": 0}, "max_tokens=0 is not allowed"),
            ({"boxs": 3}, "unknown argument 'boxs'; did you mean 'boxes'"),
            ({"encoder": "openai:"}, "openai:"),
            ({"judge": "lexicl"}, "lexicl"),
            ({"render_mode": "human"}, "unknown render_mode 'human'"),
        ],
        ids=str,
    )
    def test_bad_arguments(self, kwargs: dict[str, Any], message: str) -> None:
        with pytest.raises(ConfigurationError, match=message):
            toy(**kwargs)

    def test_bad_reset_options(self) -> None:
        env = toy()
        with pytest.raises(ConfigurationError, match="unknown reset option 'tsk'; did you mean 'task'"):
            env.reset(options={"tsk": 3})
        with pytest.raises(ConfigurationError, match=r"unknown task 99; allowed: an index from 0 to 19"):
            env.reset(options={"task": 99})

    def test_a_budget_that_cannot_hold_the_query(self) -> None:
        with pytest.raises(ConfigurationError, match=r"max_tokens=200 is too small: .* alone take \d+ tokens"):
            toy(max_tokens=200).reset(seed=0)

    def test_a_subset_of_tools(self) -> None:
        env = toy(tools=("Retrieve_memory", "Add_memory"))
        names = [tool["function"]["name"] for tool in env.action_space.tools()]
        assert names == ["Retrieve_memory", "Add_memory", "act", "answer"]
        env.reset(seed=0)
        *_, info = env.step(call("Filter_context", criteria="x"))
        assert info["errors"] == {"unknown_tool": 1}

    def test_weights_by_name_and_in_order(self) -> None:
        for weights in ({"task": 1, "context": 0, "memory": 0}, (1, 0, 0)):
            env = toy(weights=weights)
            assert rollout(env, make_policy("expert", env), seed=0, task=MOVED).reward == pytest.approx(1.0)

    def test_top_k(self) -> None:
        env = toy(top_k=1)
        env.reset(seed=0)
        env.step([call("Add_memory", content="red box"), call("Add_memory", content="green box")])
        observation, *_ = env.step(call("Retrieve_memory", query="box"))
        assert contents(observation)[-3].count("mem_") == 1

    def test_render(self) -> None:
        env = toy(render_mode="ansi")
        env.reset(seed=0, options={"task": MOVED})
        rendered = env.render()
        assert rendered is not None and rendered.endswith("[user: fact] The key of vault 3 lies in the weiß box.")
        assert toy().render() is None


class TestMemory:
    def test_each_episode_starts_empty(self) -> None:
        env = toy()
        env.reset(seed=0)
        env.step(call("Add_memory", content="a"))
        assert env.reset(seed=0)[0]["memory_size"] == 0

    def test_lifetime_memory_is_kept(self) -> None:
        env = toy(memory="lifetime")
        env.reset(seed=0)
        env.step(call("Add_memory", content="a"))
        assert env.reset()[0]["memory_size"] == 1

    def test_a_store_to_start_from_is_copied_for_each_episode(self) -> None:
        store = LongTermMemory(HashingEncoder())
        store.add("The key of vault 3 lies in the blue box.", {}, 0, np.random.default_rng(0))
        env = toy(memory=store)
        for _ in range(2):
            assert env.reset(seed=0)[0]["memory_size"] == 1
            env.step(call("Add_memory", content="b"))
        assert len(store) == 1

    def test_ids_come_from_the_episodes_generator(self) -> None:
        ids = []
        for seed in (1, 1, 2):
            env = toy()
            env.reset(seed=seed)
            env.step(call("Add_memory", content="a"))
            ids.append(next(iter(env.memory)).id)
        assert ids[0] == ids[1] != ids[2]


class TestServices:
    def test_a_failing_judge_leaves_its_parts_open(self) -> None:
        class Broken(LexicalJudge):
            def memory(self, *args: Any, **kwargs: Any) -> Any:
                raise ServiceError("the judge did not answer: check the base URL")

        env = toy(judge=Broken())
        to_stage(env, 3)
        info: dict[str, Any] = {"metrics": None}
        while info["metrics"] is None:
            info = env.step("open blue box")[4]
        assert info["metrics"]["MQ"] is None
        assert info["metrics"]["SR"] is not None
        assert info["reward_components"]["task"] is not None
        assert env.ledger.faults("environment") == {"judge": 1}

    def test_a_policy_written_summary(self) -> None:
        env = toy()
        observation = to_stage(env, 3)
        tokens = observation["tokens"]
        env.step("open red box")
        observation, *_, info = env.step(call("Summary_context", span="all", summary="red is empty"))
        assert "Summary of earlier messages: red is empty" in contents(observation)
        assert observation["tokens"] < tokens + 60 and info["context_rewritten"]


def test_make_gives_the_environment_its_kwargs() -> None:
    env = gym.make("AgeMem-HotpotQA-v0", source="generated", split="valid", stages=(1, 3))
    _, info = env.reset(seed=0)
    assert info["source"] == "generated" and env.unwrapped.task.id.startswith("gen-valid-")  # type: ignore[attr-defined]
    env.close()


def test_nothing_names_the_task_before_its_query() -> None:
    """Ids of tasks may name their types, so they come with the query."""
    env = gym.make("AgeMem-PDDL-v0", source="generated")
    _, info = env.reset(seed=0)
    named = [info.get("task_id")]
    while info["stage"] < 3:
        _, _, _, _, info = env.step("I see.")
        named.append(info.get("task_id"))
    assert set(named[:-1]) == {None}
    assert named[-1] == env.unwrapped.task.id  # type: ignore[attr-defined]
    env.close()
