"""The package's own `ScienceWorldEnv` as the stock engine of ScienceWorld, with a Java virtual machine of its own."""

from __future__ import annotations

import os
from contextlib import ExitStack
from functools import partial

from agemem_env.data.environment import environment_variables
from agemem_env.engines.sciworld.package import installation
from agemem_env.engines.sciworld.tasks import SciWorldSpec
from benchmarks.speed.overhead import Game, Start, StockEngine

_LIMIT = 10**9

_SCRIPT = """
import os, random, sys
os.environ["PATH"] = {path!r} + os.pathsep + os.environ.get("PATH", "")
from scienceworld import ScienceWorldEnv
envs = []
for number in range(int(sys.argv[1])):
    env = ScienceWorldEnv("", envStepLimit=10**9)
    env.load(*{task!r})
    _, info = env.reset()
    envs.append(env)
    if not number:
        print("first", flush=True)
    for _ in range(30):
        _, _, done, info = env.step(random.choice(info["valid"]))
        if done:
            _, info = env.reset()
print("all", flush=True)
sys.stdin.read()
for env in envs:
    env.close()
"""


class ScienceWorld(StockEngine):
    """Its `step`, which asks for view, inventory, task and all valid actions."""

    name = "scienceworld"

    def __init__(self) -> None:
        self._path = str(installation().java.parent)
        self._stack = ExitStack()
        path = os.pathsep.join((self._path, os.environ.get("PATH", "")))
        with environment_variables({"PATH": path}):
            from scienceworld import ScienceWorldEnv

            self._env = ScienceWorldEnv("", envStepLimit=_LIMIT)
        self._stack.callback(self._env.close)

    def prepare(self, game: Game) -> Start:
        """Return what loads and resets the variation and what carries out the commands."""

        def reset() -> None:
            self._env.load(*_task(game))
            self._env.reset()

        return Start(reset, [partial(self._env.step, command) for command in game.commands])

    def script(self, game: Game) -> str:
        """Return a program that plays the variation."""
        return _SCRIPT.format(path=self._path, task=_task(game))

    def close(self) -> None:
        """End its virtual machine."""
        self._stack.close()


def _task(game: Game) -> tuple[str, int, str]:
    spec: SciWorldSpec = game.task.data["spec"]
    return spec.task, spec.variation, spec.simplifications
