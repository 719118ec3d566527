"""What `AgeMemEnv` does with its arguments, stage by stage, on the toy benchmark."""

from __future__ import annotations

import copy
import json
import math
import pickle
from collections import Counter
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.error import ResetNeeded

from agemem_env.context import transcript
from agemem_env.context.messages import Message
from agemem_env.context.origins import BETWEEN
from agemem_env.env import AgeMemEnv
from agemem_env.errors import ConfigurationError, ServiceError
from agemem_env.memory.store import LongTermMemory
from agemem_env.services.encoders import HashingEncoder
from agemem_env.services.judges import LexicalJudge
from agemem_env.services.tokens import EstimateCounter
from baselines import make as make_policy
from baselines import rollout

MOVED = 3  # a toy task whose key is moved in stage 1: facts, distractors and query take 3 + 2 + n turns


def toy(**kwargs: Any) -> AgeMemEnv:
    return AgeMemEnv("tests.toy:ToyEngine", **kwargs)


def contents(observation: dict[str, Any]) -> list[Any]:
    """Return the texts of the messages; those that are sent as one message of the user, apart."""
    return [text for message in observation["messages"][1:] for text in (message["content"] or "").split(BETWEEN)]


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
            "Find the key of vault 3.",
            "Turns that you have for this: 8.",
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
        observation, *_, info = env.step(call("Add_memory", content="The ceiling of the vault is high."))
        assert "The ceiling of the vault is high." in contents(observation)[-2]
        assert contents(observation)[-1] == "The ceiling is high."
        assert {k: n for k, n in info["tool_calls"].items() if n} == {"Add_memory": 1}, (
            "the environment's own retrieval is nobody's call"
        )

    def test_memories_that_are_not_related_are_not_shown(self) -> None:
        class Judged(HashingEncoder):
            default_threshold = 0.999999

        added = [call("Add_memory", content=text) for text in ("The ceiling of the vault is high.", "Ice is cold.")]
        for encoder, shown in ((HashingEncoder(), ["ceiling"]), (Judged(), [])):
            env = toy(encoder=encoder)
            env.reset(seed=0, options={"task": MOVED})
            observation, *_ = env.step(added)
            found = [text for text in contents(observation) if "may be related" in str(text)]
            assert ["ceiling" for text in found if "ceiling" in text] == shown
            assert not any("Ice" in text for text in found)
            assert len(found) == len(shown), "without a related memory there is no message at all"

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
        assert "Find the key of vault 3." in contents(observation)

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
        assert before[0] not in contents(observation) and "Find the key of vault 3." in contents(observation)
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


class OtherEncoder(HashingEncoder):
    name = "other"


def test_a_store_of_another_encoder_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"memory is a store of encoder 'other', expected '.*': pass encoder="):
        toy(memory=LongTermMemory(OtherEncoder()))
    toy(memory=LongTermMemory(OtherEncoder()), encoder=OtherEncoder())


FOREIGN: list[tuple[dict[str, Any], str]] = [
    ({"split": "train"}, "split='train' there, split='test' here"),
    ({"stages": (3,)}, r"stages=\(3,\) there, stages=\(1, 2, 3\) here"),
    ({"top_k": 5}, "top_k=5 there, top_k=3 here"),
    ({"tools": ["Add_memory"]}, "tools="),
    ({"encoder": OtherEncoder()}, "encoder='other' there"),
    ({"judge": LexicalJudge(), "reward": "strict"}, "reward='strict' there"),
]


@pytest.mark.parametrize(("arguments", "message"), FOREIGN)
def test_a_snapshot_of_another_environment_is_refused_before_anything_changes(
    arguments: dict[str, Any], message: str
) -> None:
    env, other = toy(), toy(**arguments)
    other.reset(seed=1)
    env.reset(seed=2)
    env.step("Noted.")
    before = env.snapshot()
    with pytest.raises(ConfigurationError, match=f"this snapshot is of another environment: {message}"):
        env.restore(other.snapshot())
    _, info = env.restore(before)
    following = env.step("Noted.")
    env.restore(before)
    with pytest.raises(ConfigurationError, match="another environment"):
        env.restore(other.snapshot())
    assert env.step("Noted.")[4]["state_hash"] == following[4]["state_hash"] != info["state_hash"]


