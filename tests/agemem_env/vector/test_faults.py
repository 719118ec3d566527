"""Processes are killed at random moments; every episode is accounted for exactly once, and no process is left."""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import gymnasium as gym
import pytest

from agemem_env.vector import PoolVectorEnv
from agemem_env.vector.resident import children

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")

TURNS = 8
HOTPOTQA: Mapping[str, Any] = {"source": "generated", "stages": (3,), "max_rounds": TURNS}
SCIWORLD: Mapping[str, Any] = {**HOTPOTQA, "tasks": ("find-living-thing",)}


class Killer:
    """Kills a worker, or its virtual machine, at random moments, so many times in the first four fifths of a run."""

    def __init__(self, envs: PoolVectorEnv, kills: int, seed: int) -> None:
        self.random = random.Random(seed)
        self.kills = self.left = kills
        self.killed: set[int] = set()
        self._envs = envs
        self._timer: threading.Timer | None = None

    def maybe(self, done: float) -> None:
        """Kill somebody a little later, if that is due once so large a share of the episodes is over."""
        due = self.left > self.kills * max(0.0, 1 - 1.25 * done)
        if due and self.random.random() < 0.5 and (self._timer is None or not self._timer.is_alive()):
            self.left -= 1
            self._timer = threading.Timer(self.random.uniform(0, 0.02), self._kill)
            self._timer.start()

    def join(self) -> None:
        if self._timer is not None:
            self._timer.join()

    def _kill(self) -> None:
        worker = self.random.choice(self._envs.pids)
        machines = children(worker)
        victim = self.random.choice(machines) if machines and self.random.random() < 0.5 else worker
        self.killed.add(victim)
        with suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)


def play(envs: PoolVectorEnv, episodes: int, each_turn: Callable[[float], None]) -> list[tuple[int, Any]]:
    """Play episodes by `send` and `recv`; return number and outcome of each that was over, in order of completion.

    Args:
        envs: Where.
        episodes: How many.
        each_turn: Called before each turn with the share of the episodes that is over.
    """
    todo = iter(range(episodes))
    playing: dict[int, int] = {}
    outcomes: list[tuple[int, Any]] = []

    def begin(index: int) -> None:
        episode = next(todo, None)
        if episode is not None:
            playing[index] = episode
            envs.send_reset(index, seed=episode)

    for index in range(envs.num_envs):
        begin(index)
    while playing:
        each_turn(len(outcomes) / episodes)
        result = envs.recv()
        if not result.over:
            envs.send(result.env, "look around")
            continue
        outcomes.append((playing.pop(result.env), result.info.get("engine_error", result.info["state_hash"])))
        begin(result.env)
    return outcomes


def alone(env_id: str, kwargs: Mapping[str, Any], episode: int) -> str:
    """Return how an episode ends that nothing befalls."""
    env = gym.make(env_id, **kwargs)
    env.reset(seed=episode)
    over = False
    while not over:
        _, _, terminated, truncated, info = env.step("look around")
        over = terminated or truncated
    env.close()
    return str(info["state_hash"])


def check(env_id: str, kwargs: Mapping[str, Any], episodes: int, kills: int) -> None:
    envs = gym.make_vec(env_id, num_envs=8, workers=2, autoreset_mode="Disabled", **kwargs)
    assert isinstance(envs, PoolVectorEnv)
    seen: set[int] = set()
    killer = Killer(envs, kills, seed=1)

    def each_turn(done: float) -> None:
        seen.update(envs.pids)
        killer.maybe(done)

    outcomes = play(envs, episodes, each_turn)
    killer.join()
    for pid in envs.pids:
        seen |= {pid, *children(pid)}
    envs.close()
    assert sorted(episode for episode, _ in outcomes) == list(range(episodes))
    assert killer.left == 0
    lost = {episode for episode, outcome in outcomes if " " in outcome}
    assert lost, "no episode was lost: nothing was tried"
    for episode, outcome in outcomes:
        if episode in lost:
            assert "SIGKILL" in outcome or "simulator" in outcome
    for episode, outcome in [pair for pair in outcomes if pair[0] not in lost][:20]:
        assert outcome == alone(env_id, kwargs, episode)
    end = time.monotonic() + 5.0
    while any(map(running, seen)) and time.monotonic() < end:
        time.sleep(0.05)
    assert not [pid for pid in seen if running(pid)]


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_workers_are_killed() -> None:
    check("AgeMem-HotpotQA-v0", HOTPOTQA, episodes=60, kills=4)


@pytest.mark.exhaustive
def test_workers_are_killed_fifty_times() -> None:
    check("AgeMem-HotpotQA-v0", HOTPOTQA, episodes=200, kills=50)


@pytest.mark.exhaustive
def test_workers_and_virtual_machines_are_killed_fifty_times() -> None:
    pytest.importorskip("scienceworld")
    check("AgeMem-SciWorld-v0", SCIWORLD, episodes=200, kills=50)
