"""Rewards and metrics: functions of the ledger, the task and the final context."""

from agemem_env.rewards.base import Part, Profile, Scores
from agemem_env.rewards.metrics import measure
from agemem_env.rewards.profiles import PROFILES

__all__ = ["PROFILES", "Part", "Profile", "Scores", "measure"]
