"""What a memory system may do between the agent's turns, on the toy benchmark."""

from __future__ import annotations

from typing import Any

import pytest
from gymnasium.error import ResetNeeded

from agemem_env.context.origins import BETWEEN
from agemem_env.env import AgeMemEnv
from agemem_env.episode.desk import TURN_SHARE
from agemem_env.errors import DeskError
from agemem_env.rewards.memory import retrieved_entries
from agemem_env.types import Usage
from tests.toy import make_task


def make(**kwargs: Any) -> AgeMemEnv:
    env = AgeMemEnv("tests.toy:ToyEngine", **{"tools": (), **kwargs})
    env.reset(seed=0, options={"task": 1})
    return env


def to_stage(env: AgeMemEnv, stage: int) -> None:
    while env.desk().stage < stage:
        env.step("Noted.")


class TestNews:
    def test_is_what_the_world_said_since_the_last_turn(self) -> None:
        env = make()
        task = make_task(1)
        told = []
        while (desk := env.desk()).stage < 3:
            told += desk.news
            env.step("Noted.")
        assert told == [fact.text for fact in task.facts] + list(task.distractors)
        assert desk.news == (task.query, "You see 5 boxes.")
        assert desk.query == task.query
        env.step({"name": "act", "arguments": {"command": "open red box"}})
        assert env.desk().news == ("The red box is empty.",)

    def test_leaves_out_what_memory_says(self) -> None:
        env = make(tools=("Add_memory",))
        first = env.desk().news
        env.step({"name": "Add_memory", "arguments": {"content": first[0]}})
        desk = env.desk()
        assert len(desk.news) == 1, "the result of the call, or the introspection, was taken for news"
        assert desk.query is None


class TestStore:
    def test_operations_are_recorded_with_what_they_changed(self) -> None:
        env = make()
        desk = env.desk()
        entry = desk.add("The key is red.", {"kind": "fact"})
        assert [hit.entry for hit in desk.search("key", 3, {"kind": "fact"})] == [entry]
        new = desk.update(entry.id, "The key is blue.")
        desk.delete(entry.id)
        assert len(env.memory) == 0
        events = env.ledger.by("system")
        assert [e.effect.kind for e in events] == ["add", "search", "update", "delete"]
        assert [(e.effect.before, e.effect.after) for e in events] == [
            ((), (entry,)), ((), (entry,)), ((entry,), (new,)), ((new,), ()),
        ]  # fmt: skip
        assert new.metadata == {"source": "system", "kind": "fact", "timestamp": 0}
        assert {e.tool for e in events} == {""}
        assert env.ledger.calls == {}
        assert not any(env.desk().observation()[1]["tool_calls"].values())

    def test_ids_come_from_the_episodes_generator(self) -> None:
        first, second = make(), make()
        assert first.desk().add("x").id == second.desk().add("x").id

    @pytest.mark.parametrize(
        ("content", "metadata", "message"),
        [
            ("  ", None, "not blank"),
            ("x", {"when": object()}, "JSON object: a value of type object"),
            ("x", ["a"], "JSON object, not list"),
        ],
    )
    def test_refuses_what_cannot_be_stored(self, content: str, metadata: Any, message: str) -> None:
        desk = make().desk()
        with pytest.raises(DeskError, match=message):
            desk.add(content, metadata)

    @pytest.mark.parametrize("name", ["update", "delete"])
    def test_an_unknown_id_is_an_error(self, name: str) -> None:
        desk = make().desk()
        arguments = ("mem_00000000", "text")[: 2 if name == "update" else 1]
        with pytest.raises(DeskError, match="no memory 'mem_00000000'"):
            getattr(desk, name)(*arguments)

    def test_is_closed_after_step_reset_and_restore(self) -> None:
        env = make()
        saved = env.snapshot()
        for leave in (lambda: env.step("Noted."), lambda: env.reset(seed=1), lambda: env.restore(saved)):
            desk = env.desk()
            leave()
            with pytest.raises(DeskError, match="this desk is closed"):
                desk.add("x")

    def test_there_is_none_after_the_end(self) -> None:
        env = make(stages=(3,))
        env.step({"name": "answer", "arguments": {"text": "done"}})
        with pytest.raises(ResetNeeded, match="the episode is over"):
            env.desk()


