"""Trained scorers as policies: ``agemem-linear`` for all benchmarks, ``agemem-linear:<benchmark>``, or a file's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gymnasium as gym
import numpy as np

from agemem_env.env import AgeMemEnv
from agemem_env.errors import ConfigurationError, unknown_name
from agemem_env.wrappers.menu.menu import Menu
from baselines.base import Info, Observation, Policy
from baselines.grpo.scorer import Scorer, read

SHARED = "agemem-linear"
"""Name of the weights of the package that were trained on all benchmarks together."""

PREFIX = f"{SHARED}:"
LINEAR_OPTIONS = ("sampled",)
"""Options of a policy of weights, see `make_linear`."""

WEIGHTS = Path(__file__).parent / "weights"
"""Weights of the package: one file per benchmark, and `SHARED`."""


@dataclass(frozen=True)
class Offered:
    """What of the menu weights were trained with: the rest would be chosen or not by chance.

    Attributes:
        give_up: Whether tasks with commands could be given up.
        tools: Names of the memory tools; None for all, as with classes from elsewhere, which may be called anything.
    """

    give_up: bool = False
    tools: frozenset[str] | None = None

    @classmethod
    def of(cls, about: Mapping[str, Any]) -> Offered:
        """Return what weights were trained with, given what was written about them.

        >>> Offered.of({"settings": '{"arguments": {"offer_answer": true}}'})
        Offered(give_up=True, tools=None)
        >>> Offered.of({})
        Offered(give_up=False, tools=None)
        """
        try:
            arguments = json.loads(about.get("settings", "{}")).get("arguments", {})
            tools = arguments.get("tools")
            known = None if tools is None or any(":" in name for name in tools) else frozenset(tools)
            return cls(arguments.get("offer_answer") is True, known)
        except (AttributeError, RecursionError, TypeError, ValueError):  # somebody else's words
            return cls()

    def among(self, tools: Iterable[str]) -> list[str]:
        """Return those of some tools that the weights were trained with."""
        return [name for name in tools if self.tools is None or name in self.tools]


class LinearPolicy(Policy):
    """Plays with trained weights over a menu; sees what the agent sees.

    Args:
        scorer: The weights.
        rng: Draws the choices; None: the best candidate is chosen.
        name: Name in tables.
        offered: Candidates that it may be offered; those that it has never met are left out.
    """

    def __init__(
        self,
        scorer: Scorer,
        rng: np.random.Generator | None = None,
        name: str = "agemem-linear",
        offered: Offered | None = None,
    ) -> None:
        self.name = name
        self._scorer, self._rng, self._offered = scorer, rng, offered or Offered()
        self._menu: Menu | None = None

    def attach(self, env: gym.Env[Any, Any]) -> None:
        """Get to know the tools and whether there are commands.

        Raises:
            ConfigurationError: If it is no environment of the suite.
        """
        plain = env.unwrapped
        if not isinstance(plain, AgeMemEnv):
            raise ConfigurationError(f"{self.name} plays environments of the suite, not {type(plain).__name__}")
        self._menu = Menu(
            self._offered.among(plain.memory_tools),
            commands=plain.engine.has_commands,
            give_up=self._offered.give_up and plain.config.offer_answer,
        )

    def reset(self, info: Info) -> None:
        """Forget the last episode."""
        if self._menu is not None:
            self._menu.reset()

    def act(self, observation: Observation, info: Info) -> Any:
        """Return the action of the candidate that is chosen.

        Raises:
            ConfigurationError: If no environment was attached.
        """
        if self._menu is None:
            raise ConfigurationError(f"{self.name} does not know its environment: call attach(env) first")
        logs = self._scorer.log_probs(self._menu.list(observation, info))
        if self._rng is None:
            return self._menu.choose(int(logs.argmax()))
        return self._menu.choose(int(self._rng.choice(len(logs), p=np.exp(logs))))


def is_linear(name: str) -> bool:
    """Whether a name is that of weights of the package, or of a file, be it there or not.

    >>> is_linear("agemem-linear:no-such-weights"), is_linear("agemem-linear:mine.npz"), is_linear("expert")
    (False, True, False)
    """
    return _file(name) is not None or (name.startswith(PREFIX) and name.endswith(".npz"))


def linear_names() -> Iterator[str]:
    """Yield the names of the weights of the package."""
    stems = sorted(file.stem for file in WEIGHTS.glob("*.npz"))
    return (stem if stem == SHARED else PREFIX + stem for stem in stems)


def make_linear(name: str, seed: int, options: Mapping[str, Any]) -> LinearPolicy:
    """Return the policy of a name.

    Args:
        name: ``agemem-linear``, ``agemem-linear:<benchmark>`` or ``agemem-linear:<file>.npz``.
        seed: Of what is drawn.
        options: ``sampled``: whether candidates are drawn by their probabilities, as in training, instead of the best
            one.

    Raises:
        ConfigurationError: If there are no such weights, or an option is unknown or not allowed.
        DataError: If the weights are of other kinds or features.
    """
    file = _file(name)
    if file is None:
        raise no_weights(name)
    for option in options:
        if option not in LINEAR_OPTIONS:
            raise unknown_name(f"option of {name!r}", option, LINEAR_OPTIONS)
    sampled = options.get("sampled", False)
    if not isinstance(sampled, bool):
        raise ConfigurationError(f"sampled={sampled!r} is not allowed; use true or false (in Python True or False)")
    weights, about = read(file)
    rng = np.random.default_rng(seed) if sampled else None
    return LinearPolicy(Scorer(weights), rng, name, Offered.of(about))


def no_weights(name: str) -> ConfigurationError:
    """Return the error for a name that begins like that of weights and means none."""
    rest = name.removeprefix(PREFIX)
    if rest.endswith(".npz"):
        return ConfigurationError(f"policy {name!r}: there is no such file; `agemem train` writes one")
    if Path(rest).is_dir():
        return ConfigurationError(f"policy {name!r} is a folder: name a file, such as {name.rstrip('/')}/weights.npz")
    return unknown_name("policy", name, [*linear_names(), f"{PREFIX}<file>.npz"])


def _file(name: str) -> Path | None:
    """Return the file of weights that a name means, if it is there."""
    rest = name.removeprefix(PREFIX)
    if rest == name and name != SHARED:
        return None
    own = WEIGHTS / f"{rest}.npz"
    if (rest.isidentifier() or rest == SHARED) and own.exists():
        return own
    return Path(rest) if rest.endswith(".npz") and Path(rest).is_file() else None
