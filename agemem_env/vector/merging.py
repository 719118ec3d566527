"""The infos of many environments as one, key by key: what Gymnasium's `VectorEnv` makes of them, in less time.

A worker process makes a `Table` of the infos of its environments, and the pool joins the tables of all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias, cast

import numpy as np

FINAL_OBSERVATION = "final_obs"
"""Key whose value stays whole although it is a dict."""

Column: TypeAlias = "tuple[list[int], list[Any] | Table, bool]"
"""Indices of the environments that have a key, in order; their values; whether these are numbers of one type."""

Table: TypeAlias = dict[str, Column]
"""The infos of some environments, by key; of a key whose values are dicts, the values are a table again."""

_NUMBERS = (int, float, bool)


def merge(infos: Mapping[int, Mapping[str, Any]], count: int) -> dict[str, Any]:
    """Merge infos: each key becomes an array, and ``_key`` an array that says which environments have it.

    Args:
        infos: Index of an environment -> its info.
        count: Number of environments.

    >>> merged = merge({0: {"a": 1, "b": {"c": "x"}}, 2: {"a": 2}}, 3)
    >>> merged["a"].tolist(), merged["_a"].tolist(), merged["b"]["c"].tolist()
    ([1, 0, 2], [True, False, True], ['x', None, None])
    """
    return join([table(list(infos), list(infos.values()))], count)


def table(indices: list[int], infos: Sequence[Mapping[str, Any]]) -> Table:
    """Return infos by key.

    Args:
        indices: Of the environments.
        infos: Their infos.

    >>> table([3, 4], [{"a": 1, "b": {"c": "x"}}, {"a": 2}])
    {'a': ([3, 4], [1, 2], True), 'b': ([3], {'c': ([3], ['x'], False)}, False)}
    """
    if not infos:
        return {}
    keys = infos[0].keys()
    if all([info.keys() == keys for info in infos]):
        return {key: _column(key, indices, [info[key] for info in infos]) for key in keys}
    columns: Table = {}
    for key in _all_keys(infos):
        having = [(index, info[key]) for index, info in zip(indices, infos, strict=True) if key in info]
        columns[key] = _column(key, [index for index, _ in having], [value for _, value in having])
    return columns


def row(columns: Table, index: int) -> dict[str, Any]:
    """Return the info of one environment, as it was before it came into the table.

    >>> row(table([3, 4], [{"a": 1, "b": {"c": "x"}}, {"a": 2}]), 3)
    {'a': 1, 'b': {'c': 'x'}}
    """
    info = {}
    for key, (indices, values, _) in columns.items():
        if index in indices:
            info[key] = row(values, index) if isinstance(values, dict) else values[indices.index(index)]
    return info


def join(tables: Sequence[Table], count: int) -> dict[str, Any]:
    """Merge the infos of tables.

    Args:
        tables: The tables; an environment that comes first in one comes first among all.
        count: Number of environments.
    """
    if not tables:
        return {}
    everyone, everywhere = list(range(count)), np.ones(count, dtype=np.bool_)
    merged: dict[str, Any] = {}
    alike = all([columns.keys() == tables[0].keys() for columns in tables])
    for key in tables[0] if alike else _all_keys(tables):
        columns = [one[key] for one in tables if key in one]
        indices = [index for having, _, _ in columns for index in having]
        if indices == everyone:
            merged[key] = _joined(key, columns, None, count)
            merged[f"_{key}"] = everywhere.copy()
        else:
            merged[key] = _joined(key, columns, indices, count)
            merged[f"_{key}"] = mask = np.zeros(count, dtype=np.bool_)
            mask[indices] = True
    return merged


def _all_keys(rows: Iterable[Mapping[str, Any]]) -> dict[str, None]:
    """Return the keys of all, in the order in which they come first."""
    return dict.fromkeys(key for one in rows for key in one)


def _column(key: str, indices: list[int], values: list[Any]) -> Column:
    kind = type(values[0])
    alike = key != FINAL_OBSERVATION and all([type(value) is kind for value in values])
    if alike and kind is dict:
        return indices, table(indices, values), False
    return indices, values, alike and kind in _NUMBERS


def _joined(key: str, columns: Sequence[Column], indices: list[int] | None, count: int) -> Any:
    """Return what becomes of the values of one key, the first of which says what; no indices mean all, in order."""
    if all([isinstance(some, dict) for _, some, _ in columns]):
        return join([cast(Table, some) for _, some, _ in columns], count)
    values: list[Any] = []
    uniform = True
    for having, some, numbers in columns:
        values += [row(some, index) for index in having] if isinstance(some, dict) else some
        uniform = uniform and numbers and type(values[-1]) is type(values[0])
    first = values[0]
    if uniform and indices is None:
        return np.array(values, dtype=type(first))
    whole = key == FINAL_OBSERVATION
    if isinstance(first, dict) and not whole:
        return merge(dict(zip(indices or range(count), values, strict=True)), count)
    if (type(first) in _NUMBERS or isinstance(first, np.number)) and not whole:
        array = np.zeros(count, dtype=type(first))
    elif isinstance(first, np.ndarray) and not whole:
        array = np.zeros((count, *first.shape), dtype=first.dtype)
    elif indices is None:
        return np.fromiter(values, dtype=object, count=count)
    else:
        array = np.full(count, None, dtype=object)
    for index, value in zip(range(count) if indices is None else indices, values, strict=True):
        array[index] = value
    return array
