"""What is run: the episodes of a comparison as plain data, and the score that each benchmark is ranked by."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import gymnasium as gym

import agemem_env

DEFAULT_POLICIES = ("random", "expert-no-memory", "expert", "do-nothing")
"""Policies of a first run: the lower end, the upper end, and what memory is worth to the latter."""

DEFAULT_EPISODES = 20
"""Episodes of a first run, per benchmark and policy."""

MAIN_SCORE: Mapping[str, str] = MappingProxyType(
    {"HotpotQA": "J", "ALFWorld": "SR", "SciWorld": "SR", "BabyAI": "SR", "PDDL": "PR"}
)
"""Benchmark -> metric that it is ranked by (section 4 of the paper); SR for one that is not listed."""

_ID = re.compile(r"AgeMem-(?P<benchmark>.+)-v\d+")


@dataclass(frozen=True)
class RunSpec:
    """One episode to be played; it determines the episode up to the versions of the packages.

    Attributes:
        env_id: Id of a registered environment.
        env_kwargs: Keyword arguments of the environment, JSON values only.
        policy: Name in `baselines.POLICIES`.
        seed: Seed of the episode and of the policy.
    """

    env_id: str
    env_kwargs: Mapping[str, Any]
    policy: str
    seed: int

    @property
    def benchmark(self) -> str:
        """Name of the benchmark.

        >>> RunSpec("AgeMem-HotpotQA-v0", {}, "random", 0).benchmark
        'HotpotQA'
        """
        match = _ID.search(self.env_id)
        return match["benchmark"] if match else self.env_id

    @property
    def group(self) -> str:
        """What is built once for many episodes: environment, arguments and policy, as canonical JSON."""
        return canonical({"env_id": self.env_id, "env_kwargs": self.env_kwargs, "policy": self.policy})

    @property
    def config_hash(self) -> str:
        """Digest of the episode and the version of agemem_env: equal for rows that repeat each other."""
        text = canonical([self.group, self.seed, agemem_env.__version__])
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def canonical(value: Any) -> str:
    """Return JSON that is equal for equal values.

    >>> canonical({"b": (1, 2), "a": None})
    '{"a":null,"b":[1,2]}'

    Raises:
        ValueError: If a number is not finite.
        TypeError: If something is not a JSON value.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def registered() -> dict[str, str]:
    """Return benchmark -> id of every registered environment of the suite; the newest version of each."""
    matches = [_ID.fullmatch(env_id) for env_id in sorted(gym.registry)]
    return {match["benchmark"]: match.string for match in matches if match}


def episodes(
    environments: Sequence[tuple[str, Mapping[str, Any]]], policies: Sequence[str], seeds: Sequence[int]
) -> list[RunSpec]:
    """Return every episode of a comparison, those that share an environment and a policy in a row.

    >>> [s.seed for s in episodes([("AgeMem-HotpotQA-v0", {})], ["random"], range(3))]
    [0, 1, 2]
    """
    return [
        RunSpec(env_id, kwargs, policy, seed)
        for env_id, kwargs in environments
        for policy in policies
        for seed in seeds
    ]