@pytest.mark.parametrize("value", [None, {}, 3, "snapshot", np.zeros(2)])
def test_what_is_no_snapshot_is_refused(value: Any) -> None:
    env = toy()
    env.reset(seed=0)
    with pytest.raises(ConfigurationError, match="is no snapshot: use what snapshot"):
        env.restore(value)
    assert env.step("Noted.")[0]["round"] == 1


def test_a_snapshot_of_another_benchmark_or_task_set_is_refused() -> None:
    env, other = toy(), gym.make("AgeMem-HotpotQA-v0", source="generated").unwrapped
    assert isinstance(other, AgeMemEnv)
    other.reset(seed=0)
    with pytest.raises(ConfigurationError, match=r"benchmark='HotpotQA' there, benchmark='tests.toy:ToyEngine' here"):
        env.restore(other.snapshot())
    pytest.importorskip("scienceworld")
    official = gym.make("AgeMem-SciWorld-v0", tasks="boil").unwrapped
    every = gym.make("AgeMem-SciWorld-v0", tasks=["melt", "boil"]).unwrapped
    assert isinstance(official, AgeMemEnv) and isinstance(every, AgeMemEnv)
    every.reset(seed=0)
    with pytest.raises(ConfigurationError, match="tasks="):
        official.restore(every.snapshot())


def test_a_snapshot_is_restored_by_an_equal_environment() -> None:
    env = toy(encoder="hashing")
    env.reset(seed=1)
    env.step(call("Add_memory", content="the key is in box 2"))
    twin = toy(encoder=HashingEncoder(), weights=np.full(3, 1 / 3))
    assert twin.restore(env.snapshot())[1]["state_hash"] == env.restore(env.snapshot())[1]["state_hash"]


@pytest.mark.parametrize("how", [copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_a_copy_keeps_generators_and_lifetime_memory(how: Any) -> None:
    env = toy(memory="lifetime")
    env.reset(seed=1)
    env.step(call("Add_memory", content="the key is in box 2"))
    twin = how(env)
    assert [entry.content for entry in twin.memory] == ["the key is in box 2"]
    env.step(call("Add_memory", content="another"))
    assert len(twin.memory) == 1
    twin.step(call("Add_memory", content="another"))
    assert twin.reset()[1]["state_hash"] == env.reset()[1]["state_hash"]


def test_a_closed_environment_can_be_copied_and_goes_on_after_a_reset() -> None:
    env = toy()
    env.reset(seed=1)
    env.close()
    twin = pickle.loads(pickle.dumps(env))
    with pytest.raises(ResetNeeded):
        twin.step("Noted.")
    assert twin.reset(seed=2)[1]["state_hash"] == env.reset(seed=2)[1]["state_hash"]
    assert copy.deepcopy(env).step("Noted.")[4]["state_hash"] == env.step("Noted.")[4]["state_hash"]


def test_numpy_values_are_taken_where_python_values_are() -> None:
    env, twin = toy(), toy()
    first = env.reset(seed=np.int64(4), options={"task": np.int64(MOVED)})  # type: ignore[arg-type]
    assert first[1]["state_hash"] == twin.reset(seed=4, options={"task": MOVED})[1]["state_hash"]
    env.reset(seed=4, options={"task": np.array(MOVED)})
    for one, k in ((env, np.int64(1)), (twin, 1)):
        one.step(call("Add_memory", content="the key is in box 2"))
        one.step([call("Retrieve_memory", query="key", top_k=k), call("Delete_memory", memory_id="x", confirmation=k)])
    assert env.ledger.errors == twin.ledger.errors
    deleted = call("Delete_memory", memory_id=next(iter(env.memory)).id, confirmation=np.bool_(True))
    assert env.step(deleted)[0]["memory_size"] == 0


class OddJudge(LexicalJudge):
    def __init__(self, value: Any) -> None:
        self.value = value

    def answer(self, question: str, predicted: str, expected: str) -> float:
        return float(self.value) if isinstance(self.value, float) else self.value

    def relevance(self, query: str, retrieved: Any) -> float | None:
        return self.answer("", "", "")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, np.float64("nan"), "0.5"])
