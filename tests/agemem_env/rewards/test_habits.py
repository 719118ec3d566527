"""What an agent did with what it was told."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import pytest

from agemem_env.env import AgeMemEnv
from agemem_env.rewards.habits import habits
from agemem_env.types import Task


@pytest.fixture(scope="module")
def env() -> AgeMemEnv:
    found = gym.make("AgeMem-HotpotQA-v0", source="generated", disable_env_checker=True).unwrapped
    assert isinstance(found, AgeMemEnv)
    return found


def _revised(env: AgeMemEnv) -> tuple[int, int, int]:
    """Return a task whose answer was revised, with the old and the new fact."""
    for place in range(500):
        task: Task = env.tasks[place]
        for old, new in task.superseded.items():
            if task.facts[new].gold and task.answer and task.answer in task.facts[new].text:
                return place, old, new
    pytest.fail("no task with a revised answer")


def _played(env: AgeMemEnv, place: int, keep: str, answer: str) -> dict[str, float | None]:
    """Store what is told as ``keep`` says, and answer."""
    observation, info = env.reset(seed=0, options={"task": place})
    task, told = env.task, 0
    while observation["stage"] < 3:
        action: Any = "Noted."
        if observation["stage"] == 1:
            utterance, told = task.utterances[told], told + 1
            action = {"name": "Add_memory", "arguments": {"content": utterance.text}}
            old = task.facts[utterance.facts[0]].supersedes
            if keep == "mend" and old is not None:
                wanted = next(u.text for u in task.utterances if old in u.facts)
                entry = next(m for m in info["shown_memories"] if m["content"] == wanted)
                action = {"name": "Delete_memory", "arguments": {"memory_id": entry["id"], "confirmation": True}}
            if keep == "nothing":
                action = "Noted."
        observation, _, _, _, info = env.step(action)
    env.step({"name": "answer", "arguments": {"text": answer}})
    return habits(env.view)


def test_an_outdated_answer_is_told_from_a_right_one_and_from_another_wrong_one(env: AgeMemEnv) -> None:
    place, old, new = _revised(env)
    task = env.tasks[place]
    was, now = task.facts[old].text.split(), task.facts[new].text.split()
    outdated = " ".join(word for word in was if word not in now).rstrip(".")
    assert _played(env, place, "everything", outdated)["answered outdated"] == 1
    assert _played(env, place, "everything", str(task.answer))["answered outdated"] == 0
    assert _played(env, place, "everything", "nobody at all")["answered outdated"] == 0


def test_a_correction_is_an_update_or_a_delete_of_what_was_outdated(env: AgeMemEnv) -> None:
    place, _, _ = _revised(env)
    assert _played(env, place, "everything", "x")["corrected"] == 0
    assert _played(env, place, "mend", "x")["corrected"] == 1


def _rewritten(env: AgeMemEnv, when: str) -> float | None:
    """Store the outdated wording; delete it at once (early), or when revised update it to itself (same), or delete it."""
    place, old, new = _revised(env)
    env.reset(seed=0, options={"task": place})
    task, entry = env.task, ""
    for utterance in task.utterances:
        action: Any = "Noted."
        if entry and when == "early":
            action = {"name": "Delete_memory", "arguments": {"memory_id": entry, "confirmation": True}}
            entry = ""
        elif entry and new in utterance.facts:
            content = {"memory_id": entry, "content": task.facts[old].text}
            action = {"name": "Update_memory", "arguments": content}
            if when == "delete":
                action = {"name": "Delete_memory", "arguments": {"memory_id": entry, "confirmation": True}}
        elif old in utterance.facts:
            action = {"name": "Add_memory", "arguments": {"content": task.facts[old].text}}
        env.step(action)
        if old in utterance.facts:
            entry = env.view.ledger.of("add")[-1].effect.after[0].id
    env.finish()
    return habits(env.view)["corrected"]


@pytest.mark.parametrize(("when", "counts"), [("early", 0), ("same", 0), ("delete", 1)])
def test_what_goes_before_its_revision_or_stays_is_not_corrected(env: AgeMemEnv, when: str, counts: int) -> None:
    assert _rewritten(env, when) == counts


def test_small_talk_is_counted_by_what_memory_states(env: AgeMemEnv) -> None:
    assert (_played(env, 0, "everything", "x")["small talk stored"] or 0) > 0.8
    assert _played(env, 0, "nothing", "x")["small talk stored"] == 0


def test_what_does_not_apply_is_none(env: AgeMemEnv) -> None:
    task = next(
        i for i in range(200) if not any(env.tasks[i].facts[new].gold for new in env.tasks[i].superseded.values())
    )
    found = _played(env, task, "nothing", "x")
    assert found["corrected"] is None and found["answered outdated"] is None
