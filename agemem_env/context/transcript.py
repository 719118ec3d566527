"""The context as a chat API sees it, rendered once per message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agemem_env.context.context import Context
from agemem_env.context.messages import Message, ShownMemory, ToolFormat, render
from agemem_env.context.observed import ObservedMessages
from agemem_env.context.origins import BETWEEN, Parts, part
from agemem_env.context.prompts import SystemMessage
from agemem_env.context.units import Change

_JUMPS = (256, 16, 1)
"""Chat messages passed at once when one is looked for."""


class Transcript:
    """Renders a context to chat messages and keeps what was rendered: a change of the context costs its own size.

    Messages of the user that follow each other become one, since some chat templates refuse two in a row. Their
    parts are counted as messages each, so that the number of tokens is no smaller than that of what is sent.

    Copies and pickles start empty.

    Args:
        tool_format: How calls and results appear.
        system: The system message in both formats.
    """

    def __init__(self, tool_format: ToolFormat, system: SystemMessage) -> None:
        self._format: ToolFormat = tool_format
        self._system = system
        self._context: Context | None = None
        self._messages: list[Message] = []
        self._chats: list[dict[str, Any]] = []
        self._sizes: list[int] = []
        self._parts: list[Parts] = []
        self._memories: tuple[ShownMemory, ...] | None = None
        """What `memories` returns; None if a change has touched it."""

    def __reduce__(self) -> tuple[type[Transcript], tuple[ToolFormat, SystemMessage]]:
        return Transcript, (self._format, self._system)

    def messages(self, context: Context) -> ObservedMessages:
        """Return the messages of a context, which the caller may change."""
        changes = context.take_changes()
        if changes is None or context is not self._context:
            self._context = context
            self._messages = list(context.messages())
            self._chats, self._sizes, self._parts = self._rendered(self._messages)
            self._memories = None
        else:
            for change in changes:
                gone = self._messages[change.position : change.position + change.removed]
                if any([message.memories for message in (*gone, *change.added)]):
                    self._memories = None
                if change.position == len(self._messages):
                    self._append(change.added)
                else:
                    self._apply(change)
        return ObservedMessages(self._chats)

    def origins(self) -> tuple[Parts, ...]:
        """Return what each of the messages last returned consists of."""
        return tuple(self._parts)

    def memories(self) -> list[ShownMemory]:
        """Return the memories in the messages last returned, each as it was shown last, in order."""
        if self._memories is None:
            found = {shown.id: shown for message in reversed(self._messages) for shown in reversed(message.memories)}
            self._memories = tuple(reversed(found.values()))
        return list(self._memories)

    def _append(self, messages: tuple[Message, ...]) -> None:
        """Render messages at the end, the first of which may join a message of the user."""
        self._messages.extend(messages)
        if self._chats and self._chats[-1]["role"] == "user":
            self._chats.pop()
            self._parts.pop()
            messages = tuple(self._messages[-len(messages) - self._sizes.pop() :])
        chats, sizes, parts = self._rendered(messages)
        self._chats += chats
        self._sizes += sizes
        self._parts += parts

    def _apply(self, change: Change) -> None:
        """Render what a change touches: what was added, and messages of the user beside it, which may join it."""
        start, end = change.position, change.position + change.removed
        first, begin = self._group(start)
        last, stop = (first, begin) if start == end else self._group(end)
        if not change.added and begin == start and stop == end and not self._meet(first, last):
            del self._messages[start:end], self._chats[first:last], self._sizes[first:last], self._parts[first:last]
            return
        if start == begin and first and self._chats[first - 1]["role"] == "user":
            first -= 1
            begin -= self._sizes[first]
        if last < len(self._sizes) and (stop < end or self._chats[last]["role"] == "user"):
            stop += self._sizes[last]
            last += 1
        self._messages[start:end] = change.added
        stop += len(change.added) - change.removed
        chats, sizes, parts = self._rendered(self._messages[begin:stop])
        self._chats[first:last], self._sizes[first:last], self._parts[first:last] = chats, sizes, parts

    def _meet(self, first: int, last: int) -> bool:
        """Return whether the chat messages before and after a span are both the user's."""
        between = first > 0 and last < len(self._chats)
        return between and self._chats[first - 1]["role"] == "user" == self._chats[last]["role"]

    def _group(self, position: int) -> tuple[int, int]:
        """Return the place of the chat message with the message at a position, and the position of its first one."""
        group, begin = 0, 0
        if position == len(self._messages):
            return len(self._sizes), position
        if position > len(self._messages) // 2:
            group, begin = len(self._sizes), len(self._messages)
            while begin > position:
                jump = min(_JUMPS[1], group)
                group, begin = group - jump, begin - sum(self._sizes[group - jump : group])
        for jump in _JUMPS:
            while jump <= position - begin and begin + (size := sum(self._sizes[group : group + jump])) <= position:
                group, begin = group + jump, begin + size
        return group, begin

    def _rendered(self, messages: Sequence[Message]) -> tuple[list[dict[str, Any]], list[int], list[Parts]]:
        """Return the chat messages, how many messages are in each, and what they consist of."""
        chats: list[dict[str, Any]] = []
        sizes: list[int] = []
        parts: list[Parts] = []
        for message in messages:
            chat = render(message, self._format)
            if message.origin == "system" and self._format == "native":
                chat["content"] = self._system.native
            if chats and chat["role"] == "user" == chats[-1]["role"]:
                chats[-1]["content"] += f"{BETWEEN}{chat['content']}"
                sizes[-1] += 1
                parts[-1] += (part(message, chat),)
            else:
                chats.append(chat)
                sizes.append(1)
                parts.append((part(message, chat),))
        return chats, sizes, parts
