"""MaskablePPO of sb3-contrib, as it is: python examples/maskable_ppo.py BabyAI --steps 80000.

Only the network is ours: it scores the slots of the menu one by one, with the same weights. The clone, the phases and
the tests are those of ppo.py. What came of runs so far stands in docs/training.md, under "Any other algorithm".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from candidate_net import PHASES, SIZE, CandidateNet, experiment, make
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


def begin(benchmark: str, seed: int) -> tuple[CandidateNet, Callable[[int], Any]]:
    """Return the algorithm's network, and what trains it for some steps."""
    model = build(benchmark, seed)
    return model.policy.features_extractor.net, lambda steps: train(model, benchmark, steps, seed)


def build(benchmark: str, seed: int = 0, **changes: Any) -> MaskablePPO:
    """Return the algorithm; rewards are not discounted, and its rate falls to 0."""
    settings = {"n_steps": 256, "batch_size": 256, "n_epochs": 4, "gamma": 1.0, "ent_coef": 0.01}
    rate = {"learning_rate": lambda left: 5e-3 * left}
    return MaskablePPO(CandidatePolicy, vector(benchmark), seed=seed, **{**settings, **rate, **changes})


def train(model: MaskablePPO, benchmark: str, steps: int, seed: int = 0, phases: Any = PHASES) -> list[float]:
    """Train, phase by phase; return the mean return after each batch."""
    told = Told()
    for share, arguments in phases:
        envs = vector(benchmark, **arguments)
        envs.env_method("reset", seed=seed)  # all play the same tasks, which are then made and read once
        model.set_env(envs)
        model.learn(round(share * steps), callback=told, reset_num_timesteps=False)
    return told.returns


def vector(benchmark: str, **arguments: Any) -> DummyVecEnv:
    """Return eight environments in this process."""
    return DummyVecEnv([partial(_monitored, benchmark, arguments)] * 8)


def _monitored(benchmark: str, arguments: Any) -> Any:
    return Monitor(make(benchmark, **arguments))


if __name__ == "__main__":
    experiment(begin)
