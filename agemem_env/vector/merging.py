"""The infos of many environments as one, key by key: what Gymnasium's `VectorEnv` makes of them, in less time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

FINAL_OBSERVATION = "final_obs"
"""Key whose value stays whole although it is a dict."""


def merge(infos: Mapping[int, Mapping[str, Any]], count: int) -> dict[str, Any]:
    """Merge infos: each key becomes an array, and ``_key`` an array that says which environments have it.

    Args:
        infos: Index of an environment -> its info.
        count: Number of environments.

    >>> merged = merge({0: {"a": 1, "b": {"c": "x"}}, 2: {"a": 2}}, 3)
    >>> merged["a"].tolist(), merged["_a"].tolist(), merged["b"]["c"].tolist()
    ([1, 0, 2], [True, False, True], ['x', None, None])
    """
    merged: dict[str, Any] = {}
    indices = list(infos)
    everywhere = np.zeros(count, dtype=np.bool_)
    everywhere[indices] = True
    rows = list(infos.values())
    alike = all(row.keys() == rows[0].keys() for row in rows)
    for key in dict.fromkeys(key for row in (rows[:1] if alike else rows) for key in row):
        having = indices
        mask = everywhere
        if not alike and any(key not in row for row in rows):
            having = [i for i in indices if key in infos[i]]
            mask = np.zeros(count, dtype=np.bool_)
            mask[having] = True
        values = [infos[i][key] for i in having]
        merged[key] = _merged(key, having, values, count)
        merged[f"_{key}"] = mask.copy()
    return merged


def _merged(key: str, indices: list[int], values: list[Any], count: int) -> Any:
    """Return what becomes of the values of one key, the first of which says what."""
    first = values[0]
    if isinstance(first, dict) and key != FINAL_OBSERVATION:
        return merge(dict(zip(indices, values, strict=True)), count)
    if isinstance(first, np.ndarray) and key != FINAL_OBSERVATION:
        array = np.zeros((count, *first.shape), dtype=first.dtype)
    elif (type(first) in (int, float, bool) or isinstance(first, np.number)) and key != FINAL_OBSERVATION:
        array = np.zeros(count, dtype=type(first))
        if all(type(value) is type(first) for value in values):
            array[indices] = values
            return array
    else:
        array = np.full(count, None, dtype=object)
    for index, value in zip(indices, values, strict=True):
        array[index] = value
    return array
