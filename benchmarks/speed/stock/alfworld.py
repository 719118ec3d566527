"""textworld.gym as the stock engine of ALFWorld, as `AlfredTWEnv` of the package alfworld uses it."""

from __future__ import annotations

import json
import tempfile
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from agemem_env.engines.alfworld.homes.game import save_game
from agemem_env.engines.alfworld.package import stock_engine
from agemem_env.engines.alfworld.tasks import Setup
from benchmarks.speed.overhead import Game, Start, StockEngine

_SCRIPT = """
import os, random, sys, tempfile
folder = tempfile.mkdtemp()
os.environ.setdefault("ALFWORLD_DATA", folder)
file = folder + "/game.tw-pddl"
open(file, "w").write({content!r})
import textworld, textworld.gym
from alfworld.agents.environment.alfred_tw_env import AlfredDemangler
infos = textworld.EnvInfos(won=True, admissible_commands=True)
envs = []
for number in range(int(sys.argv[1])):
    name = textworld.gym.register_games([file], infos, batch_size=1, wrappers=[AlfredDemangler()])
    env = textworld.gym.make(name)
    _, info = env.reset()
    envs.append(env)
    if not number:
        print("first", flush=True)
    for _ in range(30):
        _, _, done, info = env.step([random.choice(info["admissible_commands"][0])])
        if done[0]:
            _, info = env.reset()
print("all", flush=True)
sys.stdin.read()
"""


class TextWorldGym(StockEngine):
    """Its `step`, which lists the admissible commands, as agents for ALFWorld are given them."""

    name = "textworld"

    def __init__(self) -> None:
        self._package: Any = import_module("textworld")
        import_module("textworld.gym")
        self._folder = tempfile.TemporaryDirectory()
        self._infos = self._package.EnvInfos(won=True, admissible_commands=True)
        with stock_engine() as wrapped:
            self._wrapper = type(wrapped)

    def prepare(self, game: Game) -> Start:
        """Return what resets the game and what carries out the commands."""
        name = self._package.gym.register_games(
            [str(self._file(game))], self._infos, batch_size=1, wrappers=[self._wrapper()]
        )
        env = self._package.gym.make(name)
        return Start(env.reset, [partial(env.step, [command]) for command in game.commands])

    def script(self, game: Game) -> str:
        """Return a program that plays the game."""
        setup: Setup = game.task.data["setup"]
        return _SCRIPT.format(content=json.dumps(setup.game.content()))

    def close(self) -> None:
        """Delete the games."""
        self._folder.cleanup()

    def _file(self, game: Game) -> Path:
        setup: Setup = game.task.data["setup"]
        return save_game(setup.game, Path(self._folder.name) / game.task.id.replace("/", "_"))
