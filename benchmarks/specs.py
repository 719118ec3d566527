"""What is run: the episodes of a comparison as plain data, and the score that a benchmark is ranked by."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import gymnasium as gym
from gymnasium.envs.registration import EnvSpec

import agemem_env
from agemem_env.engines import TaskEngine, engine_class
from agemem_env.errors import ConfigurationError, MissingExtraError, unknown_name

DEFAULT_POLICIES = ("random", "expert-no-memory", "expert", "do-nothing")
"""Policies of a first run: the lower end, the upper end, and what memory is worth to the latter."""


_ID = re.compile(r"AgeMem-(?P<benchmark>.+)-v\d+")


@dataclass(frozen=True)
class RunSpec:
    """One episode to be played; it determines the episode up to the versions of the packages.

    Attributes:
        env_id: Id of a registered environment, or ``module:Class`` of an engine from elsewhere.
        env_kwargs: Keyword arguments of the environment, JSON values only, beside those that the policy needs.
        policy: Name in `baselines.POLICIES`, ``module:Class`` of a policy from elsewhere, or a model such as
            ``openai:gpt-4o-mini``.
        seed: Seed of the episode and of the policy.
        memory: Memory system around the model, by name or as ``module:Class``, with its options; None for a policy that
            is no model.
        model: What the model's replies depend on, see `benchmarks.run.models.ModelOptions`; options of trained weights;
            empty for other policies.
        task: Id of the task; None lets the seed draw it.
        after: The `config_hash` of the episode whose memory this one goes on with; None for an episode of its own, and
            for the first one of a stream.
    """

    env_id: str
    env_kwargs: Mapping[str, Any]
    policy: str
    seed: int
    memory: str | None = None
    model: Mapping[str, Any] = field(default_factory=dict)
    task: str | None = None
    after: str | None = None

    @property
    def label(self) -> str:
        """Name in tables.

        >>> RunSpec("AgeMem-HotpotQA-v0", {}, "openai:gpt-4o-mini", 0, "mem0").label
        'mem0 (openai:gpt-4o-mini)'
        """
        return player_label(self.policy, self.memory)

    @property
    def benchmark(self) -> str:
        """Name of the benchmark; that of an engine from elsewhere is its ``module:Class``.

        >>> RunSpec("AgeMem-HotpotQA-v0", {}, "random", 0).benchmark
        'HotpotQA'
        >>> RunSpec("my_package.engine:MyEngine", {}, "random", 0).benchmark
        'my_package.engine:MyEngine'
        """
        match = _ID.fullmatch(self.env_id)
        return match["benchmark"] if match else self.env_id

    @property
    def group(self) -> str:
        """What is built once for many episodes: environment, arguments, policy, memory, model, as canonical JSON."""
        player = {"policy": self.policy, "memory": self.memory, "model": self.model}
        return canonical({"env_id": self.env_id, "env_kwargs": self.env_kwargs, **player})

    @property
    def keeps_memory(self) -> bool:
        """Whether the episode belongs to a stream whose memory is kept."""
        return bool(self.env_kwargs.get("memory") == "lifetime")

    @property
    def recording_name(self) -> str:
        """Name of the episode in a cassette, see `agemem_env.services.cassette`: the same in any version."""
        setting = hashlib.blake2b(self.group.encode(), digest_size=4).hexdigest()
        task = "" if self.task is None else f"/{self.task}"
        return f"{self.benchmark}/{self.label}/{self.seed}/{setting}{task}"

    @property
    def config_hash(self) -> str:
        """Digest of the episode and the version of agemem_env: equal for rows that repeat each other."""
        more = [part for part in (self.task, self.after) if part is not None]
        text = canonical([self.group, self.seed, agemem_env.__version__, *more])
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True)
class PlayerSpec:
    """Who plays: the part of a `RunSpec` that the episodes of one player share.

    Attributes:
        policy: As in `RunSpec`.
        memory: As in `RunSpec`.
        model: As in `RunSpec`.
    """

    policy: str
    memory: str | None = None
    model: Mapping[str, Any] = field(default_factory=dict)


def player_label(policy: str, memory: str | None) -> str:
    """Return what a player is called wherever it is shown.

    Args:
        policy: Its policy.
        memory: The memory system around it; None for none.

    >>> player_label("openai:gpt-4o-mini", "mem0"), player_label("expert", None)
    ('mem0 (openai:gpt-4o-mini)', 'expert')
    """
    return policy if memory is None else f"{memory} ({policy})"


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


def find_benchmark(name: str) -> str:
    """Return what `make_env` takes for a benchmark: its id, or the name itself if that is ``module:Class``.

    Args:
        name: Name of a registered benchmark, or ``module:Class`` of a `TaskEngine` from elsewhere.

    Raises:
        ConfigurationError: If there is no such benchmark, module or class, or the class is no engine.

    >>> find_benchmark("HotpotQA")
    'AgeMem-HotpotQA-v0'
    """
    ids = registered()
    if name in ids:
        return ids[name]
    if ":" not in name:
        raise unknown_name("benchmark", name, (*ids, "module:Class"))
    engine_class(name)
    return name


def find_benchmarks(names: Sequence[str]) -> dict[str, str]:
    """Return benchmark -> what `make_env` takes for it, in the order of the names; all registered ones for no name.

    Raises:
        ConfigurationError: As `find_benchmark`.
    """
    return {name: find_benchmark(name) for name in names} or registered()


def make_env(env_id: str, kwargs: Mapping[str, Any], *, checker: bool = True) -> gym.Env[Any, Any]:
    """Return an environment of the suite.

    Args:
        env_id: Id of a registered environment, or ``module:Class`` of an engine from elsewhere.
        kwargs: Arguments of the environment.
        checker: Whether Gymnasium checks the first steps.

    Raises:
        AgeMemError: If it cannot be made.
    """
    disable = None if checker else True
    if ":" not in env_id:
        return gym.make(env_id, disable_env_checker=disable, **kwargs)
    engine_class(env_id)
    spec = EnvSpec(f"AgeMem-{env_id.rpartition(':')[2]}-v0", "agemem_env.env:AgeMemEnv", kwargs={"benchmark": env_id})
    return gym.make(spec, disable_env_checker=disable, **kwargs)


@lru_cache(maxsize=64)
def main_score(benchmark: str) -> str:
    """Return the metric that a benchmark is ranked by, which its engine states; SR if the engine is not here.

    >>> main_score("HotpotQA"), main_score("not installed")
    ('J', 'SR')
    """
    env_id = registered().get(benchmark)
    engine = benchmark if env_id is None else gym.spec(env_id).kwargs.get("benchmark", benchmark)
    try:
        return engine_class(engine).main_score
    except (ConfigurationError, MissingExtraError):
        return TaskEngine.main_score


def episodes(
    environments: Sequence[tuple[str, Mapping[str, Any]]], players: Sequence[PlayerSpec], seeds: Sequence[int]
) -> list[RunSpec]:
    """Return every episode of a comparison, those that share an environment and a player in a row.

    >>> [s.seed for s in episodes([("AgeMem-HotpotQA-v0", {})], [PlayerSpec("random")], range(3))]
    [0, 1, 2]
    """
    return [
        RunSpec(env_id, kwargs, player.policy, seed, player.memory, player.model)
        for env_id, kwargs in environments
        for player in players
        for seed in seeds
    ]


def known_name(kind: str, name: str, table: Iterable[str]) -> str:
    """Return a name as a table spells it, whatever the case in which it was given.

    Args:
        kind: What is named, for the message.
        name: The name.
        table: The names that there are.

    Raises:
        ConfigurationError: If it is none of them.

    >>> known_name("benchmark", "alfworld", ["BabyAI", "ALFWorld"])
    'ALFWorld'
    """
    known = {entry.lower(): entry for entry in table}
    if name.lower() not in known:
        raise unknown_name(kind, name, known.values())
    return known[name.lower()]
