"""The commands ``agemem data download``, ``agemem data generate`` and ``agemem data list``."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from agemem_env.data import data_root
from agemem_env.data.datasets import DATASETS, download_dataset
from agemem_env.errors import AgeMemError
from benchmarks.cli.application import OneLineErrors
from benchmarks.inventory import inventory
from benchmarks.specs import known_name

data_app = typer.Typer(
    cls=OneLineErrors, help="Benchmark data: download it, generate it, see what is there.", no_args_is_help=True
)

GENERATORS: Mapping[str, str] = MappingProxyType({"ALFWorld": "agemem_env.engines.alfworld.making.export:write_games"})
"""Benchmark name -> ``module:function`` that writes a number of tasks of a split, from a first one on, to a folder."""


@data_app.command("download")
def download_command(
    name: Annotated[str, typer.Argument(help=f"Data set: {', '.join(DATASETS)}.")],
    split: Annotated[str, typer.Option(help="A split of the data set, or all.")] = "all",
) -> None:
    """Download an official data set into the data folder; broken downloads are resumed."""
    try:
        paths = _download(name, split)
    except AgeMemError as error:
        raise _failed(error) from None
    for path in paths:
        typer.echo(path)


@data_app.command("generate")
def generate_command(
    name: Annotated[str, typer.Argument(help=f"Benchmark: {', '.join(GENERATORS)}.")],
    count: Annotated[int, typer.Argument(min=1, help="Number of tasks.")],
    split: Annotated[str, typer.Option(help="train, valid or test.")] = "test",
    seed: Annotated[int, typer.Option(min=0, help="Number of the first task.")] = 0,
    folder: Annotated[Path | None, typer.Option(help="Where to.", show_default="./<name>-generated")] = None,
) -> None:
    """Write generated tasks in the format of the benchmark's own files; equal arguments write equal files."""
    try:
        module, _, function = GENERATORS[known_name("generator", name, GENERATORS)].partition(":")
        write = getattr(import_module(module), function)
        for path in write(count, split, seed, folder or Path(f"{name.lower()}-generated")):
            typer.echo(path)
    except AgeMemError as error:
        raise _failed(error) from None


@data_app.command("list")
def list_command() -> None:
    """Show which official data are here, and where."""
    typer.echo(f"data root: {data_root()} (AGEMEM_DATA names another)")
    for benchmark, holdings in groupby(inventory(), lambda holding: holding.benchmark):
        typer.echo(benchmark)
        for holding in holdings:
            typer.echo(f"  {holding}")
    typer.echo("generated tasks: always available")


def _failed(error: AgeMemError) -> typer.Exit:
    Console(stderr=True, soft_wrap=True).print(f"[red]error:[/red] {escape(str(error))}")
    return typer.Exit(1)


def _download(name: str, split: str) -> list[Path]:
    benchmark = known_name("data set", name, DATASETS)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:

        def report(file: str, present: int, size: int | None) -> None:
            """Show how much of a file is there."""
            known = [task.id for task in bar.tasks if task.description == file]
            number = known[0] if known else bar.add_task(file)
            bar.update(number, completed=present, total=size)

        return download_dataset(benchmark, split, report)
