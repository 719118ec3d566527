"""PPO in one file, in the manner of CleanRL: python examples/ppo.py BabyAI --steps 60000.

Prints the mean return and success of the episodes that ended in each batch.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from candidate_net import CandidateNet, make
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from torch.distributions import Categorical


@dataclass(frozen=True)
class Batch:
    """What came of the last batch of steps."""

    steps: int
    reward: float
    success: float


def main() -> list[Batch]:
    """Train; return what came of each batch."""
    parser = argparse.ArgumentParser()
    parser.add_argument("benchmark", nargs="?", default="BabyAI")
    parser.add_argument("--steps", type=int, default=60_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--stages", type=int, nargs="+", default=[1, 2, 3], help="3 alone is the plain benchmark")
    options = parser.parse_args()
    return train(options.benchmark, options.steps, options.seed, stages=options.stages)


def train(
    benchmark: str,
    steps: int,
    seed: int = 0,
    *,
    stages: Sequence[int] = (1, 2, 3),
    envs: int = 8,
    length: int = 256,
    rate: float = 1e-3,
) -> list[Batch]:
    """Train on a benchmark for some steps; return what came of each batch."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    many = SyncVectorEnv([lambda: make(benchmark, stages=stages)] * envs, autoreset_mode=AutoresetMode.SAME_STEP)
    net = CandidateNet()
    adam = torch.optim.Adam(net.parameters(), rate, eps=1e-5)
    seen, _ = many.reset(seed=seed)
    found: list[Batch] = []
    totals = np.zeros(envs)
    for start in range(0, steps, envs * length):
        keep: dict[str, list[torch.Tensor]] = {name: [] for name in ("state", "candidates", "mask")}
        actions, logs, values, rewards, ends = [], [], [], [], []
        ended: list[tuple[float, float]] = []
        for _ in range(length):
            tensors = {name: torch.as_tensor(value) for name, value in seen.items()}
            with torch.no_grad():
                scores, value = net(tensors)
            chosen = Categorical(logits=scores)
            action = chosen.sample()
            for name in keep:
                keep[name].append(tensors[name])
            actions.append(action)
            logs.append(chosen.log_prob(action))
            values.append(value)
            seen, reward, terminated, truncated, info = many.step(action.numpy())
            over = terminated | truncated
            totals += reward
            ended += [(totals[i], float(info["final_info"]["success"][i])) for i in np.flatnonzero(over)]
            totals[over] = 0
            rewards.append(torch.as_tensor(reward, dtype=torch.float32))
            ends.append(torch.as_tensor(over, dtype=torch.float32))
        with torch.no_grad():
            last = net({name: torch.as_tensor(value) for name, value in seen.items()})[1]
        gains, returns = advantages(torch.stack(rewards), torch.stack(values), torch.stack(ends), last)
        flat = {name: torch.cat(value) for name, value in keep.items()}
        update(net, adam, flat, torch.cat(actions), torch.cat(logs), gains.flatten(), returns.flatten())
        reward, success = np.mean(ended, axis=0) if ended else (0.0, 0.0)
        found.append(Batch(start + envs * length, float(reward), float(success)))
        print(f"steps {found[-1].steps:7d}  return {reward:.3f}  success {success:.3f}", flush=True)
    many.close()
    return found


def advantages(
    rewards: torch.Tensor, values: torch.Tensor, ends: torch.Tensor, last: torch.Tensor, decay: float = 0.95
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return generalised advantages and returns, undiscounted; an episode's end counts as its end, truncated or not."""
    gains = torch.zeros_like(rewards)
    gain = torch.zeros_like(last)
    for t in reversed(range(len(rewards))):
        following = last if t + 1 == len(rewards) else values[t + 1]
        alive = 1 - ends[t]
        gain = rewards[t] + alive * following - values[t] + decay * alive * gain
        gains[t] = gain
    return gains, gains + values


def update(
    net: CandidateNet,
    adam: torch.optim.Optimizer,
    seen: dict[str, torch.Tensor],
    actions: torch.Tensor,
    logs: torch.Tensor,
    gains: torch.Tensor,
    returns: torch.Tensor,
    *,
    rounds: int = 4,
    size: int = 256,
    clip: float = 0.2,
) -> None:
    """Take the steps of PPO on one batch."""
    for _ in range(rounds):
        for part in torch.randperm(len(actions)).split(size):
            scores, values = net({name: value[part] for name, value in seen.items()})
            chosen = Categorical(logits=scores)
            ratio = (chosen.log_prob(actions[part]) - logs[part]).exp()
            gain = (gains[part] - gains[part].mean()) / (gains[part].std() + 1e-8)
            policy = torch.min(ratio * gain, ratio.clamp(1 - clip, 1 + clip) * gain).mean()
            value = (values - returns[part]).pow(2).mean()
            loss = -policy + 0.5 * value - 0.01 * chosen.entropy().mean()
            adam.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 0.5)
            adam.step()


if __name__ == "__main__":
    main()
