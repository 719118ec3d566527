"""Tasks of SciWorld against the simulator: facts are true, plans solve, caches and splits hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agemem_env.engines.sciworld import package
from agemem_env.engines.sciworld.engine import SciWorldEngine
from agemem_env.engines.sciworld.families import FAMILIES, Finding
from agemem_env.engines.sciworld.simulator import Simulator
from agemem_env.engines.sciworld.study import study
from agemem_env.env import AgeMemEnv
from agemem_env.errors import ConfigurationError, MissingExtraError
from agemem_env.types import Task
from baselines import make, rollout
from tests.agemem_env.engines.sciworld.quick import QUICK

pytestmark = pytest.mark.skipif(find_spec("scienceworld") is None, reason="the extra [sciworld] is not installed")

RNG = np.random.default_rng(0)
SIMPLIFICATIONS = "selfWateringFlowerPots,openDoors"
TOUR = (
    "hallway", "art studio", "hallway", "bedroom", "hallway", "living room", "hallway", "workshop", "hallway",
    "greenhouse", "outside", "foundry", "outside", "kitchen", "bathroom", "kitchen", "hallway",
)  # fmt: skip
PLACE = re.compile(
    r"In the (\w+) laboratory, (?:the|an?) (.+?)(?: \(shown as (.+?)\))? is(?: now)? .*?(?:in the ([a-z ]+)|outside)\.$"
)


@pytest.fixture(scope="module")
def engine() -> Iterator[SciWorldEngine]:
    made = SciWorldEngine(tasks=QUICK)
    yield made
    made.close()


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    made = Simulator()
    yield made
    made.close()


def rooms_seen(simulator: Simulator, task: Task) -> dict[str, str]:
    """Walk through the house, open everything, and return what was to be seen in each room."""
    spec = task.data["spec"]
    simulator.load(spec.task, spec.variation, spec.simplifications)
    seen: dict[str, str] = {}
    for room in (*TOUR, *TOUR):  # from wherever the tour is joined, all rooms are visited
        if not simulator.step(f"go to {room}").text.startswith("You move") or room in seen:
            continue
        for box in re.findall(r"The ([a-z ]+) door is closed", simulator.look()):
            simulator.step(f"open {box}")
        seen[room] = simulator.look()
    assert len(seen) == 10, f"the tour missed rooms: {sorted(seen)}"
    return seen


def named(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None


def test_places_told_are_true_in_the_simulator(engine: SciWorldEngine, simulator: Simulator) -> None:
    checked = 0
    for task in engine.tasks[:20]:
        seen = rooms_seen(simulator, task)
        for index, (fact, about) in enumerate(zip(task.facts, task.data["about"], strict=True)):
            match = PLACE.match(fact.text)
            if match is None:
                assert isinstance(about, Finding) or index in task.superseded, fact.text
                continue
            laboratory, name, room = match[1], match[3] or match[2], match[4] or "outside"
            room = room.rpartition(" in the ")[2]
            assert f"the {laboratory} laboratory" in task.query
            wrong = index in task.superseded
            assert wrong is (about is None)
            assert named(name, seen[room]) or wrong, f"{fact.text} is not true in {task.id}"
            if wrong:
                exact = re.search(rf"\b(?:an?|the|called) {re.escape(name)}(?!\w)", seen[room])
                assert exact is None, f"{fact.text} is true in {task.id}, though it is corrected later"
            checked += 1
    assert checked > 80


def test_findings_agree_with_the_gold_path(engine: SciWorldEngine, simulator: Simulator) -> None:
    told = 0
    for name in ("use-thermometer", "measure-melting-point-known-substance", "test-conductivity"):
        for variation in simulator.splits(name).test[:3]:
            query, findings = _findings(simulator, name, variation)
            last = simulator.gold_path()[-2]
            yes, no = re.findall(r"(?:place it in|focus on) the (\w+ box)", query)
            (finding,) = findings
            if "melting point" in finding.text:
                limit = float(re.findall(r"(?:above) (-?[\d.]+)", query)[0])
                positive = float(re.findall(r"-?[\d.]+(?= degrees)", finding.text)[0]) > limit
            else:
                positive = "above" in finding.text or "conducts" in finding.text
            assert last.endswith(yes if positive else no), f"{finding.text}, but the gold path ends: {last}"
            told += 1
    for name in ("lifespan-longest-lived", "inclined-plane-friction-named-surfaces"):
        query, (finding,) = _findings(simulator, name, simulator.splits(name).test[0])
        last = simulator.gold_path()[-2].lower()
        words = re.search(r"the (.+?) (?:lives|surface)", finding.text.replace("of the animals outside, ", ""))
        assert words is not None and words[1].lower() in last, f"{finding.text}, but the gold path ends: {last}"
        told += 1
    assert told == 11


def _findings(simulator: Simulator, name: str, variation: int) -> tuple[str, tuple[Finding, ...]]:
    found = study(name, variation, SIMPLIFICATIONS, simulator)
    simulator.load(name, variation, SIMPLIFICATIONS)
    return found.query, found.findings


def test_dominance_is_told_as_the_simulator_scores_it(simulator: Simulator) -> None:
    name = "mendelian-genetics-known-plant"
    for variation in simulator.splits(name).test[:2]:
        query, (finding,) = _findings(simulator, name, variation)
        dominant, recessive = re.findall(r"focus on the (\w+ box)", query)
        right = dominant if "dominant" in finding.text else recessive
        simulator.load(name, variation, "teleportAction")
        simulator.step("teleport to greenhouse")
        result = simulator.step(f"focus on {right}")
        assert (result.done, result.score) == (True, 100)


def test_the_first_observation_is_the_simulators(engine: SciWorldEngine, simulator: Simulator) -> None:
    for task in engine.tasks[:5]:
        spec = task.data["spec"]
        assert engine.reset(task, RNG, briefed=True) == simulator.load(spec.task, spec.variation, SIMPLIFICATIONS)


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


def test_a_damaged_cache_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, simulator: Simulator) -> None:
    monkeypatch.setattr("agemem_env.engines.sciworld.cache.cache_root", lambda: tmp_path)
    wanted = study("find-plant", 230, SIMPLIFICATIONS, simulator)
    (path,) = tmp_path.rglob("study*/**/230*.json")
    for damage in ('{"query": 3}', "not JSON", "[]", ""):
        path.write_text(damage, encoding="utf-8")
        assert study("find-plant", 230, SIMPLIFICATIONS, simulator) == wanted
    assert not list(tmp_path.rglob("*.part"))


def test_memory_saves_turns(engine: SciWorldEngine) -> None:
    turns = {"expert": 0, "expert-no-memory": 0}
    env = AgeMemEnv("SciWorld", source="generated", tasks=QUICK)
    for policy in turns:
        for task in range(len(QUICK)):
            result = rollout(env, make(policy, env), seed=task, task=task)
            turns[policy] += result.steps if result.info["success"] else env.task.max_rounds or 0
    env.close()
    assert turns["expert"] < 0.7 * turns["expert-no-memory"]


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
