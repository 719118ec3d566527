"""A world's start is built once; a state that was taken is the state that is restored, in any world of the level."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

pytest.importorskip("minigrid")

from agemem_env.engines.babyai import world as module
from agemem_env.engines.babyai.tasks import SPLITS
from agemem_env.engines.babyai.world import BabyAIWorld

LEVELS = sorted({level for plan in SPLITS.values() for level in plan.levels})


def play(world: BabyAIWorld, rng: np.random.Generator, steps: int) -> list[Any]:
    moves = [world.step(int(rng.integers(6))) for _ in range(steps)]
    return [moves, world.digest(), world.scene(), world.changes, world.trail, world.parts_done(), world.visible()]


@pytest.mark.parametrize("level", LEVELS)
def test_states_are_restored_exactly(level: str) -> None:
    built = BabyAIWorld(level)
    built.build(77)
    restored = BabyAIWorld(level)
    restored.reset(77)
    for world in (built, restored):
        assert world.env.instrs.env is world.env, "the verifier looks at the world that is played"
    rng = np.random.default_rng(1)
    assert play(built, np.random.default_rng(0), 60) == play(restored, np.random.default_rng(0), 60)
    state = pickle.loads(pickle.dumps(built.state()))
    further = play(built, rng, 60)
    restored.reset(5)
    restored.restore(state)
    assert play(restored, np.random.default_rng(1), 60) == further


def test_a_world_is_built_once(monkeypatch: pytest.MonkeyPatch) -> None:
    built = []
    build = BabyAIWorld.build
    monkeypatch.setattr(BabyAIWorld, "build", lambda self, seed: (built.append(seed), build(self, seed)))
    module._start.cache_clear()
    world = BabyAIWorld(LEVELS[0])
    for seed in (1, 2, 1, 1, 2):
        world.reset(seed)
    assert built == [1, 2]


@pytest.mark.parametrize("level", ["BabyAI-UnblockPickup-v0", "BabyAI-Unlock-v0", "BabyAI-PickupAbove-v0"])
def test_the_digest_is_that_of_the_whole_grid_whatever_hands_do(level: str) -> None:
    world, rng = BabyAIWorld(level), np.random.default_rng(3)
    world.reset(11)
    for _ in range(400):
        world.digest()
        world.step(int(rng.choice([0, 1, 2, 2, 3, 4, 5])))
        assert world._grid == world.env.grid.encode().tobytes()
    assert world.changes


def test_the_grid_is_encoded_at_the_start_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    world = BabyAIWorld(LEVELS[0])
    world.reset(1)
    encoded: list[int] = []
    encode = type(world.env.grid).encode

    def counted(grid: Any, *arguments: Any) -> Any:
        encoded.append(grid.width)
        return encode(grid, *arguments)

    monkeypatch.setattr(type(world.env.grid), "encode", counted)
    for primitive in (2, 3, 5, 1, 4):
        world.digest()
        world.step(primitive)
    world.reset(1)
    assert encoded == []
