from __future__ import annotations

import copy
import pickle
from pathlib import Path

import numpy as np
import pytest

from agemem_env.engines import engine_class
from agemem_env.engines.hotpotqa.engine import HotpotQAEngine
from agemem_env.errors import ConfigurationError, DataError
from agemem_env.types import Task

RNG = np.random.default_rng(0)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> HotpotQAEngine:
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path))
    return HotpotQAEngine(split="test", source="auto", protocol="agemem")


@pytest.fixture
def task(engine: HotpotQAEngine) -> Task:
    return engine.tasks[0]


def test_is_registered() -> None:
    assert engine_class("HotpotQA") is HotpotQAEngine


def test_auto_falls_back_to_generated(engine: HotpotQAEngine) -> None:
    assert engine.source == "generated"
    assert len(engine.tasks) == 1000


def test_tasks_are_found_by_id(engine: HotpotQAEngine) -> None:
    assert engine.tasks.get("gen-test-000017") == engine.tasks[17] == engine.tasks.get(17)
    assert engine.tasks[17].id == "gen-test-000017"


@pytest.mark.parametrize("key", ["gen-test-001000", "gen-train-000001", "gen-test-17", "gen-test-00001²", "", 1000])
def test_unknown_tasks(engine: HotpotQAEngine, key: str | int) -> None:
    with pytest.raises(ConfigurationError, match="gen-test-000000"):
        engine.tasks.get(key)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"split": "dev"}, "unknown split 'dev'"),
        ({"source": "offical"}, "did you mean 'official'"),
        ({"protocol": "agentboard"}, "Allowed: 'agemem'"),
    ],
)
def test_wrong_arguments(arguments: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        HotpotQAEngine(**{"split": "test", "source": "generated", "protocol": "agemem", **arguments})


def test_official_source_without_data(engine: HotpotQAEngine) -> None:
    with pytest.raises(DataError, match="agemem data download hotpotqa"):
        HotpotQAEngine(split="test", source="official", protocol="agemem")


def test_a_briefed_agent_sees_nothing_and_another_sees_the_true_context(engine: HotpotQAEngine, task: Task) -> None:
    assert engine.reset(task, RNG, briefed=True) == ""
    shown = engine.reset(task, RNG, briefed=False)
    stale = task.superseded
    for index, fact in enumerate(task.facts):
        statement = fact.text.split(": ", 1)[1]
        assert (statement in shown) == (index not in stale)


def test_answers_are_scored(engine: HotpotQAEngine, task: Task) -> None:
    engine.reset(task, RNG, briefed=True)
    assert task.answer is not None
    right = engine.submit(f"The {task.answer}.")
    assert (right.progress, right.done, right.success, right.valid) == (1.0, True, True, True)
    engine.reset(task, RNG, briefed=True)
    wrong = engine.submit("nothing of the kind")
    assert (wrong.progress, wrong.done, wrong.success) == (0.0, True, False)


def test_partial_answers_make_progress(engine: HotpotQAEngine) -> None:
    task = next(t for t in engine.tasks if len((t.answer or "").split()) == 2)
    engine.reset(task, RNG, briefed=True)
    step = engine.submit((task.answer or "").split()[0])
    assert step.progress == pytest.approx(2 / 3)
    assert not step.success


def test_answer_before_reset(engine: HotpotQAEngine) -> None:
    with pytest.raises(ConfigurationError, match="call reset"):
        engine.submit("Tolm")


def test_oracle_needs_every_current_gold_fact(engine: HotpotQAEngine) -> None:
    for index in range(200):
        task = engine.tasks[index]
        engine.reset(task, RNG, briefed=True)
        told = [fact.text for fact in task.facts]
        assert engine.oracle(told).arguments == {"text": task.answer}
        assert engine.oracle([]).arguments == {"text": "unknown"}
        for gold in task.gold_facts:
            others = [text for text in told if text != gold.text]
            assert engine.oracle(others).arguments == {"text": "unknown"}, (task.id, gold.text)


def test_oracle_answer_succeeds(engine: HotpotQAEngine, task: Task) -> None:
    engine.reset(task, RNG, briefed=True)
    call = engine.oracle([utterance.text for utterance in task.utterances])
    assert call.name == "answer"
    assert engine.submit(call.arguments["text"]).success


def test_snapshot_brings_back_the_state(engine: HotpotQAEngine, task: Task) -> None:
    engine.reset(task, RNG, briefed=True)
    before, snapshot = engine.state_hash(), engine.snapshot()
    engine.submit("x")
    after = engine.state_hash()
    assert after != before
    engine.reset(engine.tasks[1], RNG, briefed=True)
    assert engine.state_hash() not in (before, after)
    for _ in range(2):
        engine.restore(snapshot)
        assert engine.state_hash() == before
        assert engine.submit(task.answer or "").success


def test_engine_can_be_copied_and_sent(engine: HotpotQAEngine, task: Task) -> None:
    engine.reset(task, RNG, briefed=True)
    for twin in (copy.deepcopy(engine), pickle.loads(pickle.dumps(engine))):
        assert twin.state_hash() == engine.state_hash()
        assert twin.tasks[3] == engine.tasks[3]


def test_any_unicode_answer_is_taken(engine: HotpotQAEngine, task: Task) -> None:
    engine.reset(task, RNG, briefed=True)
    assert engine.submit("\ud800 é 漢字").progress == 0.0
    assert len(engine.state_hash()) == 32
