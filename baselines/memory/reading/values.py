"""JSON values as models write them, read as what they can only mean: texts, words, lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agemem_env.text.relaxed_json import decode

TEXT_KEYS = (
    "text",
    "fact",
    "content",
    "memory",
    "statement",
    "sentence",
    "value",
    "description",
    "data",
    "information",
    "memorytext",
    "memorycontent",
)
"""Names under which the text of an item may stand."""

SIDE_KEYS = frozenset(
    (
        "id", "index", "number", "type", "category", "kind", "confidence", "importance",
        "relevance", "score", "priority", "weight", "reason", "reasoning", "explanation", "evidence",
        "tags", "keywords", "entities", "source", "timestamp",
    )
)  # fmt: skip
"""Names of what is said about an item and not by it."""

WORD_KEYS = ("keyword", "tag", "name", "word", "term", "label", "text", "value")
_NOTHING = frozenset(("", "none", "null", "nil", "nothing", "n/a", "na", "empty", "-"))
_BULLET = re.compile(r"\s*(?:[-*•]|\d{1,3}[.)])\s+(?P<text>\S.*)")
_MARKS = re.compile(r"[,;\n]|\s+(?=#)")
_PLACE = re.compile(r"[a-z]*\d+")
_WRAPPERS = frozenset(("items", "list", "values", "entries", "results", "elements"))


def by_name(item: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return an object with its keys in lower case and without marks; None if two of them become equal.

    >>> by_name({"Memory_ID": 3}), by_name({"newText": "a", "new_text": "b"})
    ({'memoryid': 3}, None)
    """
    named = {plain_key(key): value for key, value in item.items()}
    return named if len(named) == len(item) else None


def plain_key(key: str) -> str:
    """Return the letters and digits of a key, in lower case."""
    return "".join(c for c in key.casefold() if c.isalnum())


def is_nothing(text: str) -> bool:
    """Return whether a text says that there is nothing: it is blank, "none", "N/A".

    >>> is_nothing("None."), is_nothing(" "), is_nothing("None of them came.")
    (True, True, False)
    """
    return text.strip().rstrip(".").casefold() in _NOTHING


def read_text(value: Any, keys: Sequence[str] = TEXT_KEYS, *, numbers: bool = False) -> str | None:
    """Return the one text that a value stands for: an empty one for null, None if it may be none or several.

    Args:
        value: A text, a list with one, or an object with one under a name in `keys` and nothing else that matters.
        keys: The names.
        numbers: Whether a number is a text too.

    >>> read_text({"Fact": " Anna sings. ", "confidence": 0.9}), read_text({"Anna": "sings"}), read_text(["a", "b"])
    ('Anna sings.', None, None)
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value) if numbers else None
    if isinstance(value, list):
        parts = [read_text(item, keys, numbers=numbers) for item in value]
        given = [part for part in parts if part != ""]
        return "" if not given else given[0] if len(given) == 1 else None
    if not isinstance(value, Mapping):
        return None
    named = {name.rstrip("0123456789"): inner for name, inner in (by_name(value) or {}).items()}
    if len(named) < len(value):
        return None
    given_keys = [name for name, inner in named.items() if name in keys and inner not in (None, "", [], {})]
    if any(name not in keys and name not in SIDE_KEYS and inner is not None for name, inner in named.items()):
        return None
    return one_of([read_text(named[name], keys, numbers=numbers) for name in given_keys])


def one_of(texts: Sequence[str | None]) -> str | None:
    """Return the text that all of them are; None if they differ or there is none."""
    return texts[0] if texts and len(set(texts)) == 1 else None


def listed(
    value: Any,
    is_item: Callable[[Any], Any],
    split: Callable[[str], Sequence[str] | None] = lambda text: [text],
    is_inner_item: Callable[[Any], Any] | None = None,
) -> list[Any] | None:
    """Return the items of what stands for a list; None if a text may be one item or several.

    Lists in lists are laid out flat, null is an empty list, an object whose keys are numbers is a list.

    Args:
        value: The value.
        is_item: Says of a list or an object that it is one item by itself.
        split: Makes items of a text.
        is_inner_item: Says the same of what is in a list; None means as `is_item`.
    """
    if value is None or value == {}:
        return []
    if isinstance(value, str):
        decoded = decode(value.strip())
        if decoded is not None and decoded.end == len(value.strip()):
            return listed(decoded.value, is_item, split, is_inner_item)
        if is_nothing(value):
            return []
        parts = split(value.strip())
        return None if parts is None else list(parts)
    if isinstance(value, list):
        inner = is_inner_item or is_item
        return [value] if is_item(value) else [one for item in value for one in _flat(item, inner)]
    if not isinstance(value, Mapping) or is_item(value):
        return [value]
    if is_numbered(value):
        return list(value.values())
    lists = [inner for key, inner in value.items() if plain_key(key) in _WRAPPERS and isinstance(inner, list)]
    return listed(lists[0], is_item, split, is_inner_item) if len(lists) == 1 else [value]


def is_numbered(value: Mapping[str, Any]) -> bool:
    """Return whether the keys of an object are numbers, or one word with numbers.

    >>> is_numbered({"1": "a", "2": "b"}), is_numbered({"fact_1": "a"}), is_numbered({"fact1": "a", "tag1": "b"})
    (True, True, False)
    """
    names = [plain_key(key) for key in value]
    return all(map(_PLACE.fullmatch, names)) and len({name.rstrip("0123456789") for name in names}) == 1


def _flat(item: Any, is_item: Callable[[Any], Any]) -> list[Any]:
    if not isinstance(item, list) or is_item(item):
        return [item]
    return [one for inner in item for one in _flat(inner, is_item)]


def split_lines(text: str) -> list[str] | None:
    """Return the lines of a list with bullets, or the text alone; None for lines without bullets."""
    lines = [line for line in text.splitlines() if line.strip()]
    bullets = [_BULLET.fullmatch(line) for line in lines]
    if all(bullets):
        return [bullet["text"].strip() for bullet in bullets if bullet]
    return [text] if len(lines) == 1 else None


def read_words(value: Any) -> list[str] | None:
    """Return distinct words or tags: of a list in any form, or of one text with commas; None if one cannot be read.

    >>> read_words("#violin, kitchen"), read_words([{"tag": "places"}, ["talk"], None]), read_words(3)
    (['violin', 'kitchen'], ['places', 'talk'], None)
    """
    if isinstance(value, (int, float)):
        return None
    if isinstance(value, Mapping) and value and all(type(weight) in (int, float) for weight in value.values()):
        value = list(value)
    items = listed(value, lambda item: bool(read_text(item, WORD_KEYS)), lambda text: _MARKS.split(text)) or []
    words = [read_text(item, WORD_KEYS, numbers=True) for item in items]
    if None in words:
        return None
    return list(dict.fromkeys(w for word in words if word and (w := word.strip(" #\"'-*•"))))
