"""Grades as language models write them, read where their meaning is unique.

>>> [read_grade(t) for t in ("0.85.", "Score: 0.85", "**0.85**", "0.85/1.0", "85%", "8.5 out of 10", "I say 0.85")]
[0.85, 0.85, 0.85, 0.85, 0.85, 0.85, 0.85]
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

from agemem_env.text.relaxed_json import decode

_LONGEST_NUMBER = 24
_LONGEST_REPLY = 20_000
_MOST_STARTS = 200  # brackets at which an object is looked for
_SCALE = re.compile(
    r"(?:\b(?:from|between|range|scale(?: of)?|in)\s*[:(\[]?\s*)?(?<![\d.])[\[(]?0(?:\.0+)?\s*"
    r"(?:to|and|through|-|,)\s*1(?:\.0+)?[\])]?(?![\d.]*\d)",
    re.IGNORECASE,
)
_NUMBER = r"(?P<sign>(?<![^\s:=(\[{\"'*_`~>|,])[-+])?(?<![\w.,])(?P<number>\.?\d[\d.,]*(?:[eE][-+]?\d\d?)?)"
_GRADE = re.compile(
    _NUMBER + r"(?P<percent>\s*%)?(?:\s*(?:/|out of|of)\s*(?P<whole>\d[\d.]*))?(?!\w|[.,]\d)", re.IGNORECASE
)
_LABEL = re.compile(
    r"(?:score|grade|rating|verdict)[\"'*_`]*\s*(?:is|of|:|=|->|–|—)\s*[\"'*_`(\[]*\s*(?=[-+.\d])", re.IGNORECASE
)
_DECORATION = re.compile(r"```[a-zA-Z]*|[*_`~]+")
_UNFINISHED = re.compile(r"\s*<think", re.IGNORECASE)


def read_grade(reply: str) -> float:
    """Return the one grade in a reply, in [0, 1].

    Read are a number, a fraction (``8/10``) and a percentage, with marks, labels, code fences, sentences and JSON
    around it. Of several numbers, the one that is labelled as the grade counts, or one that is the last line.

    Raises:
        ValueError: If there is no grade, or more than one.
    """
    if _UNFINISHED.match(reply):
        raise ValueError("it is reasoning that does not end")
    text = unicodedata.normalize("NFKC", reply[-_LONGEST_REPLY:]).replace("−", "-")
    text = _DECORATION.sub(" ", _SCALE.sub(" ", text)).strip()
    if re.fullmatch(r"0,\d+|1,0{1,2}", text):
        text = text.replace(",", ".")
    labelled = [_GRADE.match(text, match.end()) for match in _LABEL.finditer(text)]
    last_line = text.rpartition("\n")[2].strip(" \"'").rstrip(".")
    choices = (labelled, [_GRADE.fullmatch(last_line)], list(_GRADE.finditer(text)))
    for found in choices:
        values = {_value(match) for match in found if match is not None}
        if len(values) == 1:
            return values.pop()
        if values:
            raise ValueError(f"{reply[:80]!r} holds more than one number")
    raise ValueError(f"{reply[:80]!r} is not a number")


def read_grades(reply: str, count: int, has_quality: bool) -> tuple[tuple[float, ...], float | None]:
    r"""Return the grades of notes and of the whole from the JSON object in a reply.

    Read is ``{"notes": [...], "quality": ...}`` with a fence or sentences around it, and with trailing commas.

    Args:
        reply: The reply.
        count: Number of notes.
        has_quality: Whether the whole is graded.

    Raises:
        ValueError: If there is no such object, or more than one that differ.

    >>> read_grades('My verdict:\n```JSON\n{"notes": [1, 0.5,], "quality": "80%"}\n```', 2, True)
    ((1.0, 0.5), 0.8)
    """
    if _UNFINISHED.match(reply):
        raise ValueError("it is reasoning that does not end")
    found, reason = set(), "it is not an object with a list 'notes'"
    for value in _objects(reply[-_LONGEST_REPLY:]):
        try:
            found.add(_grades(value, count, has_quality))
        except ValueError as error:
            reason = str(error)
    if len(found) > 1:
        raise ValueError("it holds more than one verdict")
    if not found:
        raise ValueError(reason)
    return found.pop()


def _grades(value: Any, count: int, has_quality: bool) -> tuple[tuple[float, ...], float | None]:
    if not isinstance(value, dict) or not isinstance(value.get("notes"), list):
        raise ValueError("it is not an object with a list 'notes'")
    if len(value["notes"]) != count:
        raise ValueError(f"'notes' has {len(value['notes'])} numbers instead of {count}")
    return tuple(map(_unit, value["notes"])), _unit(value.get("quality")) if has_quality else None


def _objects(text: str) -> Iterator[Any]:
    """Yield the JSON lists and objects in a text that are not inside of another one."""
    end = 0
    for _, match in zip(range(_MOST_STARTS), re.finditer(r"[{\[]", text), strict=False):
        decoded = decode(text, match.start()) if match.start() >= end else None
        if decoded is not None:
            yield decoded.value
            end = decoded.end


def _unit(value: Any) -> float:
    """Return a grade that is a number, or the text of one."""
    if isinstance(value, str):
        return read_grade(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"{value!r:.80} is not a number")
    if not 0 <= value <= 1:
        raise ValueError(f"{json.dumps(value)[:80]} is not from 0 to 1")
    return float(value)


def _value(match: re.Match[str]) -> float:
    """Return the grade that a number, a fraction or a percentage stands for."""
    number, whole = match["number"].rstrip(".,"), (match["whole"] or "").rstrip(".")
    if len(number) > _LONGEST_NUMBER or len(whole) > _LONGEST_NUMBER or "," in number:
        raise ValueError(f"{match[0][:80]!r} is not a number from 0 to 1")
    value = float(number)
    parts = float(whole) if whole else 100.0 if match["percent"] else 1.0
    if parts > 1 and 0 < value < 1:
        raise ValueError(f"{match[0]!r} may mean two things")
    if match["sign"] == "-" or not 0 <= value <= parts or parts == 0:
        raise ValueError(f"{match[0]!r} is not from 0 to 1")
    return value / parts
