"""The ids of a split are known without making its tasks."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import pytest

from agemem_env.data.locate import data_root
from agemem_env.engines import engine_class
from agemem_env.engines.base import TaskEngine, TaskSet
from agemem_env.engines.sciworld.agentboard import LABELS
from agemem_env.errors import ConfigurationError
from agemem_env.types import Task

EXTRAS = {"BabyAI": "minigrid", "SciWorld": "scienceworld", "ALFWorld": "textworld"}

CASES: list[tuple[str, dict[str, Any]]] = [
    ("HotpotQA", {"source": "generated", "split": "train"}),
    ("HotpotQA", {"source": "official", "split": "train"}),
    ("PDDL", {"source": "generated", "split": "train"}),
    ("PDDL", {"source": "generated", "split": "valid", "domain": "barman"}),
    ("PDDL", {"source": "official"}),
    ("BabyAI", {"source": "generated"}),
    ("BabyAI", {"source": "generated", "split": "train"}),
    ("BabyAI", {"source": "generated", "protocol": "agentboard"}),
    ("BabyAI", {"source": "official", "protocol": "agentboard"}),
    ("BabyAI", {"levels": ["BabyAI-Open-v0", "BabyAI-Pickup-v0"]}),
    ("SciWorld", {"split": "train"}),
    ("SciWorld", {"protocol": "agentboard"}),
    ("ALFWorld", {"source": "generated", "split": "train"}),
    ("ALFWorld", {"source": "official", "split": "valid"}),
]


def made(benchmark: str, options: dict[str, Any]) -> TaskEngine:
    extra = EXTRAS.get(benchmark)
    if extra and find_spec(extra) is None:
        pytest.skip(f"{extra} is not installed")
    if benchmark == "SciWorld" and "protocol" in options and not LABELS.paths():
        pytest.skip("AGEMEM_DATA has no labels")
    if options.get("source") == "official" and not (data_root() / "agentboard_labels").is_dir():
        pytest.skip("AGEMEM_DATA has no official data")
    return engine_class(benchmark)(**options)


@pytest.mark.parametrize(("benchmark", "options"), CASES)
def test_ids_are_those_of_the_tasks_and_make_none(
    benchmark: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = made(benchmark, options)
    tasks = engine.tasks
    build: Callable[[int], Task] = tasks._build

    def refuse(index: int) -> Task:
        raise AssertionError(f"task {index} was made")

    monkeypatch.setattr(tasks, "_build", refuse)
    ids = tasks.ids
    assert len(ids) == len(tasks) == len(set(ids))
    with pytest.raises(ConfigurationError, match=ids[0]):
        tasks.get("no such task")
    monkeypatch.setattr(tasks, "_build", build)
    for index in {0, len(tasks) // 2, len(tasks) - 1}:
        assert tasks[index].id == ids[index]
        assert tasks.get(ids[index]).id == ids[index]
    engine.close()


def test_a_set_that_knows_no_names_makes_its_tasks() -> None:
    tasks = TaskSet(2, lambda index: Task(f"t{index}", "Toy", "test", "generated", "q"), {"t0": 0, "t1": 1}.get)
    assert tasks.ids == ("t0", "t1")
