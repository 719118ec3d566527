"""The view is the one that minigrid computes."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("minigrid")

from minigrid.minigrid_env import MiniGridEnv

from agemem_env.engines.babyai.world import BabyAIWorld

LEVELS = ("BabyAI-BossLevel-v0", "BabyAI-UnlockToUnlock-v0", "BabyAI-PutNextS7N4Carrying-v0", "BabyAI-GoToRedBall-v0")


@pytest.mark.parametrize("level", LEVELS)
def test_every_view_and_the_grid_are_those_of_minigrid(level: str) -> None:
    world = BabyAIWorld(level)
    rng = np.random.default_rng(0)
    for seed in range(3):
        world.reset(seed)
        kept = world.state()
        for step in range(80):
            if step == 40:
                world.restore(kept)
            moved = world.step(int(rng.choice(6, p=(0.15, 0.15, 0.4, 0.1, 0.1, 0.1))))
            expected = MiniGridEnv.gen_obs(world.env)["image"]
            assert np.array_equal(np.array(world._image, dtype=np.uint8), expected)
            assert bytes(world._grid) == world.env.grid.encode().tobytes()
            if moved.ended:
                break
