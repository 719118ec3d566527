"""Observations on their way between processes: of a prompt only what is new.

An observation repeats nearly all messages of the one before it. The sender names those that stay, at the start and at
the end, and sends the rest; the receiver puts them together again. Both remember the last prompt.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from agemem_env.context.observed import Chat, ObservedMessages

MESSAGES = "messages"
"""Key of an observation that holds the prompt."""

Packed: TypeAlias = tuple[Any, "tuple[int, list[Chat], int] | None"]
"""An observation without its messages, and of them: how many stay first, those that are new, how many stay last."""


@dataclass
class Sender:
    """Packs the observations of one environment, one after the other.

    Attributes:
        last: Messages of the last observation.
    """

    last: list[Chat] = field(default_factory=list)

    def pack(self, observation: Any) -> Packed:
        """Return what is sent; an observation of another kind is sent whole."""
        messages = observation.get(MESSAGES) if isinstance(observation, dict) else None
        if not isinstance(messages, ObservedMessages):
            return observation, None
        now = messages.kept()
        before, self.last = self.last, now
        first = _common(before, now)
        last = _common_end(before[first:], now[first:])
        return {**observation, MESSAGES: None}, (first, now[first : len(now) - last], last)


@dataclass
class Receiver:
    """Unpacks the observations of one environment, one after the other.

    Attributes:
        last: Messages of the last observation.
        rest: The last observation without them; None before the first.
    """

    last: list[Chat] = field(default_factory=list)
    rest: Any = None
    _has_messages: bool = False

    def unpack(self, packed: Packed) -> Any:
        """Return the observation as it was packed."""
        self.rest, change = packed
        self._has_messages = change is not None
        if change is not None:
            first, new, last = change
            self.last = [*self.last[:first], *new, *self.last[len(self.last) - last :]]
        return self.again()

    def again(self) -> Any:
        """Return the last observation once more, as an object of its own; None before the first."""
        if not self._has_messages:
            return self.rest
        return {**self.rest, MESSAGES: ObservedMessages(self.last)}


def _common(before: Sequence[Chat], now: Sequence[Chat]) -> int:
    """Return how many messages are equal at the start.

    >>> _common([{"a": 1}, {"a": 2}], [{"a": 1}, {"a": 3}])
    1
    """
    low, high = 0, min(len(before), len(now))
    if before[:high] == now[:high]:  # compared by identity first: messages that stay are the same objects
        return high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if before[low:middle] == now[low:middle] else (low, middle)
    return low


def _common_end(before: Sequence[Chat], now: Sequence[Chat]) -> int:
    """Return how many messages are equal at the end."""
    count = 0
    while count < min(len(before), len(now)) and before[-1 - count] == now[-1 - count]:
        count += 1
    return count
