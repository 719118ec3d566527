"""Trains a policy, tests it before and after on tasks that nothing was chosen by, and writes down what came."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from agemem_env.engines import engine_class
from baselines.grpo.curve import draw
from baselines.grpo.folder import RunFolder
from baselines.grpo.settings import Settings
from baselines.grpo.train import TrainResult, train, trial
from baselines.grpo.workers import Outcome, workers
from benchmarks.scores.intervals import estimate

if TYPE_CHECKING:
    from rich.console import Console


def run(
    settings: Settings,
    folder: Path,
    processes: int,
    test_tasks: int,
    tell: Callable[[Mapping[str, Any]], None],
    console: Console,
) -> TrainResult:
    """Train, test and report.

    Args:
        settings: The run.
        folder: Where it is kept.
        processes: Processes that play.
        test_tasks: Number of test tasks.
        tell: Called with each row of the curve.
        console: Where the table is printed.
    """
    result = train(settings, folder, processes=processes, tell=tell)
    kept = RunFolder(folder)
    console.print(f"testing on {test_tasks} tasks, before and after, drawn and with the best candidate")
    players = {"untrained": kept.read_weights("start"), "trained": result.weights}
    with workers(processes) as lent:
        found = {
            f"{name}, {'best' if greedy else 'drawn'}": trial(
                settings, weights, "test", test_tasks, greedy=greedy, lent=lent
            )
            for name, weights in players.items()
            for greedy in (False, True)
        }
    score = engine_class(settings.benchmark).main_score
    kept.write_json("result", {name: summary(outcomes, score) for name, outcomes in found.items()})
    draw(kept.rows(), folder / "curve.png", f"{settings.benchmark}, seed {settings.seed}")
    _show(found, score, result, console)
    console.print(f"weights: {folder / 'weights.npz'}, curve: {folder / 'curve.png'}")
    return result


def summary(outcomes: Sequence[Outcome], score: str) -> dict[str, Any]:
    """Return means with intervals, and calls per episode, as JSON values."""
    scores = [outcome.score for outcome in outcomes]
    found = estimate(scores)
    interval = [np.mean(scores), None, None] if found is None else [found.mean, found.low, found.high]
    calls = {
        name: float(np.mean([outcome.info["tool_calls"][name] for outcome in outcomes]))
        for name in outcomes[0].info["tool_calls"]
    }
    return {
        score: interval,
        "reward": float(np.mean([outcome.reward for outcome in outcomes])),
        "calls": calls,
        "tasks": [outcome.task for outcome in outcomes],
        "scores": scores,
    }


def _show(found: Mapping[str, Sequence[Outcome]], score: str, result: TrainResult, console: Console) -> None:
    from rich.table import Table

    table = Table(title=f"test tasks, {result.updates} updates, {result.cpu_seconds:.0f} processor seconds")
    for column in ("policy", score, "95 %", "R", "calls per episode"):
        table.add_column(column)
    for name, outcomes in found.items():
        told = summary(outcomes, score)
        value, low, high = told[score]
        calls = ", ".join(f"{tool.split('_')[0]} {n:.1f}" for tool, n in told["calls"].items() if "_" in tool)
        interval = "" if low is None else f"{low:.2f} to {high:.2f}"
        table.add_row(name, f"{value:.2f}", interval, f"{told['reward']:.2f}", calls)
    console.print(table)
    if result.problem:
        console.print(f"stopped early: {result.problem}")
