"""The infos of many environments as one, key by key: what Gymnasium's `VectorEnv` makes of them, in less time.

A worker process makes an `InfoTable` of the infos of its environments, and the pool joins the tables of all: the values
of all keys of one kind become one array, and each key gets a row of it. Where values go depends on the keys alone, so
it is worked out once for keys that come together again. What is not plain, NumPy's arrays say, is left to Gymnasium.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain, count, pairwise
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from gymnasium.vector import VectorEnv

FINAL_OBSERVATION = "final_obs"
"""Key whose value stays whole although it is a dict."""

KINDS: tuple[type[Any], ...] = (int, float, bool, object)
"""Types of the arrays that values become."""

_PLACES = {kind: place for place, kind in enumerate(KINDS)}
_OBJECT = _PLACES[object]
_KEPT = 64
"""How many combinations of keys are kept."""

_SPECIAL = (dict, np.ndarray, np.number)
_GONE = object()

Array: TypeAlias = "np.ndarray[Any, np.dtype[Any]]"
Info: TypeAlias = Mapping[str, Any]
Layout: TypeAlias = "dict[str, int | Layout]"
"""Key -> place of its kind in `KINDS`; of a key whose values are dicts, a layout again."""


class InfoTable(NamedTuple):
    """The infos of some environments, by key.

    Attributes:
        envs: Indices of the environments, in order.
        layout: The keys, a pickled `Layout`.
        numbers: Of each kind but the last, the values of each key in turn, as an array's bytes.
        objects: The values of the keys of the last kind.
        missing: Place of a key in the layout and of an environment that does not have it.
        infos: The infos themselves, if they are not plain; then the rest is empty.
    """

    envs: list[int]
    layout: bytes
    numbers: tuple[bytes, ...]
    objects: list[Any]
    missing: list[tuple[int, int]]
    infos: Sequence[Info] = ()


class _NotPlain(Exception):
    """Infos cannot become a table."""


def merge(infos: Mapping[int, Info], envs: int) -> dict[str, Any]:
    """Merge infos: each key becomes an array, and ``_key`` an array that says which environments have it.

    Args:
        infos: Index of an environment -> its info.
        envs: Number of environments.

    >>> merged = merge({0: {"a": 1, "b": {"c": "x"}}, 2: {"a": 2}}, 3)
    >>> merged["a"].tolist(), merged["_a"].tolist(), merged["b"]["c"].tolist()
    ([1, 0, 2], [True, False, True], ['x', None, None])
    """
    return join([table(list(infos), list(infos.values()))], envs)


def table(envs: list[int], infos: Sequence[Info]) -> InfoTable:
    """Return the infos of environments by key.

    >>> found = table([3, 4], [{"a": 1, "b": {"c": "x"}}, {"a": 2}])
    >>> pickle.loads(found.layout), found.objects, found.missing
    ({'a': 0, 'b': {'c': 3}}, ['x', None], [(1, 1), (2, 1)])
    """
    columns = _Columns([], [[] for _ in KINDS])
    try:
        layout = columns.add(infos)
        numbers = tuple([_packed(rows, kind) for rows, kind in zip(columns.rows, KINDS[:_OBJECT], strict=False)])
    except (_NotPlain, ValueError, OverflowError):
        return InfoTable(envs, b"", (), [], [], infos)
    objects = list(chain.from_iterable(columns.rows[_OBJECT]))
    return InfoTable(envs, pickle.dumps(layout, pickle.HIGHEST_PROTOCOL), numbers, objects, columns.missing)


def row(rows: InfoTable, env: int) -> dict[str, Any]:
    """Return the info of one environment, as it was before it came into the table.

    >>> row(table([3, 4], [{"a": 1, "b": {"c": "x"}}, {"a": 2}]), 3)
    {'a': 1, 'b': {'c': 'x'}}
    """
    place = rows.envs.index(env)
    if rows.infos:
        return dict(rows.infos[place])
    gone = {key for key, other in rows.missing if other == place}
    values = [iter(block[:, place].tolist()) for block in _blocks(rows)]
    keys = count()

    def read(layout: Layout) -> dict[str, Any]:
        """Return the values of the keys of a layout."""
        info = {}
        for key, kind in layout.items():
            number = next(keys)
            value = read(kind) if isinstance(kind, dict) else next(values[kind])
            if number not in gone:
                info[key] = value
        return info

    return read(pickle.loads(rows.layout))


def join(tables: Sequence[InfoTable], envs: int) -> dict[str, Any]:
    """Merge the infos of tables.

    Args:
        tables: Tables, those of the first environments first.
        envs: Number of environments.
    """
    plan = None if any([one.infos for one in tables]) else _plan(tuple([one.layout for one in tables]))
    if plan is not None:
        return plan.carried_out(tables, envs)
    vector: VectorEnv[Any, Any, Any] = VectorEnv()
    vector.num_envs = envs
    merged: dict[str, Any] = {}
    for one in tables:
        for env in one.envs:
            merged = vector._add_info(merged, row(one, env), env)
    return merged


class _Columns(NamedTuple):
    """The values of a table in the making.

    Attributes:
        missing: As in an `InfoTable`.
        rows: Of each kind, the values of each key.
    """

    missing: list[tuple[int, int]]
    rows: list[list[list[Any]]]

    def add(self, infos: Sequence[Info], keys_before: int = 0) -> Layout:
        """Add the values of all keys; return their layout."""
        if not infos:
            return {}
        layout: Layout = {}
        alike = all([info.keys() == infos[0].keys() for info in infos])
        common = infos[0].keys() if alike else set(infos[0]).intersection(*infos[1:])
        number = keys_before
        for key in common if alike else _all_keys(infos):
            if key in common:
                values = [info[key] for info in infos]
                first = values[0]
            else:
                values = [info.get(key, _GONE) for info in infos]
                self.missing.extend([(number, i) for i, value in enumerate(values) if value is _GONE])
                first = next(value for value in values if value is not _GONE)
            place = _PLACES.get(type(first), _OBJECT)
            number += 1
            if place == _OBJECT and isinstance(first, _SPECIAL) and key != FINAL_OBSERVATION:
                layout[key] = below = self.add([{} if value is _GONE else _plain(value) for value in values], number)
                number += _size(below)
                continue
            if key not in common:
                default = _default(KINDS[place])
                values = [default if value is _GONE else value for value in values]
            layout[key] = place
            self.rows[place].append(values)
        return layout


def _plain(value: Any) -> Info:
    """Return a value that has to be a dict.

    Raises:
        _NotPlain: If it is none.
    """
    if type(value) is not dict:
        raise _NotPlain
    return value


class _Entry(NamedTuple):
    """Where a key finds its values.

    Attributes:
        key: The key.
        mask_key: The key that says who has it.
        mask: Row of the masks.
        kind: Place of its kind.
        row: Row of the array of this kind.
        below: Of a key whose values are dicts, their keys instead.
    """

    key: str
    mask_key: str
    mask: int
    kind: int
    row: int
    below: list[_Entry] | None


class _Plan(NamedTuple):
    """How tables with certain keys are joined.

    Attributes:
        entries: All keys.
        sizes: Number of keys of each kind.
        masks: Number of masks.
        rows: Of each table, of each kind, the rows that its keys get.
        mask_rows: Of each table, the rows of its masks.
    """

    entries: list[_Entry]
    sizes: list[int]
    masks: int
    rows: list[list[Array]]
    mask_rows: list[Array]

    def carried_out(self, tables: Sequence[InfoTable], envs: int) -> dict[str, Any]:
        """Return the infos of tables, merged."""
        wheres = [_span(one.envs) for one in tables]
        masks = np.zeros((self.masks, envs), dtype=np.bool_)
        for one, rows, where in zip(tables, self.mask_rows, wheres, strict=True):
            _put(masks, rows, where, True)
            for key, env in one.missing:
                masks[rows[key], one.envs[env]] = False
        arrays = [np.full((size, envs), _default(kind), kind) for size, kind in zip(self.sizes, KINDS, strict=True)]
        for one, each, where in zip(tables, self.rows, wheres, strict=True):
            for array, rows, block in zip(arrays, each, _blocks(one), strict=True):
                if len(rows):
                    _put(array, rows, where, block)
        return _filled(self.entries, [list(array) for array in arrays], list(masks))


def _filled(entries: Sequence[_Entry], arrays: Sequence[Sequence[Array]], masks: Sequence[Array]) -> dict[str, Any]:
    """Return a dict with the arrays of keys."""
    merged: dict[str, Any] = {}
    for key, mask_key, mask, kind, row_, below in entries:
        merged[key] = arrays[kind][row_] if below is None else _filled(below, arrays, masks)
        merged[mask_key] = masks[mask]
    return merged


@lru_cache(maxsize=_KEPT)
def _plan(packed: tuple[bytes, ...]) -> _Plan | None:
    """Return how tables with these layouts are joined; None if a key has values of different kinds."""
    layouts: list[Layout] = [pickle.loads(layout) for layout in packed]
    union: Layout = {}
    if not all([_unite(union, layout) for layout in layouts]):
        return None
    found: dict[tuple[str, ...], tuple[int, int, int]] = {}
    sizes = [0] * len(KINDS)
    entries = _entries(union, (), found, sizes)
    each = [[found[path] for path in _paths(layout)] for layout in layouts]
    rows = [[_indices([r for kind, r, _ in one if kind == place]) for place in range(len(KINDS))] for one in each]
    return _Plan(entries, sizes, len(found), rows, [_indices([mask for _, _, mask in one]) for one in each])


def _unite(union: Layout, layout: Layout) -> bool:
    """Add the keys of a layout to those of others; return whether their kinds are the same."""
    for key, kind in layout.items():
        if isinstance(kind, dict):
            below = union.setdefault(key, {})
            if not isinstance(below, dict) or not _unite(below, kind):
                return False
        elif union.setdefault(key, kind) != kind:
            return False
    return True


def _entries(
    layout: Layout, above: tuple[str, ...], found: dict[tuple[str, ...], tuple[int, int, int]], sizes: list[int]
) -> list[_Entry]:
    """Give each key its rows; note kind, row and mask of each path of keys."""
    entries = []
    for key, kind in layout.items():
        path, mask = (*above, key), len(found)
        if isinstance(kind, dict):
            found[path] = (-1, -1, mask)
            entries.append(_Entry(key, f"_{key}", mask, -1, -1, _entries(kind, path, found, sizes)))
        else:
            found[path] = (kind, sizes[kind], mask)
            entries.append(_Entry(key, f"_{key}", mask, kind, sizes[kind], None))
            sizes[kind] += 1
    return entries


def _paths(layout: Layout, above: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return the path of each key, in the order in which keys are counted."""
    paths = []
    for key, kind in layout.items():
        paths.append((*above, key))
        if isinstance(kind, dict):
            paths += _paths(kind, paths[-1])
    return paths


