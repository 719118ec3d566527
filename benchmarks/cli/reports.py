"""`agemem report`: averages and comparisons of rows, as tables, as data, and as a page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from benchmarks.cli import options as o
from benchmarks.cli.application import app, console, say

if TYPE_CHECKING:
    from benchmarks.report.training import TrainingCurve
    from benchmarks.results.row import EpisodeRow
    from benchmarks.scores.summary import Summary


@app.command()
def report(
    runs: Annotated[
        list[Path], typer.Argument(help="Run folders, or files of rows, which are merged; and training folders.")
    ],
    form: o.Form = "table",
    metrics: o.Metrics = False,
    html: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The page; one that is there is replaced.",
            show_default="report.html in the first run, with --format table",
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="PLAYER",
            help="Compare every other player with this one, on the tasks that both have played.",
            show_default="the first of the leaderboard, on the page alone",
        ),
    ] = None,
) -> None:
    """Print averages of runs, and write a report that opens in a browser."""
    from benchmarks.report.tables import check_format

    check_format(form)
    present(runs, form, metrics, html, against=against)


def present(
    runs: Sequence[Path],
    form: str,
    metrics: bool,
    html: Path | None = None,
    page: bool = True,
    against: str | None = None,
) -> int:
    """Print averages of runs, write the page, and return how many episodes crashed.

    Args:
        runs: Run folders, or files of rows.
        form: How to print.
        metrics: Whether to print all metrics too.
        html: The page; None writes it in its usual place if tables are printed, and where nothing can be written there,
            says so and goes on.
        page: Whether to write one.
        against: The player that the others are compared with, as it is called in tables.
    """
    from agemem_env.errors import StorageError
    from benchmarks.report.file import REPORT, default_path, read_runs, summaries_of, write_report

    found, curves = read_runs(runs)
    summaries = summaries_of(found)
    _print(summaries, form, metrics, against, curves)
    crashed = [row for summary in summaries for row in summary.rows if row.error is not None]
    if crashed:
        say(f"error: {about_crashed(crashed, runs)}")
    if page and (html is not None or form == "table"):
        path = html or (runs[0] / REPORT if runs[0].is_dir() else default_path(found[0]))
        try:
            write_report(found, summaries, path, against, curves)
        except StorageError as error:
            if html is not None:
                raise
            say(f"no report: {error}; name another file with `agemem report ... --html FILE`")
        else:
            say(f"report: {path}")
    return len(crashed)


def _print(
    summaries: Sequence[Summary], form: str, metrics: bool, against: str | None, curves: Sequence[TrainingCurve]
) -> None:
    """Print averages in the form asked for, and the curves of training runs after them."""
    from agemem_env.errors import ConfigurationError
    from benchmarks.report.data import to_data
    from benchmarks.report.tables import show

    if form in ("table", "markdown"):
        if summaries:
            show(summaries, form, metrics, console(), against)
        if curves:
            _print_training(curves, form)
        return
    if not summaries:
        raise ConfigurationError(f"--format {form} has averages of episodes, and training runs have none: use table")
    stdout = typer.get_binary_stream("stdout")
    stdout.write(to_data(summaries, form))
    stdout.flush()


def _print_training(curves: Sequence[TrainingCurve], form: str) -> None:
    from benchmarks.report.sheet import markdown, print_findings
    from benchmarks.report.training import NOTE, STOPPED, grouped, training_sheet

    sheet = training_sheet(grouped(curves))
    note = f"{NOTE} {STOPPED}" if "Stopped" in sheet.columns else NOTE
    if form == "markdown":
        typer.echo(f"{markdown(sheet)}\n\n{note}")
    else:
        print_findings(console(), "Training", [(sheet, note)])


def about_crashed(rows: Sequence[EpisodeRow], files: Sequence[Path]) -> str:
    """Return a line on crashed episodes: how many, what happened most often, and where all of it is written."""
    from benchmarks.run.failures import commonest

    count, text = commonest(rows) or (0, "")
    where = ", ".join(map(str, files))
    often = f"{count} times" if count > 1 else "once"
    return f"crashed episodes: {len(rows)}, most often ({often}) {' '.join(text.split())}; all errors: {where}"
