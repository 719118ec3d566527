"""minigrid as the stock engine of BabyAI: the primitive actions to which our commands come down, without any text."""

from __future__ import annotations

from functools import partial

from agemem_env.engines.babyai.game import BabyAIGame
from agemem_env.engines.babyai.package import make_level, quietly
from agemem_env.engines.babyai.tasks import BabyAISpec
from agemem_env.engines.babyai.world import BabyAIWorld
from benchmarks.speed.overhead import Game, Play, StockEngine


class Minigrid(StockEngine):
    """Times are per command, not per primitive action."""

    name = "minigrid"

    def prepare(self, game: Game) -> Play:
        """Reset the level and return what takes the primitive actions."""
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
        with quietly():
            env.reset(seed=spec.seed)

        def play(primitives: tuple[int, ...]) -> None:
            for primitive in primitives:
                env.step(primitive)

        return [partial(play, primitives) for primitives in taken]
