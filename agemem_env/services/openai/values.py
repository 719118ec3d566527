"""JSON values of replies, read where their meaning is unique and refused where it is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agemem_env.text.relaxed_json import valid_text


def text_of(content: Any) -> str:
    """Return a text, or the texts of a part or of a list of parts; a number is the text of it.

    >>> text_of([{"type": "text", "text": "a"}, "b"]), text_of(None), text_of(0.5)
    ('ab', '', '0.5')

    Raises:
        ValueError: If it is something else.
    """
    if content is None:
        return ""
    if isinstance(content, str):
        return valid_text(content)
    if isinstance(content, list):
        return "".join(text_of(part) for part in content)
    if isinstance(content, Mapping):
        return text_of(content.get("text"))  # parts of other kinds, such as thinking, have none
    if isinstance(content, (int, float)) and not isinstance(content, bool):
        return repr(content)
    raise ValueError(f"{content!r:.100} is no text")


def thought_of(content: Any) -> str:
    """Return a text of reasoning; what is none is left out, since nobody acts on it."""
    try:
        return text_of(content)
    except ValueError:
        return ""


def mapping_of(value: Any, what: str) -> Mapping[str, Any]:
    """Return an object.

    Raises:
        ValueError: If it is none.
    """
    if not isinstance(value, Mapping):
        raise ValueError(f"{what} is no object: {value!r:.200}")
    return value


def list_of(value: Any, what: str) -> list[Any]:
    """Return a list; of an object alone the list of it, of nothing an empty one.

    Raises:
        ValueError: If it is something else.
    """
    if value is None or value == "" or value is False:
        return []
    if isinstance(value, list):
        return value
    if isinstance(value, Mapping):
        return [value] if value else []
    raise ValueError(f"{what} is no list: {value!r:.200}")
