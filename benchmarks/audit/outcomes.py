"""Plays the red team: each policy on the same tasks, each episode scored under every profile."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, cast

import gymnasium as gym

from agemem_env.env import AgeMemEnv
from agemem_env.episode.view import EpisodeView
from agemem_env.rewards.base import Profile, Scores
from agemem_env.rewards.profiles import PROFILES
from agemem_env.services.judges import Judge
from baselines import make, rollout
from baselines.cheats import RED_TEAM
from baselines.grpo.workers import workers as lend
from benchmarks.specs import find_benchmark, make_env

AUDITED: tuple[str, ...] = ("expert", "expert-no-memory", "do-nothing", *RED_TEAM)
"""Every policy that an audit plays."""

CHUNKS = 3
"""Parts into which each benchmark is cut per process: more balance better, fewer make fewer environments."""

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one episode earned.

    Attributes:
        benchmark: Name of the benchmark.
        policy: Name of the policy.
        seed: Seed of the episode.
        rewards: Profile -> sum of the rewards.
        memory: Profile -> memory component; None if it was not scored.
    """

    benchmark: str
    policy: str
    seed: int
    rewards: Mapping[str, float]
    memory: Mapping[str, float | None]


class Recorder:
    """A reward part that scores the finished episode under every profile, so that it need be played only once."""

    def __init__(self) -> None:
        self.scores: dict[str, Scores] = {}
        self.weights: Mapping[str, float] = {}

    def __call__(self, view: EpisodeView, judge: Judge) -> float | None:
        """Keep the scores; the part itself is never scored."""
        if view.over:
            self.scores = {name: p.score(view, judge, self.weights) for name, p in PROFILES.items()}
        return None


def outcomes(
    benchmarks: Sequence[str],
    seeds: Sequence[int],
    policies: Sequence[str] = AUDITED,
    *,
    workers: int = 1,
    env_kwargs: Mapping[str, Any] = NOTHING,
    track: Callable[[int], None] | None = None,
) -> list[Outcome]:
    """Play policies on the tasks that some seeds draw.

    Args:
        benchmarks: Names of benchmarks, or ``module:Class``.
        seeds: Seeds of the episodes.
        policies: Names of policies.
        workers: Number of processes; 1 plays in this one.
        env_kwargs: Arguments of the environments.
        track: Takes the number of tasks that are done.

    Returns:
        One outcome per benchmark, seed and policy, in the order of these arguments.
    """
    parts = max(1, min(len(seeds), CHUNKS * workers if workers > 1 else 1))
    jobs = [_Job(name, seeds[i::parts], policies, dict(env_kwargs)) for name in benchmarks for i in range(parts)]
    found: list[Outcome] = []
    done = 0
    with lend(workers) as lent:
        for _, played in lent.each(jobs):
            found += played
            done += len(played) // max(1, len(policies))
            if track is not None:
                track(done)
    order = {name: i for i, name in enumerate((*benchmarks, *policies))}
    return sorted(found, key=lambda o: (order[o.benchmark], o.seed, order[o.policy]))


@dataclass(frozen=True)
class _Job:
    """Every policy on one task after the other, as engines keep the task that they have built last."""

    benchmark: str
    seeds: Sequence[int]
    policies: Sequence[str]
    kwargs: Mapping[str, Any]

    def run(self) -> list[Outcome]:
        """Play."""
        recorder = Recorder()
        profile = Profile("audit", {"task": {"recorded": recorder}})
        kwargs = {**self.kwargs, "reward": profile}
        with closing(make_env(find_benchmark(self.benchmark), kwargs, checker=False)) as env:
            recorder.weights = cast(AgeMemEnv, env.unwrapped).config.weights
            return [
                _outcome(env, recorder, self.benchmark, policy, seed) for seed in self.seeds for policy in self.policies
            ]


def _outcome(env: gym.Env[Any, Any], recorder: Recorder, benchmark: str, policy: str, seed: int) -> Outcome:
    rollout(env, make(policy, env, seed), seed=seed)
    scores = recorder.scores
    rewards = {name: score.total for name, score in scores.items()}
    return Outcome(benchmark, policy, seed, rewards, {n: s.components["memory"] for n, s in scores.items()})
