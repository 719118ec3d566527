"""Which episodes a run has, and whether everything is there to play them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agemem_env.errors import ConfigurationError, DataError, MissingExtraError
from baselines.base import Policy
from benchmarks.run.backends.in_process import comparable, with_policy
from benchmarks.run.models import Access
from benchmarks.run.play import resolve
from benchmarks.specs import PlayerSpec, RunSpec, episodes, find_benchmarks

Say = Callable[[str], None]
"""Takes a line for the user."""


def choose(
    benchmarks: Sequence[str],
    players: Sequence[PlayerSpec],
    seeds: Sequence[int],
    kwargs: Mapping[str, Any],
    say: Say,
    access: Access | None = None,
) -> list[RunSpec]:
    """Return the episodes of a comparison, after making each environment once for each player.

    Args:
        benchmarks: Names, or ``module:Class`` of engines from elsewhere; empty means every registered benchmark that
            can be played here, the others are reported to `say` and left out.
        players: Who plays.
        seeds: Seeds of the episodes.
        kwargs: Arguments of the environments.
        say: Takes lines for the user.
        access: How models are reached.

    Raises:
        ConfigurationError: If a name or an argument is not allowed.
        DataError: If a benchmark that was named lacks its data, or no benchmark is left.
        MissingExtraError: If a benchmark that was named lacks a package.
    """
    if kwargs.get("memory") == "lifetime":
        raise ConfigurationError(
            "memory='lifetime' is not allowed here: each episode is a row of its own; use memory='episode', or a suite "
            "with streams, such as --suite lifelong"
        )
    found = find_benchmarks(benchmarks)
    needed = needed_by(players, access or Access())
    environments = []
    for benchmark, env_id in found.items():
        try:
            environments.append((env_id, resolve(env_id, kwargs)))
        except (DataError, MissingExtraError) as error:
            if benchmarks:
                raise
            say(f"{benchmark} is left out: {error}")
            continue
        for arguments in {comparable(dict(p.env_kwargs)): with_policy(kwargs, p) for p in needed}.values():
            resolve(env_id, arguments)
    if not environments:
        raise DataError("no benchmark can be played here: run `agemem doctor` to see why")
    return episodes(environments, players, seeds)


def needed_by(players: Sequence[PlayerSpec], access: Access) -> list[Policy]:
    """Return a policy of each player, which says which arguments its environments need."""
    return [access.policy(RunSpec("", {}, p.policy, 0, p.memory, p.model)) for p in players]
