from __future__ import annotations

import functools
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import pytest

from agemem_env.env import AgeMemEnv
from tests.conformance import CONTRACTS, Make

pytestmark = pytest.mark.skipif(find_spec("scienceworld") is None, reason="the extra [sciworld] is not installed")

ENGINE = "agemem_env.engines.sciworld.engine:SciWorldEngine"


QUICK = (
    "find-animal", "find-plant", "use-thermometer", "measure-melting-point-known-substance", "test-conductivity",
    "lifespan-longest-lived", "lifespan-shortest-lived", "inclined-plane-determine-angle",
    "inclined-plane-friction-named-surfaces", "mendelian-genetics-known-plant",
)  # fmt: skip
"""Families whose tasks are studied in less than a second; `test_sciworld_tasks` plays the others."""


def make(**kwargs: Any) -> AgeMemEnv:
    return AgeMemEnv(ENGINE, source="generated", tasks=QUICK, **kwargs)


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda c: c.__name__)
def test_sciworld_keeps(contract: Callable[[Make], None]) -> None:
    contract(functools.partial(make))