def _size(layout: Layout) -> int:
    """Return the number of keys."""
    return sum([1 + _size(kind) if isinstance(kind, dict) else 1 for kind in layout.values()])


def _packed(rows: Sequence[Sequence[Any]], kind: type[Any]) -> bytes:
    """Return numbers as an array's bytes."""
    array = np.array(rows, dtype=None if rows else kind)
    if array.dtype != kind:
        raise _NotPlain
    return array.tobytes()


def _blocks(rows: InfoTable) -> list[Array]:
    """Return the values of each kind: a row for each key, a column for each environment."""
    columns = len(rows.envs)
    numbers = [np.frombuffer(data, kind) for data, kind in zip(rows.numbers, KINDS, strict=False)]
    objects = np.fromiter(rows.objects, dtype=object, count=len(rows.objects))
    return [array.reshape(len(array) // columns if columns else 0, columns) for array in (*numbers, objects)]


def _span(envs: list[int]) -> slice | list[int]:
    """Return indices that follow each other as a slice."""
    if all([other - one == 1 for one, other in pairwise(envs)]):
        return slice(envs[0], envs[-1] + 1) if envs else slice(0)
    return envs


def _put(array: Array, rows: Array, where: slice | list[int], values: Any) -> None:
    """Set some rows and columns of an array."""
    if isinstance(where, slice):
        array[rows, where] = values
    else:
        array[np.ix_(rows, np.array(where))] = values


def _indices(numbers: list[int]) -> Array:
    return np.array(numbers, dtype=np.intp)


def _default(kind: type[Any]) -> Any:
    return None if kind is object else kind()


def _all_keys(rows: Iterable[Iterable[str]]) -> dict[str, None]:
    """Return the keys of all, in the order in which they come first."""
    return dict.fromkeys(key for one in rows for key in one)
