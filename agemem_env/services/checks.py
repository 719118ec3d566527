"""Checks of the options of models and services, which come from command lines and files."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from agemem_env.errors import ConfigurationError


def check_number(name: str, value: Any, *, least: float = 0, above: bool = False, most: float = math.inf) -> None:
    """Check that an option is a finite number in a range.

    Args:
        name: Name of the option, for the message.
        value: Its value; None is left alone.
        least: Smallest value allowed.
        above: Whether it must be greater than `least`.
        most: Largest value allowed.

    Raises:
        ConfigurationError: If it is not.
    """
    if value is None:
        return
    number = isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    if not number or value < least or value > most or (above and value == least):
        upper = f" and at most {most:g}" if math.isfinite(most) else ""
        raise ConfigurationError(
            f"{name}={value!r} is not allowed; it must be a number {'greater than' if above else 'from'} "
            f"{least:g}{'' if above else ' on'}{upper}"
        )


def check_whole(name: str, value: Any, *, least: int | None = 1) -> None:
    """Check that an option is a whole number, and not too small.

    Args:
        name: Name of the option, for the message.
        value: Its value; None is left alone.
        least: Smallest value allowed; None for any.

    Raises:
        ConfigurationError: If it is not.
    """
    if value is None:
        return
    if not isinstance(value, int) or isinstance(value, bool) or (least is not None and value < least):
        from_on = "" if least is None else f" from {least} on"
        raise ConfigurationError(f"{name}={value!r} is not allowed; it must be a whole number{from_on}")


def check_object(name: str, value: Any) -> None:
    """Check that an option is a JSON object.

    Raises:
        ConfigurationError: If it is not.
    """
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise ConfigurationError(f"{name}={value!r} is not allowed; it must be a JSON object")


def texts(name: str, value: Any) -> tuple[str, ...]:
    """Return the texts of an option; one text stands for itself, None for none.

    Raises:
        ConfigurationError: If it is something else.

    >>> texts("stop", "END"), texts("stop", None)
    (('END',), ())
    """
    found = (value,) if isinstance(value, str) else () if value is None else value
    if not isinstance(found, Sequence) or not all(isinstance(text, str) for text in found):
        raise ConfigurationError(f"{name}={value!r} is not allowed; it must be a text or a list of texts")
    return tuple(found)
