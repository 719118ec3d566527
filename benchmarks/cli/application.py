"""The application to which every file of this package adds its commands, and how all of them print."""

from __future__ import annotations

import codecs
import errno
import os
import signal
import sys
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer
import typer.core

if TYPE_CHECKING:
    from rich.console import Console


class OneLineErrors(typer.core.TyperGroup):
    """Shows an error of the package or of a file as one line: exit code 2 for wrong arguments, 1 for the rest.

    Classes given as ``module:Class`` are found in the current folder too, as with ``python -m``.
    """

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return a command, whose flags show no type in help."""
        command = super().get_command(ctx, cmd_name)
        for param in command.get_params(ctx) if command is not None else ():
            _show_no_type_of_flag(param)
        return command

    def get_params(self, ctx: Any) -> Any:
        """Return the parameters, whose flags show no type in help."""
        params = super().get_params(ctx)
        for param in params:
            _show_no_type_of_flag(param)
        return params

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        """Read the options before the command."""
        with _usage_as_one_line():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        write_what_the_terminal_can_show()
        if os.getcwd() not in sys.path and "" not in sys.path:
            sys.path.append(os.getcwd())
        try:
            with terminations_as_interrupts(), _usage_as_one_line():
                return super().invoke(ctx)
        except KeyboardInterrupt:
            say("interrupted")
            raise typer.Exit(INTERRUPTED) from None
        except OSError as error:
            if error.errno == errno.EPIPE:  # whoever read the output has enough
                raise
            where = "" if error.filename is None else f"{error.filename}: "
            say(f"error: {where}{error.strerror or error}")
            raise typer.Exit(1) from error
        except (ValueError, RuntimeError, ImportError) as error:
            from agemem_env.errors import AgeMemError, ConfigurationError

            if not isinstance(error, AgeMemError):
                raise
            say(f"error: {' '.join(str(error).split())}")
            raise typer.Exit(2 if isinstance(error, ConfigurationError) else 1) from error


_UsageError: Any = typer.BadParameter.__mro__[1]  # which module has it depends on the version of typer


@contextmanager
def _usage_as_one_line() -> Iterator[None]:
    """Have a wrong command line said as any other error; a group without a command shows its help."""
    try:
        yield
    except _UsageError as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            raise
        text = " ".join(error.format_message().split()).rstrip(".")
        path = "agemem" if error.ctx is None else error.ctx.command_path
        say(f"error: {text[:1].lower()}{text[1:]}; see `{path} --help`")
        raise typer.Exit(2) from error


INTERRUPTED = 130
"""Exit code after Ctrl-C."""


@contextmanager
def terminations_as_interrupts() -> Iterator[None]:
    """Have SIGTERM, by which schedulers and containers end programs, end this one as Ctrl-C does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _show_no_type_of_flag(param: Any) -> None:
    if getattr(param, "is_flag", False):  # arguments have no such attribute
        param.metavar = ""


_IN_ASCII = str.maketrans({"–": "-", "—": "-", "…": "~", "─": "-", "│": "|", "·": ".", "×": "x", "≥": ">=", "█": "#"})
"""What stands for a character in a terminal that shows ASCII alone; other characters lose their accents."""


def _nearest(error: UnicodeError) -> tuple[str, int]:
    """Return what can be written in place of characters that cannot."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = unicodedata.normalize("NFKD", error.object[error.start : error.end].translate(_IN_ASCII))
    kept = "".join(c if c.isascii() else "?" for c in text if not unicodedata.combining(c))
    return kept or "?", error.end


def write_what_the_terminal_can_show() -> None:
    """Have the standard streams write the nearest thing to what their encoding lacks, instead of failing."""
    codecs.register_error("agemem-nearest", _nearest)
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace" if stream is sys.stdin else "agemem-nearest")


def _print_version(wanted: bool) -> None:
    if wanted:
        from agemem_env._version import __version__

        typer.echo(__version__)
        raise typer.Exit


app = typer.Typer(
    cls=OneLineErrors,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Benchmarks for language agents with long-term memory.",
)


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Benchmarks for language agents with long-term memory."""


def say(line: str) -> None:
    """Print a line for the user, who may have sent the results elsewhere."""
    typer.echo(line, err=True)


def say_nothing(line: str) -> None:
    """Take a line and print nothing."""


def console() -> Console:
    """Return a console for the results: as wide as the terminal, or wide enough for every table in a file or pipe."""
    from rich.console import Console

    from benchmarks.report.tables import WIDTH

    found = Console()
    return found if found.is_terminal or "COLUMNS" in os.environ else Console(width=WIDTH)


PROGRESS_SECONDS = 30.0
"""Seconds between two lines of progress where there is no terminal."""


def progress_lines(
    total: int, tell: Callable[[str], None], clock: Callable[[], float] = time.monotonic
) -> Callable[[int], None]:
    """Return what tells the number of episodes that are there, but not more often than every `PROGRESS_SECONDS`.

    Args:
        total: Number of episodes.
        tell: Takes the lines.
        clock: Returns the time in seconds.
    """
    started = told = clock()
    first: int | None = None

    def track(there: int) -> None:
        """Tell how many are there, if the last time is long ago."""
        nonlocal told, first
        now, first = clock(), there if first is None else first
        if now - told >= PROGRESS_SECONDS and there < total:
            told = now
            left = (now - started) / (there - first) * (total - there) if there > first else None
            rest = "" if left is None else f", about {left / 60:.0f} min left"
            tell(f"{there} of {total} episodes after {(now - started) / 60:.1f} min{rest}")

    return track


@contextmanager
def progress(total: int) -> Iterator[Callable[[int], None] | None]:
    """Show progress on stderr: a bar if that is a terminal, else a line from time to time."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    errors = Console(stderr=True)
    if not errors.is_terminal:
        yield progress_lines(total, say)
        return
    columns = (TextColumn("Episodes"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True) as bar:
        task = bar.add_task("", total=total)

        def track(there: int) -> None:
            """Move the bar."""
            bar.update(task, completed=there)

        yield track
