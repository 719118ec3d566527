"""Tasks of SciWorld against the simulator: facts are true, plans solve, caches and splits hold."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from agemem_env.engines.sciworld import package
from agemem_env.engines.sciworld.engine import SciWorldEngine
from agemem_env.engines.sciworld.families import FAMILIES
from agemem_env.env import AgeMemEnv
from agemem_env.errors import ConfigurationError, MissingExtraError
from baselines import make, rollout
from tests.agemem_env.engines.sciworld.quick import QUICK

pytestmark = pytest.mark.skipif(find_spec("scienceworld") is None, reason="the extra [sciworld] is not installed")


RNG = np.random.default_rng(0)


SIMPLIFICATIONS = "selfWateringFlowerPots,openDoors"


def test_splits_are_scienceworlds_and_disjoint() -> None:
    engines = {split: SciWorldEngine(split=split) for split in ("train", "dev", "test")}
    assert {split: len(made.tasks) for split, made in engines.items()} == {"train": 3592, "dev": 1796, "test": 1819}
    assert engines["dev"].split == "valid"
    ids = [made.tasks._find(f"boil/{variation}") for made in engines.values() for variation in range(30)]
    assert sum(found is not None for found in ids) == 30, "each variation of boil is in one split"
    for made in engines.values():
        made.close()


def test_the_first_tasks_are_of_all_families_in_turn() -> None:
    made = SciWorldEngine()
    assert list(FAMILIES) == list(dict.fromkeys(FAMILIES)) and len(FAMILIES) == 30
    indices = [made.tasks._find(f"{name}/{made._simulator.splits(name).test[0]}") for name in FAMILIES]
    assert sorted(index for index in indices if index is not None) == list(range(30))


def test_both_sources_are_the_official_variations() -> None:
    for source in ("auto", "official", "generated"):
        made = SciWorldEngine(source=source, tasks="find-plant")
        assert (made.source, made.tasks[0].source) == ("official", "official")
        made.close()


def test_memory_solves_tasks(engine: SciWorldEngine) -> None:
    solved = {"expert": 0, "expert-no-memory": 0}
    env = AgeMemEnv("SciWorld", source="generated", tasks=QUICK)
    for policy in solved:
        for task in range(len(QUICK)):
            solved[policy] += rollout(env, make(policy, env), seed=task, task=task).info["success"]
    env.close()
    assert solved["expert"] == len(QUICK) and solved["expert-no-memory"] <= 0.6 * len(QUICK)


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"tasks": "boyl"}, "unknown ScienceWorld task 'boyl'; did you mean 'boil'"),
        ({"tasks": []}, r"tasks=\[\] is not allowed; name at least one"),
        ({"simplifications": "openDoor"}, "unknown simplification 'openDoor'; did you mean 'openDoors'"),
        ({"simplifications": "noElectricalAction"}, "'power-component' needs electrical actions"),
        ({"split": "tset"}, "unknown split 'tset'; did you mean 'test'"),
        ({"protocol": "agentboard", "split": "train"}, "protocol='agentboard' has its own 90 test tasks"),
        ({"protocol": "agentboard", "tasks": "boil"}, "leave out tasks= and simplifications="),
    ],
)
def test_wrong_arguments_are_one_line(kwargs: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        SciWorldEngine(**kwargs)


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    package.installation.cache_clear()
    monkeypatch.setattr(package, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"sciworld"):
        package.installation()


@pytest.mark.slow
@pytest.mark.parametrize("name", FAMILIES)
def test_the_expert_solves_three_variations_of_every_task(name: str) -> None:
    env = AgeMemEnv("SciWorld", tasks=[name])
    tasks = env.tasks
    for index in (0, len(tasks) // 2, len(tasks) - 1):
        result = rollout(env, make("expert", env), seed=index, task=index)
        assert result.info["success"], f"the expert failed {result.info['task_id']}"
        assert result.info["progress"] == 1.0
        assert result.info["errors"] == {}
    env.close()
