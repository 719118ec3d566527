"""The commands ``agemem data download`` and ``agemem data list``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.table import Table

from agemem_env.data import data_root
from agemem_env.data.datasets import DATASETS
from agemem_env.errors import AgeMemError, unknown_name

data_app = typer.Typer(help="Official benchmark data: download it, see what is there.", no_args_is_help=True)


@data_app.command("download")
def download_command(
    name: Annotated[str, typer.Argument(help=f"Data set: {', '.join(DATASETS)}.")],
    split: Annotated[str, typer.Option(help="train, dev or all.")] = "all",
) -> None:
    """Download an official data set into the data folder; broken downloads are resumed."""
    try:
        paths = _download(name, split)
    except AgeMemError as error:
        Console(stderr=True, soft_wrap=True).print(f"[red]error:[/red] {escape(str(error))}")
        raise typer.Exit(1) from None
    for path in paths:
        typer.echo(path)


@data_app.command("list")
def list_command() -> None:
    """Show which data sets are present, and where."""
    table = Table("data set", "files", "folder")
    for name in DATASETS:
        folder = data_root() / name
        found = sorted(path.name for path in folder.glob("*.json"))
        table.add_row(name, ", ".join(found) or "not downloaded", str(folder))
    table.add_row("generated", "always available", "")
    Console().print(table)


def _download(name: str, split: str) -> list[Path]:
    if name not in DATASETS:
        raise unknown_name("data set", name, DATASETS)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:

        def report(file: str, present: int, size: int | None) -> None:
            known = [task.id for task in bar.tasks if task.description == file]
            number = known[0] if known else bar.add_task(file)
            bar.update(number, completed=present, total=size)

        return DATASETS[name](split, report)
