"""Where an episode ends, for learners: at the query, or at the turn limit as at any other end."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
from gymnasium.utils import RecordConstructorArgs

from agemem_env.env import AgeMemEnv
from agemem_env.errors import ConfigurationError


class StopAtQuery(gym.Wrapper[Any, Any, Any, Any], RecordConstructorArgs):
    """The episode ends when the query comes, truncated and scored as it stands: stages 1 and 2 by themselves.

    A curriculum can begin with it. With ``stages=(1, 3)`` and ``weights=(0, 0, 1)`` what memory holds is all that is
    paid, so that what to store and what to correct is learned before anything else varies. Where an answer is expected
    its absence costs 1 in every episode alike.

    Args:
        env: An environment of the suite, under `MenuActions` if that is used too.

    Raises:
        ConfigurationError: If it is no environment of the suite, or its actions or observations are wrapped already:
            what ends the episode would come without features and mask.

    Example:
        >>> import gymnasium, agemem_env
        >>> env = StopAtQuery(gymnasium.make("AgeMem-HotpotQA-v0", stages=(1, 3), facts_per_turn=99))
        >>> observation, info = env.reset(seed=7)
        >>> observation, reward, terminated, truncated, info = env.step("Noted.")
        >>> info["stage"], terminated, truncated
        (3, False, True)
    """

    def __init__(self, env: gym.Env[Any, Any]) -> None:
        RecordConstructorArgs.__init__(self)
        gym.Wrapper.__init__(self, env)
        plain = env.unwrapped
        if not isinstance(plain, AgeMemEnv):
            raise ConfigurationError(f"StopAtQuery wraps an environment of the suite, not {type(plain).__name__}")
        if env.action_space is not plain.action_space or env.observation_space is not plain.observation_space:
            raise ConfigurationError(
                f"StopAtQuery wraps {type(env).__name__}, whose actions or observations are wrapped already: put it "
                "under wrappers such as MenuActions, Features and TextObservation"
            )
        self._plain = plain

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Take a turn; end the episode if it was the last one before the query."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        if terminated or truncated or info["stage"] != 3:
            return observation, reward, terminated, truncated, info
        observation, more, terminated, truncated, info = self._plain.finish()
        return observation, float(reward) + more, terminated, truncated, info


class LimitEnds(gym.Wrapper[Any, Any, Any, Any], RecordConstructorArgs):
    """The turn limit ends an episode as terminated, not truncated.

    The limit is part of the task: it is told, `Features` has the turns that are left, and the reward at the limit is
    final. An algorithm that adds the value of the last state to the reward of truncated episodes, as those of
    stable-baselines3 do, would otherwise learn that failing pays as much as going on.

    Args:
        env: Any environment.

    Example:
        >>> import gymnasium, agemem_env
        >>> env = LimitEnds(gymnasium.make("AgeMem-BabyAI-v0", source="generated", stages=(3,), max_rounds=1))
        >>> observation, info = env.reset(seed=7)
        >>> observation, reward, terminated, truncated, info = env.step("look")
        >>> terminated, truncated
        (True, False)
    """

    def __init__(self, env: gym.Env[Any, Any]) -> None:
        RecordConstructorArgs.__init__(self)
        gym.Wrapper.__init__(self, env)

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Take a turn."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        return observation, reward, terminated or truncated, False, info
