"""How the cost of a step and of a search grows with the episode, the context and the memory."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np

from agemem_env.memory.store import LongTermMemory
from agemem_env.services.encoders import make_encoder
from baselines.base import Info, Observation, Policy
from benchmarks.speed.stopwatch import Stopwatch, make

WINDOW = 100
"""Turns whose step times make one figure."""

LONG_EPISODE = 1000
"""Turns of the long episodes."""

LONG_EPISODES = 3
"""Number of long episodes."""

CONTEXT = 64_000
"""Tokens to which the context grows, from 1,000 on in doublings."""

ENTRIES = (10, 100, 1_000, 10_000)
"""Entries in memory; the first and the last are compared."""

SEARCHES = 50
"""Number of searches of each kind."""


class Idle(Policy):
    """Says something polite until the turn limit."""

    name = "idle"

    def act(self, observation: Observation, info: Info) -> Any:
        """Return the same reply at each turn."""
        return "Noted."


@dataclass(frozen=True)
class Flatness:
    """Median time of a step in long episodes, in microseconds. A median is what other loads disturb least.

    Attributes:
        early: The first `WINDOW` turns.
        full: The first `WINDOW` turns after the context was full; None if it never was.
        late: The last `WINDOW` turns but the very last, which scores the episode.
    """

    early: float
    full: float | None
    late: float


@dataclass(frozen=True)
class Growth:
    """Median time of a step at two sizes, in microseconds."""

    small: float
    large: float


@dataclass(frozen=True)
class Curve:
    """Median time of a step as the context grows: tokens, and microseconds, the first turns first."""

    points: tuple[tuple[int, float], ...]

    @property
    def small(self) -> float:
        """At the start."""
        return self.points[0][1]

    @property
    def large(self) -> float:
        """At the end."""
        return self.points[-1][1]


@dataclass(frozen=True)
class Search:
    """Median time of a search in a memory, in milliseconds.

    Attributes:
        entries: Size of the memory.
        plain: Time.
        filtered: Time with a metadata filter that half of the entries pass.
    """

    entries: int
    plain: float
    filtered: float


def long_episode(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments with which an idle episode is one stage of `LONG_EPISODE` turns."""
    return {**kwargs, "stages": [3], "max_rounds": LONG_EPISODE}


def flatness(env: Stopwatch) -> Flatness:
    """Compare the turns of long episodes in an environment made with `long_episode`."""
    early: list[float] = []
    full: list[float] = []
    late: list[float] = []
    for seed in range(LONG_EPISODES):
        infos = list(_idle(env, seed, lambda info: False))
        early += env.steps[:WINDOW]
        filled = next((i for i, info in enumerate(infos) if info["overflow"]), len(infos))
        full += env.steps[filled : filled + WINDOW]
        late += env.steps[-WINDOW - 1 : -1] or env.steps
    return Flatness(_micros(early), _micros(full) if full else None, _micros(late))


def with_context(env_id: str, kwargs: Mapping[str, Any]) -> Curve:
    """Follow the turns of an episode until the context holds `CONTEXT` tokens."""
    more = {"stages": [3], "max_tokens": 10 * CONTEXT, "max_rounds": CONTEXT}
    with closing(make(env_id, {**kwargs, **more})) as env:
        sizes = [info["tokens"] for info in _idle(env, 0, lambda info: info["tokens"] >= CONTEXT)]
        points = [(sizes[0], _micros(env.steps[:WINDOW]))]
        tokens = 2_000
        while tokens < CONTEXT:
            end = next((i for i, size in enumerate(sizes) if size >= tokens), 0)
            if end > WINDOW:
                points.append((tokens, _micros(env.steps[end - WINDOW : end])))
            tokens *= 2
        return Curve((*points, (sizes[-1], _micros(env.steps[-WINDOW:]))))


def with_memory(env_id: str, kwargs: Mapping[str, Any]) -> Growth:
    """Compare the turns of two idle episodes, one with few and one with many entries in memory."""
    times = []
    for entries in (ENTRIES[0], ENTRIES[-1]):
        more = {"stages": [3], "max_rounds": 2 * WINDOW, "memory": filled(entries)}
        with closing(make(env_id, {**kwargs, **more})) as env:
            for _ in _idle(env, 0, lambda info: False):
                pass
            times.append(_micros(env.steps[:-1] or env.steps))
    return Growth(*times)


def searches() -> tuple[Search, ...]:
    """Time searches in memories of all sizes."""
    return tuple(_search(entries) for entries in ENTRIES)


def _search(entries: int) -> Search:
    memory = filled(entries)
    memory.search("", 1)  # embeds all entries

    def timed(where: Mapping[str, Any] | None) -> float:
        """Return the median milliseconds of a search with a filter."""
        times = []
        for i in range(SEARCHES):
            start = time.perf_counter()
            memory.search(f"who walked to place {i}?", 5, where)
            times.append(time.perf_counter() - start)
        return 1e3 * statistics.median(times)

    return Search(entries, timed(None), timed({"source": "agent"}))


def filled(entries: int) -> LongTermMemory:
    """Return a memory of sentences of which no two are equal."""
    memory, rng = LongTermMemory(make_encoder("hashing")), np.random.default_rng(0)
    for i in range(entries):
        text = f"Person {i} walked {i % 97} steps to place {i // 3}."
        memory.add(text, {"source": "agent" if i % 2 else "system"}, 0, rng)
    return memory


def _idle(env: Stopwatch, seed: int, enough: Callable[[Info], bool]) -> Iterator[Info]:
    """Play an idle episode to its end, or until there is enough; yield the infos."""
    env.clear()
    observation, info = env.reset(seed=seed)
    policy, over = Idle(), False
    while not over and not enough(info):
        observation, _, terminated, truncated, info = env.step(policy.act(observation, info))
        over = terminated or truncated
        yield info


def _micros(seconds: Sequence[float]) -> float:
    return 1e6 * statistics.median(seconds)
