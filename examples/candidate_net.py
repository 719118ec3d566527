"""A network that scores every slot of a menu with the same weights, for `agemem_env.wrappers.Features`."""

from __future__ import annotations

import gymnasium as gym
import torch
from torch import nn

import agemem_env  # noqa: F401 - registers the environments
from agemem_env.wrappers import Features, MenuActions
from agemem_env.wrappers.menu.kinds import KINDS, SIZE, STATE, WIDTH

EMPTY = -1e8
"""Score of an empty slot."""


class CandidateNet(nn.Module):
    """Scores of all slots, and the value of the state.

    A slot's score depends on its candidate and on the state. Candidates of a kind share its weight, so that an
    untrained network chooses among kinds and is not drawn to whatever has the most candidates.

    Args:
        hashed: Columns of crossed features, as in `Features`.
        hidden: Width of the hidden layers.
    """

    def __init__(self, hashed: int = 64, hidden: int = 64) -> None:
        super().__init__()
        width = WIDTH + len(KINDS) + hashed
        self.candidate, self.state = nn.Linear(width, hidden), nn.Linear(len(STATE), hidden)
        self.score = nn.Sequential(nn.Tanh(), nn.Linear(hidden, hidden), nn.Tanh(), nn.Linear(hidden, 1))
        self.value = nn.Sequential(
            nn.Linear(len(STATE) + width, hidden), nn.Tanh(), nn.Linear(hidden, hidden), nn.Tanh(), nn.Linear(hidden, 1)
        )
        nn.init.zeros_(self.score[-1].weight)

    def forward(self, seen: dict[str, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """Return scores, shape ``(batch, SIZE)``, and values, shape ``(batch,)``."""
        candidates, state, mask = seen["candidates"].float(), seen["state"].float(), seen["mask"].bool()
        place, slot = mask.nonzero(as_tuple=True)  # most slots are empty: only the others are worth computing
        filled = candidates[place, slot]
        kinds = filled[:, WIDTH : WIDTH + len(KINDS)]
        counts = torch.zeros(len(mask), len(KINDS)).index_add(0, place, kinds)
        alike = (kinds * counts[place]).sum(1)
        scores = self.score(self.candidate(filled) + self.state(state)[place]).squeeze(-1) - alike.log()
        scores = torch.full(mask.shape, EMPTY).index_put((place, slot), scores)
        mean = candidates.sum(1) / mask.sum(1, keepdim=True).clamp(min=1)
        return scores, self.value(torch.cat([state, mean], -1)).squeeze(-1)


def make(benchmark: str, split: str = "train", **arguments: object) -> gym.Env:
    """Return an environment with a menu and features."""
    given = {"split": split, "source": "generated", "reward": "strict", **arguments}
    if benchmark != "HotpotQA":
        given["offer_answer"] = False
    return Features(MenuActions(gym.make(f"AgeMem-{benchmark}-v0", disable_env_checker=True, **given)))


__all__ = ["SIZE", "CandidateNet", "make"]
