"""Stores what the reader is told before the task is known."""

from __future__ import annotations

from agemem_env.types import ToolCall
from baselines.reader.conversation import Conversation
from baselines.reader.corrections import repeats_or_corrects
from baselines.reader.statements import Statement, read_statements, says_correction

UNRELATED = 6
"""Entries after which some would have been shown again, if the messages were about one thing."""


def store_new_messages(conversation: Conversation) -> list[ToolCall]:
    """Return the calls that store or update what was said last; none if there is no tool for it or it is no use.

    Entries shown unasked mark a conversation that is worth keeping: where several were stored and none has come back,
    the messages have nothing to do with the task.
    """
    unrelated = len(conversation.entries) >= UNRELATED and not conversation.memories_shown
    if "Add_memory" not in conversation.tools or unrelated:
        return []
    entries = dict(conversation.entries)
    calls = []
    for message in conversation.new_messages:
        changed = says_correction(message)
        for statement in read_statements(message):
            call = _choose_call(statement, changed, entries, "Update_memory" in conversation.tools)
            if call is not None:
                calls.append(call)
    return calls


def _choose_call(statement: Statement, changed: bool, entries: dict[str, str], may_update: bool) -> ToolCall | None:
    content = statement.standalone
    if content in entries.values():
        return None
    outdated = _find_outdated(content, entries) if changed and may_update else None
    if outdated is None:
        return ToolCall("Add_memory", {"content": content})
    entries[outdated] = content
    return ToolCall("Update_memory", {"memory_id": outdated, "content": content})


def _find_outdated(content: str, entries: dict[str, str]) -> str | None:
    """Return the id of the entry that a correction is about."""
    return next((key for key, text in reversed(entries.items()) if repeats_or_corrects(text, content)), None)
