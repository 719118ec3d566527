"""What the pluggable services share: names such as ``"openai:<model>"`` and a bounded cache."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from agemem_env.errors import ConfigurationError, unknown_name

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


def split_spec(kind: str, spec: str, plain: Sequence[str], with_model: Sequence[str]) -> tuple[str, str]:
    """Split the name of a service into its kind and its model.

    Args:
        kind: What is configured, for messages ("encoder").
        spec: The name given by the user.
        plain: Allowed names that take no model.
        with_model: Allowed names that are followed by ``:<model>``.

    Returns:
        ``(name, model)``; the model is empty for a plain name.

    Raises:
        ConfigurationError: If the name is unknown or its model is missing.

    >>> split_spec("judge", "openai:gpt-4o", ["lexical"], ["openai"])
    ('openai', 'gpt-4o')
    """
    name, _, model = spec.partition(":")
    if spec in plain:
        return spec, ""
    if name not in with_model:
        raise unknown_name(kind, spec, [*plain, *(f"{n}:<model>" for n in with_model)])
    if not model.strip():
        raise ConfigurationError(f"{kind} {spec!r} names no model; write '{name}:<model>'")
    return name, model.strip()


def named_options(kind: str, spec: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return name and options of a service that is given as a mapping.

    Args:
        kind: What is configured, for messages.
        spec: ``{"name": "openai:<model>"}`` and options beside it.

    Raises:
        ConfigurationError: If there is no name.

    >>> named_options("judge", {"name": "openai:gpt-4o", "max_tokens": 9})
    ('openai:gpt-4o', {'max_tokens': 9})
    """
    name = spec.get("name")
    if not isinstance(name, str):
        raise ConfigurationError(f"{kind}={dict(spec)!r} has no name; write {{'name': 'openai:<model>', ...}}")
    return name, {key: value for key, value in spec.items() if key != "name"}


def refuse_options(kind: str, name: str, options: Mapping[str, Any]) -> None:
    """Check that a service that takes no options was given none.

    Raises:
        ConfigurationError: If it was.
    """
    if options:
        raise ConfigurationError(f"{kind} {name!r} takes no options, but got {', '.join(map(str, options))}")


def check_service(kind: str, service: object, method: str) -> None:
    """Check that an object given by the user has the main method of its kind of service.

    Raises:
        ConfigurationError: If it has not.
    """
    if not callable(getattr(service, method, None)):
        raise ConfigurationError(f"{kind} must be a name or an object with a method `{method}`, but got {service!r}")


class LRU(Generic[K, V]):
    """A cache of at most `maxsize` values; the value used least recently goes first.

    Copies and pickles of a cache start empty: its content can always be computed again.
    """

    def __init__(self, maxsize: int) -> None:
        if maxsize < 1:
            raise ConfigurationError(f"maxsize of a cache must be at least 1, but got {maxsize}")
        self.maxsize = maxsize
        self._values: OrderedDict[K, V] = OrderedDict()

    def __len__(self) -> int:
        return len(self._values)

    def __reduce__(self) -> tuple[Callable[[int], LRU[Any, Any]], tuple[int]]:
        return LRU, (self.maxsize,)

    def get(self, key: K) -> V | None:
        """Return the stored value, or None."""
        value = self._values.pop(key, None)
        if value is not None:
            self._values[key] = value
        return value

    def put(self, key: K, value: V) -> None:
        """Store a value, which must not be None."""
        self._values[key] = value
        while len(self._values) > self.maxsize:
            self._values.popitem(last=False)
