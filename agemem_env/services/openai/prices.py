"""What calls cost. The table is `prices.json`: US dollars per million tokens, as the providers listed them.

Prices change: give your own with ``prices=``, a mapping or the path of a JSON file of the same form, which is
looked up first. A model that no table knows has no price, which is None and not 0.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any

from agemem_env.data.files import read_text
from agemem_env.data.ownership import reason
from agemem_env.errors import ConfigurationError

Price = Mapping[str, float]
"""``input`` and ``output``, and ``cached_input`` if it is another price, in US dollars per million tokens."""

_DATE = re.compile(r"-(\d{4}-\d\d-\d\d|\d{8})$")


class Prices:
    """A price table.

    Args:
        own: Prices that come first: a mapping from model to `Price`, or the path of a JSON file.

    Raises:
        ConfigurationError: If a price has another form.

    >>> Prices({"mine": {"input": 1.0, "output": 2.0}}).price("mine", prompt=1000, completion=500)
    0.002
    >>> Prices().price("nobody-knows-me", prompt=1, completion=1) is None
    True
    """

    def __init__(self, own: Mapping[str, Price] | str | Path | None = None) -> None:
        table = own if isinstance(own, Mapping) else _read(Path(own)) if own is not None else {}
        for model, price in table.items():
            _check(model, price)
        self._table = {**_published(), **table}

    def price(self, model: str, *, prompt: int, completion: int, cached: int = 0) -> float | None:
        """Return the price of a call in US dollars, or None if the model has none.

        Args:
            model: Name of the model; a date at its end does not count.
            prompt: Tokens sent, those from a cache included.
            completion: Tokens received.
            cached: Tokens of the prompt that the provider had in a cache.
        """
        known = self._table.get(model) or self._table.get(_DATE.sub("", model))
        if known is None:
            return None
        fresh = (prompt - cached) * known["input"] + cached * known.get("cached_input", known["input"])
        return (fresh + completion * known["output"]) / 1e6


def _read(path: Path) -> Mapping[str, Price]:
    try:
        table = json.loads(read_text(path))
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigurationError(f"cannot read the prices in {path}: {reason(error)}") from error
    if not isinstance(table, dict):
        raise ConfigurationError(f'prices in {path} must be an object, {{"model": {{"input": 1.0, "output": 2.0}}}}')
    return table


@lru_cache(maxsize=1)
def _published() -> Mapping[str, Price]:
    table = json.loads(files("agemem_env.services.openai").joinpath("prices.json").read_text(encoding="utf-8"))
    return MappingProxyType(table["models"])


def _check(model: str, price: Any) -> None:
    names = {"input", "output"}
    form = isinstance(price, Mapping) and names <= set(price) <= names | {"cached_input"}
    if not form or not all(isinstance(v, (int, float)) and math.isfinite(v) and v >= 0 for v in price.values()):
        raise ConfigurationError(
            f"price of {model!r} is {price!r}; use input, output and, if you like, cached_input, each in US dollars "
            "per million tokens"
        )
