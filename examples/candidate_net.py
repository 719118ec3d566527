"""What the two PPO examples share: a network that scores a menu's slots, its clone of an expert, phases, and a test."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import gymnasium as gym
import numpy as np
import torch
from torch import nn

import agemem_env  # noqa: F401 - registers the environments
from agemem_env.engines import ENGINES
from agemem_env.wrappers import Features, LimitEnds, MenuActions, StopAtQuery
from agemem_env.wrappers.features import candidate_table
from agemem_env.wrappers.menu.kinds import INDEX, KINDS, SIZE, STATE, WIDTH
from agemem_env.wrappers.menu_actions import slots_of
from baselines.grpo.cloning import CLONED, SETTING, lessons
from benchmarks.scores.intervals import wilson

HASHED = 256
"""Columns of crossed features, as in `Features`."""
EMPTY = -1e8
"""Score of an empty slot."""
Seen = Mapping[str, torch.Tensor]


class CandidateNet(nn.Module):
    """Scores of all slots, and the value of the state.

    The features of a candidate mean something else for each kind, so each kind has weights of its own for them, and all
    its candidates share these. An untrained network chooses among kinds as `Features` says (``prior``).
    """

    def __init__(self, hidden: int = 64) -> None:
        super().__init__()
        self.own = nn.Embedding(len(KINDS), WIDTH + HASHED + len(STATE))
        nn.init.zeros_(self.own.weight)
        width = len(STATE) + WIDTH + len(KINDS)
        self.value = nn.Sequential(
            nn.Linear(width, hidden), nn.Tanh(), nn.Linear(hidden, hidden), nn.Tanh(), nn.Linear(hidden, 1)
        )

    def forward(self, seen: Seen, rows: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor]:
        """Return scores, shape ``(batch, SIZE)``, and values, shape ``(batch,)``, of some rows of a batch or of all."""
        rows = torch.arange(len(seen["mask"])) if rows is None else rows
        state = seen["state"][rows].float()
        place, slot = seen["mask"][rows].nonzero(as_tuple=True)  # most slots are empty: the others are worth computing
        features, kinds, crossed = seen["candidates"][rows[place], slot].split([WIDTH, len(KINDS), HASHED], 1)
        filled = (self.own(kinds.argmax(1)) * torch.cat([features, crossed, state[place]], 1)).sum(1)
        filled = filled + seen["prior"][rows[place], slot]
        scores = torch.full((len(rows), SIZE), EMPTY).index_put((place, slot), filled)
        both = torch.cat([features, kinds, torch.ones(len(place), 1)], 1)
        sums = torch.zeros(len(rows), both.shape[1]).index_add(0, place, both)
        return scores, self.value(torch.cat([state, sums[:, :-1] / sums[:, -1:].clamp(min=1)], 1)).squeeze(1)


STORE: Mapping[str, Any] = MappingProxyType({"stages": (1, 3), "weights": (0, 0, 1), "stop": True})
"""Stage 1 by itself: what memory holds when the query comes is all that is paid."""

PHASES: tuple[tuple[float, Mapping[str, Any]], ...] = ((0.3, STORE), (0.7, {}))
"""Shares of the steps, and what the environment is like meanwhile."""


def make(benchmark: str, split: str = "train", *, stop: bool = False, **arguments: Any) -> gym.Env:
    """Return an environment with a menu and features; stop at the query or not."""
    given = {"split": split, "source": "generated", "reward": "strict", **arguments}
    if benchmark != "HotpotQA":
        given["offer_answer"] = False
    env = gym.make(f"AgeMem-{benchmark}-v0", disable_env_checker=True, **given)
    return LimitEnds(Features(MenuActions(StopAtQuery(env) if stop else env), hashed=HASHED))


def clone(net: CandidateNet, benchmark: str, tasks: int, *, rounds: int = 150) -> float:
    """Teach which command, or answer, an expert chooses once what was told is looked up; nothing of using memory.

    Returns:
        Share of the choices in which the network's best one is the expert's.
    """
    env = make(benchmark, **SETTING).unwrapped
    taught = [lesson for found in lessons(env, range(tasks)) for lesson in found]
    kept = [np.isin(choices.kinds, [INDEX[name] for name in CLONED]) for choices, _ in taught]
    mask = torch.zeros(len(taught), SIZE)
    for row, ((choices, _), some) in enumerate(zip(taught, kept, strict=True)):
        mask[row, slots_of(choices)[some]] = 1
    seen = {
        "candidates": torch.as_tensor(np.stack([candidate_table(choices, HASHED) for choices, _ in taught])),
        "state": torch.zeros(len(taught), len(STATE)),
        "prior": torch.zeros(len(taught), SIZE),
        "mask": mask,
    }
    right = torch.as_tensor([slots_of(choices)[place] for choices, place in taught])
    adam = torch.optim.Adam([net.own.weight], 0.03, weight_decay=1e-4)
    for _ in range(rounds):
        scores = net(seen)[0]
        adam.zero_grad()
        nn.functional.cross_entropy(scores, right).backward()
        adam.step()
    with torch.no_grad():  # commands are judged alike with a look-up before them, and kinds stay equally likely
        net.own.weight[INDEX["look up and command"]] = net.own.weight[INDEX["command"]]
        net.own.weight[:, 0] = 0
    return float((scores.argmax(1) == right).float().mean())


@dataclass(frozen=True)
class Played:
    """What came of some tasks: share that succeeded with its 95 % interval (Wilson), and mean return."""

    success: float
    low: float
    high: float
    reward: float

    def __str__(self) -> str:
        return f"success {self.success:.2f} ({self.low:.2f} to {self.high:.2f})  return {self.reward:.3f}"


def played(
    net: CandidateNet, benchmark: str, tasks: Sequence[int], *, best: bool = False, split: str = "test"
) -> Played:
    """Play some tasks, each once, with candidates drawn or the best one."""
    env, rng = make(benchmark, split), torch.Generator().manual_seed(0)
    successes, total = 0, 0.0
    for task in tasks:
        seen, info = env.reset(seed=task, options={"task": task})
        over = False
        while not over:
            with torch.no_grad():
                scores = net({name: torch.as_tensor(value).unsqueeze(0) for name, value in seen.items()})[0][0]
            slot = scores.argmax() if best else torch.multinomial(scores.softmax(0), 1, generator=rng)
            seen, reward, over, _, info = env.step(int(slot))
            total += float(reward)
        successes += info["success"]
    return Played(successes / len(tasks), *wilson(successes, len(tasks)), total / len(tasks))


def experiment(begin: Callable[[str, int], tuple[CandidateNet, Callable[[int], Any]]]) -> None:
    """Read the command line, clone, test, train, test.

    Args:
        begin: Given a benchmark and a seed, returns a network and what trains it for some steps.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("benchmark", nargs="?", default="BabyAI", choices=ENGINES)
    parser.add_argument("--steps", type=int, default=80_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--lessons", type=int, default=100, help="tasks whose commands or answers are cloned")
    parser.add_argument("--test-tasks", type=int, default=100)
    options = parser.parse_args()
    torch.set_num_threads(1)
    net, train = begin(options.benchmark, options.seed)
    tasks = range(options.test_tasks)
    print(f"cloned choices that are right: {clone(net, options.benchmark, options.lessons):.2f}")
    print("before, drawn:", played(net, options.benchmark, tasks), flush=True)
    start = time.process_time()
    train(options.steps)
    print(f"trained in {time.process_time() - start:.0f} processor seconds")
    print("after, drawn:", played(net, options.benchmark, tasks), flush=True)
    print("after, best:", played(net, options.benchmark, tasks, best=True), flush=True)
