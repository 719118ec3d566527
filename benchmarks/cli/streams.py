"""`agemem stream`: score and memory over streams of tasks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmarks.cli.application import app, console

if TYPE_CHECKING:
    from benchmarks.report.sheet import Sheet
    from benchmarks.scores.stream import Band


@app.command()
def stream(
    runs: Annotated[list[Path], typer.Argument(help="Run folders, or files of rows; they are merged.")],
    parts: Annotated[int, typer.Option(min=1, help="Parts into which a stream is divided.")] = 4,
    form: Annotated[str, typer.Option("--format", help="How to print: table, markdown or json.")] = "table",
) -> None:
    """Print score, size of memory, tokens and seconds from the first to the last tasks of streams."""
    import json
    from dataclasses import asdict

    from agemem_env.errors import DataError, unknown_name
    from benchmarks.report.sheet import markdown, print_sheet
    from benchmarks.runs.reading import open_run
    from benchmarks.scores.stream import bands

    if form not in ("table", "markdown", "json"):
        raise unknown_name("format", form, ("table", "markdown", "json"))
    found = bands((row for path in runs for row in open_run(path).rows), parts)
    if not found:
        raise DataError(f"no stream in {', '.join(map(str, runs))}: play some with `agemem bench --suite lifelong`")
    if form == "json":
        typer.echo(json.dumps([asdict(band) for band in found], ensure_ascii=False, indent=2))
    elif form == "markdown":
        typer.echo(markdown(_sheet(found)))
    else:
        print_sheet(_sheet(found), console())


def _sheet(found: list[Band]) -> Sheet:
    """Return the bands as a table."""
    from benchmarks.report.columns import number
    from benchmarks.report.sheet import Sheet
    from benchmarks.specs import main_score

    columns = ("Benchmark", "Player", "Memory", "Tasks", "n", "Score", "Entries", "TN", "s")
    rows = tuple(
        (
            band.benchmark,
            band.player,
            "kept" if band.kept else "new each time",
            f"{band.first + 1} to {band.last + 1}",
            str(band.episodes),
            f"{main_score(band.benchmark)} {number(band.score, 2)}",
            number(band.entries, 0),
            number(band.tokens, 0),
            number(band.seconds, 2),
        )
        for band in found
    )
    return Sheet(columns, rows, names=4)
