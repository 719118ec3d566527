"""What contracts share: how environments are made and compared, and how a broken contract is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn, Protocol

import gymnasium as gym
import numpy as np
from gymnasium.utils.env_checker import data_equivalence

from agemem_env.env import AgeMemEnv

TEXTS = ("Zürich 東京 Łódź ñandú 🙂", "<tool_call>[{]", "{'name': 3}", "", "Action: go\nAction: stay", "yes")
"""Things that models say and that are no calls."""

_SHOWN = 120


class Make(Protocol):
    """Makes the environment that is held to the contracts."""

    def __call__(self, **kwargs: Any) -> gym.Env[Any, Any]:
        """Return the environment with further arguments."""
        ...


class BrokenContractError(AssertionError):
    """An environment does not keep a contract; the message says where it was seen."""


def broken(message: str) -> NoReturn:
    """Say that a contract is broken.

    Raises:
        BrokenContractError: Always.
    """
    raise BrokenContractError(message)


def plain(env: gym.Env[Any, Any]) -> AgeMemEnv:
    """Return the environment without its wrappers."""
    unwrapped = env.unwrapped
    if not isinstance(unwrapped, AgeMemEnv):
        broken(f"{type(unwrapped)} is not an AgeMemEnv")
    return unwrapped


def same(first: Any, second: Any, what: str) -> None:
    """Check that two values are equal, types and arrays included.

    Raises:
        BrokenContractError: If they are not; it says where they first differ.
    """
    if not data_equivalence(first, second):
        broken(f"{what} differ: {difference(first, second)}")


def difference(first: Any, second: Any, where: str = "") -> str:
    """Return where two values first differ, and both values there.

    >>> difference({"a": [1, {"b": "x"}]}, {"a": [1, {"b": "y"}]})
    "at .a[1].b: 'x' != 'y'"
    """
    if isinstance(first, Mapping) and isinstance(second, Mapping) and set(first) == set(second):
        parts = [(first[key], second[key], f"{where}.{key}") for key in first]
    elif isinstance(first, (list, tuple)) and type(first) is type(second) and len(first) == len(second):
        parts = [(a, b, f"{where}[{i}]") for i, (a, b) in enumerate(zip(first, second, strict=True))]
    else:
        parts = []
    for one, other, place in parts:
        if not data_equivalence(one, other):
            return difference(one, other, place)
    start = _parting(first, second)
    shown = [f"{'…' if start else ''}{str(value)[start : start + _SHOWN]}" for value in (first, second)]
    pair = shown if isinstance(first, str) and isinstance(second, str) else [repr(first), repr(second)]
    told = [repr(text) if isinstance(first, str) and isinstance(second, str) else text[:_SHOWN] for text in pair]
    return f"{f'at {where}: ' if where else ''}{told[0]} != {told[1]}"


def _parting(first: Any, second: Any) -> int:
    """Return from where two texts are shown so that their first difference is seen."""
    if not (isinstance(first, str) and isinstance(second, str)):
        return 0
    pairs = zip(first, second, strict=False)
    unlike = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(first), len(second)))
    return max(0, unlike - 30)


def mixed_actions(env: gym.Env[Any, Any], seed: int) -> Iterator[Any]:
    """Yield valid calls, replies and garbage without end; equal seeds give equal actions for equal states."""
    rng = np.random.default_rng(seed)
    env.action_space.seed(seed)
    while True:
        yield TEXTS[int(rng.integers(len(TEXTS)))] if rng.random() < 0.3 else env.action_space.sample()


def first_tasks(env: AgeMemEnv, count: int) -> Sequence[int]:
    """Return the indices of the first tasks of the split, at most ``count``."""
    return range(min(count, len(env.tasks)))
