"""Equal seeds, tasks and snapshots give equal episodes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from agemem_env.env import AgeMemEnv
from baselines import make as make_policy
from baselines import rollout
from baselines.cheats import DoNothing
from baselines.conformance.common import Make, broken, mixed_actions, plain, same


def same_seed_same_episode(make: Make) -> None:
    """Equal seeds give equal episodes, bit for bit."""
    first, second = make(), make()
    for seed in range(4):
        same(first.reset(seed=seed), second.reset(seed=seed), f"resets with seed {seed}")
        actions = zip(mixed_actions(first, seed), mixed_actions(second, seed), strict=False)
        for step, (action, twin) in enumerate(actions):
            same(action, twin, f"sampled actions at step {step}")
            result = first.step(action)
            same(result, second.step(twin), f"results of step {step} with seed {seed}")
            if result[2] or result[3]:
                break


def a_named_task_gives_the_same_episode(make: Make) -> None:
    """Naming the task that a seed draws gives the same episode."""
    env = make()
    drawn, info = env.reset(seed=3)
    named, named_info = env.reset(seed=3, options={"task": plain(env).task.id})
    same((drawn, info), (named, named_info), "episodes of a drawn and of a named task")


def different_seeds_different_tasks(make: Make) -> None:
    """Seeds draw different tasks."""
    env = make()
    size = len(plain(env).tasks)
    tasks = set()
    for seed in range(10):
        env.reset(seed=seed)
        tasks.add(plain(env).task.id)
    if len(tasks) <= (3 if size > 10 else min(1, size - 1)):
        broken(f"ten seeds gave only the tasks {sorted(tasks)} of {size}")


def reset_leaves_nothing_behind(make: Make) -> None:
    """An environment that was used starts like a new one."""
    used, fresh = make(), make()
    rollout(used, make_policy("random", used), seed=11)
    same(used.reset(seed=5), fresh.reset(seed=5), "first observations of a used and of a fresh environment")


def snapshots_branch_an_episode(make: Make) -> None:
    """An episode goes on from a snapshot in the same way each time, whatever was played in between."""
    env = plain(make())
    env.reset(seed=4)
    actions = mixed_actions(env, 4)
    for _ in range(3):
        env.step(next(actions))
    _branches(env, actions, "stage 1")
    env.reset(seed=4)
    while env.desk().stage < 3:
        env.step("Noted.")
    _branches(env, actions, "the start of stage 3")
    _, _, terminated, truncated, _ = env.step(env.engine.oracle([]))
    if not (terminated or truncated):
        _branches(env, actions, "the middle of stage 3")


def _branches(env: AgeMemEnv, actions: Iterator[Any], where: str) -> None:
    """Check that the episode goes on from here in one way, and return to here."""
    saved = env.snapshot()
    taken: list[Any] = []

    def play() -> list[Any]:
        """Go back to the snapshot, take the same turns as before, and return all that was answered."""
        results: list[Any] = [env.restore(saved)]
        for turn in range(6):
            if turn == len(taken):
                led = turn % 2 == 0 and env.desk().stage == 3
                taken.append(env.engine.oracle([]) if led else next(actions))
            results.append(env.step(taken[turn]))
            if results[-1][2] or results[-1][3]:
                break
        return results

    first = play()
    rollout(env, DoNothing(), seed=9)
    same(first, play(), f"two continuations of one snapshot from {where}")
    env.restore(saved)
