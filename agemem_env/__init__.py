"""Gymnasium environments for language agents with long-term memory; importing it registers their ids.

>>> import gymnasium, agemem_env
>>> env = gymnasium.make("AgeMem-HotpotQA-v0", source="generated")
>>> observation, info = env.reset(seed=7)
"""

from agemem_env._version import __version__
from agemem_env.registration import register_all

__all__ = ["__version__"]

register_all()
