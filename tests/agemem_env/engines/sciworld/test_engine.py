"""The SciWorld engine: scores, failures, crashes, snapshots, AgentBoard's protocol."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from importlib.util import find_spec

import numpy as np
import pytest

from agemem_env.data import data_root
from agemem_env.engines.sciworld.engine import SciWorldEngine
from agemem_env.engines.sciworld.java import jvm
from agemem_env.errors import ConfigurationError, DataError
from agemem_env.types import Task

pytestmark = pytest.mark.skipif(find_spec("scienceworld") is None, reason="the extra [sciworld] is not installed")

RNG = np.random.default_rng(0)
LABELS = data_root() / "agentboard_labels"


@pytest.fixture(scope="module")
def engine() -> Iterator[SciWorldEngine]:
    made = SciWorldEngine(tasks=["mendelian-genetics-known-plant", "find-plant"])
    yield made
    made.close()


@pytest.fixture
def task(engine: SciWorldEngine) -> Task:
    return engine.tasks.get("mendelian-genetics-known-plant/90")


def known(task: Task) -> list[str]:
    return [fact.text for fact in task.gold_facts]


def test_score_is_progress_and_100_is_success(engine: SciWorldEngine, task: Task) -> None:
    engine.reset(task, RNG, briefed=True)
    reached = []
    done = False
    while not done:
        call = engine.oracle(known(task))
        step = engine.step(call.arguments["command"])
        reached.append(step.progress)
        done = step.done
    assert reached == sorted(reached)
    assert (step.success, step.progress) == (True, 1.0)
    late = engine.step("look around")
    assert (late.done, late.success, late.valid, late.progress) == (True, True, False, 1.0)


def test_a_wrong_focus_fails_and_keeps_what_was_reached(engine: SciWorldEngine, task: Task) -> None:
    engine.reset(task, RNG, briefed=True)
    wrong = "green box" if "red box" in str(engine.oracle(known(task))) else "red box"
    step = engine.step("look around")
    for command in ("go to hallway", "go to greenhouse", "focus on red box", "focus on green box"):
        before, step = step, engine.step(command)
        if step.done:
            break
    solved = step.success
    engine.reset(task, RNG, briefed=True)
    for command in ("go to hallway", "go to greenhouse"):
        before = engine.step(command)
    step = engine.step("focus on green box" if solved else f"focus on {wrong}")
    assert (step.done, step.success) == (True, False)
    assert step.progress == before.progress > 0


def test_a_refused_command_is_invalid_and_earns_nothing(engine: SciWorldEngine, task: Task) -> None:
    engine.reset(task, RNG, briefed=True)
    step = engine.step("fly to the moon \ud800")
    assert (step.valid, step.done, step.progress) == (False, False, 0.0)
    assert step.text == "No known action matches that input."


def test_the_admissible_commands_are_the_simulators(engine: SciWorldEngine, task: Task) -> None:
    engine.reset(task, RNG, briefed=True)
    assert engine.lists_commands is False
    listed = engine.admissible()
    assert "look around" in listed and len(listed) > 20
    assert all(engine.step(command).valid for command in listed[:3])


def test_a_snapshot_is_reached_again_by_repeating(engine: SciWorldEngine, task: Task) -> None:
    engine.reset(task, RNG, briefed=True)
    engine.step("go to hallway")
    saved, digest = engine.snapshot(), engine.state_hash()
    first = [engine.step(command) for command in ("go to kitchen", "look around")]
    other = engine.tasks.get("find-plant/225")
    engine.reset(other, RNG, briefed=True)
    assert engine.state_hash() != digest
    engine.restore(saved)
    assert engine.state_hash() == digest
    assert [engine.step(command) for command in ("go to kitchen", "look around")] == first


def test_a_dead_simulator_fails_the_episode_and_no_other(engine: SciWorldEngine, task: Task) -> None:
    engine.reset(task, RNG, briefed=True)
    before = engine.step("go to hallway")
    os.kill(jvm.shared().pid, signal.SIGKILL)
    step = engine.step("go to greenhouse")
    assert (step.done, step.success, step.progress) == (True, False, before.progress)
    assert "broke down" in step.text
    assert "ended" in step.error
    engine.reset(task, RNG, briefed=True)
    assert engine.step("go to hallway") == before


def test_nothing_is_played_before_reset() -> None:
    with pytest.raises(ConfigurationError, match="no task is being played"):
        SciWorldEngine(tasks="find-plant").step("look around")


def test_submitting_ends_the_episode_as_it_stands(engine: SciWorldEngine, task: Task) -> None:
    engine.reset(task, RNG, briefed=True)
    reached = engine.step("go to hallway").progress
    step = engine.submit("done")
    assert (step.done, step.success, step.progress) == (True, False, reached)


def test_agentboard_needs_labels(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path))
    with pytest.raises(DataError, match="no AgentBoard labels"):
        SciWorldEngine(protocol="agentboard")


@pytest.mark.skipif(not list(LABELS.glob("scienceworld*.jsonl")), reason="AgentBoard's labels are not there")
def test_agentboards_protocol_counts_its_sub_goals() -> None:
    made = SciWorldEngine(protocol="agentboard")
    task = made.tasks.get("lifespan-longest-lived/5")
    assert (task.max_rounds, task.source) == (30, "official")
    assert "In your inventory, you see:" in made.reset(task, RNG, briefed=False)
    helped = made.step("check valid actions")
    assert helped.text.startswith("Choose an action from these valid actions: ") and helped.valid
    progress, commands = [], []
    while len(commands) < 30 and not (progress and progress[-1].done):
        commands.append(made.oracle(known(task)).arguments["command"])
        progress.append(made.step(commands[-1]))
    assert (progress[-1].done, progress[-1].success, progress[-1].progress) == (True, True, 1.0)
    assert 0.5 in {step.progress for step in progress}
    saved = made.snapshot()
    made.reset(task, RNG, briefed=False)
    made.restore(saved)
    assert made.step("look around").done
    made.close()
