"""`agemem train`: a policy that learns to use the memory tools. `agemem export`: what others train on."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from benchmarks.cli import options as o
from benchmarks.cli.application import app, console, say


@app.command()
def train(
    benchmark: o.OneBenchmark,
    minutes: Annotated[float | None, typer.Option(min=0.01, help="How long to train, by the clock.")] = None,
    updates: Annotated[int | None, typer.Option(min=1, help="Instead: how many updates, the same everywhere.")] = None,
    cpu_seconds: Annotated[
        float | None, typer.Option(min=1, help="Instead: processor seconds of all together.")
    ] = None,
    processes: Annotated[
        int, typer.Option(min=1, show_default="number of cores", help="Processes that play; the curve is the same.")
    ] = os.cpu_count() or 1,
    seed: Annotated[int, typer.Option(help="Of everything that is drawn.")] = 0,
    out: Annotated[
        Path | None,
        typer.Option(show_default="runs/train-<benchmark>-<seed>", help="Folder; a run there is continued."),
    ] = None,
    curriculum: Annotated[str, typer.Option(help="progressive, all, or stage-3-only.")] = "progressive",
    algorithm: Annotated[str, typer.Option(help="step-wise, per-trajectory, or gigpo.")] = "step-wise",
    returns: Annotated[str, typer.Option(help="all, or answer: the reward of the task alone.")] = "all",
    beta: Annotated[float, typer.Option(min=0, help="Weight of the KL term.")] = 0.01,
    no_memory: Annotated[bool, typer.Option("--no-memory", help="Offer no memory tool.")] = False,
    test_tasks: Annotated[int, typer.Option(min=1, help="Test tasks played before and after.")] = 100,
) -> None:
    """Train a policy by step-wise GRPO on generated tasks; it is kept with its curve and tested on other tasks."""
    from baselines.grpo.groups import Learning
    from baselines.grpo.settings import Budget, Settings
    from benchmarks.training import run

    if minutes is None and updates is None and cpu_seconds is None:
        minutes = 10.0
    settings = Settings.of(
        benchmark,
        Budget(updates, cpu_seconds, minutes),
        seed=seed,
        curriculum=curriculum,
        learning=Learning.named(algorithm, returns, beta=beta),
        arguments={"tools": ()} if no_memory else {},
    )
    folder = out or Path("runs") / f"train-{benchmark}-{seed}"
    say(f"training on {benchmark} with {processes} processes, kept in {folder}")
    run(settings, folder, processes, test_tasks, _told, console())


def _told(row: Mapping[str, Any]) -> None:
    """Print the first update and every tenth."""
    if row["update"] == 1 or row["update"] % 10 == 0:
        parts = ("score", "reward", "silent", "kl", "entropy")
        numbers = "  ".join(f"{name} {row[name]:.3f}" for name in parts)
        say(f"update {row['update']:5d}  {row['phase']:<6} {numbers}  {row['seconds']:.0f} s")


@app.command()
def export(
    runs: Annotated[list[Path], typer.Argument(help="Run folders.")],
    form: Annotated[
        str,
        typer.Option(
            "--format",
            help="rows: tokens with masks; sft: conversations; pairs: preferences; parquet: every turn as a table.",
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(help="File: Parquet if it ends in .parquet, else JSON lines.", show_default="standard output"),
    ] = None,
    tokenizer: Annotated[
        str | None,
        typer.Option(help="Name or path of the tokenizer of rows.", show_default="token ids that were recorded"),
    ] = None,
    min_reward: Annotated[float | None, typer.Option(help="Leave out episodes that earned less.")] = None,
    success: Annotated[bool, typer.Option("--success", help="Leave out episodes whose task is not solved.")] = False,
) -> None:
    """Write the episodes of runs as data to train on, in an order that does not depend on how they were played."""
    from benchmarks.export.choose import Wanted
    from benchmarks.export.export import ExportRequest, export

    request = ExportRequest(runs, form, output, tokenizer, Wanted(min_reward, success))
    tally = export(request, say, typer.get_binary_stream("stdout"))
    if tally.damaged:
        raise typer.Exit(1)
