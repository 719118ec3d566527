"""`agemem export`: what others train on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from benchmarks.cli.application import app, say


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
