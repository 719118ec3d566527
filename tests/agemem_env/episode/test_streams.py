from __future__ import annotations

import gymnasium as gym
import pytest

from agemem_env.episode.streams import LAGS, LENGTH, StreamTask, engine_task, stream_ids, streams_of
from agemem_env.errors import ConfigurationError
from agemem_env.types import Task


def tasks_of(benchmark: str = "HotpotQA") -> list[Task]:
    env = gym.make(f"AgeMem-{benchmark}-v0", source="generated", streams=True)
    tasks = env.unwrapped.tasks  # type: ignore[attr-defined]
    return [tasks.get(task_id) for task_id in stream_ids(0)]


@pytest.fixture(scope="module")
def stream() -> list[Task]:
    return tasks_of()


def test_the_needed_facts_are_told_in_the_episodes_up_to_their_own(stream: list[Task]) -> None:
    told: dict[str, list[int]] = {}
    for position, task in enumerate(stream):
        for utterance in task.utterances:
            for i in utterance.facts:
                told.setdefault(task.facts[i].text, []).append(position)
    early = 0
    for position, task in enumerate(stream):
        assert task.gold_facts
        for fact in task.gold_facts:
            assert any(position - LAGS < when <= position for when in told[fact.text])
            early += position not in told[fact.text]
    assert early > LENGTH / 2


def test_facts_go_stale_between_episodes(stream: list[Task]) -> None:
    across = 0
    for task in stream:
        told = {i for utterance in task.utterances for i in utterance.facts}
        across += sum(new in told and old not in told for old, new in task.superseded.items())
        for old, new in task.superseded.items():
            assert old < new
    assert across > 5


def test_everything_of_a_stream_is_told_once(stream: list[Task]) -> None:
    own = [engine_task(task) for task in stream]
    assert len({task.id for task in own}) == LENGTH
    said = sorted(u.text for task in stream for u in task.utterances if u.facts)
    assert said == sorted(u.text for task in own for u in task.utterances)


def test_only_what_is_asked_now_is_gold_and_the_rest_is_useful(stream: list[Task]) -> None:
    for task in stream:
        assert isinstance(task, StreamTask)
        assert task.own is not None
        assert {f.text for f in task.gold_facts} == {f.text for f in task.own.gold_facts}
        assert (task.query, task.answer, task.distractors) == (task.own.query, task.own.answer, task.own.distractors)
        assert all(fact.useful for fact in task.facts if fact.gold)


def test_streams_are_the_same_again(stream: list[Task]) -> None:
    assert tasks_of() == stream


def test_ids_are_found_and_others_are_not() -> None:
    env = gym.make("AgeMem-PDDL-v0", source="generated", streams=True)
    tasks = env.unwrapped.tasks  # type: ignore[attr-defined]
    assert len(tasks) == 200 // LENGTH * LENGTH
    assert all(tasks.has(task_id) for task_id in tasks.ids)
    for wrong in ("stream-0-24", "stream-8-00", "stream-00-00", "stream-0-0", "gen-test-gripper-000000"):
        assert not tasks.has(wrong)
    with pytest.raises(ConfigurationError, match="streams=True is not allowed"):
        streams_of(gym.make("AgeMem-PDDL-v0", source="official").unwrapped.tasks)  # type: ignore[attr-defined]


@pytest.mark.parametrize("benchmark", ["ALFWorld", "PDDL"])
def test_engines_play_tasks_of_streams(benchmark: str) -> None:
    pytest.importorskip("textworld") if benchmark == "ALFWorld" else None
    env = gym.make(f"AgeMem-{benchmark}-v0", source="generated", streams=True)
    _, info = env.reset(seed=0, options={"task": "stream-0-03"})
    snapshot = env.unwrapped.snapshot()  # type: ignore[attr-defined]
    env.step("Noted.")
    _, again = env.unwrapped.restore(snapshot)  # type: ignore[attr-defined]
    assert again["state_hash"] == info["state_hash"]
