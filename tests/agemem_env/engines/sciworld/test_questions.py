"""Where the simulator asks which of several things was meant: a number, a blank, and what is neither."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

from agemem_env.engines.sciworld.engine import SciWorldEngine
from agemem_env.types import Task

pytestmark = pytest.mark.skipif(find_spec("scienceworld") is None, reason="the extra [sciworld] is not installed")

TASK = "chemistry-mix-paint-tertiary-color"
TO_THE_QUESTION = ("go to hallway", "go to art studio", "pick up jug", "pour wood cup into jug")


@pytest.fixture(scope="module")
def engine() -> Iterator[SciWorldEngine]:
    made = SciWorldEngine(tasks=[TASK], split="train")
    yield made
    made.close()


@pytest.fixture(scope="module")
def task(engine: SciWorldEngine) -> Task:
    return engine.tasks.get(f"{TASK}/7")


def ask(engine: SciWorldEngine, task: Task) -> None:
    engine.reset(task, np.random.default_rng(0), briefed=True)
    assert not engine.takes_blank
    for command in TO_THE_QUESTION:
        step = engine.step(command)
    assert step.text.startswith("Ambiguous request: Please enter the number")
    assert engine.takes_blank


@pytest.mark.parametrize(
    ("reply", "valid", "text"),
    [
        ("1", True, "You pour the contents of the wood cup into the jug."),
        ("", True, "Unknown action."),
        ("  ", True, "Unknown action."),
        ("7", False, "Unknown action."),
        ("the blue one", False, "Unknown action."),
        ("look around", False, "Unknown action."),
    ],
)
def test_a_number_or_a_blank_is_an_answer(
    engine: SciWorldEngine, task: Task, reply: str, valid: bool, text: str
) -> None:
    ask(engine, task)
    step = engine.step(reply)
    assert step.text.startswith(text)
    assert step.valid == valid
    assert not engine.takes_blank
    assert engine.step("look around").text.startswith("This room is called the art studio")


def turns(actions: list[Any]) -> list[dict[str, Any]]:
    env = gym.make("AgeMem-SciWorld-v0", tasks=[TASK], split="train", stages=(3,))
    env.reset(seed=0, options={"task": f"{TASK}/7"})
    infos = [env.step(action)[4] for action in actions]
    env.close()
    return infos


def test_a_blank_reaches_the_engine_only_after_a_question() -> None:
    blank = {"name": "act", "arguments": {"command": ""}}
    infos = turns([blank, *TO_THE_QUESTION, blank, blank])
    errors = [info["errors"] for info in infos]
    assert errors[0] == {"empty_argument": 1}
    assert errors[5] == {"empty_argument": 1}, "the blank is the answer"
    assert errors[6] == {"empty_argument": 2}, "there is nothing left to answer"


def test_an_empty_text_is_a_blank_after_a_question() -> None:
    errors = [info["errors"] for info in turns(["", *TO_THE_QUESTION, " ", "look around"])]
    assert errors[0] == errors[-1]
    assert sum(errors[0].values()) == 1


def test_another_reply_is_counted_as_invalid() -> None:
    errors = [info["errors"] for info in turns([*TO_THE_QUESTION, "the blue one"])]
    assert errors[-2].get("invalid_command", 0) == 0
    assert errors[-1]["invalid_command"] == 1
