"""PPO in one file, in the manner of CleanRL: python examples/ppo.py BabyAI --steps 80000.

Clones the command or answer choice, then trains: stage 1 by itself at first, then all three. Prints the mean return and
success of the episodes that ended in each batch, and success on 100 test tasks before and after. What came of runs so
far stands in docs/training.md, under "Any other algorithm".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from candidate_net import PHASES, CandidateNet, experiment, make
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from torch.distributions import Categorical


@dataclass(frozen=True)
class Settings:
    """How a network is trained."""

    steps: int = 80_000
    seed: int = 0
    envs: int = 8
    length: int = 256
    rate: float = 5e-3


@dataclass(frozen=True)
class Batch:
    """What came of the last batch of steps."""

    steps: int
    reward: float
    success: float


def begin(benchmark: str, seed: int) -> tuple[CandidateNet, Callable[[int], Any]]:
    """Return a network, and what trains it for some steps."""
    torch.manual_seed(seed)
    net = CandidateNet()
    return net, lambda steps: train(net, benchmark, Settings(steps, seed))


def train(net: CandidateNet, benchmark: str, settings: Settings, phases: Any = PHASES) -> list[Batch]:
    """Train a network on a benchmark, phase by phase; return what came of each batch."""
    adam = torch.optim.Adam(net.parameters(), settings.rate, eps=1e-5)
    found: list[Batch] = []
    for share, arguments in phases:
        end = len(found) + round(share * settings.steps / (settings.envs * settings.length))
        found += phase(net, adam, benchmark, settings, arguments, range(len(found), end))
    return found


def phase(
    net: CandidateNet,
    adam: torch.optim.Optimizer,
    benchmark: str,
    settings: Settings,
    arguments: Mapping[str, Any],
    batches: range,
) -> list[Batch]:
    """Play and learn for some batches; return what came of each."""
    envs, size = settings.envs, settings.envs * settings.length
    many = SyncVectorEnv([lambda: make(benchmark, **arguments)] * envs, autoreset_mode=AutoresetMode.SAME_STEP)
    now, _ = many.reset(seed=[settings.seed] * envs)  # all play the same tasks, which are then made and read once
    seen = {name: torch.zeros(settings.length, *value.shape) for name, value in now.items()}
    actions = torch.zeros(settings.length, envs, dtype=torch.long)
    logs, values, rewards, ends = (torch.zeros(settings.length, envs) for _ in range(4))
    found, totals = [], np.zeros(envs)
    for batch in batches:
        adam.param_groups[0]["lr"] = settings.rate * max(0.0, 1 - batch * size / settings.steps)
        ended: list[tuple[float, float]] = []
        for t in range(settings.length):
            tensors = {name: torch.as_tensor(value) for name, value in now.items()}
            with torch.no_grad():
                scores, values[t] = net(tensors)
            chosen = Categorical(logits=scores)
            actions[t] = chosen.sample()
            logs[t] = chosen.log_prob(actions[t])
            for name, value in tensors.items():
                seen[name][t] = value
            now, reward, terminated, _, info = many.step(actions[t].numpy())
            rewards[t], ends[t] = torch.as_tensor(reward), torch.as_tensor(terminated)
            totals += reward
            ended += [(totals[i], float(info["final_info"]["success"][i])) for i in np.flatnonzero(terminated)]
            totals[terminated] = 0
        with torch.no_grad():
            last = net({name: torch.as_tensor(value) for name, value in now.items()})[1]
        gains, returns = advantages(rewards, values, ends, last)
        flat = {name: value.flatten(0, 1) for name, value in seen.items()}
        update(net, adam, flat, actions.flatten(), logs.flatten(), gains.flatten(), returns.flatten())
        reward_, success = np.mean(ended, axis=0) if ended else (0.0, 0.0)
        found.append(Batch((batch + 1) * size, float(reward_), float(success)))
        print(f"steps {found[-1].steps:7d}  return {found[-1].reward:.3f}  success {found[-1].success:.3f}", flush=True)
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
            scores, values = net(seen, part)
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
    experiment(begin)
