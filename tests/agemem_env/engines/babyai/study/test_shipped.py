"""What is known of the generated tasks' worlds is what a study finds, and nothing is studied where it fits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

pytest.importorskip("minigrid")

from agemem_env.engines.babyai import tasks
from agemem_env.engines.babyai.study import study as study_module
from agemem_env.engines.babyai.study.making import found
from agemem_env.engines.babyai.study.shipped import known_study
from agemem_env.engines.babyai.study.study import find_out, study
from agemem_env.engines.babyai.tasks import SPLITS, choose_seed, choose_tasks, search_seed


def no_study(*_: Any) -> None:
    raise AssertionError("a world is studied")


@pytest.mark.parametrize("split", SPLITS)
def test_no_task_has_to_be_studied(split: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study_module, "find_out", no_study)
    monkeypatch.setattr(tasks, "find_out", no_study)
    _, every = choose_tasks(split, "generated", "agemem", None)
    for index in range(3, len(every), len(every) // 10):
        assert every[index].facts


@pytest.mark.parametrize(
    ("split", "level", "block"), [("test", 0, 3), ("test", 5, 1), ("valid", 2, 0), ("train", 7, 9)]
)
def test_it_is_what_a_study_finds(split: str, level: int, block: int) -> None:
    plan = SPLITS[split]
    name, first = plan.levels[level], plan.first_seed + block * tasks.BLOCK
    seed = search_seed(name, first)
    assert choose_seed(name, first) == seed
    assert study(name, seed) == find_out(name, seed)
    assert known_study(name, seed) == found(name, first)


def test_a_world_with_another_checksum_is_studied(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = SPLITS["valid"]
    name, first = plan.levels[0], plan.first_seed
    seed = choose_seed(name, first)
    known = known_study(name, seed)
    assert known is not None
    wrong = replace(known, checksum="00000000", gold=(), commands=1)
    for module in (study_module, tasks):
        monkeypatch.setattr(module, "known_study", lambda level, number: wrong if number == first else None)
    assert study.__wrapped__(name, seed) == find_out(name, seed)
    assert choose_seed.__wrapped__(name, first) == search_seed(name, first)
