"""JSON as language models write it: found at a position in a text, mended where that is safe, made plain.

`decode` reads strict JSON first. If that fails it mends trailing commas, single or curly quotes, Python's
``True``/``False``/``None`` and raw control characters in strings, and says that it did. Missing quotes,
commas and brackets are not guessed. `plain` turns any Python value into fresh JSON values.

Both bound their work: nesting beyond `MAX_DEPTH` and more than `MAX_VALUES` values are refused.

>>> decode('see {"a": [1, 2,]} there', 4)
Decoded(value={'a': [1, 2]}, end=18, repaired=True)
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np

MAX_DEPTH = 32
"""Levels of nested lists and objects."""

MAX_VALUES = 100_000
"""Values in one structure; a few nested shared lists can stand for billions."""

MAX_DIGITS = 300
"""Digits of an integer, so that it is also a finite float."""

_LIMIT = 10**MAX_DIGITS
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", **{c: c for c in "/\\\"'“”"}}
_WORDS = {
    "True": "true",
    "False": "false",
    "None": "null",
    "nan": "NaN",
    "inf": "Infinity",
    "-inf": "-Infinity",
}
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<open>[\[{]) | (?P<close>[\]}]) | (?P<mark>[,:])
    | "(?P<double>[^"\\]*(?:\\.[^"\\]*)*)"
    | '(?P<single>[^'\\]*(?:\\.[^'\\]*)*)'
    | “(?P<curly>[^”\\]*(?:\\.[^”\\]*)*)”
    | (?P<number>-?[0-9][0-9.eE+-]*) | (?P<word>-?[A-Za-z]+)
    )""",
    re.VERBOSE | re.DOTALL,
)


class NotPlainError(ValueError):
    """A value has no faithful JSON form: a foreign type, or nested too deeply, or far too large."""


@dataclass(frozen=True, slots=True)
class Plain:
    """Fresh dict, list, str, int, finite float, bool and None; `repaired` if a number became None."""

    value: Any
    repaired: bool


@dataclass(frozen=True, slots=True)
class Decoded:
    """A list or object read from a text: plain values, the position after it, whether it was mended."""

    value: Any
    end: int
    repaired: bool


def _integer(digits: str) -> float:
    # int() of a very long string takes quadratic time or raises; infinity becomes None in `plain`.
    return int(digits) if len(digits) <= MAX_DIGITS else math.inf


def _unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs) and any(values[key] != value for key, value in pairs):
        raise ValueError("a key has two values")
    return values


_STRICT = json.JSONDecoder(parse_int=_integer, object_pairs_hook=_unambiguous)


def decode(text: str, start: int = 0) -> Decoded | None:
    """Read the JSON list or object that begins exactly at `start`; what follows it does not matter.

    Returns:
        The value, or None if there is no list or object that can be read, or if a key has two values. NaN,
        infinities and integers of more than `MAX_DIGITS` digits become None and count as a repair.
    """
    if text[start : start + 1] not in ("{", "["):
        return None
    try:
        value, end = _STRICT.raw_decode(text, start)
        mended = False
    except (ValueError, RecursionError):
        tokens, end = _tokens(text, start)
        mended = True
        try:
            value = _STRICT.decode(" ".join(tokens))
        except ValueError:
            return _in_two_braces(text, start)
    try:
        copy = plain(value)
    except NotPlainError:
        return None
    return Decoded(copy.value, end, mended or copy.repaired)


def _in_two_braces(text: str, start: int) -> Decoded | None:
    """Read ``{{"a": 1}}``, as some chat templates show it to models."""
    if not text.startswith("{{", start) or text.startswith("{", start + 2):
        return None
    found = decode(text, start + 1)
    if found is None or not text.startswith("}", found.end):
        return None
    return Decoded(found.value, found.end + 1, True)


def _tokens(text: str, start: int) -> tuple[list[str], int]:
    """Return the tokens of one list or object in strict spelling, and the position after it."""
    tokens: list[str] = []
    depth = 0
    pos = start
    while (match := _TOKEN.match(text, pos)) is not None:
        pos = match.end()
        kind = match.lastgroup
        token = match[kind] if kind else ""
        if kind in ("double", "single", "curly"):
            token = json.dumps(_ESCAPE.sub(_escaped, token))
        elif kind == "open":
            depth += 1
        elif kind == "close":
            depth -= 1
            if tokens[-1] == ",":
                tokens.pop()
        tokens.append(_WORDS.get(token, token))
        if depth == 0:
            return tokens, pos
        if depth > MAX_DEPTH:
            break
    return [], start


def _escaped(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else _ESCAPED.get(match[3], match[0])


def unescaped(text: str) -> str:
    r"""Return the text with the escapes of JSON and Python replaced by what they stand for.

    >>> unescaped(r"a\n\u0062\x63 \q")
    'a\nbc \\q'
    """
    return valid_text(_ESCAPE.sub(_escaped, text))


def valid_text(text: str) -> str:
    r"""Return the text with every lone surrogate replaced by U+FFFD, so that it can be encoded as UTF-8.

    >>> valid_text("a\ud800b") == "a\ufffdb"
    True
    """
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def plain(value: object) -> Plain:
    """Copy a Python value to plain JSON values that share nothing with it.

    Tuples become lists, keys become strings (``1`` -> ``"1"``, ``None`` -> ``"null"``), NumPy numbers
    and arrays become Python numbers and lists; NaN, infinities and integers of more than `MAX_DIGITS` digits become
    None.

    Raises:
        NotPlainError: If the value holds another type, is nested deeper than `MAX_DEPTH` (as it is if it
            contains itself) or has more than `MAX_VALUES` values.

    >>> plain({1: (True, float("nan"))})
    Plain(value={'1': [True, None]}, repaired=True)
    """
    copier = _Copier()
    return Plain(copier.copy(value, 0), copier.repaired)


class _Copier:
    def __init__(self) -> None:
        self.repaired = False
        self.left = MAX_VALUES

    def copy(self, value: object, depth: int) -> Any:
        self.left -= 1
        if depth > MAX_DEPTH or self.left < 0:
            raise NotPlainError("nested too deeply or too large")
        kind = type(value)
        if kind is str:
            return valid_text(value)  # type: ignore[arg-type]
        if kind is dict:
            return {
                key if type(key) is str and key.isascii() else self.key(key): self.copy(item, depth + 1)
                for key, item in value.items()  # type: ignore[attr-defined]
            }
        if value is None or value is True or value is False:
            return value
        if isinstance(value, str):
            return valid_text(str.__str__(value))
        if isinstance(value, (dict, Mapping)):
            return {self.key(key): self.copy(item, depth + 1) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.copy(item, depth + 1) for item in value]
        if isinstance(value, (np.ndarray, np.bool_)):
            return self.copy(value.tolist(), depth)
        return self.number(value)

    def key(self, key: object) -> str:
        if isinstance(key, str):
            return valid_text(str.__str__(key))
        if key is None or isinstance(key, (bool, int, float)):
            return json.dumps(self.copy(key, 0))
        raise NotPlainError(f"a key of type {type(key).__name__}")

    def number(self, value: object) -> int | float | None:
        number: int | float
        if isinstance(value, Integral):
            number = int(value)
            finite = -_LIMIT < number < _LIMIT
        elif isinstance(value, Real):
            number = float(value)
            finite = math.isfinite(number)
        else:
            raise NotPlainError(f"a value of type {type(value).__name__}")
        if finite:
            return number
        self.repaired = True
        return None
