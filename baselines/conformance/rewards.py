"""The reward is what its parts say, and cannot be had for nothing."""

from __future__ import annotations

import gymnasium as gym

from baselines import make as make_policy
from baselines import rollout
from baselines.base import Policy
from baselines.cheats import CHEATS, DoNothing
from baselines.conformance.common import Make, broken, first_tasks, plain

WEIGHTS = {"task": 0.5, "context": 0.3, "memory": 0.7}
TASKS_OF_CHEATS = 20


def reward_is_the_weighted_sum(make: Make) -> None:
    """The reward is the weighted sum of its components, paid at the end or, with ``dense=True``, on the way."""
    for profile in ("paper", "strict"):
        for name in ("expert", "random", "do-nothing"):
            env, dense = make(reward=profile, weights=WEIGHTS), make(reward=profile, weights=WEIGHTS, dense=True)
            result = rollout(env, make_policy(name, env), seed=2)
            parts = result.info["reward_components"]
            expected = sum(w * parts[c] for c, w in WEIGHTS.items() if parts[c] is not None) + parts["penalty"]
            if abs(result.reward - expected) >= 1e-9:
                broken(f"the reward {result.reward} is not the weighted sum {expected}")
            for component in WEIGHTS:
                scored = [v for k, v in parts.items() if k.startswith(f"{component}/") and v is not None]
                mean = sum(scored) / len(scored) if scored else None
                if parts[component] != mean:
                    broken(f"{component} is not the mean of its parts")
            summed = rollout(dense, make_policy(name, dense), seed=2).reward
            if abs(summed - result.reward) >= 1e-9:
                broken(f"dense rewards sum to {summed}, not {result.reward}")


def the_turn_limit_pays_the_reward(make: Make) -> None:
    """An episode that the turn limit ends is truncated and paid all the same, and charged if an answer is expected."""
    env = make(max_rounds=2)
    observation, info = env.reset(seed=0)
    over, turns, reward = False, 0, 0.0
    while not over:
        turns += observation["stage"] == 3
        call = {"name": "Retrieve_memory", "arguments": {"query": "x"}}
        observation, paid, terminated, over, info = env.step(call)
        reward = float(paid)
        if terminated:
            broken("a retrieval ended the episode")
    if turns != 2:
        broken(f"stage 3 took {turns} turns, not 2")
    answers = plain(env).task.answer is not None
    charged = info["reward_components"]["penalty/rounds"]
    if charged != (-1.0 if answers else 0.0):
        broken(f"the limit was charged {charged}")
    if (answers and reward >= 0) or "metrics" not in info:
        broken("the limit lost the reward")


def cheats_are_not_paid(make: Make) -> None:
    """No cheat earns what the expert earns and, under ``strict``, none earns more than doing nothing."""
    for profile in ("paper", "strict"):
        env = make(reward=profile)
        expert, nothing = _mean(make_policy("expert", env), env), _mean(DoNothing(), env)
        for cheat in CHEATS:
            paid = _mean(cheat(), env)
            if paid >= expert:
                broken(f"{cheat.name} earns {paid:.3f}, the expert {expert:.3f} ({profile})")
            if profile == "strict" and paid > nothing + 1e-9:
                broken(f"{cheat.name} earns {paid:.3f}, doing nothing {nothing:.3f} ({profile})")


def _mean(policy: Policy, env: gym.Env[object, object]) -> float:
    """Return the mean reward of a policy over the first tasks."""
    tasks = first_tasks(plain(env), TASKS_OF_CHEATS)
    return sum(rollout(env, policy, seed=i, task=i).reward for i in tasks) / len(tasks)
