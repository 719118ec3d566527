"""Generated tasks and what stage 3 hides of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from agemem_env.engines.pddl.engine import PDDLEngine
from tests.agemem_env.engines.pddl.generated import setup_of


def test_one_domain_can_be_played_alone() -> None:
    tasks = PDDLEngine(split="valid", source="generated", domain="barman").tasks
    assert len(tasks) == 50
    assert {setup_of(task).ground.kind for task in tasks[:5]} == {"barman"}
    assert tasks[3] == tasks.get(tasks[3].id)


def test_official_protocol_hides_nothing() -> None:
    engine = PDDLEngine(split="test", source="generated", protocol="agentboard")
    task = engine.tasks[1]
    assert task.query.startswith("The goal is to satisfy the following conditions: ")
    assert task.max_rounds is None
    texts: list[Any] = [engine.reset(task, np.random.default_rng(0), briefed=b) for b in (True, False)]
    assert texts[0] == texts[1]
