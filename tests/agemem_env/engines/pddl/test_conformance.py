from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import pytest

from agemem_env.env import AgeMemEnv
from tests.conformance import CONTRACTS, Make

ENGINE = "agemem_env.engines.pddl.engine:PDDLEngine"


def make(**kwargs: Any) -> AgeMemEnv:
    return AgeMemEnv(ENGINE, source="generated", **kwargs)


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda c: c.__name__)
def test_pddl_keeps(contract: Callable[[Make], None]) -> None:
    contract(functools.partial(make))
