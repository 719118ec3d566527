"""What happened in an episode: the only thing, beside task and final context, that rewards may look at.

Events say what an operation *did* (which entries before and after, which messages left the context), so that
mentioning a tool in text pays nothing and stage 1 still counts after the context was reset.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from agemem_env.memory import MemoryEntry
from agemem_env.messages import Message
from agemem_env.types import Stage, Violation

Kind = Literal["add", "update", "delete", "retrieve", "reduce", "overflow", "command", "answer", "none"]
"""What an event did. ``reduce`` removed messages on the agent's wish, ``overflow`` on the budget's."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What one operation changed.

    Attributes:
        kind: What it did; ``none`` for an operation that was refused or found nothing to do.
        before: Entries as they were before (update, delete).
        after: Entries as they are after (add, update), or the entries retrieved, best first (retrieve).
        removed: Messages that left the context (reduce, overflow).
    """

    kind: Kind = "none"
    before: tuple[MemoryEntry, ...] = ()
    after: tuple[MemoryEntry, ...] = ()
    removed: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """One operation: when, by which tool, with what effect.

    Attributes:
        step: Round of the episode, from 1.
        stage: Stage in which it happened.
        tool: Tool name, or an empty string if the environment did it.
        arguments: The arguments that were executed.
        effect: What it changed.
        tokens_before: Context size before it, in tokens.
        tokens_after: Context size after it, in tokens.
    """

    step: int
    stage: Stage
    tool: str
    arguments: Mapping[str, Any]
    effect: Effect
    tokens_before: int
    tokens_after: int


@dataclass
class Ledger:
    """Events, counts and the final answer of one episode.

    Attributes:
        events: Everything that was done, in order.
        calls: Calls by tool, refused ones included; calls of tools that are not offered are errors only.
        errors: Violations by kind.
        prompt_tokens: Context size at the start of each turn, in tokens.
        answer: The final answer of stage 3, or None.
    """

    events: list[Event] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    prompt_tokens: list[int] = field(default_factory=list)
    answer: str | None = None

    def record(self, event: Event) -> None:
        """Append an event; count the call if a tool made it."""
        self.events.append(event)
        if event.tool:
            self.calls[event.tool] += 1

    def blame(self, violation: Violation) -> None:
        """Count a mistake of the agent."""
        self.errors[violation.kind] += 1

    def of(self, *kinds: Kind, stage: Stage | None = None) -> list[Event]:
        """Return the events of these kinds, in order, of one stage or of all."""
        return [e for e in self.events if e.effect.kind in kinds and (stage is None or e.stage == stage)]

    def copy(self) -> Ledger:
        """Return an independent copy; events are shared, being immutable."""
        return Ledger(
            list(self.events), Counter(self.calls), Counter(self.errors), list(self.prompt_tokens), self.answer
        )
