"""What a model replies to Mem0: the facts of a message, and the decisions about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from baselines.memory.reading.operations import Operation, read_operations
from baselines.memory.reading.replies import Reading, read_list
from baselines.memory.reading.values import is_nothing, is_numbered, read_text, split_lines


def read_facts(found: Any) -> Reading[list[str]] | None:
    """Return the distinct facts that a reply lists.

    >>> read_facts({"facts": [{"fact": "Anna sings."}, ["Paul paints."]]})
    Reading(value=['Anna sings.', 'Paul paints.'], unread=0)
    """
    reading = read_list(found, "facts", _read_fact, split_lines)
    return None if reading is None else Reading(list(dict.fromkeys(reading.value)), reading.unread)


def read_decisions(found: Any) -> Reading[list[Operation]] | None:
    """Return the decisions that a reply lists."""
    return read_list(found, "memory", read_operations)


def _read_fact(item: Any) -> list[str] | None:
    if isinstance(item, Mapping) and len(item) > 1 and is_numbered(item):
        texts = [read_text(inner) for inner in item.values()]
        return [text for text in texts if text] if all(texts) else None
    text = None if isinstance(item, list) else read_text(item)
    return None if text is None else [] if is_nothing(text) else [text]
