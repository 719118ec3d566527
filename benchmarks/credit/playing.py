"""An episode played again, without some of the memory that it had when the query came."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import cast

from agemem_env.env import AgeMemEnv
from agemem_env.memory.store import MemoryEntry
from agemem_env.services.cassette.cassette import lane
from agemem_env.types import Task
from baselines.rollout import LiveEpisode
from benchmarks.run.backends.in_process import with_policy
from benchmarks.run.models import Access
from benchmarks.specs import RunSpec, main_score, make_env

Choice = Callable[[Sequence[MemoryEntry]], Iterable[str]]
"""Given the entries that memory holds when the query comes, returns the ids of those that are taken away."""


@dataclass(frozen=True)
class PlayedWithout:
    """What came of it.

    Attributes:
        task: The task.
        entries: The entries that memory held when the query came, those that were taken away included.
        score: The metric that ranks the benchmark; None if it was not scored.
        turns: Turns of stage 3.
        tokens: Tokens of the prompts of stage 3.
    """

    task: Task
    entries: tuple[MemoryEntry, ...]
    score: float | None
    turns: int
    tokens: int


def play(spec: RunSpec, access: Access, choose: Choice) -> PlayedWithout:
    """Play an episode and take entries away when the query comes, before the first turn of stage 3.

    Args:
        spec: The episode.
        access: How its model is reached.
        choose: Which entries are taken away.

    Raises:
        AgeMemError: If it cannot be played.
    """
    policy = access.policy(spec)
    with closing(make_env(spec.env_id, with_policy(spec.env_kwargs, policy))) as env, lane(spec.recording_name):
        plain = cast(AgeMemEnv, env.unwrapped)
        live = LiveEpisode(env, policy, seed=spec.seed, task=spec.task)
        while not live.over and live.info["stage"] != 3:
            live.advance(live.choose())
        entries = tuple(plain.memory)
        for memory_id in choose(entries):
            plain.memory.delete(memory_id)
        before = len(plain.ledger.prompt_tokens)
        while not live.over:
            live.advance(live.choose())
        prompts = plain.ledger.prompt_tokens[before:]
        score = live.info["metrics"].get(main_score(spec.benchmark))
        return PlayedWithout(plain.task, entries, score, len(prompts), sum(prompts))
