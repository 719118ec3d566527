"""An environment whose steps and resets are timed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import gymnasium as gym

from benchmarks.specs import make_env


class Stopwatch(gym.Wrapper[Any, Any, Any, Any]):
    """Times each step and each reset.

    Attributes:
        steps: Seconds of each step since the last `clear`.
        resets: Seconds of each reset since the last `clear`.
    """

    def __init__(self, env: gym.Env[Any, Any]) -> None:
        super().__init__(env)
        self.steps: list[float] = []
        self.resets: list[float] = []

    def clear(self) -> None:
        """Forget what was measured."""
        self.steps.clear()
        self.resets.clear()

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Reset, timed."""
        start = time.perf_counter()
        result = self.env.reset(seed=seed, options=options)
        self.resets.append(time.perf_counter() - start)
        return result

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Step, timed."""
        start = time.perf_counter()
        result = self.env.step(action)
        self.steps.append(time.perf_counter() - start)
        return result


def make(env_id: str, kwargs: Mapping[str, Any]) -> Stopwatch:
    """Return a timed environment, without the checks that Gymnasium makes in the first steps."""
    return Stopwatch(make_env(env_id, kwargs, checker=False))
