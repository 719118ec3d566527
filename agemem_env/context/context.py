"""The short-term context ``C_t``: an ordered list of units under a token budget.

A unit is what must stand and fall together: an agent's turn with the results of its calls, or an incoming message
with the agent's reply in plain text. Appending costs time in the size of the new unit only: tokens and digest are kept
as sums and chains.

What happens when a unit does not fit, in this order:

1. the overflow is recorded;
2. the oldest units that are not protected are dropped until the rest fits;
3. if the newest unit alone is too long, its longest results are cut at the end;
4. if the agent's own message is what is too long, the unit is replaced by a notice that says so; where not even
   that fits, the unit is left out.

The system message and the current query are protected: they are never removed, summarised or cut.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from agemem_env.context.messages import Message
from agemem_env.services.tokens import TokenCounter

MESSAGE_OVERHEAD = 4
"""Tokens that a chat template adds around each message."""

CUT_MARK = " … [cut: the context is full]"


@dataclass(frozen=True, slots=True)
class Unit:
    """Messages that stand and fall together, with their size in tokens."""

    messages: tuple[Message, ...]
    tokens: int
    protected: bool = False

    @property
    def text(self) -> str:
        """The text by which the unit is compared with a criterion."""
        return "\n".join(m.full_text for m in self.messages)


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
        rewrites: How often anything but an append at the end has changed the messages.
    """

    def __init__(self, max_tokens: int, counter: TokenCounter, gap: Message | None = None) -> None:
        self.max_tokens = max_tokens
        self._gap = gap
        self.tokens = 0
        self.message_count = 0
        self.overflowed = False
        self.rewrites = 0
        self._counter = counter
        self._units: list[Unit] = []
        self._digest = b""
        self._marked = (0, b"")
        self._touched = False

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
            found[:0] = unit.messages
        return found[max(0, len(found) - count) :]

    def digest(self) -> bytes:
        """Return 16 bytes that are equal for equal message lists."""
        return self._digest

    def mark(self) -> None:
        """Remember the present messages as those that `rewritten` compares with."""
        self._marked = (self.message_count, self._digest)
        self._touched = False

    @property
    def rewritten(self) -> bool:
        """Whether the messages do not extend those at the last `mark`."""
        count, digest = self._marked
        return self._touched and _chain(b"", islice(self.messages(), count)) != digest

    def follows_mark(self, message: Message) -> bool:
        """Return whether this message, and no equal one, stands directly after those at the last `mark`."""
        return next(iter(self.tail(self.message_count - self._marked[0])), None) is message

    def size(self, messages: Iterable[Message]) -> int:
        """Return the tokens that these messages would take."""
        return sum(self._counter.count(m.full_text) + MESSAGE_OVERHEAD for m in messages)

    def clear(self) -> list[Message]:
        """Remove everything; return what was removed."""
        removed = self._told(self.messages())
        self._rewrite([])
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
        joined: tuple[Message, ...] = ()
        messages = self._spaced(messages, self._units[-1].messages[-1] if self._units else None)
        unit = Unit(messages, self.size(messages), protected)
        self.tokens += unit.tokens
        if join and self._units and not self._units[-1].protected:
            last = self._units.pop()
            joined = last.messages
            unit = Unit(joined + messages, last.tokens + unit.tokens)
        self._units.append(unit)
        self._digest = _chain(self._digest, messages)
        self.message_count += len(messages)
        if self.tokens <= self.max_tokens:
            return []
        self.overflowed = True
        return self._make_room(joined)

    def insert_before_last(self, message: Message) -> None:
        """Insert one message, as a unit of its own, before the newest unit but after the system message.

        Raises:
            ValueError: If it does not fit.
        """
        unit = Unit((message,), self.size([message]))
        if self.tokens + unit.tokens > self.max_tokens:
            raise ValueError(f"{unit.tokens} tokens do not fit: {self.max_tokens - self.tokens} are left")
        place = max(1, len(self._units) - 1)
        self._rewrite([*self._units[:place], unit, *self._units[place:]])

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
        return self._replace(indices, Unit((summary,), self.size([summary])))

    def copy(self) -> Context:
        """Return an independent copy; messages are shared, being immutable."""
        twin = Context(self.max_tokens, self._counter, self._gap)
        twin.tokens, twin.message_count, twin.overflowed = self.tokens, self.message_count, self.overflowed
        twin._units, twin._digest = list(self._units), self._digest
        twin._marked, twin._touched, twin.rewrites = self._marked, self._touched, self.rewrites
        return twin

    def _replace(self, indices: Iterable[int], new: Unit | None) -> list[Message]:
        gone = sorted(set(indices))
        if not gone:
            return []
        if any(self._units[i].protected for i in gone):
            raise ValueError("the system message and the current query cannot be removed from the context")
        removed = self._told(m for i in gone for m in self._units[i].messages)
        chosen = set(gone)
        kept: list[Unit] = []
        for i, unit in enumerate(self._units):
            if i not in chosen:
                kept.append(unit)
            elif i == gone[0] and new is not None:
                kept.append(new)
        self._rewrite(kept)
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

    def _respaced(self, units: list[Unit]) -> list[Unit]:
        """Return the units with gaps where they are needed now."""
        last: Message | None = None
        for i, unit in enumerate(units):
            messages = self._spaced(unit.messages, last)
            if len(messages) != len(unit.messages):
                units[i] = replace(unit, messages=messages, tokens=self.size(messages))
            last = messages[-1]
        return units

    def _rewrite(self, units: list[Unit]) -> None:
        self._units = units if self._gap is None else self._respaced(units)
        self.tokens = sum(u.tokens for u in units)
        self._digest = _chain(b"", self.messages())
        self.message_count = sum(len(u.messages) for u in units)
        self._touched = True
        self.rewrites += 1

    def _make_room(self, joined: tuple[Message, ...]) -> list[Message]:
        """Apply steps 2 to 4 of the policy; ``joined`` are the messages of the last unit that were there before."""
        removed: list[Message] = []
        # A gap that becomes necessary takes tokens too, so that one round may not be enough.
        while drop := self._oldest(self.tokens - self.max_tokens):
            removed += self._replace(drop, None)
        excess = self.tokens - self.max_tokens
        newest = self._units[-1]
        if excess <= 0 or newest.protected:
            return removed
        room = newest.tokens - excess
        cut = self._cut(newest, room)
        if cut is None:
            removed += self._told(joined)
            cut = self._notice(newest, room)
        self._rewrite([*self._units[:-1], *([cut] if cut else [])])
        return removed

    def _oldest(self, excess: int) -> list[int]:
        """Return the positions of the oldest units that may go for so many tokens, the newest unit excepted."""
        drop: list[int] = []
        for i, unit in enumerate(self._units[:-1]):
            if excess <= 0:
                break
            if not unit.protected:
                drop.append(i)
                excess -= unit.tokens
        return drop

    def _cut(self, unit: Unit, room: int) -> Unit | None:
        """Return the unit with its longest results cut to at most ``room`` tokens, or None if that is impossible."""
        messages = list(unit.messages)
        sizes = [self.size([m]) for m in messages]
        mark = self._counter.count(CUT_MARK) + 1
        for i in sorted(range(len(messages)), key=lambda j: -sizes[j]):
            excess = sum(sizes) - room
            if excess <= 0 or messages[i].origin == "agent" or messages[i] is self._gap:
                continue
            keep = max(0, self._counter.count(messages[i].text) - excess - mark)
            text = self._counter.truncate(messages[i].text, keep) + CUT_MARK
            messages[i] = replace(messages[i], text=text)
            sizes[i] = self.size([messages[i]])
        return Unit(tuple(messages), sum(sizes)) if sum(sizes) <= room else None

    def _notice(self, unit: Unit, room: int) -> Unit | None:
        """Return what stands for a unit that was not kept; None if the agent has no part in it or it does not fit."""
        own = self.size(m for m in unit.messages if m.origin == "agent")
        text = f"Your last message ({own} tokens) was too long for the context and was not kept."
        notice = Message("notice", text)
        size = self.size([notice])
        return Unit((notice,), size) if own and size <= room else None


def _chain(digest: bytes, messages: Iterable[Message]) -> bytes:
    for message in messages:
        digest = hashlib.blake2b(digest + message.digest(), digest_size=16).digest()
    return digest
