"""How credit is printed."""

from __future__ import annotations

from rich.console import Console

from benchmarks.credit.credit import Credit, Without
from benchmarks.report.columns import NOT_SCORED, number, shortened
from benchmarks.report.sheet import Sheet, print_sheet

CONTENT = 60
"""Characters of an entry that are shown."""


def show(found: Credit, console: Console) -> None:
    """Print a line for each entry that is needed or made a difference, the most valuable first."""
    told = [entry for entry in found.entries if entry.gold or entry.without.worth != 0 or entry.without.turns]
    lines = [(_short(entry.content), "gold" if entry.gold else "", *_cells(entry.without)) for entry in told]
    rest = len(found.entries) - len(told)
    if rest:
        lines.append((f"{rest} others, each", "", number(found.score, 2), "+0.00", "+0", ""))
    if found.without_all is not None:
        lines.append(("all of them", "", *_cells(found.without_all)))
    title = f"{found.benchmark}, {found.policy}, seed {found.seed}: {found.metric} {number(found.score, 2)}"
    if not lines:
        console.print(f"{title}\nMemory was empty when the query came.", markup=False, highlight=False)
        return
    columns = ("Without", "", "Score", "Worth", "Turns", "Tokens")
    print_sheet(Sheet(columns, tuple(lines), names=2), console, title)
    console.print(
        "Worth: score with the entry less score without; gold: the task needs what it states.\n"
        f"Turns, tokens: how many more stage 3 takes without it. {NOT_SCORED}: not scored, or not recorded",
        markup=False,
        highlight=False,
    )


def _cells(without: Without) -> tuple[str, ...]:
    signed = [NOT_SCORED if value is None else f"{value:+,d}" for value in (without.turns, without.tokens)]
    worth = NOT_SCORED if without.worth is None else f"{without.worth + 0.0:+.2f}"
    return number(without.score, 2), worth, *signed


def _short(text: str) -> str:
    return shortened(" ".join(text.split()), CONTENT)
