"""The state of one episode: everything that `reset` makes anew and `snapshot` copies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from agemem_env.context import Context
from agemem_env.ledger import Ledger
from agemem_env.memory import LongTermMemory
from agemem_env.stages import Incoming
from agemem_env.types import Stage, Task


@dataclass
class Episode:
    """One episode in progress.

    Attributes:
        task: The task played.
        plan: Incoming messages, the query last.
        opening: First observation of the engine, shown after the query; may be empty.
        max_rounds: Turn limit of stage 3.
        context: Short-term context.
        memory: Long-term memory.
        ledger: What happened.
        position: Index in `plan` of the message being answered.
        round: Turns taken.
        task_rounds: Turns taken in stage 3.
        calls: Calls made, for call ids.
        progress: Best progress so far, in [0, 1].
        success: Whether the task is solved.
        terminated: The engine or an answer ended the episode.
        truncated: The turn limit ended it.
        score: The running score that dense reward has paid so far.
    """

    task: Task
    plan: tuple[Incoming, ...]
    opening: str
    max_rounds: int
    context: Context
    memory: LongTermMemory
    ledger: Ledger
    position: int = -1
    round: int = 0
    task_rounds: int = 0
    calls: int = 0
    progress: float = 0.0
    success: bool = False
    terminated: bool = False
    truncated: bool = False
    score: float = 0.0

    @property
    def stage(self) -> Stage:
        """The stage of the message being answered."""
        return self.plan[max(0, self.position)].stage

    @property
    def over(self) -> bool:
        """Whether the episode has ended."""
        return self.terminated or self.truncated

    def copy(self) -> Episode:
        """Return an independent copy; immutable parts are shared."""
        return replace(self, context=self.context.copy(), memory=self.memory.copy(), ledger=self.ledger.copy())


@dataclass(frozen=True)
class Snapshot:
    """An opaque value of `AgeMemEnv.snapshot`: episode, engine state and generator state."""

    episode: Episode
    engine: Any
    rng: Mapping[str, Any]
