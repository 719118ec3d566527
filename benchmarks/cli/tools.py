"""`agemem doctor`, `data`, `check`, `compare` and `version`: what is here, and whether it is right."""

from __future__ import annotations

from typing import Annotated

import typer

from benchmarks.cli import completion
from benchmarks.cli import options as o
from benchmarks.cli.application import app, console

_PASSED_ON = {"allow_extra_args": True, "allow_interspersed_args": False, "ignore_unknown_options": True}
"""Settings of a command that hands its arguments to an application of its own, which is imported only then.

Mounting it with `add_typer` would import it, and much with it, for every other command.
"""


_KINDS = "benchmarks, policies, memories, tools, rewards or suites."


@app.command()
def doctor() -> None:
    """Say which versions, benchmarks, data and optional packages are here."""
    from benchmarks.doctor import report

    for line in report():
        typer.echo(line)


@app.command()
def version() -> None:
    """Print the version."""
    from agemem_env import __version__

    typer.echo(__version__)


@app.command("list")
def list_names(
    kind: Annotated[
        str,
        typer.Argument(help="benchmarks, policies, memories, tools, rewards, suites.", autocompletion=completion.kinds),
    ],
) -> None:
    """List the benchmarks, policies, memory systems, memory tools, reward profiles or suites that have a name."""
    from agemem_env.errors import unknown_name
    from benchmarks.listing import LISTS, show

    if kind not in LISTS:
        raise unknown_name("list", kind, LISTS)
    show(kind, console())


@app.command()
def check(
    benchmark: Annotated[
        str,
        typer.Argument(help="Benchmark, or module:Class of an engine.", autocompletion=completion.benchmarks),
    ],
    contract: Annotated[
        list[str] | None, typer.Option("--contract", help="Contract; repeatable.", show_default="all")
    ] = None,
    env: o.Settings = None,
) -> None:
    """Hold a benchmark to the contracts of the suite; fail if one is broken."""
    from rich.console import Console

    from benchmarks.check import check
    from benchmarks.run.options import parse_settings

    results = check(benchmark, contract or (), parse_settings(env or ()), console(), Console(stderr=True))
    if not all(result.passed for result in results):
        raise typer.Exit(1)


@app.command(add_help_option=False, context_settings=_PASSED_ON)
def data(ctx: typer.Context) -> None:
    """Download official benchmark data, and list what is there."""
    from benchmarks.data import data_app

    data_app(ctx.args, prog_name="agemem data")


@app.command(add_help_option=False, context_settings=_PASSED_ON)
def compare(ctx: typer.Context) -> None:
    """Compare an engine with the package that it stands for: texts, commands, speed."""
    from benchmarks.compare.commands import compare_app

    compare_app(ctx.args, prog_name="agemem compare")
