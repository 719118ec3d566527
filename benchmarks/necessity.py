"""Memory necessity: what the facts of stage 1 are worth to the expert.

The same tasks are played twice, by the expert and by the same expert without memory tools. Memory is necessary on a
benchmark if the expert with memory needs at least 30 % fewer turns in stage 3, or solves at least 30 points more
tasks within the turn limit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import gymnasium as gym
from rich.console import Console

from agemem_env.env import AgeMemEnv
from baselines import make, rollout
from benchmarks.report.sheet import Sheet, print_sheet
from benchmarks.specs import find_benchmark, make_env

MARGIN = 0.3
"""Share of turns saved, or of tasks solved in addition, from which memory counts as necessary."""


@dataclass(frozen=True, slots=True)
class Side:
    """How one of the two experts did.

    Attributes:
        solved: Share of the tasks solved within the limit, in [0, 1].
        steps: Mean turns taken in stage 3, in unsolved tasks too.
    """

    solved: float
    steps: float


@dataclass(frozen=True, slots=True)
class Necessity:
    """The two experts on the same tasks."""

    benchmark: str
    tasks: int
    informed: Side
    uninformed: Side

    @property
    def steps_saved(self) -> float:
        """Share of the turns that memory saves."""
        return 1 - self.informed.steps / self.uninformed.steps

    @property
    def solved_more(self) -> float:
        """Share of the tasks that memory solves in addition."""
        return self.informed.solved - self.uninformed.solved

    @property
    def holds(self) -> bool:
        """Whether memory is necessary.

        >>> Necessity("x", 10, Side(1.0, 6.0), Side(1.0, 10.0)).holds
        True
        >>> Necessity("x", 10, Side(1.0, 8.0), Side(0.9, 10.0)).holds
        False
        """
        return max(self.steps_saved, self.solved_more) >= MARGIN


def measure(benchmark: str, tasks: int, env_kwargs: Mapping[str, Any] | None = None) -> Necessity:
    """Play the first tasks of a split with both experts.

    Args:
        benchmark: Name of a benchmark, or ``module:Class`` of an engine from elsewhere.
        tasks: Number of tasks; fewer are played if the split has fewer.
        env_kwargs: Arguments of the environment.
    """
    env = make_env(find_benchmark(benchmark), env_kwargs or {})
    plain = cast(AgeMemEnv, env.unwrapped)
    count = min(tasks, len(plain.tasks))
    informed, uninformed = _play(env, "expert", count), _play(env, "expert-no-memory", count)
    env.close()
    return Necessity(benchmark, count, informed, uninformed)


def _play(env: gym.Env[Any, Any], policy: str, count: int) -> Side:
    solved = steps = 0
    for task in range(count):
        stages = [1]

        def watch(action: Any, observation: dict[str, Any], reward: float, info: dict[str, Any]) -> None:
            stages.append(observation["stage"])  # noqa: B023 - called within this iteration only

        result = rollout(env, make(policy, env), seed=task, task=task, spectator=watch)
        solved += result.info["success"]
        # A turn belongs to stage 3 if the observation before it did.
        steps += sum(stage == 3 for stage in stages[:-1])
    return Side(solved / count, steps / count)


def show(measured: Sequence[Necessity], console: Console) -> None:
    """Print a line per benchmark."""
    columns = ("Benchmark", "tasks", "solved with", "without", "turns with", "without", "saved", "necessary")
    print_sheet(Sheet(columns, tuple(map(_line, measured)), names=1), console)
    console.print(
        "The expert with and without memory tools on the same tasks; turns are those of stage 3.\n"
        f"Necessary: at least {MARGIN:.0%} of the turns saved, or {MARGIN * 100:.0f} points more solved.",
        highlight=False,
    )


def _line(row: Necessity) -> tuple[str, ...]:
    return (
        row.benchmark,
        str(row.tasks),
        f"{row.informed.solved:.0%}",
        f"{row.uninformed.solved:.0%}",
        f"{row.informed.steps:.1f}",
        f"{row.uninformed.steps:.1f}",
        f"{row.steps_saved:.0%}",
        "yes" if row.holds else "no",
    )
