from __future__ import annotations

import pytest

from agemem_env.engines.hotpotqa.engine import HotpotQAEngine
from agemem_env.errors import ConfigurationError, DataError


def test_auto_falls_back_to_generated(engine: HotpotQAEngine) -> None:
    assert engine.source == "generated"
    assert len(engine.tasks) == 1000


def test_tasks_are_found_by_id(engine: HotpotQAEngine) -> None:
    assert engine.tasks.get("gen-test-000017") == engine.tasks[17] == engine.tasks.get(17)
    assert engine.tasks[17].id == "gen-test-000017"


@pytest.mark.parametrize("key", ["gen-test-001000", "gen-train-000001", "gen-test-17", "gen-test-00001²", "", 1000])
def test_unknown_tasks(engine: HotpotQAEngine, key: str | int) -> None:
    with pytest.raises(ConfigurationError, match="gen-test-000000"):
        engine.tasks.get(key)


def test_official_source_without_data(engine: HotpotQAEngine) -> None:
    with pytest.raises(DataError, match="agemem data download hotpotqa"):
        HotpotQAEngine(split="test", source="official", protocol="agemem")
