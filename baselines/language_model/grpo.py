"""Step-wise GRPO for a language model, from top to bottom: play groups, compare, take a step, look, go on.

Each row (a context, and what the model made of it) has the advantage of its episode, in all stages. All sampled tokens
of a batch weigh the same: that is Eq. 6 with the logarithm of a turn's probability written as the sum over its tokens,
but for a factor that is the same for the whole batch. The KL term is exact over the vocabulary.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch

from agemem_env.errors import ConfigurationError
from agemem_env.rewards.habits import habits
from baselines.grpo.curriculum import CURRICULA, Phase, check_untaught, learnable, phase_at
from baselines.grpo.math import group_advantages
from baselines.grpo.settings import Budget
from baselines.grpo.watch import Watch
from baselines.grpo.workers import Outcome
from baselines.integrations.rows import EpisodeRows, TokenRow
from baselines.language_model.checkpoint import Checkpoint, ModelFolder
from baselines.language_model.objective import TokenObjective, token_objective
from baselines.language_model.playing import Limits, play
from baselines.language_model.policy import LanguagePolicy, microbatches, sampled_tokens

Make = Callable[[str, Mapping[str, Any]], Any]
"""Returns an environment, given a split and arguments on top of its own."""

Row = dict[str, Any]
"""What is logged of an update."""


@dataclass(frozen=True)
class GRPOSettings:
    """Everything that the curve of a run depends on, beside the model and the environment.

    Attributes:
        budget: How long to train.
        groups: Tasks of an update.
        group_size: Episodes of a group (K).
        limits: Of what is played.
        rate: Step size of AdamW.
        beta: Weight of the KL term.
        clip: Bound of the importance ratio as in PPO; None for none.
        passes: Steps taken on each batch.
        floor: Least standard deviation that a group's rewards are divided by.
        microbatch: Tokens that are computed together; gradients are summed over the microbatches of a batch.
        curriculum: ``progressive``, ``all`` (the three stages from the start) or ``stage-3-only``.
        validation_every: Updates between evaluations on validation tasks.
        validation_tasks: Number of validation tasks.
        seed: Of tasks and tokens.
        memory: Whether memories can be stored; if not, phases that teach nothing else are left out.
    """

    budget: Budget
    groups: int = 4
    group_size: int = 8
    limits: Limits = field(default_factory=Limits)
    rate: float = 1e-5
    beta: float = 0.01
    clip: float | None = 0.2
    passes: int = 1
    floor: float = 0.1
    microbatch: int = 16384
    curriculum: str = "progressive"
    validation_every: int = 20
    validation_tasks: int = 32
    seed: int = 0
    memory: bool = True

    def __post_init__(self) -> None:
        check_untaught(self.curriculum)
        for name in ("groups", "passes", "microbatch", "validation_every", "validation_tasks"):
            if getattr(self, name) < 1:
                raise ConfigurationError(f"{name}={getattr(self, name)} is not allowed; use a number from 1 on")
        if self.group_size < 2:
            raise ConfigurationError("group_size=1 is not allowed: an advantage needs at least 2 rollouts of a task")

    def during(self, phase: Phase) -> GRPOSettings:
        """Return what holds in a phase."""
        floor = self.floor if phase.floor is None else phase.floor
        return replace(self, beta=self.beta * phase.pull, floor=floor)

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The parts of training."""
        return learnable(CURRICULA[self.curriculum], memory=self.memory)


