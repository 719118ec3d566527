"""Plays episodes with a scorer over a menu."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from agemem_env.env import AgeMemEnv
from agemem_env.episode.state import Snapshot
from agemem_env.wrappers.menu.kinds import INDEX, KINDS
from agemem_env.wrappers.menu.menu import Choices, Menu
from baselines.grpo.math import Floats
from baselines.grpo.scorer import Scorer

_TAUGHT = {1: ("add", "add sentences"), 2: ("ignore",)}
"""Kinds that the teacher chooses, by stage, and of those the last candidate, which stores all sentences of a message.

It knows no more than the agent. At the query it ends the episode."""


@dataclass(frozen=True)
class Trajectory:
    """One episode.

    Attributes:
        steps: The menus from which the scorer chose.
        chosen: Which candidate it chose, one per step.
        log_probs: Of all candidates, one array per step.
        states: ``info["state_hash"]`` before each step.
        reward: Sum of the rewards.
        info: The info of the end.
        truncated: Whether the turn limit ended it.
        turns: All turns, those of the teacher included.
    """

    steps: Sequence[Choices]
    chosen: Sequence[int]
    log_probs: Sequence[Floats]
    states: Sequence[str]
    reward: float
    info: dict[str, Any]
    truncated: bool
    turns: int

    @property
    def kinds(self) -> Counter[str]:
        """How often each kind was chosen."""
        return Counter(KINDS[step.kinds[i]].name for step, i in zip(self.steps, self.chosen, strict=True))


class EpisodePlayer:
    """Plays episodes of one environment.

    Args:
        env: The environment. If it offers the answer tool in tasks with commands, giving up is on the menu.
    """

    def __init__(self, env: AgeMemEnv) -> None:
        self.env = env
        self._arguments = {"commands": env.engine.has_commands, "give_up": env.config.offer_answer}

    def play(
        self,
        scorer: Scorer,
        rng: np.random.Generator | None,
        *,
        task: int,
        seed: int,
        taught: Sequence[int] = (),
        temperature: float = 1.0,
    ) -> Trajectory:
        """Play one episode.

        Args:
            scorer: Chooses.
            rng: Draws the choices; None: the best candidate is chosen.
            task: Index of the task.
            seed: Seed of the environment.
            taught: Stages that the teacher plays.
            temperature: Divides the scores.
        """
        return self._go_on(scorer, rng, *self._start(task, seed, taught), taught, temperature)

    def play_group(
        self, scorer: Scorer, rngs: Sequence[np.random.Generator], *, task: int, seed: int, taught: Sequence[int] = ()
    ) -> list[Trajectory]:
        """Play one episode per generator, all from the same start, which is made once."""
        _, _, menu, turns = self._start(task, seed, taught)
        start = self.env.snapshot()
        return [self._go_on(scorer, rng, *self._restored(start), menu.copy(), turns, taught, 1.0) for rng in rngs]

    def _restored(self, start: Snapshot) -> tuple[Any, dict[str, Any]]:
        return self.env.restore(start)

    def _start(self, task: int, seed: int, taught: Sequence[int]) -> tuple[Any, dict[str, Any], Menu, int]:
        """Start an episode and let the teacher play its stages."""
        menu = Menu(self.env.memory_tools, **self._arguments)
        observation, info = self.env.reset(seed=seed, options={"task": task})
        turns = 0
        while observation["stage"] in taught and not self.env.over:
            observation, _, _, _, info = self._taught(menu, observation, info)
            turns += 1
        return observation, info, menu, turns

    def _taught(self, menu: Menu, observation: Any, info: dict[str, Any]) -> Any:
        """Let the teacher take a turn."""
        if observation["stage"] == 3:
            return self.env.finish()
        choices = menu.list(observation, info)
        found = np.flatnonzero(np.isin(choices.kinds, [INDEX[kind] for kind in _TAUGHT[observation["stage"]]]))
        return self.env.step(menu.choose(int(found[-1]) if len(found) else 0))

    def _go_on(
        self,
        scorer: Scorer,
        rng: np.random.Generator | None,
        observation: Any,
        info: dict[str, Any],
        menu: Menu,
        turns: int,
        taught: Sequence[int],
        temperature: float,
    ) -> Trajectory:
        """Play to the end."""
        steps: list[Choices] = []
        chosen: list[int] = []
        logs: list[Floats] = []
        states: list[str] = []
        total, over, truncated = 0.0, False, False
        while not over:
            if observation["stage"] in taught:
                observation, reward, terminated, truncated, info = self._taught(menu, observation, info)
                total, over, turns = total + reward, terminated or truncated, turns + 1
                continue
            choices = menu.list(observation, info)
            log_probs = scorer.log_probs(choices)
            place = _pick(log_probs / temperature, rng)
            steps.append(choices)
            chosen.append(place)
            logs.append(log_probs)
            states.append(info["state_hash"])
            observation, reward, terminated, truncated, info = self.env.step(menu.choose(place))
            total, over = total + reward, terminated or truncated
        return Trajectory(steps, chosen, logs, states, total, info, truncated, turns + len(steps))


def _pick(log_probs: Floats, rng: np.random.Generator | None) -> int:
    """Return a candidate: drawn, or the best one."""
    if rng is None:
        return int(log_probs.argmax())
    probs = np.exp(log_probs - log_probs.max())
    drawn = np.searchsorted(probs.cumsum(), rng.random() * probs.sum(), side="right")
    return min(int(drawn), len(probs) - 1)
