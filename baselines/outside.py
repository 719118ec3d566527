"""Policies from elsewhere: a class with `reset` and `act`, named by ``module:Class``."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import gymnasium as gym

from agemem_env.errors import ConfigurationError
from agemem_env.types import Usage
from baselines.base import Info, Observation, Policy


class Player(Protocol):
    """The least that a policy from elsewhere has.

    `attach(env)`, `name`, `env_kwargs` and `usage` are taken from it if it has them; they mean what they mean in
    `Policy`.
    """

    def reset(self, info: Info) -> None:
        """Prepare for a new episode."""
        ...

    def act(self, observation: Observation, info: Info) -> Any:
        """Return the next action."""
        ...


class OutsidePolicy(Policy):
    """A `Player` as a `Policy`.

    Args:
        player: Plays.

    Attributes:
        player: The same.
    """

    def __init__(self, player: Player) -> None:
        self.player = player
        self.name = str(getattr(player, "name", "") or type(player).__name__)
        self.env_kwargs = getattr(player, "env_kwargs", Policy.env_kwargs)

    @property
    def usage(self) -> Usage:
        """What the player says that its models have cost."""
        said = getattr(self.player, "usage", None)
        return said if isinstance(said, Usage) else Usage()

    def attach(self, env: gym.Env[Any, Any]) -> None:
        """Show the player the environment if it wants to see it."""
        attach = getattr(self.player, "attach", None)
        if callable(attach):
            attach(env)

    def reset(self, info: Info) -> None:
        """Prepare the player."""
        self.player.reset(info)

    def act(self, observation: Observation, info: Info) -> Any:
        """Return the player's action."""
        return self.player.act(observation, info)


def make_outside(spec: str, factory: object, seed: int, options: Mapping[str, Any]) -> Policy:
    """Return the policy that a class, or a function, from elsewhere makes.

    Args:
        spec: Its name, for messages.
        factory: The class or function. It is given the options and, if it takes one, the seed.
        seed: Seed of whatever the policy draws.
        options: Keyword arguments.

    Raises:
        ConfigurationError: If it cannot be called like that, or makes no policy.
    """
    if not callable(factory) or inspect.isabstract(factory):
        raise ConfigurationError(
            f"policy {spec!r} is not allowed: {factory!r} is no class with the methods `reset` and `act`"
        )
    given = _arguments(spec, factory, seed, options)
    return as_policy(factory(**given), spec)


def as_policy(player: Policy | Player, spec: str = "") -> Policy:
    """Return a policy as it is, and any other object with `reset` and `act` as a `Policy`.

    Args:
        player: Plays.
        spec: Its name, for messages.

    Raises:
        ConfigurationError: If it is a class, lacks one of the methods, or would have to be awaited.

    >>> from baselines.cheats import DoNothing
    >>> as_policy(DoNothing()).name
    'do-nothing'
    """
    told = f"policy {spec!r}" if spec else "this policy"
    if inspect.iscoroutinefunction(getattr(player, "act", None)):
        raise ConfigurationError(
            f"{told} is not allowed: {type(player).__name__}.act is asynchronous; return the action, "
            "for example with asyncio.run (--concurrency plays many episodes at once)"
        )
    if isinstance(player, Policy):
        return player
    if isinstance(player, type):
        raise ConfigurationError(f"{told} is not allowed: {player.__name__} is a class; give an object of it")
    for method in ("reset(info)", "act(observation, info)"):
        if not callable(getattr(player, method.partition("(")[0], None)):
            raise ConfigurationError(f"{told} is not allowed: {type(player).__name__} has no method {method}")
    return OutsidePolicy(player)


def _arguments(spec: str, factory: Callable[..., Any], seed: int, options: Mapping[str, Any]) -> dict[str, Any]:
    try:
        signature = inspect.signature(factory)
        taken = {"seed": seed, **options} if "seed" in signature.parameters else dict(options)
        signature.bind(**taken)
    except (TypeError, ValueError) as error:  # ValueError: built in, without a signature
        raise ConfigurationError(f"policy {spec!r} cannot be made with options {list(options)}: {error}") from None
    return taken
