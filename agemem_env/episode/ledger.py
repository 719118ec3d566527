"""What happened in an episode: the only thing, beside task and final context, that rewards may look at.

Events say what an operation *did* (which entries before and after, which messages left the context), so that
mentioning a tool in text pays nothing and stage 1 still counts after the context was reset.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from agemem_env.context.messages import Message
from agemem_env.memory.store import MemoryEntry
from agemem_env.types import Stage, Usage, Violation

Kind = Literal[
    "add", "update", "delete", "retrieve", "search", "reduce", "overflow", "replace", "command", "answer", "charge",
    "fault", "none",
]  # fmt: skip
"""What an event did.

``retrieve`` put memories into the context, ``search`` only looked at them. ``reduce`` removed messages on the agent's
wish, ``overflow`` on the budget's, ``replace`` to show other memories in their place. ``charge`` notes what model calls
cost: those of a memory system, or the environment's own, for ``judge``, ``summary`` and ``embedding``. ``fault`` notes
a reply of a memory system's model that could not be used, or a question that the environment's judge could not answer.

A tool from elsewhere uses the kind of what it did: rewards go by the kind and by the entries and messages in the
`Effect`, never by the tool's name. Whatever changed neither memory nor context is ``none``; the call is counted all
the same.
"""

Actor = Literal["agent", "environment", "system"]
"""Who did something. A memory system (``system``) acts between the turns of the agent, which cannot reach it."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What one operation changed.

    Attributes:
        kind: What it did; ``none`` for an operation that was refused or found nothing to do.
        before: Entries as they were before (update, delete).
        after: Entries as they are after (add, update), or the entries found, best first (retrieve, search).
        removed: Messages that left the context (reduce, overflow, replace).
        scores: Similarity of each entry found to what was looked for, in [-1, 1] (retrieve); may be left out.
    """

    kind: Kind = "none"
    before: tuple[MemoryEntry, ...] = ()
    after: tuple[MemoryEntry, ...] = ()
    removed: tuple[Message, ...] = ()
    scores: tuple[float, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Event:
    """One operation: when, by which tool, with what effect.

    Attributes:
        step: Round of the episode, from 1.
        stage: Stage in which it happened.
        tool: Tool name, or an empty string if the agent did not do it.
        arguments: The arguments that were executed.
        effect: What it changed.
        tokens_before: Context size before it, in tokens.
        tokens_after: Context size after it, in tokens.
        actor: Who did it.
        usage: What the model calls behind it cost (charge).
    """

    step: int
    stage: Stage
    tool: str
    arguments: Mapping[str, Any]
    effect: Effect
    tokens_before: int
    tokens_after: int
    actor: Actor = "agent"
    usage: Usage | None = None


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

    def count_error(self, violation: Violation) -> None:
        """Count a mistake of the agent."""
        self.errors[violation.kind] += 1

    def of(self, *kinds: Kind, stage: Stage | None = None) -> list[Event]:
        """Return the events of these kinds, in order, of one stage or of all."""
        return [e for e in self.events if e.effect.kind in kinds and (stage is None or e.stage == stage)]

    def by(self, actor: Actor) -> list[Event]:
        """Return the events of one actor, in order."""
        return [e for e in self.events if e.actor == actor]

    def memory_usage(self) -> Usage:
        """Return what the model calls of the memory system cost, seconds included."""
        return self._usage("system")

    def service_usage(self) -> Usage:
        """Return what the environment's judge, summariser and encoder cost, seconds included."""
        return self._usage("environment")

    def faults(self, actor: Actor) -> Counter[str]:
        """Return how often the models of an actor failed, by kind."""
        return Counter(str(e.arguments["kind"]) for e in self.of("fault") if e.actor == actor)

    def _usage(self, actor: Actor) -> Usage:
        return sum((e.usage for e in self.by(actor) if e.usage is not None), Usage())

    def copy(self) -> Ledger:
        """Return an independent copy; events are shared, being immutable."""
        return Ledger(
            list(self.events), Counter(self.calls), Counter(self.errors), list(self.prompt_tokens), self.answer
        )
