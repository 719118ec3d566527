"""The application to which every file of this package adds its commands, and how all of them print."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer
import typer.core

if TYPE_CHECKING:
    from rich.console import Console


class OneLineErrors(typer.core.TyperGroup):
    """Shows an error of the package as one line: exit code 2 for wrong arguments, 1 for the rest.

    Classes given as ``module:Class`` are found in the current folder too, as with ``python -m``.
    """

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        if os.getcwd() not in sys.path and "" not in sys.path:
            sys.path.append(os.getcwd())
        try:
            return super().invoke(ctx)
        except (ValueError, RuntimeError, ImportError) as error:
            from agemem_env.errors import AgeMemError, ConfigurationError

            if not isinstance(error, AgeMemError):
                raise
            say(f"error: {' '.join(str(error).split())}")
            raise typer.Exit(2 if isinstance(error, ConfigurationError) else 1) from error


app = typer.Typer(
    cls=OneLineErrors,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Benchmarks for language agents with long-term memory.",
)


def say(line: str) -> None:
    """Print a line for the user, who may have sent the results elsewhere."""
    typer.echo(line, err=True)


def say_nothing(line: str) -> None:
    """Take a line and print nothing."""


def console() -> Console:
    """Return a console for the results, as wide as the terminal and never narrower than a table."""
    from rich.console import Console

    from benchmarks.results.tables import WIDTH

    return Console(width=max(WIDTH, Console().width))


@contextmanager
def progress(total: int) -> Iterator[Callable[[int], None] | None]:
    """Show a progress bar on stderr if that is a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    errors = Console(stderr=True)
    if not errors.is_terminal:
        yield None
        return
    columns = (TextColumn("Episodes"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True) as bar:
        task = bar.add_task("", total=total)

        def track(there: int) -> None:
            bar.update(task, completed=there)

        yield track
