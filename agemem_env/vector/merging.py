"""The infos of many environments as one, key by key: what Gymnasium's `VectorEnv` makes of them, in less time.

A worker process makes a `InfoTable` of the infos of its environments, and the pool joins the tables of all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

FINAL_OBSERVATION = "final_obs"
"""Key whose value stays whole although it is a dict."""

_NUMBERS = (int, float, bool)

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"


class Some(NamedTuple):
    """The values of a key that not all environments of a table have.

    Attributes:
        envs: Indices of those that do.
        values: A value of each.
    """

    envs: list[int]
    values: list[Any]


class InfoTable(NamedTuple):
    """The infos of some environments, by key.

    Attributes:
        envs: Indices of the environments, in order.
        columns: Key -> a value of each environment, or `Some`; of a key whose values are dicts, a table again.
    """

    envs: list[int]
    columns: dict[str, Column]


Column: TypeAlias = list[Any] | Some | InfoTable


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


def table(envs: list[int], infos: Sequence[Mapping[str, Any]]) -> InfoTable:
    """Return the infos of environments by key.

    >>> table([3, 4], [{"a": 1, "b": {"c": "x"}}, {"a": 2, "d": 0}]).columns
    {'a': [1, 2], 'b': InfoTable(envs=[3], columns={'c': ['x']}), 'd': Some(envs=[4], values=[0])}
    """
    if not infos:
        return InfoTable(envs, {})
    keys = infos[0].keys()
    if all([info.keys() == keys for info in infos]):
        return InfoTable(envs, {key: _column(key, envs, [info[key] for info in infos]) for key in keys})
    columns: dict[str, Column] = {}
    for key in _all_keys(infos):
        having = [env for env, info in zip(envs, infos, strict=True) if key in info]
        column = _column(key, having, [info[key] for info in infos if key in info])
        columns[key] = Some(having, column) if type(column) is list and len(having) < len(envs) else column
    return InfoTable(envs, columns)


def row(rows: InfoTable, env: int) -> dict[str, Any]:
    """Return the info of one environment, as it was before it came into the table.

    >>> row(table([3, 4], [{"a": 1, "b": {"c": "x"}}, {"a": 2}]), 3)
    {'a': 1, 'b': {'c': 'x'}}
    """
    info = {}
    for key, column in rows.columns.items():
        having = rows.envs if isinstance(column, list) else column.envs
        if env in having:
            info[key] = _values(column)[having.index(env)]
    return info


def join(tables: Sequence[InfoTable], count: int) -> dict[str, Any]:
    """Merge the infos of tables.

    Args:
        tables: Tables, those of the first environments first.
        count: Number of environments.
    """
    if not tables:
        return {}
    envs = [env for one in tables for env in one.envs]
    everywhere = _mask(envs, count)
    order = None if envs == list(range(count)) else envs
    first, *others = [one.columns for one in tables]
    alike = all([other.keys() == first.keys() for other in others])
    merged: dict[str, Any] = {}
    for key in first if alike else _all_keys([first, *others]):
        columns = [(one.envs, one.columns[key]) for one in tables if key in one.columns]
        if alike and all([type(column) is list for _, column in columns]):
            merged[key] = _array(key, order, [value for _, column in columns for value in column], count)
            merged[f"_{key}"] = everywhere.copy()
            continue
        having = [env for whole, column in columns for env in (whole if isinstance(column, list) else column.envs)]
        if all([type(column) is InfoTable for _, column in columns]):
            merged[key] = join([column for _, column in columns if isinstance(column, InfoTable)], count)
        else:
            merged[key] = _array(key, having, [value for _, each in columns for value in _values(each)], count)
        merged[f"_{key}"] = _mask(having, count)
    return merged


def _all_keys(rows: Iterable[Mapping[str, Any]]) -> dict[str, None]:
    """Return the keys of all, in the order in which they come first."""
    return dict.fromkeys(key for one in rows for key in one)


def _mask(envs: list[int], count: int) -> Array:
    mask = np.zeros(count, dtype=np.bool_)
    mask[envs] = True
    return mask


def _column(key: str, envs: list[int], values: list[Any]) -> list[Any] | InfoTable:
    if type(values[0]) is dict and key != FINAL_OBSERVATION and all([type(value) is dict for value in values]):
        return table(envs, values)
    return values


def _values(column: Column) -> list[Any]:
    """Return the values of a column."""
    if isinstance(column, InfoTable):
        return [row(column, env) for env in column.envs]
    return column.values if isinstance(column, Some) else column


def _array(key: str, envs: list[int] | None, values: list[Any], count: int) -> Any:
    """Return what becomes of the values of one key, the first of which says what; no environments mean all."""
    kind = type(values[0])
    number = kind in _NUMBERS
    if key == FINAL_OBSERVATION or not (number or issubclass(kind, (dict, np.ndarray, np.number))):
        if envs is None:
            return np.fromiter(values, dtype=object, count=count)
        array = np.full(count, None, dtype=object)
    elif number and envs is None and {*map(type, values)} == {kind}:
        return np.array(values, dtype=kind)
    elif kind is dict:
        return merge(dict(zip(envs or range(count), values, strict=True)), count)
    elif issubclass(kind, np.ndarray):
        array = np.zeros((count, *values[0].shape), dtype=values[0].dtype)
    else:
        array = np.zeros(count, dtype=kind)
    for env, value in zip(range(count) if envs is None else envs, values, strict=True):
        array[env] = value
    return array
