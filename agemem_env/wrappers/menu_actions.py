"""`MenuActions`: a discrete action space over complete actions, for algorithms that cannot write."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from operator import index
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.spaces import Dict, Discrete
from gymnasium.utils import RecordConstructorArgs
from numpy.typing import NDArray

from agemem_env.env import AgeMemEnv
from agemem_env.errors import ConfigurationError
from agemem_env.spaces import ToolCallSpace
from agemem_env.wrappers.menu.kinds import SIZE, first_slots
from agemem_env.wrappers.menu.menu import Choices, Menu

NOTHING = "..."
"""What is said for an empty slot."""

SEEN = frozenset({"messages", "stage", "round", "tokens", "memory_size"})
"""Parts of an observation that the menu is made from."""

_STARTS = np.array(first_slots())


@dataclass(frozen=True)
class MenuSnapshot:
    """The state of an episode that is played over a menu.

    Attributes:
        inner: That of the environment below.
        menu: What the menu remembers.
        choices: What is on it.
    """

    inner: Any
    menu: Menu
    choices: Choices


class MenuActions(gym.Wrapper[Any, int, Any, Any], RecordConstructorArgs):
    """Actions are numbers of a menu: calls with arguments filled in, several calls in one turn, answers, commands.

    What is on the menu is made from what the agent can see and from the commands that ``info`` lists as admissible,
    never from the task or the engine. Each kind of candidate has slots of its own
    (`agemem_env.wrappers.menu.kinds.KINDS`), so that a slot keeps its meaning; ``info`` has ``action_mask``, which
    tells those that are filled, and `action_masks` returns the same, under the name that sb3-contrib asks for.

    Args:
        env: An environment of the suite.
        give_up: Whether ending a task with commands by answering is on the menu.

    Raises:
        ConfigurationError: If it is no environment of the suite, its actions are wrapped already, its observations no
            longer have what the menu is made from, or giving up is to be on it where no answer tool is offered.

    Example:
        >>> import gymnasium, agemem_env
        >>> env = MenuActions(gymnasium.make("AgeMem-HotpotQA-v0", source="generated"))
        >>> observation, info = env.reset(seed=7)
        >>> [int(slot) for slot in np.flatnonzero(info["action_mask"])]
        [0, 2, 3, 4, 5, 6, 7, 8]
        >>> env.action_of(2)["name"]
        'Add_memory'
    """

    def __init__(self, env: gym.Env[Any, Any], *, give_up: bool = False) -> None:
        RecordConstructorArgs.__init__(self, give_up=give_up)
        gym.Wrapper.__init__(self, env)
        plain = env.unwrapped
        space = env.action_space
        if not isinstance(plain, AgeMemEnv) or not isinstance(space, ToolCallSpace):
            raise ConfigurationError("MenuActions wraps an environment of the suite whose actions are not wrapped yet")
        if not isinstance(env.observation_space, Dict) or not env.observation_space.keys() >= SEEN:
            raise ConfigurationError(
                "MenuActions wraps an environment whose observations are those of the suite: wrap them after it"
            )
        if give_up and not plain.config.offer_answer:
            raise ConfigurationError(
                "give_up=True is not allowed where no answer tool is offered; leave it out, or set offer_answer=True"
            )
        self._menu = Menu(plain.memory_tools, commands=plain.engine.has_commands, give_up=give_up)
        self._choices: Choices | None = None
        self._slots: NDArray[np.intp] = np.zeros(0, np.intp)
        self.action_space: gym.Space[Any] = Discrete(SIZE)

    @property
    def choices(self) -> Choices:
        """What is on the menu now, without empty slots."""
        if self._choices is None:
            raise ConfigurationError("there is no menu yet: call reset() first")
        return self._choices

    @property
    def slots(self) -> NDArray[np.intp]:
        """The slot of each candidate of `choices`."""
        return self._slots

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Start an episode."""
        observation, info = self.env.reset(seed=seed, options=options)
        self._menu.reset()
        return observation, self._listed(observation, info)

    def step(self, action: int) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Take what stands in a slot of the menu; an empty slot is a turn in which nothing is done.

        Raises:
            ConfigurationError: If there is no such slot.
        """
        place = self._place(_slot(action))
        if place is None:
            chosen: Any = NOTHING
            self._menu.note(chosen)
        else:
            chosen = self._menu.choose(place)
        observation, reward, terminated, truncated, info = self.env.step(chosen)
        return observation, reward, terminated, truncated, self._listed(observation, info)

    def snapshot(self) -> MenuSnapshot:
        """Return the state of the episode and of the menu; `restore` brings it back, any number of times."""
        return MenuSnapshot(self.env.get_wrapper_attr("snapshot")(), self._menu.copy(), self.choices)

    def restore(self, snapshot: MenuSnapshot) -> tuple[Any, dict[str, Any]]:
        """Return to a snapshot of this environment, or of one with the same arguments; return its observation and info.

        Raises:
            ConfigurationError: If it is a snapshot of something else, such as of the environment without its menu.
        """
        if not isinstance(snapshot, MenuSnapshot):
            raise ConfigurationError(f"a MenuSnapshot is needed, not {type(snapshot).__name__}: it has the menu too")
        observation, info = self.env.get_wrapper_attr("restore")(snapshot.inner)
        self._menu, self._choices = snapshot.menu.copy(), snapshot.choices
        self._slots = slots_of(self._choices)
        return observation, {**info, "action_mask": self._mask()}

    def action_masks(self) -> NDArray[np.bool_]:
        """Return which slots are filled, shape ``(SIZE,)``."""
        return self._mask().astype(np.bool_)

    def action_of(self, slot: int) -> Any:
        """Return what stands in a slot, as `AgeMemEnv.step` takes it.

        Raises:
            ConfigurationError: If the slot is empty.
        """
        place = self._place(slot)
        if place is None:
            raise ConfigurationError(f"slot {slot} is empty now; filled are {self._slots.tolist()}")
        return self.choices.actions[place]

    def _place(self, slot: int) -> int | None:
        found = np.flatnonzero(self._slots == slot)
        return int(found[0]) if len(found) else None

    def _listed(self, observation: Any, info: dict[str, Any]) -> dict[str, Any]:
        self._choices = self._menu.list(observation, info)
        self._slots = slots_of(self._choices)
        return {**info, "action_mask": self._mask()}

    def _mask(self) -> NDArray[np.int8]:
        mask = np.zeros(SIZE, np.int8)
        mask[self._slots] = 1
        return mask


def _slot(action: Any) -> int:
    """Return the slot that an action names: any whole number, such as one of numpy or torch.

    Raises:
        ConfigurationError: If there is no such slot.
    """
    try:
        slot = index(action)
    except TypeError:
        slot = -1
    if not 0 <= slot < SIZE:
        raise ConfigurationError(f"action {action!r} is not allowed; use a whole number from 0 to {SIZE - 1}")
    return slot


def slots_of(choices: Choices) -> NDArray[np.intp]:
    """Return the slot of each candidate: those of a kind follow each other from the kind's first slot on."""
    seen: Counter[int] = Counter()
    slots = []
    for kind in choices.kinds.tolist():
        slots.append(_STARTS[kind] + seen[kind])
        seen[kind] += 1
    return np.array(slots, np.intp)
