"""Operations on stored memories as models write them: which operation, on which memory, with which text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from baselines.memory.reading.ids import ID_KEYS, is_id, read_ids
from baselines.memory.reading.values import TEXT_KEYS, by_name, is_nothing, listed, one_of, plain_key, read_text

Kind = Literal["add", "update", "delete", "none"]

_WORDS: Mapping[Kind, str] = {
    "add": "add added insert inserted create created new store save append",
    "update": "update updated modify edit replace change patch rewrite",
    "delete": "delete deleted remove removed forget drop",
    "none": "none noop nochange nooperation noaction unchanged keep skip ignore nothing null",
}
_KINDS: Mapping[str, Kind] = {word: kind for kind, words in _WORDS.items() for word in words.split()}

_KIND_KEYS = ("event", "action", "op", "operation", "type", "decision", "command", "name", "tool", "function")
_NEW_KEYS = (
    "newtext",
    "newmemory",
    "newcontent",
    "newvalue",
    "newfact",
    "updatedtext",
    "updatedmemory",
    "updatedcontent",
)
_INNER_KEYS = ("arguments", "args", "parameters", "params", "input", "memory", "item", "entry")
_LINE = re.compile(r"(?P<kind>[A-Za-z]+)\s*(?P<id>\[?[#\w]+\]?)?\s*(?:[:\-]\s+(?P<text>\S.*))?", re.DOTALL)
_TEXT_LISTS = ("texts", "facts", "contents", "memories")
_ID_LISTS = ("ids", "memoryids")


@dataclass(frozen=True, slots=True)
class Operation:
    """What is to be done to one stored memory.

    Attributes:
        kind: ``"none"`` leaves everything as it is.
        text: The new text; empty for ``"delete"`` and ``"none"``.
        memory_id: The id as the model wrote it; empty for ``"add"`` and ``"none"``.
    """

    kind: Kind
    text: str = ""
    memory_id: str = ""


def read_operations(item: Any) -> list[Operation] | None:
    """Return the operations that one item states, or None if it cannot be read or lacks a text or an id.

    >>> read_operations({"Action": "insert", "memory": "Anna sings."})
    [Operation(kind='add', text='Anna sings.', memory_id='')]
    >>> read_operations({"DELETE": [{"id": 0}, 1]})
    [Operation(kind='delete', text='', memory_id='0'), Operation(kind='delete', text='', memory_id='1')]
    >>> read_operations({"event": "UPDATE", "text": "Anna sings."}) is None
    True
    """
    if item is None or (isinstance(item, str) and (is_nothing(item) or _KINDS.get(plain_key(item)) == "none")):
        return []
    if isinstance(item, str):
        return _read_line(item)
    named = by_name(item) if isinstance(item, Mapping) else None
    if not named:
        return None
    for key in _INNER_KEYS:
        outer = {name: value for name, value in named.items() if name != key}
        inner = by_name(named[key]) if isinstance(named.get(key), Mapping) else None
        if inner is not None and not outer.keys() & inner.keys():
            named = {**outer, **inner}
    kinds = {_KINDS[word] for key in _KIND_KEYS if (word := _word(named.get(key))) in _KINDS}
    if not kinds and all(key in _KINDS for key in named):
        return _read_by_kind(named)
    return _read_fields(kinds.pop(), named) if len(kinds) == 1 else None


def _word(value: Any) -> str:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return plain_key(value) if isinstance(value, str) else ""


def _read_line(line: str) -> list[Operation] | None:
    """Read ``"ADD: text"``, ``"UPDATE 0: text"`` or ``"DELETE 0"``."""
    match = _LINE.fullmatch(line.strip())
    kind = _KINDS.get(match["kind"].casefold()) if match else None
    if match is None or kind is None:
        return None
    ids = [match["id"]] if match["id"] else []
    text = match["text"]
    if kind == "delete" and text and not ids:
        ids, text = [text], None
    if (kind == "add") == bool(ids) or not all(is_id(one.strip("[]#")) for one in ids):
        return None
    fields = {"event": kind, **({"id": ids[0]} if ids else {}), **({"text": text} if text else {})}
    return _read_fields(kind, fields)


def _read_fields(kind: Kind, named: Mapping[str, Any]) -> list[Operation] | None:
    """Read an operation whose text and id stand under names of their own."""
    if kind == "none":
        return [Operation("none")]
    ids = _read_named_ids(named)
    text = _read_named_text(named)
    if kind == "add":
        lists = [named[key] for key in _TEXT_LISTS if isinstance(named.get(key), list)]
        if len(lists) == 1 and not text:
            texts = [read_text(item) for item in lists[0]]
            return [Operation("add", one) for one in texts if one] if texts and all(texts) else None
        return [Operation("add", text)] if text else None
    if kind == "delete":
        ids = [text] if not ids and text and is_id(text) else ids
        return [Operation("delete", memory_id=one) for one in ids] if ids else None
    return [Operation("update", text, ids[0])] if text and ids and len(ids) == 1 else None


def _read_named_ids(named: Mapping[str, Any]) -> list[str] | None:
    found = [read_ids(named[key]) for key in (*ID_KEYS, *_ID_LISTS) if named.get(key) is not None]
    given = [ids for ids in found if ids != []]
    return given[0] if given and all(ids == given[0] for ids in given) else None


def _read_named_text(named: Mapping[str, Any]) -> str | None:
    """Return the text of an operation; one that is called new counts before others."""
    for keys in (_NEW_KEYS, TEXT_KEYS):
        texts = [text for key in keys if key in named and (text := read_text(named[key])) != ""]
        if texts:
            return one_of(texts)
    return None


def _read_by_kind(named: Mapping[str, Any]) -> list[Operation] | None:
    """Read an object whose keys are operations: ``{"ADD": ["…"], "DELETE": ["0"]}``."""
    found: list[Operation] = []
    for key, value in named.items():
        for item in _items_of(_KINDS[key], value):
            operations = read_operations(item)
            if operations is None:
                return None
            found += operations
    return found


def _items_of(kind: Kind, value: Any) -> Iterator[Any]:
    """Yield what an operation is to be done with, each as an item that names the operation."""
    if kind == "none":
        yield {"event": kind}
        return
    by_id = isinstance(value, Mapping) and value and all(is_id(key) for key in value)
    if by_id and kind == "update":
        yield from ({"event": kind, "id": key, "text": text} for key, text in value.items())
        return
    for item in [value] if by_id else listed(value, lambda item: isinstance(item, Mapping)) or []:
        if isinstance(item, Mapping) and not by_id:
            yield {"event": kind, **item}
        else:
            yield {"event": kind, "id" if kind == "delete" else "text": item}
