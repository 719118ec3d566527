"""`agemem check`: holds a benchmark to the contracts and prints a line for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from baselines.conformance import Maker, Result, contracts


def check(
    benchmark: str, only: Sequence[str], kwargs: Mapping[str, Any], console: Console, progress: Console
) -> list[Result]:
    """Hold a benchmark to the contracts and print the results.

    Args:
        benchmark: Name of a registered benchmark, or ``"module:Class"``.
        only: Names of contracts; empty means all.
        kwargs: Arguments of the environments.
        console: Where the table goes.
        progress: Where it is shown what is being checked, if that is a terminal.
    """
    chosen = contracts(only)
    make = Maker(benchmark, **kwargs)
    results = []
    for number, contract in enumerate(chosen, 1):
        with progress.status(f"{number}/{len(chosen)} {contract.name}"):
            results.append(contract.check(make))
    console.print(_table(results) if console.width >= _WIDE else _list(results))
    failed = sum(not result.passed for result in results)
    verdict = f"{failed} of {len(results)} contracts broken" if failed else f"{len(results)} contracts kept"
    console.print(f"{benchmark}: {verdict} in {sum(result.seconds for result in results):.1f} s", highlight=False)
    return results


_WIDE = 90
"""Columns from which a terminal is wide enough for descriptions beside the results."""


def _list(results: Sequence[Result]) -> Group:
    """Return the results with each description below its contract."""
    about = {contract.name: contract.description for contract in contracts()}
    lines: list[RenderableType] = []
    for result in results:
        kept = ("yes", "green") if result.passed else ("NO", "bold red")
        lines.append(Text.assemble(kept, f"  {result.contract}  {result.seconds:.1f} s"))
        lines.append(Padding(Text(about[result.contract] if result.passed else result.message), (0, 0, 0, 4)))
    return Group(*lines)


def _table(results: Sequence[Result]) -> Table:
    about = {contract.name: contract.description for contract in contracts()}
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("Contract", no_wrap=True)
    table.add_column("Kept", no_wrap=True)
    table.add_column("s", justify="right", no_wrap=True)
    table.add_column("What it promises, or what is wrong", overflow="fold")
    for result in results:
        kept = Text("yes", "green") if result.passed else Text("NO", "bold red")
        text = Text(about[result.contract]) if result.passed else Text(result.message, "red")
        table.add_row(result.contract, kept, f"{result.seconds:.1f}", text)
    return table
