from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from benchmarks.speed.memory_growth import Memory, measure

PLAIN: Mapping[str, Any] = {"source": "generated", "stages": (3,), "max_rounds": 2}
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "HotpotQA": PLAIN,
    "BabyAI": PLAIN,
    "PDDL": PLAIN,
    "ALFWorld": PLAIN,
    "SciWorld": {**PLAIN, "tasks": ("find-living-thing", "boil")},
}


def test_growth_is_that_of_the_last_quarter_against_the_second() -> None:
    assert Memory(80, [50, 90, 100, 100, 100, 100, 110, 110]).growth == pytest.approx(1.1)


def test_memory_is_measured_over_episodes() -> None:
    found = measure("AgeMem-HotpotQA-v0", PLAIN, episodes=40, count=2, workers=1)
    assert found.episodes >= 40
    assert len(found.samples) == 20
    assert all(10 < sample < 1000 for sample in found.samples)


@pytest.mark.exhaustive
@pytest.mark.parametrize("benchmark", SETTINGS)
def test_memory_is_flat_over_two_thousand_episodes(benchmark: str) -> None:
    found = measure(f"AgeMem-{benchmark}-v0", SETTINGS[benchmark])
    assert found.growth < 1.1, str(found)  # bounded caches fill
