from __future__ import annotations

from pathlib import Path

import pytest

from agemem_env.engines.hotpotqa.engine import HotpotQAEngine
from agemem_env.types import Task


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> HotpotQAEngine:
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path))
    return HotpotQAEngine(split="test", source="auto", protocol="agemem")


@pytest.fixture
def task(engine: HotpotQAEngine) -> Task:
    return engine.tasks[0]
