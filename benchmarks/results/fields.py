"""How a field of a row is declared: its type, where its value comes from, since which schema it is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from types import NoneType
from typing import Annotated, Any, cast, get_args, get_origin, get_type_hints

from agemem_env.errors import DataError
from agemem_env.types import Task
from baselines.rollout import EpisodeResult
from benchmarks.specs import RunSpec

OLDEST_SCHEMA = 2
"""The oldest version of the row format that is still read."""


@dataclass(frozen=True)
class FromSpec:
    """The field is known before the episode is played; every row has it.

    Attributes:
        make: Returns its value for what is to be played.
        since: The first schema that has it; it is None in older rows.
    """

    make: Callable[[RunSpec], Any]
    since: int = OLDEST_SCHEMA


@dataclass(frozen=True)
class FromResult:
    """The field is what came of the episode; it is None if the episode crashed.

    Attributes:
        make: Returns its value for an episode that is over.
        since: The first schema that has it; it is None in older rows.
    """

    make: Callable[[EpisodeResult], Any]
    since: int = OLDEST_SCHEMA


@dataclass(frozen=True)
class FromTask:
    """The field is said of the task; it may be None, and is if the episode crashed.

    Attributes:
        make: Returns its value for the task that was played.
        since: The first schema that has it; it is None in older rows.
    """

    make: Callable[[Task], Any]
    since: int


@dataclass(frozen=True)
class FromCosts:
    """The field is what language models cost, from `benchmarks.results.costs`.

    It is None if the episode crashed and it is not known.

    Attributes:
        since: The first schema that has it; it is None in older rows.
    """

    since: int = OLDEST_SCHEMA


@dataclass(frozen=True)
class RowField:
    """A field of a row as it is declared.

    Attributes:
        name: Its name.
        kind: Its type.
        source: Where its value comes from; None for the error that ended the episode.
    """

    name: str
    kind: Any
    source: FromSpec | FromResult | FromTask | FromCosts | None

    @property
    def since(self) -> int:
        """The first schema that has the field."""
        return OLDEST_SCHEMA if self.source is None else self.source.since

    def check(self, value: object, schema: int, *, crashed: bool) -> None:
        """Check a value of the field, in the row of an episode that crashed or did not, of some schema.

        Raises:
            DataError: If it has the wrong type, or is None and may not be.
        """
        if not (value is None and self.nullable(schema, crashed=crashed)):
            check_type(self.name, value, _without_none(self.kind))

    def nullable(self, schema: int, *, crashed: bool) -> bool:
        """Whether the field may be None, in the row of an episode that crashed or did not, of some schema."""
        known = isinstance(self.source, FromResult | FromCosts)
        return NoneType in get_args(self.kind) and (crashed or not known or schema < self.since)


def declared_by(row: type) -> tuple[RowField, ...]:
    """Return the fields of a dataclass of rows, in the order in which they are written."""
    hints = get_type_hints(row, include_extras=True)
    return tuple(_declared(field.name, hints[field.name]) for field in fields(row))


def _declared(name: str, hint: Any) -> RowField:
    if get_origin(hint) is not Annotated:
        return RowField(name, hint, None)
    kind, source = get_args(hint)
    return RowField(name, kind, source)


def _without_none(kind: Any) -> Any:
    """Return the type in ``type | None``."""
    return next(option for option in get_args(kind) if option is not NoneType) if NoneType in get_args(kind) else kind


def check_type(name: str, value: object, kind: Any) -> None:
    """Check that a value is of a type.

    >>> check_type("seed", 3, int)

    Args:
        name: What the error calls it.
        value: The value.
        kind: A class, a mapping from texts, ``Any``, or one of them or None.

    Raises:
        DataError: If it is of another type.
    """
    if NoneType in get_args(kind):
        if value is not None:
            check_type(name, value, _without_none(kind))
    elif get_origin(kind) is Mapping:
        _check_class(name, value, dict)
        for key, item in cast(Mapping[str, Any], value).items():
            check_type(f"{name}[{key!r}]", item, get_args(kind)[1])
    elif kind is not Any:
        _check_class(name, value, kind)


def _check_class(name: str, value: object, kind: type) -> None:
    kinds = (int, float) if kind is float else (kind,)
    if not isinstance(value, kinds) or (isinstance(value, bool) and kind is not bool):
        raise DataError(f"{name} must be of type {kind.__name__}, not {value!r}")
