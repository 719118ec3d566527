"""`agemem chat` and `agemem replay`: single episodes, played by hand or from a recording."""

from __future__ import annotations

import sys
from contextlib import closing
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.cli import options as o
from benchmarks.cli.application import app, console, progress, say


@app.command()
def chat(
    benchmark: o.OneBenchmark = "HotpotQA",
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of the episode.", show_default="random")] = None,
    task: Annotated[str | None, typer.Option(help="Id or index of the task.", show_default="drawn by the seed")] = None,
    stages: o.Stages = "1,2,3",
    env: o.Settings = None,
) -> None:
    """Play an episode yourself, with the view that a model gets."""
    from benchmarks.chat.session import chat
    from benchmarks.run.options import parse_settings, parse_stages
    from benchmarks.specs import find_benchmark, make_env

    kwargs = {"stages": parse_stages(stages), **parse_settings(env or ())}
    chosen = int(task) if task is not None and task.isdecimal() and len(task) < 10 else task
    with closing(make_env(find_benchmark(benchmark), kwargs)) as made:
        for stream in (sys.stdin, sys.stdout):  # what a terminal cannot show must not end the episode
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="replace")
        chat(made, console(), seed=seed, task=chosen)


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(help="Recorded episodes, one per line.")],
    benchmark: Annotated[str, typer.Option("--benchmark", "-b", help="Benchmark of the recordings.")],
    every: Annotated[bool, typer.Option("--all", help="Show every difference, not only the first.")] = False,
) -> None:
    """Play recorded episodes again under protocol agentboard; fail if anything differs."""
    from benchmarks.replay.replay import SHOWN, adapter, read_records, replay

    player, records = adapter(benchmark), read_records(file)
    with progress(len(records)) as track:
        tally = replay(player, records, track)
    for line in tally.lines(None if every else SHOWN):
        say(line)
    typer.echo(tally)
    if not tally.ok:
        raise typer.Exit(1)
