from __future__ import annotations

import functools
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import pytest

from agemem_env.env import AgeMemEnv
from tests.conformance import CONTRACTS, Make

pytestmark = pytest.mark.skipif(find_spec("minigrid") is None, reason="the extra [babyai] is not installed")

ENGINE = "agemem_env.engines.babyai.engine:BabyAIEngine"


def make(**kwargs: Any) -> AgeMemEnv:
    return AgeMemEnv(ENGINE, source="generated", **kwargs)


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda c: c.__name__)
def test_babyai_keeps(contract: Callable[[Make], None]) -> None:
    contract(functools.partial(make))
