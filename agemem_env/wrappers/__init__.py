"""Gymnasium wrappers for learners: a menu of actions, features as arrays, the prompt as one text, ends of episodes.

>>> import gymnasium, agemem_env
>>> env = gymnasium.make("AgeMem-BabyAI-v0", source="generated")
>>> env = Features(MenuActions(env))
>>> observation, info = env.reset(seed=1)
>>> int(observation["mask"].sum()) == int(info["action_mask"].sum())
True
"""

from agemem_env.wrappers.endings import LimitEnds, StopAtQuery
from agemem_env.wrappers.features import Features
from agemem_env.wrappers.menu_actions import MenuActions
from agemem_env.wrappers.text_observation import TextObservation

__all__ = ["Features", "LimitEnds", "MenuActions", "StopAtQuery", "TextObservation"]
