from __future__ import annotations

import functools
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import pytest

from agemem_env.env import AgeMemEnv
from tests.conformance import CONTRACTS, Make

pytestmark = pytest.mark.skipif(
    find_spec("textworld") is None or find_spec("alfworld") is None, reason="the extra [alfworld] is not installed"
)

ENGINE = "agemem_env.engines.alfworld.engine:ALFWorldEngine"


def make(**kwargs: Any) -> AgeMemEnv:
    return AgeMemEnv(ENGINE, source="generated", **kwargs)


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda c: c.__name__)
def test_alfworld_keeps(contract: Callable[[Make], None]) -> None:
    contract(functools.partial(make))
