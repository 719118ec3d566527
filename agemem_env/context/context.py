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
from collections.abc import Iterable, Sequence
from dataclasses import replace

from agemem_env.context.messages import Message
from agemem_env.context.units import MESSAGE_OVERHEAD, Unit, UnitList
from agemem_env.services.tokens import TokenCounter

__all__ = ["CUT_MARK", "MESSAGE_OVERHEAD", "Context", "Unit"]

CUT_MARK = " … [cut: the context is full]"


class Context(UnitList):
    """A list of units whose size never exceeds ``max_tokens`` after an append.

    Args:
        max_tokens: Budget ``T_max`` in tokens.
        counter: Counts the tokens of a text.
        gap: As in `UnitList`.

    Attributes:
        max_tokens: The budget.
        overflowed: Whether an append ever exceeded the budget.
    """

    def __init__(self, max_tokens: int, counter: TokenCounter, gap: Message | None = None) -> None:
        super().__init__(counter, gap)
        self.max_tokens = max_tokens
        self.overflowed = False
        self._longest: list[tuple[int, int]] | None = None
        """The messages of the newest unit that may be cut: a heap of negative size and place, made when needed."""

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
        units, size = len(self._units), len(self._units[-1].messages) if self._units else 0
        added = self._attach(messages, protected=protected, join=join)
        if len(self._units) > units:
            self._longest = None
        elif self._longest is not None:
            for i, message in enumerate(added, size):
                self._offer(i, message)
        if self.tokens <= self.max_tokens:
            return []
        self.overflowed = True
        return self._make_room(added)

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
        twin._become(self)
        twin.overflowed = self.overflowed
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

    def _splice(self, start: int, stop: int, units: Sequence[Unit]) -> None:
        newest = self._units[-1] if self._units else None
        super()._splice(start, stop, units)
        if not self._units or self._units[-1] is not newest:
            self._longest = None

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

    def _notice(self, unit: Unit, room: int) -> Unit | None:
        """Return what stands for a unit that was not kept; None if the agent has no part in it or it does not fit."""
        own = self.size(m for m in unit.messages if m.origin == "agent")
        text = f"Your last message ({own} tokens) was too long for the context and was not kept."
        notice = self._unit((Message("notice", text),))
        return notice if own and notice.tokens <= room else None
