"""How far a run has come, shown while it is played: a table in a terminal, lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from benchmarks.cli.application import PROGRESS_SECONDS, say

if TYPE_CHECKING:
    from rich.console import RenderableType

    from benchmarks.results.row import EpisodeRow
    from benchmarks.run.bench import Track
    from benchmarks.runs.standing import Count, Standing
    from benchmarks.specs import RunSpec


@contextmanager
def live(specs: Sequence[RunSpec]) -> Iterator[Track]:
    """Show the standing of a run on stderr."""
    from rich.console import Console
    from rich.live import Live

    from benchmarks.runs.standing import Standing

    errors = Console(stderr=True)
    standing = Standing.of(specs)
    if not errors.is_terminal:
        yield in_lines(standing, say)
        return
    with Live(get_renderable=lambda: _picture(standing), console=errors, transient=True, refresh_per_second=4):

        def track(row: EpisodeRow, played: bool) -> None:
            standing.add(row, played=played)

        yield track


def in_lines(standing: Standing, tell: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> Track:
    """Return what tells the standing when a row comes, but not more often than every `PROGRESS_SECONDS`.

    Args:
        standing: The standing.
        tell: Takes the lines.
        clock: Returns the time in seconds.
    """
    from benchmarks.runs.standing import in_words

    told = clock()

    def track(row: EpisodeRow, played: bool) -> None:
        """Count a row, and tell now and then how far the run is."""
        nonlocal told
        standing.add(row, played=played)
        if played and clock() - told >= PROGRESS_SECONDS and standing.whole.there < standing.whole.total:
            told = clock()
            tell(in_words(standing))

    return track


def _picture(standing: Standing) -> RenderableType:
    """Return the standing as a table: a line for each benchmark and one for all."""
    from rich.progress_bar import ProgressBar
    from rich.table import Table

    from benchmarks.runs.standing import price_in_words
    from benchmarks.specs import main_score

    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("", "Episodes", "", "Score", "Crashed", "Tokens"):
        table.add_column(name, justify="left" if not name else "right")

    def line(name: str, metric: str, tally: Count) -> None:
        """Add a line of the table."""
        bar = ProgressBar(total=max(1, tally.total), completed=tally.there, width=24)
        score = "" if tally.mean is None or not metric else f"{metric} {tally.mean:.2f}"
        failed = str(tally.failed) if tally.failed else ""
        table.add_row(name, f"{tally.there}/{tally.total}", bar, score, failed, f"{tally.tokens:,.0f}")

    for benchmark, tally in standing.benchmarks.items():
        line(benchmark, main_score(benchmark), tally)
    line("all", "", standing.whole)
    left = standing.seconds_left
    rest = "" if left is None else f", about {_minutes(left)} left"
    table.caption = f"{_minutes(standing.seconds)}{rest}; {price_in_words(standing)}"
    table.caption_justify = "left"
    return table


def _minutes(seconds: float) -> str:
    """Return a time as text.

    >>> _minutes(75.2)
    '1:15 min'
    """
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d} min"
