"""Many episodes at once: python examples/many_at_once.py [episodes].

First in step, as a vector environment, then with `send` and `recv`, where each environment goes on as soon as its
answer is there: that is how a server with many requests in flight is kept busy. Prints the mean reward of both, which
is the same, since equal seeds give equal episodes.
"""

from __future__ import annotations

import sys

import gymnasium as gym

import agemem_env  # noqa: F401 - registers the environments

ENV_ID, OPTIONS = "AgeMem-HotpotQA-v0", {"source": "generated", "workers": 2}


def turn(stage: int, round_: int) -> object:
    """A player that never looks at what it is told; a model would be asked here."""
    if stage < 3:
        return "I see." if round_ % 2 else {"name": "Add_memory", "arguments": {"content": f"Round {round_}."}}
    return {"name": "answer", "arguments": {"text": "yes"}}


def in_step(episodes: int) -> list[float]:
    """Play all of them turn by turn; the next episode of one that has ended does not count."""
    envs = gym.make_vec(ENV_ID, episodes, **OPTIONS)
    seen, _ = envs.reset(seed=0)
    rewards, over = [0.0] * episodes, [False] * episodes
    while not all(over):
        stages, rounds = seen["stage"], seen["round"]
        seen, paid, ended, cut, _ = envs.step(tuple(turn(s, r) for s, r in zip(stages, rounds, strict=True)))
        for i in range(episodes):
            rewards[i] += 0.0 if over[i] else float(paid[i])
            over[i] |= bool(ended[i] or cut[i])
    envs.close()
    return rewards


def one_by_one(episodes: int, width: int = 4) -> list[float]:
    """Play them in fewer environments; each takes the next seed when it is done."""
    envs = gym.make_vec(ENV_ID, width, autoreset_mode="Disabled", **OPTIONS)
    seeds = {index: index for index in range(min(width, episodes))}
    for index, seed in seeds.items():
        envs.send_reset(index, seed=seed)
    rewards, following = [0.0] * episodes, len(seeds)
    while seeds:
        result = envs.recv()  # whichever is done first
        rewards[seeds[result.env]] += result.reward
        if not result.over:
            envs.send(result.env, turn(result.observation["stage"], result.observation["round"]))
        elif following < episodes:
            seeds[result.env], following = following, following + 1
            envs.send_reset(result.env, seed=seeds[result.env])
        else:
            del seeds[result.env]
    envs.close()
    return rewards


def main(episodes: int = 8) -> None:
    """Play the same seeds both ways and print what was paid."""
    for name, play in (("in step", in_step), ("one by one", one_by_one)):
        rewards = play(episodes)
        print(f"{name:10}  {len(rewards)} episodes, mean reward {sum(rewards) / len(rewards):.4f}")


if __name__ == "__main__":  # worker processes import this file again
    main(*map(int, sys.argv[1:]))
