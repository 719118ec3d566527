"""Rewards and metrics: functions of the ledger, the task and the final context."""

from agemem_env.rewards.base import COMPONENTS, Profile, Scores, at_end
from agemem_env.rewards.metrics import measure
from agemem_env.rewards.profiles import PROFILES, make_profile

__all__ = ["COMPONENTS", "PROFILES", "Profile", "Scores", "at_end", "make_profile", "measure"]
