"""The menu of an episode: at each turn what could be done, with features, from what the agent can see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agemem_env.wrappers.menu.answers import answers, offer_names
from agemem_env.wrappers.menu.blocks import Block, Offers, call, joined
from agemem_env.wrappers.menu.commands import offer_commands
from agemem_env.wrappers.menu.kinds import KINDS, STATE
from agemem_env.wrappers.menu.listening import offer_ignoring, storing
from agemem_env.wrappers.menu.lookups import offer_looking_up, offer_tidying, preparing
from agemem_env.wrappers.menu.past import Past
from agemem_env.wrappers.menu.sight import Sight, see


@dataclass(frozen=True)
class Choices:
    """What could be done at one turn.

    Attributes:
        actions: What `AgeMemEnv.step` takes, one per candidate.
        kinds: Place of each candidate's kind in `KINDS`.
        features: Shape ``(candidates, WIDTH)``.
        rows: The candidate of each crossed feature.
        columns: Which crossed feature it is.
        state: Features of the state, in the order of `STATE`.
        prior: Added to scores: minus the logarithm of the number of candidates of the kind, so that equal scores mean
            equal kinds, however many commands or answers there are.
    """

    actions: tuple[Any, ...]
    kinds: NDArray[np.int16]
    features: NDArray[np.float32]
    rows: NDArray[np.int32]
    columns: NDArray[np.int32]
    state: NDArray[np.float32]
    prior: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.actions)

    @property
    def names(self) -> list[str]:
        """The kind of each candidate by name."""
        return [KINDS[kind].name for kind in self.kinds]


class Menu:
    """Lists what could be done, turn by turn, in one episode at a time.

    Args:
        tools: Names of the memory tools that are offered.
        commands: Whether the benchmark is played with commands.
        give_up: Whether ending a task with commands by answering is a candidate.

    Example:
        >>> import gymnasium, agemem_env
        >>> env = gymnasium.make("AgeMem-HotpotQA-v0", source="generated")
        >>> menu = Menu(env.unwrapped.config.tools, commands=False)
        >>> observation, info = env.reset(seed=7)
        >>> choices = menu.list(observation, info)
        >>> sorted(set(choices.names))
        ['add sentences', 'reply']
        >>> action = menu.choose(1)
        >>> action["name"]
        'Add_memory'
    """

    def __init__(self, tools: Iterable[str], *, commands: bool, give_up: bool = False) -> None:
        self._tools = frozenset(tools)
        self._commands = commands
        self._give_up = give_up
        self._past = Past()
        self._seen: Sight | None = None
        self._choices: Choices | None = None

    def reset(self) -> None:
        """Forget the episode."""
        self._past, self._seen, self._choices = Past(), None, None

    def copy(self) -> Menu:
        """Return an independent copy, for an episode that branches."""
        twin = copy(self)
        twin._past = self._past.copy()
        return twin

    def list(self, observation: Mapping[str, Any], info: Mapping[str, Any]) -> Choices:
        """Return what could be done now; at least one candidate.

        Args:
            observation: What `AgeMemEnv` returned last.
            info: What it returned with it.
        """
        seen = see(observation, info)
        self._past.saw(seen)
        block = self._block(seen)
        choices = Choices(
            block.actions,
            block.kinds,
            block.features,
            block.rows,
            block.columns,
            state_features(seen, self._past),
            block.prior,
        )
        self._seen, self._choices = seen, choices
        return choices

    def choose(self, place: int) -> Any:
        """Return the action of a candidate of the menu listed last, and remember that it was chosen."""
        if self._seen is None or self._choices is None:
            raise IndexError("nothing was listed: call list() before choose()")
        action = self._choices.actions[place]
        self._past.chose(action, self._seen)
        return action

    def note(self, action: Any) -> None:
        """Remember an action that somebody else took instead of choosing from the menu listed last."""
        if self._seen is not None:
            self._past.chose(action, self._seen)

    def _block(self, seen: Sight) -> Block:
        offers, past = Offers(self._tools), self._past
        if seen.stage == 1:
            return storing(seen, past, self._tools)
        if seen.stage == 2:
            offer_ignoring(seen, past, offers)
            return offers.block()
        offer_tidying(seen, past, offers)
        offer_looking_up(seen, past, offers)
        if not self._commands:
            shown = tuple(seen.shown.split("\n\n")) if seen.shown else seen.distractors
            if seen.memories:
                offer_names(seen.query, seen.memories, past.looked_up, offers)
            return joined([offers.block(), answers(seen.query, seen.memories, shown)])
        before = [] if past.looked_up else preparing(seen, self._tools)
        offer_commands(seen, past, offers, before)
        if self._give_up or not offers.actions:
            offers.add("give up", call("answer", text="done"), (1.0, float(not seen.memories)))
        return offers.block()


def state_features(seen: Sight, past: Past) -> NDArray[np.float32]:
    """Return the features that all candidates share, in the order of `STATE`."""
    looked, left = len(past.looked_up), seen.limit - past.turns
    values = (
        1, seen.stage == 2, seen.stage == 3, past.turns / (seen.limit or 20), seen.stage == 3 and left == 1,
        seen.stage == 3 and left == 2, seen.tokens / 4096, seen.memory_size / 10, len(seen.memories) / 5,
        seen.stage == 3 and looked == 0, looked == 1, looked == 2, looked > 2, past.in_vain > 0,
        len(seen.distractors) / 8, past.tidied > 0, seen.errors > past.errors,
    )  # fmt: skip
    assert len(values) == len(STATE)
    return np.array(values, np.float32)
