"""Every benchmark keeps every contract."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import pytest

from agemem_env.errors import MissingExtraError
from baselines.conformance import Contract, Maker, contracts
from tests.agemem_env.engines.sciworld.quick import QUICK

BENCHMARKS: Mapping[str, Mapping[str, Any]] = {
    "tests.toy:ToyEngine": {},
    "HotpotQA": {"source": "generated"},
    "BabyAI": {"source": "generated"},
    "PDDL": {"source": "generated"},
    "ALFWorld": {"source": "generated"},
    "SciWorld": {"source": "generated", "tasks": QUICK},
}


@lru_cache
def maker(benchmark: str) -> Maker | None:
    """Return what makes the environments; None if an optional package is not installed."""
    try:
        return Maker(benchmark, **BENCHMARKS[benchmark])
    except MissingExtraError:
        return None


SLOW = {
    *((benchmark, "cheats_are_not_paid") for benchmark in ("ALFWorld", "SciWorld")),
    *((benchmark, "async_vector_environments_agree") for benchmark in ("ALFWorld", "SciWorld")),
    *((benchmark, "pool_vector_environments_agree") for benchmark in ("BabyAI", "PDDL", "ALFWorld", "SciWorld")),
    *((benchmark, "vector_environments_agree") for benchmark in ("ALFWorld", "SciWorld")),
}
"""What takes more than ten seconds."""

PAIRS = [
    pytest.param(
        benchmark,
        contract,
        id=f"{benchmark}-{contract.name}",
        marks=[pytest.mark.slow] if (benchmark, contract.name) in SLOW else [],
    )
    for benchmark in BENCHMARKS
    for contract in contracts()
]


@pytest.mark.parametrize(("benchmark", "contract"), PAIRS)
def test_keeps(benchmark: str, contract: Contract) -> None:
    make = maker(benchmark)
    if make is None:
        pytest.skip("its extra is not installed")
    try:
        contract.hold(make)
    finally:
        make.close()
