"""What a memory system may do between the agent's turns: work on long-term memory and show memories to the agent.

A memory system is scaffolding around a policy (RAG, Mem0, …). It works on the environment's own store, so that every
system shares one store, one encoder and one prompt budget, and every operation is in the ledger, with
``actor="system"``. It uses up no round. The agent cannot reach it: it is a method of the environment and no action.

>>> import gymnasium, agemem_env
>>> env = gymnasium.make("AgeMem-HotpotQA-v0", source="generated")
>>> observation, info = env.reset(seed=7)
>>> desk = env.unwrapped.desk()
>>> entry = desk.add(desk.news[0], {"source": "example"})
>>> len(desk.show(desk.search(desk.news[0], k=1)))
1
>>> observation, info = desk.observation()
>>> entry.id in observation["messages"][-1]["content"]
True
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from agemem_env.context import prompts
from agemem_env.context.context import CUT_MARK, MESSAGE_OVERHEAD
from agemem_env.context.messages import Message
from agemem_env.episode.ledger import Effect
from agemem_env.episode.state import Episode
from agemem_env.errors import DeskError
from agemem_env.memory.store import Hit, MemoryEntry, shown
from agemem_env.services.costs import charged_to
from agemem_env.services.encoders import Encoder
from agemem_env.services.tokens import TokenCounter
from agemem_env.text.relaxed_json import NotPlainError, plain
from agemem_env.types import Stage, Usage

TURN_SHARE = 0.25
"""Share of the budget that `MemoryDesk.show` leaves free for the agent's next turn."""

_WORLD = ("fact", "distractor", "query", "observation")


@dataclass(frozen=True, slots=True)
class Services:
    """What the environment lends to a memory system.

    Attributes:
        rng: The episode's generator, which draws memory ids.
        encoder: Embeds texts.
        counter: Counts tokens.
        top_k: Number of entries that a retrieval brings.
    """

    rng: np.random.Generator
    encoder: Encoder
    counter: TokenCounter
    top_k: int


