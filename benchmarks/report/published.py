"""Figures that others have published, from `published.toml`, for the side-by-side tables."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # type: ignore[import-not-found,unused-ignore]


@dataclass(frozen=True)
class PublishedRow:
    """Figures of one method.

    Attributes:
        backbone: Its language model.
        method: Its name.
        values: Figures by name; scores are percentages.
        total: Their average or sum as it was published; None if it was not.
    """

    backbone: str
    method: str
    values: Mapping[str, float]
    total: float | None = None


@dataclass(frozen=True)
class Published:
    """All that is known of one publication.

    Attributes:
        source: Where it stands.
        short: A short name for it.
        not_comparable: What has to be known before its figures are set beside others.
        scores: Scores by benchmark, in percent, with their average.
        tools: Calls of each memory tool per episode on HotpotQA, with their sum.
        quality: Memory quality (MQ) on HotpotQA, in [0, 1].
        tokens: Prompt tokens (TN) per episode on HotpotQA.
    """

    source: str
    short: str
    not_comparable: tuple[str, ...]
    scores: tuple[PublishedRow, ...]
    tools: tuple[PublishedRow, ...]
    quality: tuple[PublishedRow, ...]
    tokens: tuple[PublishedRow, ...]


@cache
def published() -> Published:
    """Return the published figures.

    >>> rows = published().scores
    >>> len(rows), rows[-1].method, rows[-1].values["BabyAI"]
    (14, 'AgeMem', 72.56)
    """
    data = tomllib.loads(files("benchmarks.report").joinpath("published.toml").read_text("utf-8"))
    return Published(
        data["source"],
        data["short"],
        tuple(data["not_comparable"]),
        scores=tuple(_row(row, row["scores"], row["average"]) for row in data["score"]),
        tools=tuple(_row(row, row["calls"], row["total"]) for row in data["tools"]),
        quality=tuple(_row(row, {"MQ": row["MQ"]}) for row in data["quality"]),
        tokens=tuple(_row(row, {"TN": row["TN"]}) for row in data["tokens"]),
    )


def _row(row: Mapping[str, Any], values: Mapping[str, float], total: float | None = None) -> PublishedRow:
    return PublishedRow(row["backbone"], row["method"], values, total)
