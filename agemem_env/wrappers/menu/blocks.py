"""Candidates with their features, as arrays that can be kept and joined."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agemem_env.wrappers.menu.kinds import CROSSED, HASHED, INDEX, KINDS, WIDTH


@dataclass(frozen=True)
class Block:
    """Some candidates.

    Attributes:
        actions: What `AgeMemEnv.step` takes, one per candidate.
        kinds: Place of each candidate's kind in `KINDS`.
        features: Shape ``(candidates, WIDTH)``.
        rows: The candidate of each crossed feature.
        columns: Which crossed feature it is, in ``range(HASHED)``.
    """

    actions: tuple[Any, ...]
    kinds: NDArray[np.int16]
    features: NDArray[np.float32]
    rows: NDArray[np.int32]
    columns: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.actions)

    @cached_property
    def prior(self) -> NDArray[np.float64]:
        """Minus the logarithm of the number of candidates of the same kind."""
        counts = np.bincount(self.kinds, minlength=len(KINDS))
        return np.asarray(-np.log(counts[self.kinds]))


@dataclass
class Offers:
    """Collects candidates.

    Args:
        tools: Names of the memory tools that are offered; kinds that need others are left out.
    """

    tools: frozenset[str]
    actions: list[Any] = field(default_factory=list)
    kinds: list[int] = field(default_factory=list)
    features: list[Sequence[float]] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    columns: list[int] = field(default_factory=list)

    def add(self, kind: str, action: Any, features: Sequence[float], crosses: Iterable[int] = ()) -> None:
        """Offer an action, unless its tool is not offered or the kind has no slot left."""
        place = INDEX[kind]
        needed = KINDS[place].tool
        if (needed and needed not in self.tools) or self.kinds.count(place) >= KINDS[place].slots:
            return
        columns = list(crosses)
        self.rows += [len(self.actions)] * len(columns)
        self.columns += columns
        self.actions.append(action)
        self.kinds.append(place)
        self.features.append(features)

    def block(self) -> Block:
        """Return what was offered."""
        table = np.zeros((len(self.actions), WIDTH), np.float32)
        for row, features in zip(table, self.features, strict=True):
            row[: len(features)] = features
        return Block(
            tuple(self.actions),
            np.array(self.kinds, np.int16),
            table,
            np.array(self.rows, np.int32),
            np.array(self.columns, np.int32),
        )


def joined(blocks: Sequence[Block]) -> Block:
    """Return the candidates of all blocks, in order."""
    if len(blocks) == 1:
        return blocks[0]
    starts = np.cumsum([0, *(len(block) for block in blocks[:-1])])
    return Block(
        tuple(action for block in blocks for action in block.actions),
        np.concatenate([block.kinds for block in blocks]),
        np.concatenate([block.features for block in blocks]),
        np.concatenate([block.rows + np.int32(start) for block, start in zip(blocks, starts, strict=True)]),
        np.concatenate([block.columns for block in blocks]),
    )


@lru_cache(maxsize=1 << 17)
def crossed(name: str, *parts: object) -> int:
    """Return the place of a crossed feature among `HASHED` weights; the same in every process.

    >>> crossed("verb", "take") == crossed("verb", "take") < HASHED
    True

    Raises:
        ValueError: If no crossed feature has that name.
    """
    if name not in CROSSED:
        raise ValueError(f"crossed feature {name!r} is not among the names in kinds.CROSSED: add it there")
    return zlib.crc32("|".join(map(str, (name, *parts))).encode()) % HASHED


def call(name: str, **arguments: Any) -> dict[str, Any]:
    """Return a tool call."""
    return {"name": name, "arguments": arguments}