class MemoryDesk:
    """The desk of a memory system for the time before one turn of the agent.

    Valid until the environment's next step, reset or restore; used later, every method raises `DeskError`.

    Args:
        episode: The episode in progress.
        services: What the environment lends.
        current: Returns the environment's present episode.
        observe: Returns observation and info.

    Attributes:
        services: What the environment lends.
    """

    def __init__(
        self,
        episode: Episode,
        services: Services,
        current: Callable[[], Episode],
        observe: Callable[[], tuple[dict[str, Any], dict[str, Any]]],
    ) -> None:
        self.services = services
        self._held = episode
        self._round = episode.round
        self._current = current
        self._observe = observe

    @property
    def stage(self) -> Stage:
        """The stage of the turn to come."""
        return self._episode().stage

    @property
    def max_tokens(self) -> int:
        """The context budget ``T_max``, which holds for every prompt of the system as well."""
        return self._episode().context.max_tokens

    @property
    def room(self) -> int:
        """Tokens that `show` may fill; what is shown already counts as free, being replaced. May be negative."""
        context, place = self._episode().context, self._shown()
        freed = 0 if place is None else context.units[place].tokens
        return int(context.max_tokens * (1 - TURN_SHARE)) - (context.tokens - freed) - MESSAGE_OVERHEAD

    @property
    def query(self) -> str | None:
        """The task, once stage 3 has brought it; None before."""
        episode = self._episode()
        return episode.task.query if episode.stage == 3 else None

    @property
    def news(self) -> tuple[str, ...]:
        """What the world has said since the agent's last turn, oldest first: messages, the task, observations."""
        found: list[str] = []
        for message in reversed(tuple(self._episode().context.messages())):
            if message.origin in ("agent", "system"):
                break
            if message.origin in _WORLD:
                found.append(self._episode().task.query if message.origin == "query" else message.text)
        return tuple(reversed(found))

    def get(self, memory_id: str) -> MemoryEntry | None:
        """Return the entry with this id, or None."""
        return self._episode().memory.get(memory_id)

    def search(self, query: str, k: int | None = None, where: Mapping[str, Any] | None = None) -> list[Hit]:
        """Return the entries most similar to a text, best first; the agent does not see them.

        Args:
            query: Text to compare with.
            k: Number of entries wanted; None means the environment's ``top_k``.
            where: Metadata that an entry must have.
        """
        episode = self._episode()
        k = self.services.top_k if k is None else k
        with charged_to(episode.charge):
            hits = episode.memory.search(query, k, where)
        effect = Effect("search", after=tuple(hit.entry for hit in hits))
        self._record(effect, {"query": query, "k": k, "where": dict(where or {})})
        return hits

    def add(self, content: str, metadata: Mapping[str, Any] | None = None) -> MemoryEntry:
        """Store a new entry.

        Raises:
            DeskError: If the content is blank or the metadata is no JSON object.
        """
        episode = self._episode()
        kept = {"source": "system", **_checked(content, metadata), "timestamp": episode.round}
        entry = episode.memory.add(content, kept, episode.round, self.services.rng)
        self._record(Effect("add", after=(entry,)), {"content": content, "metadata": kept})
        return entry

    def update(self, memory_id: str, content: str, metadata: Mapping[str, Any] | None = None) -> MemoryEntry:
        """Replace the content of an entry and, if given, its metadata.

        Raises:
            DeskError: If there is no such entry, the content is blank or the metadata is no JSON object.
        """
        episode = self._episode()
        old = self._known(memory_id)
        checked = _checked(content, metadata)
        kept = None if metadata is None else {"source": "system", **checked}
        new = episode.memory.update(old.id, content, kept, episode.round)
        arguments = {"memory_id": old.id, "content": content, "metadata": kept}
        self._record(Effect("update", before=(old,), after=(new,)), arguments)
        return new

    def delete(self, memory_id: str) -> MemoryEntry:
        """Remove an entry.

        Raises:
            DeskError: If there is no such entry.
        """
        old = self._episode().memory.delete(self._known(memory_id).id)
        self._record(Effect("delete", before=(old,)), {"memory_id": old.id})
        return old

    def show(self, memories: Sequence[Hit] | str, heading: str = prompts.SHOWN) -> tuple[MemoryEntry, ...]:
        """Put memories into the context, before the newest message, in place of those shown before.

        They never make the context overflow and leave `TURN_SHARE` of the budget free: hits that do not fit are left
        out, the least similar first; a text, or the best hit alone, is cut at its end. Nothing to show takes away
        what was shown before.

        Args:
            memories: Search results, or a text.
            heading: What precedes them.

        Returns:
            The entries that are shown now.
        """
        episode = self._episode()
        place = self._shown()
        text, hits = self._fit(memories, heading, self.room)
        message = Message("retrieval", text, memories=shown(hits))
        if place is not None and message == episode.shown:
            return tuple(hit.entry for hit in hits)
        if place is not None:
            before = episode.context.tokens
            removed = tuple(episode.context.remove([place]))
            self._record(Effect("replace", removed=removed), {}, before)
        episode.shown = message if text else None
        if text:
            before = episode.context.tokens
            episode.context.insert_before_last(message)
            self._record(Effect("retrieve", after=tuple(hit.entry for hit in hits)), {}, before)
        return tuple(hit.entry for hit in hits)

    def charge(self, usage: Usage, what: str) -> None:
        """Note what model calls of the system cost, and what they were for."""
        self._record(Effect("charge"), {"what": what}, usage=usage)

    def fault(self, kind: str, detail: str = "") -> None:
        """Count a reply of the system's model that could not be used.

        Args:
            kind: For example ``"malformed_reply"`` or ``"unknown_memory"``.
            detail: What was wrong; its first 200 characters are kept.
        """
        self._record(Effect("fault"), {"kind": kind, "detail": detail[:200]})

    def observation(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return observation and info as the agent should see them now."""
        self._episode()
        return self._observe()

    def _episode(self) -> Episode:
        episode = self._held
        if self._current() is not episode or episode.round != self._round:
            raise DeskError("this desk is closed: call env.unwrapped.desk() anew after each step, reset or restore")
        return episode

    def _shown(self) -> int | None:
        """Return the position of the unit that shows memories, or None."""
        episode = self._episode()
        return None if episode.shown is None else episode.context.find(episode.shown)

    def _known(self, memory_id: str) -> MemoryEntry:
        entry = self._episode().memory.get(memory_id)
        if entry is None:
            raise DeskError(f"there is no memory {memory_id!r}: ask get() first")
        return entry

    def _record(
        self, effect: Effect, arguments: Mapping[str, Any], before: int | None = None, *, usage: Usage | None = None
    ) -> None:
        episode = self._episode()
        before = episode.context.tokens if before is None else before
        episode.record(effect, before, "", arguments, actor="system", usage=usage)

    def _fit(self, memories: Sequence[Hit] | str, heading: str, room: int) -> tuple[str, tuple[Hit, ...]]:
        """Return the text to show within ``room`` tokens and the hits in it; an empty text if nothing fits."""
        counter = self.services.counter
        if isinstance(memories, str):
            hits: tuple[Hit, ...] = ()
            text = f"{heading}\n{memories}" if memories.strip() else ""
        else:
            hits = tuple(memories)
            while len(hits) > 1 and counter.count(_listed(heading, hits)) > room:
                hits = hits[:-1]
            text = _listed(heading, hits) if hits else ""
        if counter.count(text) > room:
            text = counter.truncate(text, room - counter.count(CUT_MARK) - 1) + CUT_MARK
        if len(text) <= len(heading) + len(CUT_MARK):
            return "", ()
        return text, hits


def _listed(heading: str, hits: Sequence[Hit]) -> str:
    return "\n".join([heading, *(f"- {hit.entry.id}: {hit.entry.content}" for hit in hits)])


def _checked(content: str, metadata: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the metadata as fresh JSON values."""
    if not isinstance(content, str) or not content.strip():
        raise DeskError(f"{content!r} cannot be stored: the content of a memory is a text that is not blank")
    try:
        kept = plain(metadata or {}).value
    except NotPlainError as error:
        raise DeskError(f"the metadata must be a JSON object: {error}") from error
    if not isinstance(kept, dict):
        raise DeskError(f"the metadata must be a JSON object, not {type(metadata).__name__}")
    return kept
