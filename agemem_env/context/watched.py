"""Dicts and lists of an observation, which share their parts with other observations and notice when they are changed.

An observation repeats the messages of the one before it. Copying them all would cost more than everything else in a
step of a long episode, so the same objects are given out again. Nobody should change them; if somebody does, the
environment notices, and its next observation is made anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

_DICT_CHANGES = ("__setitem__", "__delitem__", "__ior__", "clear", "pop", "popitem", "setdefault", "update")
_LIST_CHANGES = (
    *("__setitem__", "__delitem__", "__iadd__", "__imul__", "append", "clear", "extend", "insert"),
    *("pop", "remove", "reverse", "sort"),
)


class Watch:
    """Tells whether anything that it watches was changed.

    Attributes:
        changed: Whether it was.
    """

    __slots__ = ("changed",)

    def __init__(self) -> None:
        self.changed = False


class WatchedDict(dict[str, Any]):
    """A dict that tells a `Watch` of changes. Copies and pickles are plain dicts."""

    __slots__ = ("_watch",)

    def __init__(self, values: Mapping[str, Any], watch: Watch) -> None:
        super().__init__(values)
        self._watch = watch

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        return dict, (dict(self),)


class WatchedList(list[Any]):
    """A list that tells a `Watch` of changes. Copies and pickles are plain lists."""

    __slots__ = ("_watch",)

    def __init__(self, values: list[Any], watch: Watch) -> None:
        super().__init__(values)
        self._watch = watch

    def __reduce__(self) -> tuple[type, tuple[Any, ...]]:
        return list, (list(self),)


def watched(value: Any, watch: Watch) -> Any:
    """Return a JSON value whose dicts and lists tell a watch of changes.

    >>> watch = Watch()
    >>> message = watched({"role": "user", "content": "a"}, watch)
    >>> message["content"], message == {"role": "user", "content": "a"}, watch.changed
    ('a', True, False)
    >>> message["content"] = "b"
    >>> watch.changed
    True
    """
    if isinstance(value, dict):
        return WatchedDict({key: watched(part, watch) for key, part in value.items()}, watch)
    if isinstance(value, list):
        return WatchedList([watched(part, watch) for part in value], watch)
    return value


def _noticed(change: Callable[..., Any]) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        self._watch.changed = True
        return change(self, *args, **kwargs)

    return method


for _name in _DICT_CHANGES:
    setattr(WatchedDict, _name, _noticed(getattr(dict, _name)))
for _name in _LIST_CHANGES:
    setattr(WatchedList, _name, _noticed(getattr(list, _name)))
