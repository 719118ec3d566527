"""Giving up under ``strict``, with the answer tool offered: no run may converge to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from baselines.grpo.math import Floats
from baselines.grpo.settings import Budget, Settings
from baselines.grpo.train import clone, train
from baselines.grpo.workers import workers

SHORT: dict[str, Any] = {
    "lessons": 100, "groups": 4, "group_size": 6, "validation_every": 1000, "validation_tasks": 1,
    "arguments": {"offer_answer": True},
}  # fmt: skip


@pytest.fixture(scope="module")
def start() -> Floats:
    with workers(1) as lent:
        return clone(Settings.of("PDDL", Budget(updates=1), **SHORT), lent)


@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", range(10))
def test_a_run_learns_to_try_and_not_to_give_up(seed: int, start: Floats, tmp_path: Path) -> None:
    rows: list[Any] = []
    settings = Settings.of("PDDL", Budget(updates=32), seed=seed, **SHORT)
    train(settings, tmp_path, tell=rows.append, start=start)
    played = [row for row in rows if row["phase"] == "all"]

    def mean(part: list[Any], name: str) -> float:
        return float(np.mean([row.get(name, 0.0) for row in part]))

    assert mean(played[:2], "chosen give up") > 0.5
    assert mean(played[-5:], "chosen give up") < 0.4
    assert mean(played[-5:], "score") > mean(played[:2], "score") + 0.1
