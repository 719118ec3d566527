"""Lists of units: messages that stand and fall together, their size, and a digest that is made of digests of parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from agemem_env.context import digests
from agemem_env.context.messages import Message
from agemem_env.services.tokens import TokenCounter

MESSAGE_OVERHEAD = 4
"""Tokens that a chat template adds around each message."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Messages that stand and fall together.

    Attributes:
        messages: The messages.
        tokens: Their size.
        protected: Whether they can never be removed.
        digest: Their part in the digest of the context.
    """

    messages: tuple[Message, ...]
    tokens: int
    protected: bool = False
    digest: int = field(default=0, compare=False, repr=False)

    @property
    def text(self) -> str:
        """The text by which the unit is compared with a criterion."""
        return "\n".join(m.full_text for m in self.messages)


class Change(NamedTuple):
    """At a position, so many messages were replaced by others."""

    position: int
    removed: int
    added: tuple[Message, ...]


class UnitList:
    """Units in order, oldest first: what a change costs is the size of what changes.

    Args:
        counter: Counts the tokens of a text.
        gap: Put before an agent's message that would otherwise follow the system message or another of the agent's
            directly, which some chat templates refuse. It stands and falls with the agent's message.

    Attributes:
        tokens: Size in tokens.
        message_count: Number of messages.
    """

    def __init__(self, counter: TokenCounter, gap: Message | None = None) -> None:
        self.tokens = 0
        self.message_count = 0
        self._gap = gap
        self._counter = counter
        self._units: list[Unit] = []
        self._digest = 0
        self._marked = (0, 0)
        self._touched = False
        self._changes: list[Change] | None = None

    @property
    def units(self) -> Sequence[Unit]:
        """The units, oldest first."""
        return self._units

    def messages(self) -> Iterator[Message]:
        """Yield the messages, oldest first."""
        return (message for unit in self._units for message in unit.messages)

    def tail(self, count: int) -> list[Message]:
        """Return the last ``count`` messages, oldest first."""
        found: list[Message] = []
        for unit in reversed(self._units):
            if len(found) >= count:
                break
            found[:0] = unit.messages[-(count - len(found)) :]
        return found

    def digest(self) -> bytes:
        """Return 24 bytes that are equal for equal message lists, and for others only by an accident of 1 in 2^110."""
        return self._digest.to_bytes(16, "big") + self.message_count.to_bytes(8, "big")

    @property
    def answered(self) -> bool:
        """Whether the newest unit holds a message of the agent."""
        return bool(self._units) and "agent" in [m.origin for m in self._units[-1].messages]

    def take_changes(self) -> list[Change] | None:
        """Return what has changed since this was last called; None if it was never called on this object."""
        changes, self._changes = self._changes, []
        return changes

    def mark(self) -> None:
        """Remember the present messages as those that `rewritten` compares with."""
        self._marked = (self.message_count, self._digest)
        self._touched = False

    @property
    def rewritten(self) -> bool:
        """Whether the messages do not extend those at the last `mark`."""
        count, digest = self._marked
        if not self._touched or count > self.message_count:
            return self._touched
        new = self.message_count - count
        return digests.join(digest, self._tail_digest(new), new) != self._digest

    def follows_mark(self, message: Message) -> bool:
        """Return whether this message, and no equal one, stands directly after those at the last `mark`."""
        new = self.message_count - self._marked[0]
        last = self._units[-1].messages if self._units else ()
        found = last[-new:] if 0 < new <= len(last) else self.tail(new)
        return bool(found) and found[0] is message

    def size(self, messages: Iterable[Message]) -> int:
        """Return the tokens that these messages would take."""
        return sum([self._counter.count(m.full_text) + MESSAGE_OVERHEAD for m in messages])

    def find(self, message: Message) -> int | None:
        """Return the position of the unit that consists of this message alone, or None."""
        return next((i for i, unit in enumerate(self._units) if unit.messages == (message,)), None)

    def _attach(
        self, messages: Sequence[Message], *, protected: bool = False, join: bool = False
    ) -> tuple[Message, ...]:
        """Append messages as one unit, or to the last one; return them with the gaps that they need."""
        last = self._units[-1] if self._units else None
        spaced = self._spaced(tuple(messages), last.messages[-1] if last else None)
        tokens, digest, count = self.size(spaced), digests.of([m.digest() for m in spaced]), len(spaced)
        self.tokens += tokens
        self._digest = digests.join(self._digest, digest, count)
        self._log(self.message_count, 0, spaced)
        self.message_count += count
        if not join or last is None or last.protected:
            self._units.append(Unit(spaced, tokens, protected, digest))
        else:
            digest = digests.join(last.digest, digest, count)
            self._units[-1] = Unit(last.messages + spaced, last.tokens + tokens, digest=digest)
        return spaced

    def _become(self, other: UnitList) -> None:
        """Take over everything of another list but its log of changes; messages are shared, being immutable."""
        self.tokens, self.message_count = other.tokens, other.message_count
        self._units, self._digest = list(other._units), other._digest
        self._marked, self._touched = other._marked, other._touched

    def _told(self, messages: Iterable[Message]) -> list[Message]:
        return [m for m in messages if m is not self._gap]

    def _spaced(self, messages: tuple[Message, ...], last: Message | None) -> tuple[Message, ...]:
        """Return the messages of a unit with gaps where they are needed, given the message before them."""
        if self._gap is None:
            return messages
        spaced: list[Message] = []
        for message in messages:
            if message is self._gap:
                continue
            if message.origin == "agent" and last is not None and last.origin in ("system", "agent"):
                spaced.append(self._gap)
            spaced.append(message)
            last = message
        return tuple(spaced)

    def _unit(self, messages: tuple[Message, ...], protected: bool = False) -> Unit:
        return Unit(messages, self.size(messages), protected, digests.of([m.digest() for m in messages]))

    def _log(self, position: int, removed: int, added: tuple[Message, ...]) -> None:
        if self._changes is None:
            return
        if self._changes and not removed:
            last = self._changes[-1]
            if last.position + len(last.added) == position:
                self._changes[-1] = Change(last.position, last.removed, last.added + added)
                return
        self._changes.append(Change(position, removed, added))

    def _respaced(self, unit: Unit, last: Message | None) -> Unit:
        """Return the unit with gaps where they are needed after this message."""
        if self._gap is None:
            return unit
        # Further gaps depend on messages within the unit, which have not changed.
        old = 1 if unit.messages[0] is self._gap else 0
        needs = unit.messages[old].origin == "agent" and last is not None and last.origin in ("system", "agent")
        if old == needs:
            return unit
        return self._unit(((self._gap,) if needs else ()) + unit.messages[old:], unit.protected)

    def _tail_digest(self, count: int) -> int:
        """Return the digest of the last ``count`` messages."""
        digest, size = 0, 0
        for unit in reversed(self._units):
            if size + len(unit.messages) > count:
                break
            digest = digests.join(unit.digest, digest, size)
            size += len(unit.messages)
        if size == count:
            return digest
        first = self.tail(count)[: count - size]
        return digests.join(digests.of([m.digest() for m in first]), digest, size)

    def _head(self, stop: int) -> tuple[int, int]:
        """Return digest and number of the messages in the units before this one, from the nearer end."""
        if stop <= len(self._units) // 2:
            return self._joined(0, self._units[:stop])[:2]
        size = sum(len(unit.messages) for unit in self._units[stop:])
        return digests.cut(self._digest, self._tail_digest(size), size), self.message_count - size

    @staticmethod
    def _joined(head: int, units: Iterable[Unit]) -> tuple[int, int, int]:
        """Return a digest that is continued by units, and how many messages and tokens these are."""
        count, tokens = 0, 0
        for unit in units:
            head = digests.join(head, unit.digest, len(unit.messages))
            count += len(unit.messages)
            tokens += unit.tokens
        return head, count, tokens

    def _splice(self, start: int, stop: int, units: Sequence[Unit]) -> None:
        """Replace the units from ``start`` to ``stop`` by others, and mend the gaps in and behind them."""
        last = self._units[start - 1].messages[-1] if start else None
        mended: list[Unit] = []
        for unit in units:
            mended.append(self._respaced(unit, last))
            last = unit.messages[-1]
        if stop < len(self._units):
            follower = self._respaced(self._units[stop], last)
            if follower is not self._units[stop]:
                mended.append(follower)
                stop += 1
        head, position = self._head(start)
        before, removed, tokens = self._joined(head, self._units[start:stop])
        after, count, new_tokens = self._joined(head, mended)
        self._digest = digests.changed(self._digest, before, after, self.message_count - position - removed)
        self.tokens += new_tokens - tokens
        self.message_count += count - removed
        self._log(position, removed, tuple([m for unit in mended for m in unit.messages]))
        self._units[start:stop] = mended
        self._touched = True

    def _exchange(self, messages: Mapping[int, Message]) -> None:
        """Put messages in place of others of the newest unit."""
        unit = self._units[-1]
        kept, tokens, digest = list(unit.messages), unit.tokens, unit.digest
        first = self.message_count - len(kept)
        for place, message in messages.items():
            old, behind = kept[place], len(kept) - 1 - place
            before, after = digests.of([old.digest()]), digests.of([message.digest()])
            digest = digests.changed(digest, before, after, behind)
            self._digest = digests.changed(self._digest, before, after, behind)
            tokens += self.size([message]) - self.size([old])
            kept[place] = message
            self._log(first + place, 1, (message,))
        self.tokens += tokens - unit.tokens
        self._units[-1] = Unit(tuple(kept), tokens, unit.protected, digest)
        self._touched = True
