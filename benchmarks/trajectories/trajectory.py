"""`Trajectory`: one episode as it was played, as whoever looks at it, scores it again or exports it reads it.

The file behind it holds differences; here every turn stands for itself. All values are JSON values, dataclasses, or
tuples of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Worth = Literal["gold", "useful", "small talk"]
"""What a statement of stage 1 is worth: needed by this task, by one of its family, or by none."""


@dataclass(frozen=True, slots=True)
class FactRecord:
    """One statement of stage 1.

    Attributes:
        text: The statement.
        worth: What it is worth keeping for.
        superseded_by: Index of the statement that corrects it, or None.
    """

    text: str
    worth: Worth
    superseded_by: int | None = None


@dataclass(frozen=True, slots=True)
class TaskRecord:
    """The task that was played, expected answer included.

    Attributes:
        id: Id of the task.
        query: The query of stage 3.
        answer: The expected answer; None where the engine's progress scores.
        facts: The statements of stage 1, in order.
        distractors: The messages of stage 2, in order.
    """

    id: str
    query: str
    answer: str | None
    facts: tuple[FactRecord, ...] = ()
    distractors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageRecord:
    """A message of the context.

    Attributes:
        origin: Who is behind it (`agemem_env.context.messages.Origin`).
        sent: The message as a chat API is sent it.
        tokens: Its size.
        memory_ids: Entries of long-term memory that it shows.
        facts: Indices of the statements of stage 1 that it tells; empty for other messages.
        sources: Messages that it stands for, by number (summaries).
    """

    origin: str
    sent: Mapping[str, Any]
    tokens: int
    memory_ids: tuple[str, ...] = ()
    facts: tuple[int, ...] = ()
    sources: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class EntryRecord:
    """An entry of long-term memory.

    Attributes:
        id: Its id.
        content: Its text.
        metadata: What else is stored with it.
        created: Turn in which it was added.
        modified: Turn in which it was last updated, or None.
        states: Indices of the statements of stage 1 that it states, as the judge of the run reads it.
    """

    id: str
    content: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    created: int = 0
    modified: int | None = None
    states: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class EventRecord:
    """What one operation did (`agemem_env.episode.ledger.Event`).

    Attributes:
        kind: What it did.
        actor: Who did it.
        tool: Tool, or an empty string.
        arguments: The arguments that were executed.
        entries: Ids of the entries found or changed, best first.
        removed: Messages that left the context, by number.
        tokens: Size of the context before and after.
        usage: What the model calls behind it cost, or None.
    """

    kind: str
    actor: str
    tool: str
    arguments: Mapping[str, Any]
    entries: tuple[str, ...]
    removed: tuple[int, ...]
    tokens: tuple[int, int]
    usage: Mapping[str, float | None] | None = None


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """One turn and the state after it. Turn 0 is the start: no action, the first prompt.

    Attributes:
        number: Turns taken.
        stage: The stage that the prompt after it belongs to.
        action: What the policy sent, as JSON; None for turn 0.
        context: The messages of the prompt, by number, in order.
        tokens: Size of the prompt.
        memory: Long-term memory after the turn.
        events: What was done in it, in order.
        errors: The agent's mistakes in this turn, by kind.
        reward: The reward that it paid.
        usage: What the policy's model cost in this turn: calls, prompt_tokens, completion_tokens, price, seconds; None
            if the policy has no model.
        seconds: Time spent in ``env`` and ``policy``.
    """

    number: int
    stage: int
    action: Any
    context: tuple[int, ...]
    tokens: int
    memory: tuple[EntryRecord, ...]
    events: tuple[EventRecord, ...] = ()
    errors: Mapping[str, int] = field(default_factory=dict)
    reward: float = 0.0
    usage: Mapping[str, float | None] | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Trajectory:
    """One episode.

    Attributes:
        key: Name of the episode within its run.
        spec: What was played: `env_id`, `env_kwargs`, `benchmark`, `policy`, `memory`, `model`, `seed`.
        max_tokens: Budget of the context.
        task: The task.
        messages: Every message that was ever in the context, by number.
        turns: The turns, turn 0 first.
        row: The result row (`benchmarks.results.row.EpisodeRow` as JSON); None if the episode was never finished.
    """

    key: str
    spec: Mapping[str, Any]
    max_tokens: int
    task: TaskRecord
    messages: Sequence[MessageRecord]
    turns: Sequence[TurnRecord]
    row: Mapping[str, Any] | None
