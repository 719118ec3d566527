"""MaskablePPO of sb3-contrib, as it is: python examples/maskable_ppo.py BabyAI --steps 60000.

Only the network is ours: it scores every slot of the menu with the same weights.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from candidate_net import SIZE, CandidateNet, make
from sb3_contrib import MaskablePPO
from sb3_contrib.common.maskable.policies import MaskableMultiInputActorCriticPolicy
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.monitor import Monitor
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from stable_baselines3.common.vec_env import DummyVecEnv
from torch import nn


class Scores(BaseFeaturesExtractor):
    """The scores of all slots and the value, as one vector."""

    def __init__(self, space: Any) -> None:
        super().__init__(space, SIZE + 1)
        self.net = CandidateNet()

    def forward(self, seen: dict[str, torch.Tensor]) -> torch.Tensor:
        """Return the vector."""
        scores, value = self.net(seen)
        return torch.cat([scores, value.unsqueeze(-1)], -1)


class Split(nn.Module):
    """Gives the scores to the actor and the value to the critic."""

    latent_dim_pi, latent_dim_vf = SIZE, 1

    def forward(self, both: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return scores and value."""
        return self.forward_actor(both), self.forward_critic(both)

    def forward_actor(self, both: torch.Tensor) -> torch.Tensor:
        """Return the scores."""
        return both[..., :SIZE]

    def forward_critic(self, both: torch.Tensor) -> torch.Tensor:
        """Return the value."""
        return both[..., SIZE:]


class CandidatePolicy(MaskableMultiInputActorCriticPolicy):
    """The policy of MaskablePPO with `CandidateNet` in place of its own layers."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named, features_extractor_class=Scores)

    def _build(self, lr_schedule: Any) -> None:
        self.mlp_extractor = Split()
        self.action_net, self.value_net = nn.Identity(), nn.Identity()
        self.optimizer = self.optimizer_class(self.parameters(), lr=lr_schedule(1), **self.optimizer_kwargs)


class Told(BaseCallback):
    """Prints and keeps the mean return of recent episodes after each batch."""

    def __init__(self) -> None:
        super().__init__()
        self.returns: list[float] = []

    def _on_step(self) -> bool:
        return True

    def _on_rollout_end(self) -> None:
        recent = [episode["r"] for episode in self.model.ep_info_buffer][-60:]
        if recent:
            self.returns.append(sum(recent) / len(recent))
            print(f"steps {self.num_timesteps:7d}  return {self.returns[-1]:.3f}", flush=True)


def train(
    benchmark: str, steps: int, seed: int = 0, *, stages: Sequence[int] = (1, 2, 3), **changes: Any
) -> list[float]:
    """Train; return the mean return after each batch."""
    torch.set_num_threads(1)
    envs = DummyVecEnv([partial(_monitored, benchmark, stages)] * 8)
    settings = {"n_steps": 256, "batch_size": 256, "n_epochs": 4, "learning_rate": 1e-3, "gamma": 1.0, "ent_coef": 0.01}
    model = MaskablePPO(CandidatePolicy, envs, seed=seed, **{**settings, **changes})
    told = Told()
    model.learn(steps, callback=told)
    return told.returns


def _monitored(benchmark: str, stages: Sequence[int]) -> Any:
    return Monitor(make(benchmark, stages=stages))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("benchmark", nargs="?", default="BabyAI")
    parser.add_argument("--steps", type=int, default=60_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--stages", type=int, nargs="+", default=[1, 2, 3], help="3 alone is the plain benchmark")
    options = parser.parse_args()
    train(options.benchmark, options.steps, options.seed, stages=options.stages)