@pytest.mark.parametrize("dense", [False, True])
def test_what_is_no_number_never_reaches_a_reward(value: Any, dense: bool) -> None:
    env = gym.make("AgeMem-HotpotQA-v0", source="generated", judge=OddJudge(value), dense=dense)
    result = rollout(env, make_policy("expert", env), seed=0)
    assert math.isfinite(result.reward)
    assert result.info["reward_components"]["task"] is None
    assert result.info["metrics"]["J"] is None
    plain = env.unwrapped
    assert isinstance(plain, AgeMemEnv) and plain.ledger.faults("environment")["judge"]


class Tally:
    """Counts what the services are asked in each step."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.counts: Counter[str] = Counter()
        for owner, name in ((EstimateCounter, "count"), (Message, "digest"), (HashingEncoder, "encode")):
            monkeypatch.setattr(owner, name, self._counted(name, getattr(owner, name)))
        monkeypatch.setattr(transcript, "render", self._counted("render", transcript.render))

    def _counted(self, name: str, method: Any) -> Any:
        def counted(*args: Any) -> Any:
            self.counts[name] += len(args[1]) if name == "encode" else 1
            return method(*args)

        return counted

    def take(self) -> Counter[str]:
        taken, self.counts = self.counts, Counter()
        return taken


class TestLongEpisodes:
    """What a step does must not grow with the context; counted in operations, not in seconds."""

    @pytest.mark.parametrize("tool_format", ["native", "tags"])
    @pytest.mark.parametrize("spoken", [False, True])
    def test_a_full_context_asks_the_services_no_more(
        self, monkeypatch: pytest.MonkeyPatch, tool_format: str, spoken: bool
    ) -> None:
        env = toy(stages=(3,), max_tokens=3000, max_rounds=600, tool_format=tool_format)
        env.reset(seed=0)
        tally, costs, full = Tally(monkeypatch), [], []
        for i in range(500):
            _, _, terminated, _, info = env.step(f"look {i}" if spoken else call("act", command=f"look {i}"))
            assert not terminated
            costs.append(tally.take())
            full.append(info["overflow"])
        filled = full.index(True)
        assert 30 < filled < 300
        for name in ("count", "digest", "render"):
            assert max(cost[name] for cost in costs[filled:]) <= max(cost[name] for cost in costs[3:filled]) + 4, name

    def test_filter_embeds_only_what_is_new(self, monkeypatch: pytest.MonkeyPatch) -> None:
        env = toy(stages=(3,), max_rounds=600, filter_threshold=1.0)
        env.reset(seed=0)
        for i in range(50):
            env.step(call("act", command=f"look {i}"))
        env.step(call("Filter_context", criteria="weather"))
        tally = Tally(monkeypatch)
        env.step(call("act", command="look again"))
        env.step(call("Filter_context", criteria="weather"))
        assert 0 < tally.take()["encode"] <= 3

    @pytest.mark.parametrize("history", ["verbatim", "canonical"])
    def test_changing_an_observation_harms_nothing(self, history: str) -> None:
        spoilt, other = (toy(stages=(3,), max_tokens=3000, max_rounds=200, history=history) for _ in range(2))
        spoilt.reset(seed=0)
        other.reset(seed=0)
        for i in range(120):
            action = call("act", command=f"look {i}")
            (observation, *rest), (expected, *_, info) = spoilt.step(action), other.step(action)
            assert observation == expected
            assert rest[-1] == info
            for message in observation["messages"]:
                message.setdefault("tool_calls", []).append("changed")
                message["tool_calls"][0] = message["content"] = "changed"
                message.pop("role")
            info["errors"]["changed"] = info["tool_calls"]["act"] = 99
        assert info["overflow"]

    def test_a_snapshot_at_a_full_context_comes_back(self) -> None:
        env = toy(stages=(3,), max_tokens=3000, max_rounds=400)
        env.reset(seed=0)
        for i in range(150):
            env.step(call("act", command=f"look {i}"))
        snapshot = env.snapshot()
        first = [env.step(f"look {i}") for i in range(40)]
        env.step(call("Summary_context", span="all"))
        observation, _ = env.restore(snapshot)
        assert observation["round"] == 150
        again = [env.step(f"look {i}") for i in range(40)]
        assert again == first
        assert len({info["state_hash"] for *_, info in first}) == 40

    def test_a_plain_reply_joins_the_message_that_it_answers_only(self) -> None:
        env = toy(stages=(3,), max_rounds=20)
        env.reset(seed=0)
        for _ in range(3):
            env.step("{broken")
        assert [len(unit.messages) for unit in env._current().context.units[-3:]] == [3, 2, 2]
