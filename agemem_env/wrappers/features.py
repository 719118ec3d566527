"""`Features`: the menu as arrays of fixed shape, for networks."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.spaces import Box, Dict, MultiBinary
from gymnasium.utils import RecordConstructorArgs
from numpy.typing import NDArray

from agemem_env.errors import ConfigurationError
from agemem_env.wrappers.menu.kinds import KINDS, SIZE, STATE, WIDTH
from agemem_env.wrappers.menu.menu import Choices
from agemem_env.wrappers.menu_actions import MenuActions, MenuSnapshot, slots_of

LARGEST = 16.0
"""Largest absolute value of a feature."""

Arrays = dict[str, NDArray[Any]]


class Features(gym.ObservationWrapper[Arrays, Any, Any], RecordConstructorArgs):
    """Observations are what `MenuActions` knows of the state and of each candidate.

    | key | space | |
    |---|---|---|
    | `state` | `Box` | turns, tokens, memories, look-ups, …: `STATE` in `agemem_env.wrappers.menu.kinds` |
    | `candidates` | `Box`, a row per slot | features of what is in the slot, kind, crossed features; 0 if empty |
    | `prior` | `Box`, a number per slot | minus the logarithm of how many candidates are of the kind; 0 if empty |
    | `mask` | `MultiBinary` | the slots that are filled |

    A row of `candidates` has `WIDTH` features of the kind, the kind as one-hot, and ``hashed`` columns into which
    crossed features are folded.

    A network should score each candidate with the same weights: what makes a command good is the same in every slot.
    With `prior` added to its scores, equal scores mean equally likely kinds: otherwise an untrained network is drawn to
    whatever has the most candidates, and fifty answers outvote a look-up.

    Args:
        env: An environment whose actions are a `MenuActions`, directly under this wrapper.
        hashed: Number of columns for crossed features; 0 leaves them out.

    Raises:
        ConfigurationError: If the wrapper below is no `MenuActions`, or the number of columns is negative.

    Example:
        >>> import gymnasium, agemem_env
        >>> env = Features(MenuActions(gymnasium.make("AgeMem-HotpotQA-v0", source="generated")))
        >>> observation, info = env.reset(seed=7)
        >>> {key: value.shape for key, value in observation.items()}
        {'state': (17,), 'candidates': (166, 113), 'prior': (166,), 'mask': (166,)}
    """

    def __init__(self, env: gym.Env[Any, Any], *, hashed: int = 64) -> None:
        if not isinstance(env, MenuActions):
            raise ConfigurationError(f"Features wraps a MenuActions, not {type(env).__name__}")
        if not isinstance(hashed, int) or isinstance(hashed, bool) or hashed < 0:
            raise ConfigurationError(f"hashed={hashed!r} is not allowed; use an integer from 0 on")
        RecordConstructorArgs.__init__(self, hashed=hashed)
        gym.ObservationWrapper.__init__(self, env)
        self._menu_actions = env
        self._hashed = hashed
        width = WIDTH + len(KINDS) + hashed
        self.observation_space: gym.Space[Any] = Dict(
            {
                "state": Box(-LARGEST, LARGEST, (len(STATE),), np.float32),
                "candidates": Box(-LARGEST, LARGEST, (SIZE, width), np.float32),
                "prior": Box(-LARGEST, 0, (SIZE,), np.float32),
                "mask": MultiBinary(SIZE),
            }
        )

    def observation(self, observation: Any) -> Arrays:
        """Return the arrays; at the end of an episode those of what could have been done next."""
        choices = self._menu_actions.choices
        return {
            "state": np.clip(choices.state, -LARGEST, LARGEST),
            "candidates": candidate_table(choices, self._hashed),
            "prior": _prior(choices),
            "mask": self._menu_actions.action_masks().astype(np.int8),
        }

    def restore(self, snapshot: MenuSnapshot) -> tuple[Arrays, dict[str, Any]]:
        """Return to a snapshot of the `MenuActions` below; return its observation and info."""
        observation, info = self._menu_actions.restore(snapshot)
        return self.observation(observation), info

    def action_masks(self) -> NDArray[np.bool_]:
        """Return which slots are filled."""
        return self._menu_actions.action_masks()


def candidate_table(choices: Choices, hashed: int) -> NDArray[np.float32]:
    """Return the features of every slot, shape ``(SIZE, WIDTH + len(KINDS) + hashed)``."""
    slots = slots_of(choices)
    table = np.zeros((SIZE, WIDTH + len(KINDS) + hashed), np.float32)
    table[slots, :WIDTH] = choices.features
    table[slots, WIDTH + choices.kinds.astype(np.intp)] = 1
    if hashed:
        np.add.at(table, (slots[choices.rows], WIDTH + len(KINDS) + choices.columns % hashed), 1)
    return np.clip(table, -LARGEST, LARGEST)


def _prior(choices: Choices) -> NDArray[np.float32]:
    prior = np.zeros(SIZE, np.float32)
    prior[slots_of(choices)] = choices.prior
    return prior
