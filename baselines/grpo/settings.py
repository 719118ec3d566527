"""What a training run is: everything that its curve depends on."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from agemem_env.engines import engine_class
from agemem_env.errors import ConfigurationError, unknown_name
from baselines.grpo.curriculum import CURRICULA, Phase, learnable
from baselines.grpo.groups import Learning
from baselines.grpo.workers import World


@dataclass(frozen=True)
class Budget:
    """How long to train; exactly one of them.

    Attributes:
        updates: Number of updates. The curve is then the same on every machine.
        cpu_seconds: Processor seconds of all processes together.
        minutes: Minutes by the clock.
    """

    updates: int | None = None
    cpu_seconds: float | None = None
    minutes: float | None = None

    def __post_init__(self) -> None:
        given = {name: value for name, value in asdict(self).items() if value is not None}
        if len(given) != 1 or not all(0 < value < math.inf for value in given.values()):
            said = " and ".join(f"{name}={value}" for name, value in given.items()) or "no budget"
            raise ConfigurationError(
                f"{said} is not allowed; give one of updates, cpu_seconds and minutes, greater than 0 and finite"
            )

    def used(self, updates: int, cpu_seconds: float, seconds: float) -> float:
        """Return the share that is used up."""
        if self.updates is not None:
            return updates / self.updates
        if self.cpu_seconds is not None:
            return cpu_seconds / self.cpu_seconds
        return seconds / (60 * (self.minutes or 1))


TASKS: Mapping[str, int] = {"HotpotQA": 20000, "PDDL": 2000, "BabyAI": 1200, "ALFWorld": 240, "SciWorld": 900}
"""Training tasks that are drawn from, at most: those of some benchmarks take long to make."""

LESSONS: Mapping[str, int] = {"HotpotQA": 600, "PDDL": 400, "BabyAI": 150, "ALFWorld": 100, "SciWorld": 480}
"""Tasks whose commands or answers are cloned."""


@dataclass(frozen=True)
class Settings:
    """A training run.

    Attributes:
        benchmark: Name of the benchmark.
        budget: How long to train.
        seed: Of everything that is drawn.
        group_size: Rollouts per group (K).
        groups: Groups per update.
        rate: Step size of Adam.
        learning: The algorithm.
        curriculum: A name in `CURRICULA`.
        lessons: Tasks that are cloned at the start; 0 starts from nothing.
        tasks: Training tasks that are drawn from.
        also: Further benchmarks that the same weights are trained on, group by group in turn.
        arguments: Further arguments of the environment, such as ``tools``.
        validation_every: Updates between evaluations on validation tasks.
        validation_tasks: Number of validation tasks.
    """

    benchmark: str
    budget: Budget
    seed: int = 0
    group_size: int = 8
    groups: int = 6
    rate: float = 0.03
    learning: Learning = field(default_factory=Learning)
    curriculum: str = "progressive"
    lessons: int = 100
    tasks: int = 1000
    also: tuple[str, ...] = ()
    arguments: Mapping[str, Any] = field(default_factory=dict)
    validation_every: int = 50
    validation_tasks: int = 40

    def __post_init__(self) -> None:
        for name in (self.benchmark, *self.also):
            engine_class(name)
        twice = [name for name, times in Counter((self.benchmark, *self.also)).items() if times > 1]
        if twice:
            raise ConfigurationError(
                f"{', '.join(twice)} is named more than once in benchmark and also; name each benchmark once"
            )
        if self.curriculum not in CURRICULA:
            raise unknown_name("curriculum", self.curriculum, CURRICULA)
        for name in ("group_size", "groups", "tasks", "validation_every", "validation_tasks"):
            if getattr(self, name) < 1:
                raise ConfigurationError(f"{name}={getattr(self, name)} is not allowed; use a number from 1 on")
        if self.group_size < 2:
            raise ConfigurationError("group_size=1 is not allowed: an advantage needs at least 2 rollouts of a task")

    @classmethod
    def of(cls, benchmark: str, budget: Budget, **changes: Any) -> Settings:
        """Return settings with the benchmark's own number of tasks and lessons."""
        known = {"tasks": TASKS.get(benchmark, 1000), "lessons": LESSONS.get(benchmark, 100)}
        return cls(benchmark, budget, **{**known, **changes})

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The parts of training; stage 1 by itself is left out if nothing can be stored, or memory is not paid for."""
        can_store = "Add_memory" in self.arguments.get("tools", ("Add_memory",))
        return learnable(CURRICULA[self.curriculum], memory=can_store and self.learning.returns == "all")

    @property
    def each(self) -> tuple[Settings, ...]:
        """The same for each benchmark by itself, with its own number of tasks and lessons.

        If the first has fewer lessons than usual, as with a short budget, the others have fewer too.
        """
        if not self.also:
            return (self,)
        share = self.lessons / LESSONS.get(self.benchmark, 100)
        return tuple(
            replace(
                self,
                benchmark=name,
                also=(),
                tasks=TASKS.get(name, 1000),
                lessons=math.ceil(share * LESSONS.get(name, 100)),
            )
            for name in (self.benchmark, *self.also)
        )

    def world(self, split: str) -> World:
        """Return where episodes of a split are played."""
        commands = {"offer_answer": False} if engine_class(self.benchmark).has_commands else {}
        fixed = {"split": split, "source": "generated", "reward": "strict", **commands}
        return World(self.benchmark, {**fixed, **self.arguments})

    def to_json(self) -> str:
        """Return the settings as canonical JSON."""
        return json.dumps(asdict(self), sort_keys=True)
