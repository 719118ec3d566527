"""Vector environments of every benchmark give what single environments give, in every autoreset mode."""

from __future__ import annotations

import functools
from typing import Any

import gymnasium as gym
import pytest

from baselines.conformance.vector import vector_environments_agree

QUICK = ("HotpotQA", "BabyAI", "PDDL")
VARIANTS: tuple[dict[str, Any], ...] = ({"stages": (3,)}, {"dense": True, "reward": "strict"})


def maker(benchmark: str, **kwargs: Any) -> Any:
    return functools.partial(gym.make, f"agemem_env:AgeMem-{benchmark}-v0", source="generated", **kwargs)


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
@pytest.mark.parametrize(
    "benchmark", [*QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in ("ALFWorld", "SciWorld"))]
)
def test_sync(benchmark: str, variant: dict[str, Any]) -> None:
    vector_environments_agree(maker(benchmark, **variant))


class Flipping(gym.Wrapper[Any, Any, Any, Any]):
    """Has a key in info that is None first and a dict later."""

    def step(self, action: Any) -> Any:
        observation, reward, terminated, truncated, info = self.env.step(action)
        return observation, reward, terminated, truncated, {**info, "last": {"a": 1} if truncated else None}


def test_a_key_that_changes_its_type_is_caught() -> None:
    with pytest.raises((AssertionError, AttributeError)):
        vector_environments_agree(lambda **kwargs: Flipping(maker("HotpotQA")(**kwargs)))
