"""Settings as they are written on the command line."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from agemem_env.errors import ConfigurationError
from benchmarks.specs import canonical

_NEARLY_JSON = re.compile(
    r"[\[{\"'].*|-?[\d.]+(e[+-]?\d+)?|true|false|null|True|False|None|-?NaN|-?Infinity|", re.I | re.S
)
"""What was meant as JSON, whether it is any or not: a list, an object, a text in quotes, a number, a constant."""


def parse_settings(pairs: Sequence[str]) -> dict[str, Any]:
    """Return the arguments of an environment that ``key=value`` texts stand for.

    Values are JSON; what does not look like JSON is a text.

    >>> parse_settings(["dense=true", "max_tokens=2048", "domain=./my.pddl"])
    {'dense': True, 'max_tokens': 2048, 'domain': './my.pddl'}

    Raises:
        ConfigurationError: If a text has another form.
    """
    settings = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key.isidentifier():
            raise ConfigurationError(f"{pair!r} is not allowed; use key=value, for example max_tokens=2048")
        settings[key] = _json(pair, value) if _NEARLY_JSON.fullmatch(value.strip()) else value
    return settings


def _json(pair: str, value: str) -> Any:
    try:
        parsed = json.loads(value)
        canonical(parsed)
    except (ValueError, RecursionError):
        raise ConfigurationError(
            f'{pair!r:.200} is not allowed; the value must be JSON, for example true, 2048, [1, 3] or "text"'
        ) from None
    return parsed


def parse_stages(text: str) -> list[int]:
    """Return the stages that a text lists.

    >>> parse_stages("1,3")
    [1, 3]

    Raises:
        ConfigurationError: If the text is no list of whole numbers.
    """
    if not re.fullmatch(r"\d(,\d)*", text):
        raise ConfigurationError(f"stages {text!r} are not allowed; use for example 1,2,3 or 3")
    return [int(part) for part in text.split(",")]
