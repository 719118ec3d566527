"""What the reader does with what it is told before the task is known."""

from __future__ import annotations

from agemem_env.types import ToolCall
from baselines.reader.conversation import Conversation
from baselines.reader.corrections import same_matter
from baselines.reader.statements import Statement, corrects, statements


def keep(conversation: Conversation) -> list[ToolCall]:
    """Return the calls that keep what was said last; none if there is no tool for it or it is no use.

    Entries shown unasked mark messages that are worth keeping: once something is stored, messages without them are
    those that have nothing to do with the task.
    """
    if "Add_memory" not in conversation.tools or (conversation.entries and not conversation.memories_shown):
        return []
    entries = dict(conversation.entries)
    calls = []
    for message in conversation.news:
        changed = corrects(message)
        for statement in statements(message):
            call = _call(statement, changed, entries, "Update_memory" in conversation.tools)
            if call is not None:
                calls.append(call)
    return calls


def _call(statement: Statement, changed: bool, entries: dict[str, str], may_update: bool) -> ToolCall | None:
    content = statement.standalone
    if content in entries.values():
        return None
    outdated = _outdated(content, entries) if changed and may_update else None
    if outdated is None:
        return ToolCall("Add_memory", {"content": content})
    entries[outdated] = content
    return ToolCall("Update_memory", {"memory_id": outdated, "content": content})


def _outdated(content: str, entries: dict[str, str]) -> str | None:
    """Return the id of the entry that a correction is about."""
    return next((key for key, text in reversed(entries.items()) if same_matter(text, content)), None)
