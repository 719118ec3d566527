"""Episodes that are played under the eyes of a recorder."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agemem_env.context.messages import Message
from agemem_env.episode.view import EpisodeView
from agemem_env.memory.store import MemoryEntry
from baselines.base import Info, Observation, Policy
from baselines.rollout import LiveEpisode
from benchmarks.results.costs import costs, task_of
from benchmarks.results.row import EpisodeRow
from benchmarks.run.backends.in_process import with_policy
from benchmarks.run.models import Access
from benchmarks.specs import RunSpec, make_env
from benchmarks.trajectories.file import Compressors
from benchmarks.trajectories.writer import TrajectoryWriter


class Summing(Policy):
    """Summarises the context in every fifth turn."""

    def act(self, observation: Observation, info: Info) -> Any:
        if observation["round"] % 5 == 4:
            return {"name": "Summary_context", "arguments": {"span": "full"}}
        return "<answer>x</answer>" if observation["stage"] == 3 else "Noted."


@dataclass
class Played:
    """What an episode was like while it was played."""

    path: Path
    row: EpisodeRow
    view: EpisodeView
    prompts: list[tuple[Message, ...]] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)
    memories: list[tuple[MemoryEntry, ...]] = field(default_factory=list)
    actions: list[Any] = field(default_factory=list)


def spec_of(benchmark: str, policy: str, seed: int = 0, memory: str | None = None, **kwargs: Any) -> RunSpec:
    kwargs = {"source": "generated", **kwargs}
    return RunSpec(f"AgeMem-{benchmark}-v0", kwargs, policy, seed, memory)


def record(spec: RunSpec, folder: Path) -> Played:
    """Play an episode and return what it was like."""
    policy = Access().policy(spec)
    with closing(make_env(spec.env_id, with_policy(spec.env_kwargs, policy))) as env:
        core: Any = env.unwrapped
        live = LiveEpisode(env, policy, seed=spec.seed)
        recorder = TrajectoryWriter(folder, spec, env, policy, live, Compressors())
        prompts: list[tuple[Message, ...]] = []
        tokens: list[int] = []
        memories: list[tuple[MemoryEntry, ...]] = []
        actions: list[Any] = []
        while not live.over:
            action = live.choose()
            actions.append(action)
            prompts.append(tuple(core.context.messages()))
            tokens.append(core.context.tokens)
            memories.append(tuple(core.memory))
            recorder.chosen()
            live.advance(action)
            recorder.stepped(action)
        row = EpisodeRow.finished(spec, live.result(), costs(env, policy), task_of(env))
        recorder.end(row)
        path = folder / f"{spec.config_hash}.jsonl.zst"
        return Played(path, row, core.view, prompts, tokens, memories, actions)