def train(
    policy: LanguagePolicy,
    make: Make,
    settings: GRPOSettings,
    kept: ModelFolder,
    tell: Callable[[Row], None] = lambda row: None,
) -> list[Row]:
    """Train a policy in place, or continue the run in a folder, and return the curve.

    In the end the policy has the weights with the best validation score.

    Args:
        policy: Is trained; what it is now is the first reference.
        make: Makes environments.
        settings: The run.
        kept: Where checkpoints and the curve are kept.
        tell: Called with each row of the curve.

    Raises:
        ConfigurationError: If the context is too short for any prompt.
        StorageError: If a checkpoint cannot be written.
    """
    optimizer = adam(policy, settings)
    done = kept.load(policy, optimizer) or Checkpoint()
    watch, envs = Watch(), list[Any]()
    watch.remember(row["silent"] for row in done.curve if row["phase"] == settings.phases[done.phase].name)
    if done.phase < 0:  # whatever becomes of training, something is kept that is no worse than this
        keep_if_best(policy, make, settings, kept, done)
    clock = Clock(done.seconds, done.cpu_seconds)
    while not done.problem and (used := settings.budget.used(len(done.curve), clock.cpu(), clock.wall())) < 1:
        phase = phase_at(settings.phases, used)
        if phase != done.phase:  # from here on the policy is its own reference
            policy.freeze_reference()
            optimizer, watch, done.phase = adam(policy, settings), Watch(), phase
            _close(envs)
        if phase + 1 < len(settings.phases):  # what it teaches may be learned before its end
            watch = Watch()
        stage = settings.phases[phase]
        envs = envs or [make("train", stage.arguments) for _ in range(settings.groups * settings.group_size)]
        played = rollouts(policy, envs, settings, len(done.curve), last_stage=_last(stage))
        if not any(episode.rows for episode in played):
            raise ConfigurationError(
                f"no first prompt leaves room in a context of {settings.limits.context} tokens; use a model with more"
            )
        learned = improve(policy, optimizer, played, settings.during(stage))
        row = {"update": len(done.curve) + 1, "phase": stage.name, **told(played, main_score(envs[0])), **learned}
        weights = np.zeros(1) if policy.finite() else np.full(1, np.nan)
        done.problem = watch.problem(row, weights, np.array(row["gradient"])) or ""
        spent = {"seconds": clock.wall(), "cpu_seconds": clock.cpu()}
        done.curve.append({**row, **spent, "problem": done.problem})
        last = settings.budget.used(len(done.curve), clock.cpu(), clock.wall()) >= 1
        if not done.problem and (last or len(done.curve) % settings.validation_every == 0):
            done.curve[-1]["validation"] = keep_if_best(policy, make, settings, kept, done)
        done.seconds, done.cpu_seconds = clock.wall(), clock.cpu()
        kept.save(policy, optimizer, done)
        tell(done.curve[-1])
    _close(envs)
    kept.load_best(policy)
    return done.curve


