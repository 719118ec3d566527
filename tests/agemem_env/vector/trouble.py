"""An environment that makes trouble when it is told to; worker processes import it."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

import gymnasium as gym

import agemem_env  # noqa: F401 - registers the ids
from agemem_env.errors import EngineCrash

BALLAST: list[bytearray] = []
"""What "grow" takes and never gives back."""


class Trouble(gym.Wrapper[Any, Any, Any, Any]):
    """Does what an action says."""

    def step(self, action: Any) -> Any:
        what, _, number = str(action).partition(" ")
        if what == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        elif what == "exit":
            os._exit(int(number))
        elif what == "crash":
            raise EngineCrash("the simulator ended")
        elif what == "raise":
            raise LookupError("told to raise")
        elif what == "sleep":
            time.sleep(float(number))
        elif what == "grow":
            BALLAST.append(bytearray(os.urandom(1)) * (int(number) * 1024 * 1024))
        return self.env.step(action)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        if options and options.get("task") == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        return self.env.reset(seed=seed, options=options)

    def variable(self, name: str) -> str | None:
        return os.environ.get(name)


def make(**kwargs: Any) -> gym.Env[Any, Any]:
    arguments = {"source": "generated", "stages": (3,), "max_rounds": 3, **kwargs}
    return Trouble(gym.make("AgeMem-HotpotQA-v0", **arguments))
