"""minigrid as the stock engine of BabyAI: the primitive actions of our commands, and the view in words."""

from __future__ import annotations

from functools import partial
from typing import Any

from agemem_env.engines.babyai.game import BabyAIGame
from agemem_env.engines.babyai.package import make_level, quietly, registered_levels
from agemem_env.engines.babyai.tasks import BabyAISpec
from agemem_env.engines.babyai.view import describe, read_view
from agemem_env.engines.babyai.world import BabyAIWorld
from benchmarks.speed.overhead import Game, Start, StockEngine

_SCRIPT = """
import contextlib, io, random, sys
import gymnasium, minigrid
envs = []
for number in range(int(sys.argv[1])):
    with contextlib.redirect_stdout(io.StringIO()):
        env = gymnasium.make({level!r}, disable_env_checker=True)
        env.reset(seed={seed} + number)
    envs.append(env)
    if not number:
        print("first", flush=True)
    for _ in range(30):
        env.step(random.randrange(3))
print("all", flush=True)
sys.stdin.read()
"""


class Minigrid(StockEngine):
    """Times are per command, not per primitive action; the view is described after each command, as ours is."""

    name = "minigrid"

    def prepare(self, game: Game) -> Start:
        """Return what resets the level, and what takes the primitive actions and describes what is seen."""
        spec: BabyAISpec = game.task.data["spec"]
        world = BabyAIWorld(spec.level)
        world.reset(spec.seed)
        commands = BabyAIGame(world, "agemem", None)
        taken: list[tuple[int, ...]] = []
        for command in game.commands:
            before = len(commands.record.primitives)
            commands.act(command)
            taken.append(commands.record.primitives[before:])
        env = make_level(spec.level)
        seen: list[Any] = [None]

        def reset() -> None:
            with quietly():
                seen[0] = env.reset(seed=spec.seed)[0]

        def play(primitives: tuple[int, ...]) -> str:
            """Take the steps of one of our commands, and put into words what is seen then."""
            for primitive in primitives:
                seen[0] = env.step(primitive)[0]
            place = int(env.agent_pos[0]), int(env.agent_pos[1])
            held = None if env.carrying is None else (env.carrying.color, env.carrying.type)
            return describe(read_view(seen[0]["image"].tolist(), place, int(env.agent_dir), held))

        return Start(reset, [partial(play, primitives) for primitives in taken])

    def script(self, game: Game) -> str:
        """Return a program that plays the level."""
        spec: BabyAISpec = game.task.data["spec"]
        return _SCRIPT.format(level=registered_levels()[spec.level], seed=spec.seed)
