from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from agemem_env.engines import engine_class
from agemem_env.engines.hotpotqa.engine import HotpotQAEngine
from agemem_env.errors import ConfigurationError
from agemem_env.types import Task

RNG = np.random.default_rng(0)


def test_is_registered() -> None:
    assert engine_class("HotpotQA") is HotpotQAEngine


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
