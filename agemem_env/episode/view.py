"""What rewards and metrics may look at, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agemem_env.context.messages import Message
from agemem_env.episode.ledger import Ledger
from agemem_env.memory.store import MemoryEntry
from agemem_env.services.judges import Judge
from agemem_env.types import Stage, Task


@dataclass(frozen=True)
class EpisodeView:
    """All that rewards and metrics may look at.

    Attributes:
        task: The task, expected answer included.
        stages: The stages of the episode.
        ledger: What was done, with the final answer.
        messages: The context as it is now (at the end: when the answer was given).
        entries: Long-term memory as it is now.
        stored: Long-term memory as it was when stage 3 brought the query; as it is now until then.
        tokens: ``T_used``, tokens in the context.
        max_tokens: ``T_max``.
        overflow: Whether the context ever exceeded ``T_max``.
        progress: The engine's best progress, in [0, 1].
        success: Whether the task is solved.
        truncated: Whether the turn limit ended the episode.
        over: Whether the episode has ended.
        memory_tools: Names of the memory tools that were offered.
        facts_per_turn: Number of stage 1 utterances that were told in one message.
    """

    task: Task
    stages: Sequence[Stage]
    ledger: Ledger
    messages: tuple[Message, ...]
    entries: tuple[MemoryEntry, ...]
    stored: tuple[MemoryEntry, ...]
    tokens: int
    max_tokens: int
    overflow: bool
    progress: float
    success: bool
    truncated: bool
    over: bool
    memory_tools: Sequence[str]
    facts_per_turn: int = 1

    def told_in(self, fact: int) -> int:
        """Return the round, from 1, whose message told a fact."""
        told = [u.facts for u in self.task.utterances] or [(i,) for i in range(len(self.task.facts))]
        return next((i for i, facts in enumerate(told) if fact in facts), 0) // self.facts_per_turn + 1


Metric = Callable[[EpisodeView, Judge], "float | None"]
"""A score of an episode without a weight; None if it does not apply."""


def last_writes(view: EpisodeView) -> dict[str, int]:
    """Return the stage in which each entry got its present content, by id."""
    return {e.id: event.stage for event in view.ledger.of("add", "update") for e in event.effect.after}
