"""Turns of several environments, sent and merged as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from agemem_env.vector.merging import InfoTable, row, table


class EnvTurn(NamedTuple):
    """What one environment gave.

    Attributes:
        observation: As the environment returns it.
        reward: 0.0 for a reset.
        terminated: Whether the episode has ended by itself.
        truncated: Whether it was ended.
        info: As the environment returns it.
    """

    observation: Any
    reward: float
    terminated: bool
    truncated: bool
    info: dict[str, Any]


class Batch(NamedTuple):
    """What several environments gave that were stepped together; their infos are merged key by key.

    Attributes:
        envs: Indices of the environments, in order.
        observations: Of each.
        rewards: Of each.
        terminated: Of each.
        truncated: Of each.
        infos: Their infos.
    """

    envs: list[int]
    observations: list[Any]
    rewards: list[float]
    terminated: list[bool]
    truncated: list[bool]
    infos: InfoTable

    @classmethod
    def of(cls, envs: Sequence[int], turns: Iterable[EnvTurn]) -> Batch:
        """Return turns of some environments, at least one, as a batch."""
        observations, rewards, terminated, truncated, infos = map(list, zip(*turns, strict=True))
        return cls(list(envs), observations, rewards, terminated, truncated, table(list(envs), infos))

    @property
    def over(self) -> list[bool]:
        """Whether the episode of each has ended."""
        return [ended or cut for ended, cut in zip(self.terminated, self.truncated, strict=True)]

    def turns(self) -> list[EnvTurn]:
        """Return the turn of each environment."""
        infos = [row(self.infos, index) for index in self.envs]
        each = zip(self.observations, self.rewards, self.terminated, self.truncated, infos, strict=True)
        return [EnvTurn(*one) for one in each]


def in_order(batches: Sequence[Batch]) -> list[Batch]:
    """Return batches so that their environments are in order, those of all together.

    >>> turns = [EnvTurn("a", 0.0, False, False, {}), EnvTurn("c", 1.0, True, False, {"x": 1})]
    >>> [batch.observations for batch in in_order([Batch.of([0, 2], turns), Batch.of([1], [turns[0]])])]
    [['a', 'a', 'c']]
    """
    found = sorted(batches, key=lambda batch: batch.envs[0])
    if all(one.envs[-1] < other.envs[0] for one, other in pairwise(found)):
        return found
    each = dict(sorted((env, turn) for one in found for env, turn in zip(one.envs, one.turns(), strict=True)))
    return [Batch.of(list(each), each.values())]