class TestShow:
    def test_stands_before_the_newest_message_and_counts_as_tokens(self) -> None:
        env = make()
        to_stage(env, 2)
        before = env.desk().observation()[0]
        desk = env.desk()
        entry = desk.add("The key of vault 1 lies in the blue box.")
        assert desk.show(desk.search("key", 1)) == (entry,)
        after, info = desk.observation()
        shown = env._current().context.units[-2].messages[0]
        assert after["messages"][:-1] == before["messages"][:-1]
        assert after["messages"][-1]["content"] == f"{shown.text}{BETWEEN}{before['messages'][-1]['content']}"
        assert entry.content in shown.text
        assert (shown.origin, shown.memory_ids) == ("retrieval", (entry.id,))
        assert after["tokens"] - before["tokens"] == env._current().context.size([shown])
        assert info["tokens"] == after["tokens"]
        env.step("Noted.")
        assert env.ledger.prompt_tokens[-1] == after["tokens"]

    def test_replaces_what_was_shown_before(self) -> None:
        env = make()
        to_stage(env, 2)
        desk = env.desk()
        first, second = desk.add("The key is red."), desk.add("The ceiling is green.")
        desk.show(desk.search("key", 1))
        env.step("Noted.")
        desk = env.desk()
        desk.show(desk.search("ceiling", 1))
        texts = " ".join(str(m["content"]) for m in desk.observation()[0]["messages"])
        assert second.content in texts
        assert first.content not in texts
        [event] = env.ledger.of("replace")
        assert event.actor == "system"
        assert first.content in event.effect.removed[0].text
        desk.show([])
        assert second.content not in str(desk.observation()[0]["messages"])
        assert env.ledger.of("reduce") == [], "replacing would be paid as tidying"

    def test_the_same_again_changes_nothing(self) -> None:
        env = make()
        to_stage(env, 2)
        desk = env.desk()
        desk.add("The key is red.")
        desk.show(desk.search("key", 1))
        before, events = desk.observation()[0], len(env.ledger.of("retrieve", "replace"))
        desk.show(desk.search("key", 1))
        assert desk.observation()[0] == before
        assert len(env.ledger.of("retrieve", "replace")) == events

    def test_keeps_the_budget(self) -> None:
        env = make(max_tokens=1000)
        to_stage(env, 3)
        desk = env.desk()
        for i in range(20):
            desk.add(f"Key {i} lies in the box number {i}, " + "as everybody in the whole house knows well. " * 3)
        shown = desk.show(desk.search("key box", 20))
        observation, info = desk.observation()
        assert 0 < len(shown) < 20
        assert observation["tokens"] <= 1000 * (1 - TURN_SHARE)
        assert not info["overflow"]
        desk.show("word " * 5000)
        observation, info = desk.observation()
        assert observation["tokens"] <= 1000 * (1 - TURN_SHARE)
        assert "[cut" in observation["messages"][-1]["content"]
        assert not info["overflow"]

    def test_shows_nothing_where_nothing_fits(self) -> None:
        env = make(max_tokens=400)
        to_stage(env, 3)
        desk = env.desk()
        desk.add("The key is red.")
        assert desk.room < 0
        assert desk.show(desk.search("key")) == ()
        assert env.ledger.of("retrieve") == []

    def test_counts_as_retrieved_in_stage_3(self) -> None:
        env = make()
        desk = env.desk()
        entry = desk.add("The key of vault 1 lies in the blue box.")
        to_stage(env, 3)
        desk = env.desk()
        looked_at = desk.search("vault", 1)
        assert retrieved_entries(env.view, from_stage=3) == [], "looking is not showing"
        desk.show(looked_at)
        assert retrieved_entries(env.view, from_stage=3) == [entry]


def test_cost_and_faults_are_metrics() -> None:
    env = make()
    desk = env.desk()
    desk.charge(Usage(1, 100, 10, None, 2.5), "extract")
    desk.charge(Usage(2, 50, 5, 0.1, 0.5), "decide")
    desk.fault("malformed_reply", "x" * 1000)
    desk.add("The key is red.")
    to_stage(env, 3)
    info = env.step({"name": "answer", "arguments": {"text": "done"}})[4]
    assert {name: info["metrics"][name] for name in ("MC", "MT", "MO", "MF", "TC")} == {
        "MC": 3.0, "MT": 165.0, "MO": 1.0, "MF": 1.0, "TC": 0.0,
    }  # fmt: skip
    assert env.ledger.memory_usage() == Usage(3, 150, 15, None)
    assert env.ledger.memory_usage().seconds == 3.0
    assert len(env.ledger.of("fault")[0].arguments["detail"]) == 200


def test_the_agent_cannot_reach_it() -> None:
    env = make()
    for action in ({"name": "desk", "arguments": {}}, "desk().add('x')", {"name": "show", "arguments": {}}):
        env.step(action)
    assert len(env.memory) == 0
    assert env.ledger.by("system") == []
