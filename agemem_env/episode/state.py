"""The state of one episode: everything that `reset` makes anew and `snapshot` copies."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from agemem_env.context.context import Context
from agemem_env.context.messages import Message
from agemem_env.episode.ledger import Actor, Effect, Event, Ledger
from agemem_env.episode.stages import Incoming
from agemem_env.episode.view import EpisodeView
from agemem_env.memory.store import LongTermMemory, MemoryEntry
from agemem_env.types import Stage, Task, Usage


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
        call_ids: Ids of the native calls in the conversation so far.
        mended: Whether the agent's last message is not repeated as it was sent.
        progress: Best progress so far, in [0, 1].
        success: Whether the task is solved.
        terminated: The engine or an answer ended the episode.
        truncated: The turn limit ended it.
        engine_error: Why the engine lost the episode; empty if it did not.
        score: The running score that dense reward has paid so far.
        shown: The message with which a memory system shows memories, or None.
        stored: Long-term memory as it was when stage 3 brought the query; None until then.
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
    call_ids: set[str] = field(default_factory=set)
    mended: bool = False
    progress: float = 0.0
    success: bool = False
    terminated: bool = False
    truncated: bool = False
    engine_error: str = ""
    score: float = 0.0
    shown: Message | None = None
    stored: tuple[MemoryEntry, ...] | None = None

    @property
    def stage(self) -> Stage:
        """The stage of the message being answered."""
        return self.plan[self.position if self.position > 0 else 0].stage

    @property
    def over(self) -> bool:
        """Whether the episode has ended."""
        return self.terminated or self.truncated

    def append(self, *messages: Message, protected: bool = False, join: bool = False) -> None:
        """Append to the context, as `Context.append` does, and record what had to go for it."""
        before, overflowed = self.context.tokens, self.context.overflowed
        dropped = self.context.append(*messages, protected=protected, join=join)
        if dropped or self.context.overflowed != overflowed:
            self.record(Effect("overflow", removed=tuple(dropped)), before)

    def record(
        self,
        effect: Effect,
        tokens_before: int,
        tool: str = "",
        arguments: Mapping[str, Any] | None = None,
        *,
        actor: Actor = "environment",
        usage: Usage | None = None,
    ) -> None:
        """Write what has just been done into the ledger."""
        after = self.context.tokens
        self.ledger.record(
            Event(self.round, self.stage, tool, arguments or {}, effect, tokens_before, after, actor, usage)
        )

    def charge(self, what: str, usage: Usage) -> None:
        """Write into the ledger what a call of the environment's judge, summariser or encoder cost."""
        self.record(Effect("charge"), self.context.tokens, "", {"what": what}, usage=usage)

    def fault(self, kind: str, detail: str) -> None:
        """Write into the ledger that one of the environment's services failed and the episode went on."""
        self.record(Effect("fault"), self.context.tokens, "", {"kind": kind, "detail": detail[:200]})

    def skip_stage(self) -> None:
        """Go to the last message of the present stage, so that the next one is of a later stage."""
        while self.plan[self.position + 1].stage == self.stage:
            self.position += 1

    def view(self, stages: Sequence[Stage], memory_tools: Sequence[str], facts_per_turn: int) -> EpisodeView:
        """Return what rewards and metrics may look at."""
        return EpisodeView(
            task=self.task,
            stages=stages,
            ledger=self.ledger,
            messages=tuple(self.context.messages()),
            entries=tuple(self.memory),
            stored=tuple(self.memory) if self.stored is None else self.stored,
            tokens=self.context.tokens,
            max_tokens=self.context.max_tokens,
            overflow=self.context.overflowed,
            progress=self.progress,
            success=self.success,
            truncated=self.truncated,
            over=self.over,
            memory_tools=memory_tools,
            facts_per_turn=facts_per_turn,
        )

    def state_hash(self, engine: str) -> str:
        """Return 16 hex digits that are equal exactly if the states are, given the engine's own digest."""
        state = f"{self.task.id}|{self.position}|{self.round}|{self.over}|{self.memory.state()}|{engine}|"
        return hashlib.blake2b(state.encode() + self.context.digest(), digest_size=8).hexdigest()

    def copy(self) -> Episode:
        """Return an independent copy; immutable parts are shared."""
        context, memory, ledger = self.context.copy(), self.memory.copy(), self.ledger.copy()
        return replace(self, context=context, memory=memory, ledger=ledger, call_ids=set(self.call_ids))


@dataclass(frozen=True)
class Snapshot:
    """An opaque value of `AgeMemEnv.snapshot`: episode, engine state and generator state, and whose they are.

    It can be pickled and restored by an equal environment of another process.

    Attributes:
        episode: The episode.
        engine: What the engine's `snapshot` returned.
        rng: State of the environment's generator.
        setting: Arguments of the environment by name, as texts.
    """

    episode: Episode
    engine: Any
    rng: Mapping[str, Any]
    setting: Mapping[str, str]

    def __deepcopy__(self, memo: dict[int, Any]) -> Snapshot:
        return replace(self, episode=self.episode.copy())  # the rest is never changed
