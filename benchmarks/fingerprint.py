"""`agemem fingerprint`: digests of whole episodes, which tell whether two versions or two machines play the same.

Each line digests every observation, reward and info of the episodes of one policy in one variant of a benchmark. Two
lines are equal exactly if all of that is equal.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gymnasium as gym

import baselines
from agemem_env.data.files import read_text, whole_file
from agemem_env.data.ownership import reason
from agemem_env.engines import engine_class
from agemem_env.errors import DataError, MissingExtraError
from benchmarks.specs import find_benchmark, make_env

POLICIES = ("expert", "random")

VARIANTS: Mapping[str, Mapping[str, Any]] = {
    "native": {},
    "tags": {"tool_format": "tags"},
    "strict, dense": {"reward": "strict", "dense": True},
    "agentboard": {"protocol": "agentboard", "stages": (3,)},
}
"""What is played of each benchmark, where its protocol, data and packages are at hand."""


@dataclass(frozen=True)
class Fingerprint:
    """The digest of some episodes.

    Attributes:
        benchmark: Name of the benchmark.
        variant: A name in `VARIANTS`.
        policy: Who played.
        digests: 16 hex digits per episode, by seed.
    """

    benchmark: str
    variant: str
    policy: str
    digests: tuple[str, ...]

    def __str__(self) -> str:
        whole = hashlib.blake2b("".join(self.digests).encode(), digest_size=8).hexdigest()
        return f"{whole}  {self.benchmark}, {self.variant}, {self.policy}: {len(self.digests)} episodes"


def fingerprints(benchmarks: Sequence[str], episodes: int, source: str) -> Iterator[Fingerprint]:
    """Play every variant of some benchmarks and digest what came.

    Args:
        benchmarks: Names of benchmarks, or ``module:Class`` of engines from elsewhere.
        episodes: Episodes per variant and policy; episode ``i`` has seed ``i``.
        source: ``official``, ``generated`` or ``auto``.
    """
    for benchmark in benchmarks:
        env_id, protocols = find_benchmark(benchmark), engine_class(benchmark).protocols
        for variant, kwargs in VARIANTS.items():
            if kwargs.get("protocol", "agemem") not in protocols:
                continue
            try:
                env = make_env(env_id, {"source": source, **kwargs})
            except (DataError, MissingExtraError):
                continue
            for name in POLICIES:
                digests = tuple(_digest(env, baselines.make(name, env, seed), seed) for seed in range(episodes))
                yield Fingerprint(benchmark, variant, name, digests)
            env.close()


def _digest(env: gym.Env[Any, Any], policy: baselines.Policy, seed: int) -> str:
    digest = hashlib.blake2b(digest_size=8)

    def add(action: Any, observation: Mapping[str, Any], reward: float, info: Mapping[str, Any]) -> None:
        values = {**observation, "messages": list(observation["messages"])}
        digest.update(json.dumps([values, reward, info], sort_keys=True, ensure_ascii=False).encode("utf-8", "replace"))

    baselines.rollout(env, policy, seed=seed, spectator=add)
    return digest.hexdigest()


def write(path: Path, found: Sequence[Fingerprint]) -> None:
    """Write digests to a file, for `read`."""
    lines = [json.dumps([f.benchmark, f.variant, f.policy, f.digests]) for f in found]
    with whole_file(path) as file:
        file.write(("\n".join(lines) + "\n").encode())


def read(path: Path) -> list[Fingerprint]:
    """Return the digests that `write` wrote to a file.

    Raises:
        DataError: If the file cannot be read or was not made by `write`.
    """
    try:
        rows = [json.loads(line) for line in read_text(path).split("\n") if line]
        found = [Fingerprint(name, variant, policy, tuple(digests)) for name, variant, policy, digests in rows]
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise DataError(f"cannot read fingerprints from {path}: {reason(error)}") from error
    if not all(isinstance(value, str) for f in found for value in (f.benchmark, f.variant, f.policy, *f.digests)):
        raise DataError(f"cannot read fingerprints from {path}: a line is not a list of three names and digests")
    return found


def differences(before: Sequence[Fingerprint], found: Sequence[Fingerprint]) -> list[str]:
    """Return a line for each variant and policy whose episodes differ; what only one side has is left out."""
    old = {(f.benchmark, f.variant, f.policy): f.digests for f in before}
    lines: list[str] = []
    for f in found:
        pairs = zip(old.get((f.benchmark, f.variant, f.policy), ()), f.digests, strict=False)
        seeds = [str(seed) for seed, (a, b) in enumerate(pairs) if a != b]
        if seeds:
            lines.append(f"{f.benchmark}, {f.variant}, {f.policy}: seeds {', '.join(seeds)} differ")
    return lines
