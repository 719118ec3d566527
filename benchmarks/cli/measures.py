"""`agemem throughput`, `requests`, `necessity` and `fingerprint`: what is measured of environments."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from benchmarks.cli import options as o
from benchmarks.cli.application import app, console, say


@app.command()
def throughput(
    benchmark: o.Benchmarks = None,
    seconds: Annotated[float, typer.Option(min=0.0, help="How long to play each benchmark.")] = 5.0,
    policy: o.OnePolicy = "expert",
    source: o.Source = "auto",
    full: Annotated[
        bool,
        typer.Option("--full", help="Measure other engines, memory, and many side by side, too: some minutes each."),
    ] = False,
    output: Annotated[
        Path | None, typer.Option(help="Write figures, page and plot to this path with .json, .md and .svg.")
    ] = None,
    profile: Annotated[bool, typer.Option("--profile", help="Print the slowest functions.")] = False,
) -> None:
    """Measure steps and resets per second, what long episodes and full contexts cost, and other engines beside."""
    from benchmarks.run.choose import choose
    from benchmarks.run.players import players
    from benchmarks.speed.growth import searches
    from benchmarks.speed.pages import show, write
    from benchmarks.speed.throughput import report

    reports = []
    for spec in choose(benchmark or (), players([policy]), [0], {"source": source}, say):
        reports.append(report(spec, seconds, full=full, profiled=profile))
        typer.echo(reports[-1].head)
        if profile:
            typer.echo(reports[-1].profile)
    found = searches()
    show(reports, found, console())
    if output is not None:
        for path in write(reports, found, output):
            say(f"wrote {path}")


@app.command()
def requests(
    in_flight: Annotated[
        int, typer.Option(min=1, max=10_000, help="Episodes in flight, in all processes together.")
    ] = 64,
    latency: Annotated[float, typer.Option(min=0.001, help="Seconds that the server takes to answer.")] = 0.1,
    workers: Annotated[int, typer.Option(min=1, max=1_000, help="Number of processes that play.")] = 2,
    seconds: Annotated[float, typer.Option(min=1.0, help="How long to measure.")] = 10.0,
) -> None:
    """Measure the requests per second of a run with a model behind a server, against the ideal."""
    from benchmarks.speed.request_rate import measure

    typer.echo(measure(in_flight, latency, workers, seconds))


@app.command()
def necessity(
    benchmark: o.Benchmarks = None,
    tasks: Annotated[int, typer.Option(min=1, help="Tasks, from the first of the test split.")] = 100,
    source: o.Source = "auto",
    env: o.Settings = None,
) -> None:
    """Measure what the facts of stage 1 are worth to the expert."""
    from benchmarks.necessity import measure, show
    from benchmarks.run.options import parse_settings
    from benchmarks.specs import find_benchmarks

    kwargs = {"source": source, **parse_settings(env or ())}
    show([measure(name, tasks, kwargs) for name in find_benchmarks(benchmark or ())], console())


@app.command()
def fingerprint(
    benchmark: o.Benchmarks = None,
    episodes: o.EpisodesPerVariant = 20,
    source: o.Source = "generated",
    output: Annotated[Path | None, typer.Option(help="Write the digests of single episodes to this file.")] = None,
    against: Annotated[Path | None, typer.Option(help="Compare with such a file; fail if anything differs.")] = None,
) -> None:
    """Digest every observation, reward and info of some episodes, to compare versions or machines."""
    from agemem_env.data.ownership import real_file
    from benchmarks.fingerprint import differences, fingerprints, read, write
    from benchmarks.specs import find_benchmarks

    if output is not None:
        real_file(output)
    before = [] if against is None else read(against)
    found = []
    for line in fingerprints(list(find_benchmarks(benchmark or ())), episodes, source):
        typer.echo(line)
        found.append(line)
    if output is not None:
        write(output, found)
    different = differences(before, found)
    for text in different:
        say(text)
    if different:
        raise typer.Exit(1)
