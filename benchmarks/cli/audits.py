"""`agemem audit`: whether tasks give themselves away, and whether rewards can be had without the work."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from benchmarks.cli import options as o
from benchmarks.cli.application import app, console, progress, say

audit = typer.Typer(no_args_is_help=True, help="Audit tasks and rewards.")
app.add_typer(audit, name="audit")


@audit.callback()
def audits() -> None:
    """Audit tasks and rewards."""


@audit.command()
def leaks(
    benchmark: o.Benchmarks = None,
    train: Annotated[int, typer.Option(min=10, help="Tasks of the train split to learn from.")] = 400,
    seeds: Annotated[int, typer.Option("--seeds", "-n", min=10, help="Seeds whose test tasks are tried.")] = 100,
    first: o.FirstSeed = 0,
    json_file: Annotated[Path | None, typer.Option("--json", help="File to write the measures to.")] = None,
) -> None:
    """Measure whether anything before the query tells which statements it will need; exit code 1 if a bound fails."""
    import json

    from benchmarks.audit.leaks import measure, show, to_json
    from benchmarks.specs import find_benchmarks

    names = find_benchmarks(benchmark or ())
    found = [leak for name in names for leak in measure(name, train, range(first, first + seeds))]
    show(found, console())
    if json_file is not None:
        json_file.write_text(json.dumps(to_json(found), indent=1) + "\n", encoding="utf-8")
    if not all(leak.holds for leak in found):
        raise typer.Exit(1)


@audit.command()
def rewards(
    benchmark: o.Benchmarks = None,
    episodes: o.Episodes = 100,
    first_seed: o.FirstSeed = 0,
    source: o.Source = "generated",
    workers: o.Workers = 2,
    form: Annotated[str, typer.Option("--format", help="How to print: table, markdown or json.")] = "table",
    output: Annotated[Path | None, typer.Option(help="File to write all figures to, as JSON.")] = None,
) -> None:
    """Play the red team under both profiles and check what it may earn; exit code 1 if a bound of strict is broken."""
    import json

    from benchmarks.audit.report import show, to_dict
    from benchmarks.audit.rewards import audit as measure
    from benchmarks.processes import one_each
    from benchmarks.report.tables import check_format
    from benchmarks.specs import find_benchmarks

    check_format(form, ("table", "markdown", "json"))
    workers = one_each("--workers", workers, say)
    names = list(find_benchmarks(benchmark or ()))
    seeds = range(first_seed, first_seed + episodes)
    with progress(len(names) * episodes) as track:
        found = measure(names, seeds, workers=workers, env_kwargs={"source": source}, track=track)
    show(found.outcomes, found.findings, form, console())
    if output is not None:
        output.write_text(json.dumps(to_dict(found.outcomes, found.findings), indent=1) + "\n", encoding="utf-8")
    if not found.holds:
        raise typer.Exit(1)
