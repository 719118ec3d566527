"""The context as a chat API sees it, rendered once per message."""

from __future__ import annotations

from typing import Any

from agemem_env.context.context import Context
from agemem_env.context.messages import ToolFormat, render
from agemem_env.context.prompts import SystemMessage

BETWEEN = "\n\n"
"""What stands between texts of the user that are sent as one message."""


class Transcript:
    """Renders a context to chat messages, keeping what was rendered before while the context only grows.

    Messages of the user that follow each other become one, since some chat templates refuse two in a row. Their
    parts are counted as messages each, so that the number of tokens is no smaller than that of what is sent.

    Args:
        tool_format: How calls and results appear.
        system: The system message in both formats.
    """

    def __init__(self, tool_format: ToolFormat, system: SystemMessage) -> None:
        self._format: ToolFormat = tool_format
        self._system = system
        self._rendered: list[dict[str, Any]] = []
        self._seen = 0
        self._rewrites = 0

    def clear(self) -> None:
        """Forget what was rendered: the next context is another one."""
        self._rendered = []
        self._seen = 0

    def messages(self, context: Context) -> tuple[dict[str, Any], ...]:
        """Return the messages of a context as new dicts, which the caller may change."""
        if context.rewrites != self._rewrites:
            self._rewrites = context.rewrites
            self.clear()
        for message in context.tail(context.message_count - self._seen):
            chat = render(message, self._format)
            if message.origin == "system" and self._format == "native":
                chat["content"] = self._system.native
            if self._rendered and chat["role"] == "user" == self._rendered[-1]["role"]:
                chat["content"] = f"{self._rendered.pop()['content']}{BETWEEN}{chat['content']}"
            self._rendered.append(chat)
        self._seen = context.message_count
        return tuple([_fresh(chat) if "tool_calls" in chat else chat.copy() for chat in self._rendered])


def _fresh(chat: dict[str, Any]) -> dict[str, Any]:
    """Return a copy that shares nothing that can be changed; written for speed, as all messages pass at each step."""
    twin = chat.copy()
    twin["tool_calls"] = calls = []
    for call in chat["tool_calls"]:
        copied = call.copy()
        copied["function"] = call["function"].copy()
        calls.append(copied)
    return twin
