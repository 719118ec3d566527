"""Tool calls that several policies make."""

from __future__ import annotations

from collections.abc import Iterable

from agemem_env.types import ToolCall

QUOTE_LENGTH = 80
"""Characters of each message that are quoted to have it removed."""


def filter_messages(texts: Iterable[str]) -> ToolCall:
    """Return the call that removes messages from the context, which it describes by how they begin.

    >>> filter_messages(["By the way: it rains.", "I like tea."]).arguments
    {'criteria': 'By the way: it rains. I like tea.'}
    """
    return ToolCall("Filter_context", {"criteria": " ".join(text[:QUOTE_LENGTH] for text in texts)})
