"""Plays many episodes at once: one batched generation for the next turns of all that are not over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from agemem_env.errors import ConfigurationError
from baselines.integrations.rows import EpisodeRows, Generation, RowEpisode
from baselines.language_model.policy import LanguagePolicy, mixed_precision
from baselines.language_model.prompts import Dialogue
from baselines.language_model.sampling import sample


@dataclass(frozen=True)
class Limits:
    """Bounds of what is played.

    Attributes:
        new_tokens: Tokens of a turn.
        context: Tokens of a prompt with its turn; an episode whose prompt leaves no room is scored as it stands.
        turns: Turns of an episode; None: those of the environment.
        together: Episodes in one batch of generation.
    """

    new_tokens: int = 256
    context: int = 4096
    turns: int | None = None
    together: int = 64

    def __post_init__(self) -> None:
        for name in ("new_tokens", "context", "turns", "together"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise ConfigurationError(f"{name}={value} is not allowed; use a number from 1 on")


def play(
    policy: LanguagePolicy,
    envs: Sequence[Any],
    seeds: Sequence[int],
    limits: Limits,
    *,
    tasks: Sequence[int] | None = None,
    runs: Sequence[int] | None = None,
    last_stage: int = 3,
    generator: torch.Generator | None = None,
) -> list[EpisodeRows]:
    """Play one episode in each environment, to its end.

    Args:
        policy: Acts.
        envs: Environments.
        seeds: Seeds of their episodes.
        limits: What ends a turn or an episode early.
        tasks: Indices of their tasks; None lets the seeds draw them.
        runs: Numbers of the rollouts within their groups.
        last_stage: An episode that comes to a stage after it ends there, scored.
        generator: Draws the tokens; None takes the most probable ones.
    """
    named = [None] * len(envs) if tasks is None else tasks
    runs = [0] * len(envs) if runs is None else runs
    episodes = [
        RowEpisode(env, seed=seed, task=task, run=run, max_turns=limits.turns)
        for env, seed, task, run in zip(envs, seeds, named, runs, strict=True)
    ]
    dialogues = [Dialogue(policy.prompter) for _ in episodes]
    while True:
        waiting: list[tuple[int, list[int]]] = []
        for place, episode in enumerate(episodes):
            if not episode.over and episode.stage > last_stage:
                episode.stop()
            if episode.over:
                continue
            prompt = dialogues[place].prompt(episode.messages)
            if len(prompt) >= limits.context:
                episode.stop()
            else:
                waiting.append((place, prompt))
        if not waiting:
            return [episode.result() for episode in episodes]
        waiting.sort(key=lambda item: len(item[1]))  # prompts of like length are padded least
        for start in range(0, len(waiting), limits.together):
            batch = waiting[start : start + limits.together]
            prompts = [prompt for _, prompt in batch]
            room = [min(limits.new_tokens, limits.context - len(prompt)) for prompt in prompts]
            with mixed_precision(policy.device):
                drawn = sample(policy.model, prompts, policy.stops, room, generator=generator)
            for (place, prompt), turn in zip(batch, drawn, strict=True):
                reply = dialogues[place].take(turn.tokens, turn.stop)
                episodes[place].take(Generation(reply, tuple(prompt), turn.tokens, turn.logprobs))
