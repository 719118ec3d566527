"""The one way to play an episode, used by everything that plays."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import gymnasium as gym

from agemem_env.memory.store import LongTermMemory
from baselines.base import Policy
from baselines.outside import Player, as_policy

Spectator = Callable[[Any, "dict[str, Any]", float, "dict[str, Any]"], None]
"""Called after each step with action, observation, reward and info."""


@dataclass(frozen=True)
class EpisodeResult:
    """The result of one episode.

    Attributes:
        reward: Sum of the rewards.
        steps: Turns taken.
        info: The info of the last step: components, metrics, counts.
        terminated: Whether the episode ended by itself rather than by the turn limit.
        seconds: Time spent in the environment, resets included.
        policy_seconds: Time spent in the policy.
        progress_by_turn: Turn of stage 3, from 1, as a text, mapped to the best progress from then on; turns that
            brought none are left out.
        entries: Entries in long-term memory at the end.
    """

    reward: float
    steps: int
    info: dict[str, Any]
    terminated: bool
    seconds: float = field(compare=False)
    policy_seconds: float = field(compare=False)
    progress_by_turn: Mapping[str, float] = field(default_factory=dict)
    entries: int = 0


class LiveEpisode:
    """An episode that is being played, half a turn at a time.

    `choose` asks the policy, `advance` steps the environment: whoever plays many episodes at once may run them in
    different threads, as long as those of one episode alternate.

    Args:
        env: An environment of the suite; it is reset here.
        policy: Plays it: a `Policy`, or any object with `reset` and `act`.
        seed: Seed of the episode.
        task: Id or index of the task; None lets the seed draw it.
        spectator: Sees every step.
        memory: The store of which long-term memory starts with a copy; None leaves it to the environment.

    Attributes:
        over: Whether the episode has ended.
        steps: Turns taken.
        observation: What the environment returned last.
        info: The same.
        reward: What the last turn paid.
    """

    def __init__(
        self,
        env: gym.Env[Any, Any],
        policy: Policy | Player,
        *,
        seed: int | None = None,
        task: str | int | None = None,
        spectator: Spectator | None = None,
        memory: LongTermMemory | None = None,
    ) -> None:
        self.over = False
        self.steps = 0
        self.reward = 0.0
        self._env, self._policy, self._spectator = env, as_policy(policy), spectator
        self._total, self._terminated, self._in_policy = 0.0, False, 0.0
        self._task_turns, self._progress_by_turn = 0, dict[str, float]()
        self._policy.attach(env)
        start = time.perf_counter()
        options = {name: value for name, value in (("task", task), ("memory", memory)) if value is not None}
        self.observation, self.info = env.reset(seed=seed, options=options or None)
        self._in_env = time.perf_counter() - start
        self._policy.reset(self.info)

    @property
    def seconds(self) -> tuple[float, float]:
        """Time spent in the environment and in the policy so far."""
        return self._in_env, self._in_policy

    def choose(self) -> Any:
        """Return the policy's next action."""
        start = time.perf_counter()
        action = self._policy.act(self.observation, self.info)
        self._in_policy += time.perf_counter() - start
        return action

    def advance(self, action: Any) -> None:
        """Take the turn."""
        start = time.perf_counter()
        stage, progress = self.info["stage"], self.info["progress"]
        self.observation, reward, self._terminated, truncated, self.info = self._env.step(action)
        self.reward = float(reward)
        self._in_env += time.perf_counter() - start
        self._total, self.steps = self._total + self.reward, self.steps + 1
        self.over = self._terminated or truncated
        self._task_turns += stage == 3
        if self.info["progress"] > progress:
            self._progress_by_turn[str(self._task_turns)] = self.info["progress"]
        if self._spectator is not None:
            self._spectator(action, self.observation, self.reward, self.info)

    def result(self) -> EpisodeResult:
        """Return the result so far."""
        progress = dict(self._progress_by_turn)
        entries = self.observation["memory_size"]
        return EpisodeResult(self._total, self.steps, self.info, self._terminated, *self.seconds, progress, entries)


def rollout(
    env: gym.Env[Any, Any],
    policy: Policy | Player,
    *,
    seed: int | None = None,
    task: str | int | None = None,
    spectator: Spectator | None = None,
) -> EpisodeResult:
    """Play one episode to its end.

    Args:
        env: An environment of the suite.
        policy: Plays it: a `Policy`, or any object with `reset` and `act`.
        seed: Seed of the episode.
        task: Id or index of the task; None lets the seed draw it.
        spectator: Sees every step.

    Raises:
        ConfigurationError: If the policy has not both methods.

    Example:
        >>> import agemem_env
        >>> from baselines import make
        >>> env = gym.make("AgeMem-HotpotQA-v0", source="generated")
        >>> rollout(env, make("expert", env), seed=7).info["metrics"]["EM"]
        1.0
    """
    episode = LiveEpisode(env, policy, seed=seed, task=task, spectator=spectator)
    while not episode.over:
        episode.advance(episode.choose())
    return episode.result()