def rollouts(
    policy: LanguagePolicy, envs: Sequence[Any], settings: GRPOSettings, number: int, *, last_stage: int = 3
) -> list[EpisodeRows]:
    """Play the groups of an update; the members of a group play one task, and draw differently."""
    size = settings.group_size
    first = settings.seed * 1_000_003 + number * settings.groups
    generator = torch.Generator().manual_seed(settings.seed * 1_000_003 + number)
    seeds = [first + place // size for place in range(len(envs))]
    runs = [place % size for place in range(len(envs))]
    return play(policy, envs, seeds, settings.limits, runs=runs, last_stage=last_stage, generator=generator)


def improve(policy: LanguagePolicy, optimizer: Any, played: Sequence[EpisodeRows], settings: GRPOSettings) -> Row:
    """Take the steps of one batch, and return what is logged of them."""
    rewards = [episode.reward for episode in played]
    groups = [place // settings.group_size for place in range(len(played))]
    gains = group_advantages(rewards, groups, floor=settings.floor)
    rows = [row for episode in played for row in episode.rows]
    advantages = [float(gain) for gain, episode in zip(gains.values, played, strict=True) for _ in episode.rows]
    total = max(1, sum(sum(row.mask) for row in rows))
    norm = kl = entropy = 0.0
    for _ in range(settings.passes if rows else 0):
        optimizer.zero_grad()
        kl = entropy = 0.0
        for places in microbatches(rows, settings.microbatch):
            found = _objective(policy, [rows[i] for i in places], [advantages[i] for i in places], total, settings)
            (-found.value).backward()  # type: ignore[no-untyped-call, unused-ignore]
            kl += float(found.kl.sum()) / total
            entropy += float(found.entropy.sum()) / total
        norm = float(torch.nn.utils.clip_grad_norm_(policy.trainable(), 1.0))
        if np.isfinite(norm):
            optimizer.step()
    return {"silent": gains.silent / gains.groups, "kl": kl, "entropy": entropy, "gradient": norm}


def told(played: Sequence[EpisodeRows], score: str) -> Row:
    """Return means over episodes: what they earned, how long they were, which tools were called."""

    def mean(values: Iterable[float]) -> float:
        return sum(values) / len(played)

    calls = played[0].info["tool_calls"]
    return {
        "reward": mean(episode.reward for episode in played),
        "score": mean(episode.info["metrics"][score] or 0.0 for episode in played),
        "success": mean(bool(episode.info["success"]) for episode in played),
        "turns": mean(len(row.starts) for episode in played for row in episode.rows),
        "tokens": mean(sum(row.mask) for episode in played for row in episode.rows),
        "stopped": mean(episode.stopped for episode in played),
        **{f"calls {name}": mean(episode.info["tool_calls"][name] for episode in played) for name in calls},
    }


def main_score(env: Any) -> str:
    """Return the name of an environment's main score."""
    return str(env.unwrapped.engine.main_score)


def keep_if_best(
    policy: LanguagePolicy, make: Make, settings: GRPOSettings, kept: ModelFolder, done: Checkpoint
) -> float:
    """Play validation tasks, keep the weights if none did better before, and return the mean score."""
    found = evaluate(policy, make, settings, "valid", settings.validation_tasks)
    score = sum(one.score for one in found) / len(found)
    if score >= done.best_score:
        done.best_score = score
        kept.save_best(policy)
    return score


def evaluate(
    policy: LanguagePolicy, make: Make, settings: GRPOSettings, split: str, tasks: int, *, greedy: bool = False
) -> list[Outcome]:
    """Play the first tasks of a split, with the stages of the last phase, and return what came.

    Args:
        policy: Plays.
        make: Makes environments.
        settings: Of the run.
        split: ``valid`` or ``test``.
        tasks: Number of tasks; all that there are if there are fewer.
        greedy: Whether the most probable tokens are taken instead of drawn ones.
    """
    envs = [make(split, settings.phases[-1].arguments)]
    tasks = min(tasks, len(envs[0].unwrapped.tasks))
    envs += [make(split, settings.phases[-1].arguments) for _ in range(min(tasks, settings.limits.together) - 1)]
    generator = None if greedy else torch.Generator().manual_seed(settings.seed)
    score, found = main_score(envs[0]), list[Outcome]()
    for first in range(0, tasks, len(envs)):
        now, places = envs[: tasks - first], range(first, min(first + len(envs), tasks))
        played = play(policy, now, places, settings.limits, tasks=places, generator=generator)
        for place, env, one in zip(places, now, played, strict=True):
            main = float(one.info["metrics"][score] or 0.0)
            found.append(Outcome(place, main, one.reward, info=one.info, habits=habits(env.unwrapped.view)))
    _close(envs)
    return found


def adam(policy: LanguagePolicy, settings: GRPOSettings) -> Any:
    """Return an optimizer of what is trained, with nothing behind it."""
    return torch.optim.AdamW(policy.trainable(), lr=settings.rate, weight_decay=0.0)


@dataclass
class Clock:
    """Time of a run, with what went before an interruption.

    Attributes:
        seconds: By the clock, before.
        cpu_seconds: Of the processor, before.
    """

    seconds: float = 0.0
    cpu_seconds: float = 0.0

    def __post_init__(self) -> None:
        self._wall, self._cpu = time.perf_counter() - self.seconds, time.process_time() - self.cpu_seconds

    def wall(self) -> float:
        """Return seconds by the clock."""
        return time.perf_counter() - self._wall

    def cpu(self) -> float:
        """Return processor seconds."""
        return time.process_time() - self._cpu


def _objective(
    policy: LanguagePolicy, rows: Sequence[TokenRow], advantages: Sequence[float], total: int, settings: GRPOSettings,
) -> TokenObjective:  # fmt: skip
    """Return the objective of some rows, with each sampled token weighing ``1 / total``."""
    behaviour, gains = list[float](), list[float]()
    for row, advantage in zip(rows, advantages, strict=True):
        assert row.logprobs is not None, "sampled here"
        behaviour += [log for log, kept in zip(row.logprobs, row.mask, strict=True) if kept]
        gains += [advantage] * sum(row.mask)
    on = policy.device
    return token_objective(
        policy.logits(rows),
        policy.reference_logits(rows) if settings.beta else None,
        torch.tensor(sampled_tokens(rows), device=on),
        torch.tensor(behaviour, device=on),
        torch.tensor(gains, device=on),
        torch.full((len(gains),), 1 / total, device=on),
        beta=settings.beta,
        clip=settings.clip,
    )


def _last(phase: Phase) -> int:
    """Return the last stage that is played in a phase."""
    return 3 if 3 not in phase.taught else 2


def _close(envs: list[Any]) -> None:
    for env in envs:
        env.close()
    envs.clear()
