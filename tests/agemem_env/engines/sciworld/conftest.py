from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from agemem_env.engines.sciworld.engine import SciWorldEngine
from agemem_env.engines.sciworld.simulator import SciWorldSimulator
from tests.agemem_env.engines.sciworld.quick import QUICK


@pytest.fixture
def sim() -> Iterator[SciWorldSimulator]:
    with contextlib.closing(SciWorldSimulator()) as made:
        yield made


@pytest.fixture(scope="module")
def simulator() -> Iterator[SciWorldSimulator]:
    made = SciWorldSimulator()
    yield made
    made.close()


@pytest.fixture(scope="module")
def engine() -> Iterator[SciWorldEngine]:
    made = SciWorldEngine(tasks=QUICK)
    yield made
    made.close()
