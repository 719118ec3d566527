"""The short-term context ``C_t``: an ordered list of units under a token budget.

A unit is what must stand and fall together: an agent's turn with the results of its calls, or an incoming message
with the agent's reply in plain text. Appending and dropping cost time in the size of what is appended or dropped only:
tokens are kept as sums, and the digest can be made of the digests of parts (`agemem_env.context.digests`).

What happens when a unit does not fit, in this order:

1. the overflow is recorded;
2. the oldest units that are not protected are dropped until the rest fits;
3. if the newest unit alone is too long, its longest results are cut at the end;
4. if the agent's own message is what is too long, the unit is replaced by a notice that says so; where not even
   that fits, the unit is left out.

The system message and the current query are protected: they are never removed, summarised or cut.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from agemem_env.context import digests
from agemem_env.context.messages import Message
from agemem_env.services.tokens import TokenCounter

MESSAGE_OVERHEAD = 4
"""Tokens that a chat template adds around each message."""

CUT_MARK = " … [cut: the context is full]"


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


class Context:
    """A list of units whose size never exceeds ``max_tokens`` after an append.

    Args:
        max_tokens: Budget ``T_max`` in tokens.
        counter: Counts the tokens of a text.
        gap: Put before an agent's message that would otherwise follow the system message or another of the agent's
            directly, which some chat templates refuse. It stands and falls with the agent's message.

    Attributes:
        tokens: Size in tokens.
        message_count: Number of messages.
        overflowed: Whether an append ever exceeded the budget.
    """

    def __init__(self, max_tokens: int, counter: TokenCounter, gap: Message | None = None) -> None:
        self.max_tokens = max_tokens
        self._gap = gap
        self.tokens = 0
        self.message_count = 0
        self.overflowed = False
        self._counter = counter
        self._units: list[Unit] = []
        self._digest = 0
        self._marked = (0, 0)
        self._touched = False
        self._changes: list[Change] | None = None
        self._longest: list[tuple[int, int]] | None = None
        """The messages of the newest unit that may be cut: a heap of negative size and place, made when needed."""

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

    def clear(self) -> list[Message]:
        """Remove everything; return what was removed."""
        removed = self._told(self.messages())
        self._splice(0, len(self._units), [])
        return removed

    def append(self, *messages: Message, protected: bool = False, join: bool = False) -> list[Message]:
        """Append one unit and make it fit.

        Args:
            messages: The messages of the unit.
            protected: Whether the unit can never be removed.
            join: Add the messages to the last unit instead, unless that one is protected.

        Returns:
            The messages that had to leave the context for it (empty unless the context overflowed).
        """
        last = self._units[-1] if self._units else None
        messages = self._spaced(messages, last.messages[-1] if last else None)
        tokens, digest, count = self.size(messages), digests.of([m.digest() for m in messages]), len(messages)
        self.tokens += tokens
        self._digest = digests.join(self._digest, digest, count)
        self._log(self.message_count, 0, messages)
        self.message_count += count
        if not join or last is None or last.protected:
            self._units.append(Unit(messages, tokens, protected, digest))
            self._longest = None
        else:
            if self._longest is not None:
                for i, message in enumerate(messages, len(last.messages)):
                    self._offer(i, message)
            digest = digests.join(last.digest, digest, count)
            self._units[-1] = Unit(last.messages + messages, last.tokens + tokens, digest=digest)
        if self.tokens <= self.max_tokens:
            return []
        self.overflowed = True
        return self._make_room(messages)

    def insert_before_last(self, message: Message) -> None:
        """Insert one message, as a unit of its own, before the newest unit but after the system message.

        Raises:
            ValueError: If it does not fit.
        """
        unit = self._unit((message,))
        if self.tokens + unit.tokens > self.max_tokens:
            raise ValueError(f"{unit.tokens} tokens do not fit: {self.max_tokens - self.tokens} are left")
        place = min(len(self._units), max(1, len(self._units) - 1))
        self._splice(place, place, [unit])

    def find(self, message: Message) -> int | None:
        """Return the position of the unit that consists of this message alone, or None."""
        return next((i for i, unit in enumerate(self._units) if unit.messages == (message,)), None)

    def remove(self, indices: Iterable[int]) -> list[Message]:
        """Remove the units at these positions; return their messages.

        Raises:
            ValueError: If one of them is protected.
        """
        return self._replace(indices, None)

    def substitute(self, indices: Iterable[int], summary: Message) -> list[Message]:
        """Replace the units at these positions by one message, at the first of the positions.

        Returns:
            The messages that were replaced.

        Raises:
            ValueError: If one of the units is protected.
        """
        return self._replace(indices, self._unit((summary,)))

    def copy(self) -> Context:
        """Return an independent copy; messages are shared, being immutable."""
        twin = Context(self.max_tokens, self._counter, self._gap)
        twin.tokens, twin.message_count, twin.overflowed = self.tokens, self.message_count, self.overflowed
        twin._units, twin._digest = list(self._units), self._digest
        twin._marked, twin._touched = self._marked, self._touched
        return twin

    def _replace(self, indices: Iterable[int], new: Unit | None) -> list[Message]:
        gone = sorted(set(indices))
        if not gone:
            return []
        if any(self._units[i].protected for i in gone):
            raise ValueError("the system message and the current query cannot be removed from the context")
        removed = self._told(m for i in gone for m in self._units[i].messages)
        chosen = set(gone)
        kept = [unit for i, unit in enumerate(self._units[gone[0] : gone[-1]], gone[0]) if i not in chosen]
        self._splice(gone[0], gone[-1] + 1, kept if new is None else [new, *kept])
        return removed

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
        if stop == len(self._units):
            self._longest = None
        self._units[start:stop] = mended
        self._touched = True

    def _make_room(self, new: tuple[Message, ...]) -> list[Message]:
        """Apply steps 2 to 4 of the policy; ``new`` are the messages that were appended to the last unit."""
        removed: list[Message] = []
        # A gap that becomes necessary takes tokens too, so that one round may not be enough.
        while drop := self._oldest(self.tokens - self.max_tokens):
            start, stop = drop[0], drop[-1] + 1
            units = self._units[start:stop]
            removed += self._told([m for unit in units if not unit.protected for m in unit.messages])
            self._splice(start, stop, [unit for unit in units if unit.protected])
        excess = self.tokens - self.max_tokens
        newest = self._units[-1]
        if excess <= 0 or newest.protected:
            return removed
        room = newest.tokens - excess
        if not self._cut(newest, room):
            told = self._told(newest.messages)
            removed += told[: len(told) - len(self._told(new))]
            notice = self._notice(newest, room)
            self._splice(len(self._units) - 1, len(self._units), [notice] if notice else [])
        return removed

    def _oldest(self, excess: int) -> list[int]:
        """Return the positions of the oldest units that may go for so many tokens, the newest unit excepted."""
        drop: list[int] = []
        for i in range(len(self._units) - 1 if excess > 0 else 0):
            unit = self._units[i]
            if not unit.protected:
                drop.append(i)
                excess -= unit.tokens
                if excess <= 0:
                    break
        return drop

    def _offer(self, place: int, message: Message) -> None:
        """Note that a message of the newest unit may be cut."""
        if self._longest is not None and message.origin != "agent" and message is not self._gap:
            heapq.heappush(self._longest, (-self.size([message]), place))

    def _cut(self, unit: Unit, room: int) -> bool:
        """Cut the longest results of the newest unit to at most ``room`` tokens; return whether that was possible."""
        if self._longest is None:
            self._longest = []
            for i, message in enumerate(unit.messages):
                self._offer(i, message)
        mark = self._counter.count(CUT_MARK) + 1
        excess = unit.tokens - room
        cut: dict[int, Message] = {}
        while excess > 0 and self._longest:
            size, place = heapq.heappop(self._longest)
            message = unit.messages[place]
            keep = max(0, self._counter.count(message.text) - excess - mark)
            cut[place] = replace(message, text=self._counter.truncate(message.text, keep) + CUT_MARK)
            excess += self.size([cut[place]]) + size
        if excess > 0:
            self._longest = None
            return False
        self._exchange(cut)
        for place, message in cut.items():
            self._offer(place, message)
        return True

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

    def _notice(self, unit: Unit, room: int) -> Unit | None:
        """Return what stands for a unit that was not kept; None if the agent has no part in it or it does not fit."""
        own = self.size(m for m in unit.messages if m.origin == "agent")
        text = f"Your last message ({own} tokens) was too long for the context and was not kept."
        notice = self._unit((Message("notice", text),))
        return notice if own and notice.tokens <= room else None
