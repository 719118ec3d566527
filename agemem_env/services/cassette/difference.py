"""Where two JSON values differ, said in a few words."""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence
from typing import Any

_MAX_TIED = 20


def most_alike(candidates: Sequence[Any], value: Any) -> int:
    """Return the index of the candidate that is most like a value.

    >>> most_alike([{"a": "red"}, {"a": "the blue key"}], {"a": "the green key"})
    1
    """
    # Lines tell most values apart; among equals, such as those that differ in one message, words decide.
    likeness = [_ratio(_lines(candidate), _lines(value)) for candidate in candidates]
    closest = [i for i, ratio in enumerate(likeness) if ratio == max(likeness)][:_MAX_TIED]
    return max(closest, key=lambda i: _ratio(_words(candidates[i]), _words(value)))


def first_difference(recorded: Any, asked: Any) -> str:
    """Return where two unequal values first differ, and both values there.

    >>> first_difference({"a": [1, {"b": "x"}]}, {"a": [1, {"b": "y"}]})
    "a[1].b: recorded 'x', asked 'y'"
    >>> first_difference({"a": [1, 2]}, {"a": [1]})
    'the length of a: recorded 2, asked 1'
    """
    where, old, new = _difference(recorded, asked, "") or ("nothing", "", "")
    return f"{where or 'the top'}: recorded {old}, asked {new}"


def _difference(recorded: Any, asked: Any, where: str) -> tuple[str, str, str] | None:
    """Return path, recorded value and asked value of the first difference."""
    if recorded == asked:
        return None
    if isinstance(recorded, dict) and isinstance(asked, dict):
        pairs = [(f"{where}.{k}".lstrip("."), recorded.get(k), asked.get(k)) for k in sorted({*recorded, *asked})]
    elif isinstance(recorded, list) and isinstance(asked, list) and recorded and asked:
        if recorded[: len(asked)] == asked[: len(recorded)]:
            return f"the length of {where or 'the list'}", str(len(recorded)), str(len(asked))
        pairs = [(f"{where}[{i}]", old, new) for i, (old, new) in enumerate(zip(recorded, asked, strict=False))]
    else:
        return where, *_excerpts(recorded, asked)
    return next((found for path, old, new in pairs if (found := _difference(old, new, path))), None)


def _excerpts(recorded: Any, asked: Any) -> tuple[str, str]:
    """Return both values around where they begin to differ."""
    if not (isinstance(recorded, str) and isinstance(asked, str)):
        return f"{recorded!r:.80}", f"{asked!r:.80}"
    pairs = zip(recorded, asked, strict=False)
    start = next((i for i, (old, new) in enumerate(pairs) if old != new), min(len(recorded), len(asked)))
    begin = max(0, start - 30)
    lead = "…" if begin else ""
    return repr(lead + recorded[begin : start + 50]), repr(lead + asked[begin : start + 50])


def _ratio(first: Sequence[str], second: Sequence[str]) -> float:
    return difflib.SequenceMatcher(None, first, second, autojunk=False).ratio()


def _lines(value: Any) -> list[str]:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, indent=0).split("\n")


def _words(value: Any) -> list[str]:
    return json.dumps(value, sort_keys=True, ensure_ascii=False).split()
