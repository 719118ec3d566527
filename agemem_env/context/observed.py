"""The messages of one observation: a tuple that copies its dicts when somebody looks at them.

An observation repeats the messages of the one before it, and each has to be its reader's own: Gymnasium asks that
observations share nothing that can be changed. Copying all of them costs more than the rest of a step in a long
episode, so it is left until a message is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, SupportsIndex

Chat = dict[str, Any]


class ObservedMessages(tuple[Chat, ...]):
    """Chat messages as a tuple of dicts that belong to this observation alone.

    >>> kept = {"role": "user", "content": "a"}
    >>> messages = ObservedMessages([kept])
    >>> messages[0]["content"] = "b"
    >>> messages, kept
    (({'role': 'user', 'content': 'b'},), {'role': 'user', 'content': 'a'})
    """

    _copies: tuple[Chat, ...] | None

    def __new__(cls, chats: Iterable[Chat]) -> ObservedMessages:
        """Return the messages; the dicts given are never handed out."""
        made = super().__new__(cls, chats)
        made._copies = None
        return made

    @property
    def own(self) -> tuple[Chat, ...]:
        """The messages as a plain tuple of dicts of its own."""
        if self._copies is None:
            self._copies = tuple([_copy(chat) for chat in super().__iter__()])
        return self._copies

    def kept(self) -> list[Chat]:
        """Return the messages as they are kept, for who neither changes them nor hands them out."""
        return list(self._seen())

    def __iter__(self) -> Iterator[Chat]:
        return iter(self.own)

    def __getitem__(self, index: Any) -> Any:
        return self.own[index]

    def __contains__(self, item: object) -> bool:
        return item in self.own

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ObservedMessages):
            other = other._seen()
        return self._seen() == other

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.own)

    def __add__(self, other: Any) -> Any:
        return self.own + tuple(other) if isinstance(other, tuple) else NotImplemented

    def __radd__(self, other: Any) -> Any:
        return tuple(other) + self.own if isinstance(other, tuple) else NotImplemented

    def __mul__(self, times: SupportsIndex) -> tuple[Chat, ...]:
        return self.own * times

    __rmul__ = __mul__

    def __repr__(self) -> str:
        return repr(self._seen())

    def __reduce__(self) -> tuple[type[ObservedMessages], tuple[tuple[Chat, ...]]]:
        # Whoever pickles or copies deeply gets dicts of its own; a shallow copy copies them when it is read.
        return ObservedMessages, (self._seen(),)

    def count(self, value: Any) -> int:
        """Return how many messages are equal to this."""
        return self.own.count(value)

    def index(self, value: Any, *limits: SupportsIndex) -> int:
        """Return the place of the first message that is equal to this."""
        return self.own.index(value, *limits)

    def _seen(self) -> tuple[Chat, ...]:
        """Return the messages for a look that cannot change them."""
        return tuple(super().__iter__()) if self._copies is None else self._copies


def _copy(chat: Chat) -> Chat:
    """Return a copy that shares nothing that can be changed."""
    twin = chat.copy()
    if "tool_calls" in twin:
        twin["tool_calls"] = [{**call, "function": call["function"].copy()} for call in twin["tool_calls"]]
    return twin
