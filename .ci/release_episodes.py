"""Plays an expert's episode of every id whose extra is installed, with what is installed and nothing of a checkout."""

import gymnasium as gym

import agemem_env
from agemem_env.errors import MissingExtraError
from baselines import make, rollout

print(f"agemem_env {agemem_env.__version__}: {agemem_env.__file__}")
played = []
for name in ("HotpotQA", "PDDL", "BabyAI", "ALFWorld", "SciWorld"):
    try:
        env = gym.make(f"AgeMem-{name}-v0")
    except MissingExtraError as error:
        print(f"left out: {error}")
        continue
    result = rollout(env, make("expert", env), seed=0)
    assert result.info["success"], f"the expert fails on {name}"
    env.close()
    played.append(name)
print(f"played: {', '.join(played)}")
assert {"HotpotQA", "PDDL", "BabyAI"} <= {*played}
