"""The command ``agemem compare``: engines of this package beside the packages whose worlds they play.

A comparison is a module with a Typer application `app` of one command, and one line of `COMPARISONS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType

import typer

from benchmarks.cli.application import OneLineErrors

COMPARISONS: Mapping[str, str] = MappingProxyType(
    {"ALFWorld": "benchmarks.compare.alfworld", "SciWorld": "benchmarks.compare.sciworld"}
)
"""Benchmark name -> module; imported when the command is run."""

_BY_LOWER_CASE = {name.lower(): name for name in COMPARISONS}

compare_app = typer.Typer(
    cls=OneLineErrors,
    no_args_is_help=True,
    # A benchmark may be written in any case; everything else is left as it is.
    context_settings={"token_normalize_func": lambda token: _BY_LOWER_CASE.get(token.lower(), token)},
    pretty_exceptions_enable=False,
    help="Compare an engine with the package whose world it plays: texts, commands and speed.",
)


@compare_app.callback()
def _group() -> None:
    """Make the application a group of commands, however few there are."""


def _command(name: str, module: str) -> Callable[[typer.Context], None]:
    def run(ctx: typer.Context) -> None:
        import_module(module).app(ctx.args, prog_name=f"agemem compare {name}")

    return run


for _name, _module in COMPARISONS.items():
    compare_app.command(
        _name,
        add_help_option=False,
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
        help=f"Compare the engine of {_name}.",
    )(_command(_name, _module))
