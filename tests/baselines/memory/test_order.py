"""Memory systems compared with the rule-based reader: order on questions, and endurance on every benchmark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest

from agemem_env.errors import DataError, MissingExtraError
from agemem_env.registration import env_id
from baselines.memory import MEMORY_SYSTEMS
from benchmarks.run.play import play, resolve
from benchmarks.scores.intervals import bootstrap
from benchmarks.specs import PlayerSpec, episodes, registered

FAST = ("HotpotQA", "PDDL")
"""Benchmarks that need no package and no download."""


def scores(memory: str, seeds: Sequence[int]) -> np.ndarray:
    """Return J of each episode on generated questions."""
    environment = (env_id("HotpotQA"), {"source": "generated"})
    rows = list(play(episodes([environment], [PlayerSpec("reader", memory)], seeds)))
    assert [row.error for row in rows] == [None] * len(seeds)
    return np.array([(row.metrics or {})["J"] for row in rows], dtype=float)


def check_order(number: int) -> None:
    """Assert no-memory < rag <= agemem-norl on the same questions: paired bootstrap intervals of the differences."""
    none, rag, agemem = (scores(name, range(number)) for name in ("no-memory", "rag", "agemem-norl"))
    assert bootstrap(list(rag - none))[0] > 0, "rag is better than no memory"
    assert bootstrap(list(agemem - rag))[0] >= 0, "agemem-norl is not worse than rag"


def test_the_order_of_memory_systems_on_generated_questions() -> None:
    check_order(40)


@pytest.mark.exhaustive
def test_the_order_of_memory_systems_over_a_hundred_questions() -> None:
    check_order(100)


def complete(benchmark: str, memory: str, number: int) -> None:
    """Assert that a system plays episodes of a benchmark to their end, each once."""
    try:
        kwargs = resolve(env_id(benchmark), {"source": "generated"})
    except (DataError, MissingExtraError) as error:
        pytest.skip(str(error))
    rows = list(play(episodes([(env_id(benchmark), kwargs)], [PlayerSpec("reader", memory)], range(number))))
    assert [row.error for row in rows] == [None] * number
    assert Counter(row.seed for row in rows) == Counter(range(number))
    assert all((row.metrics or {}).get("TN") for row in rows)


@pytest.mark.parametrize("memory", MEMORY_SYSTEMS)
@pytest.mark.parametrize("benchmark", FAST)
def test_every_system_completes_episodes(benchmark: str, memory: str) -> None:
    complete(benchmark, memory, 2)


@pytest.mark.exhaustive
@pytest.mark.parametrize("memory", MEMORY_SYSTEMS)
@pytest.mark.parametrize("benchmark", sorted(registered()))
def test_every_system_completes_twenty_episodes(benchmark: str, memory: str) -> None:
    complete(benchmark, memory, 20)
