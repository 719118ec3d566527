"""A program of a user, for its types."""

from agemem_env import AgeMemEnv
from baselines import make, rollout

env = AgeMemEnv("HotpotQA", source="generated")
reward: float = rollout(env, make("expert", env), seed=0).reward
