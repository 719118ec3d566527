r"""Who is behind what a chat message says: ``info["origins"]``, made and read.

Messages of the user that follow each other are sent as one, so that a chat message may have several parts.

>>> from agemem_env.context.messages import Message
>>> messages = [{"role": "user", "content": "The mug is red.\n\nWhere is it?"}]
>>> origins = [(("told", 15), ("query", 12))]
>>> [(said.origin, said.text) for said in read(messages, origins)]
[('told', 'The mug is red.'), ('query', 'Where is it?')]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from agemem_env.context.messages import Message, Origin
from agemem_env.context.observed import ObservedMessages

BETWEEN = "\n\n"
"""What stands between texts of the user that are sent as one message."""

Parts = tuple[tuple[str, int], ...]
"""Origin and number of characters of each part of one chat message; `BETWEEN` stands between two parts."""

_TOLD: Mapping[Origin, str] = {"fact": "told"}
"""What is told in stage 1 is one kind, whatever becomes of it."""


class Saying(NamedTuple):
    """One part of a prompt.

    Attributes:
        origin: Who is behind it: ``system``, ``told``, ``distractor``, ``query``, ``observation``, ``retrieval``,
            ``summary``, ``result``, ``notice`` or ``agent``.
        text: What it says.
        message: Place of the chat message that it is in.
    """

    origin: str
    text: str
    message: int


def part(message: Message, chat: Mapping[str, Any]) -> tuple[str, int]:
    """Return origin and length of a message, given how a chat API is sent it."""
    return _TOLD.get(message.origin, message.origin), len(chat["content"] or "")


def read(messages: Iterable[Mapping[str, Any]], origins: Iterable[Parts]) -> Iterator[Saying]:
    """Yield the parts of a prompt, in order.

    Args:
        messages: ``observation["messages"]``.
        origins: ``info["origins"]``.
    """
    looked_at = messages.kept() if isinstance(messages, ObservedMessages) else messages
    for place, (message, parts) in enumerate(zip(looked_at, origins, strict=True)):
        content, start = message["content"] or "", 0
        for origin, length in parts:
            yield Saying(origin, content[start : start + length], place)
            start += length + len(BETWEEN)
