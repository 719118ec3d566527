"""The figures of `agemem throughput` as tables, on the console and on a page."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

from rich.console import Console

from agemem_env.data.files import whole_file
from benchmarks.report.sheet import Sheet, print_sheet
from benchmarks.speed import growth
from benchmarks.speed.bounds import Bound, bounds
from benchmarks.speed.growth import Search
from benchmarks.speed.plot import plot
from benchmarks.speed.throughput import Report

NONE = "–"

_COMMAND = "agemem throughput --full --source generated --output docs/speed"

_NOTES: Mapping[str, str] = {
    "Resets": "Milliseconds of the process's processor time, without ScienceWorld's virtual machine. *new*: mean of "
    "tasks that were not made before, in random order; *again*: the task that was played last; *restore*: a return "
    "to a snapshot. *per second*: resets in the episodes of the policy.",
    "Steps": "Microseconds. *idle*: median of `do-nothing` in usual episodes. *first*, *last*: 100 turns of idle "
    "episodes of 1,000 turns in stage 3; *full*: the first 100 with a full context; *64k*: at 64,000 tokens against "
    "the start; *entries*: with 10,000 entries in memory against 10, without retrieval.",
    "Layers": "Microseconds per command, the same random valid commands in each layer, fastest of several runs. "
    "*stock*: the engine as its own package is used; *engine*: ours, with the list of commands where `info` has it; "
    "*env*: the whole step. *first*: seconds from the start of a process to the first observation. *MB*: memory of the "
    "process and its virtual machine per environment, of 2 for the stock engine and of 16 for ours.",
    "Side by side": "Steps per second of all environments together, on all processors: one process "
    "(`SyncVectorEnv`), a process each (`AsyncVectorEnv` without shared memory), and the pool of `gym.make_vec`.",
    "Searches": "Milliseconds of a search, with and without a metadata filter that half of the entries pass.",
    "Bounds": "What the figures must hold.",
}


def sheets(reports: Sequence[Report], searches: Sequence[Search]) -> dict[str, Sheet]:
    """Return the tables by title; those without rows are left out."""
    found = {
        "Resets": _resets(reports),
        "Steps": _steps(reports),
        "Layers": _layers(reports),
        "Side by side": _side_by_side(reports),
        "Searches": Sheet(
            ("entries", "search", "with filter"),
            tuple((f"{s.entries:,}", f"{s.plain:.2f}", f"{s.filtered:.2f}") for s in searches),
            1,
        ),
        "Bounds": _bounds(bounds(reports, searches)),
    }
    return {title: sheet for title, sheet in found.items() if sheet.rows}


def show(reports: Sequence[Report], searches: Sequence[Search], console: Console) -> None:
    """Print the tables."""
    for title, sheet in sheets(reports, searches).items():
        print_sheet(sheet, console, title)
        console.print(_NOTES[title].replace("*", "").replace("`", ""), highlight=False)


def write(reports: Sequence[Report], searches: Sequence[Search], place: Path) -> list[Path]:
    """Write the figures as JSON, a page and a plot, and return where.

    Args:
        reports: What was measured of the benchmarks.
        searches: What was measured of memory.
        place: The files, without their endings.
    """
    content = {
        "machine": machine(),
        "reports": [asdict(report) for report in reports],
        "searches": [asdict(search) for search in searches],
        "bounds": [{**asdict(bound), "holds": bound.holds} for bound in bounds(reports, searches)],
    }
    plot_file = place.with_suffix(".svg")
    parts: dict[Path, Callable[[], str]] = {
        place.with_suffix(".json"): lambda: json.dumps(content, indent=1),
        plot_file: lambda: plot(reports, searches),
        place.with_suffix(".md"): lambda: _page(reports, searches, plot_file.name),
    }
    for path, text in parts.items():
        with whole_file(path) as file:
            file.write(f"{text()}\n".encode())
    return list(parts)


def machine() -> str:
    """Return what the figures were measured on."""
    return f"{os.cpu_count()} processors, Python {platform.python_version()}, {platform.system()}"


def _page(reports: Sequence[Report], searches: Sequence[Search], picture: str) -> str:
    lines = [
        "# Speed",
        "",
        f"Written by `{_COMMAND}` on {date.today().isoformat()}: {machine()}. Figures depend on the machine and on "
        "what else it does; all of one table come from one run, so ratios tell more than times.",
        "",
        f"![Cost of a step as the context grows, and steps per second side by side]({picture})",
    ]
    for title, sheet in sheets(reports, searches).items():
        lines += ["", f"## {title}", "", _NOTES[title], "", *_markdown(sheet)]
    return "\n".join(lines)


def _markdown(sheet: Sheet) -> list[str]:
    rule = ["---" if i < sheet.names else "---:" for i in range(len(sheet.columns))]
    return [f"| {' | '.join(line)} |" for line in (sheet.columns, rule, *sheet.rows)]


def _resets(reports: Sequence[Report]) -> Sheet:
    return Sheet(
        ("benchmark", "new", "again", "restore", "per second"),
        tuple(
            (
                r.benchmark,
                *(f"{v:.2f}" for v in (r.resets.new, r.resets.again, r.resets.restore)),
                f"{r.speed.resets_per_second:,.0f}",
            )
            for r in reports
        ),
        1,
    )


def _steps(reports: Sequence[Report]) -> Sheet:
    names = ("benchmark", "steps/s", "idle", "first", "last", "ratio", "full", "ratio", "64k", "entries")
    return Sheet(names, tuple(map(_steps_line, reports)), 1)


def _steps_line(report: Report) -> tuple[str, ...]:
    flat = report.flat
    return (
        report.benchmark,
        *(f"{v:,.0f}" for v in (report.speed.steps_per_second, report.idle.median, flat.early, flat.late)),
        _ratio(flat.late, flat.early),
        NONE if flat.full is None else f"{flat.full:,.0f}",
        _ratio(flat.full, flat.early),
        _ratio(report.context.large, report.context.small),
        _ratio(report.memory.large, report.memory.small),
    )


def _layers(reports: Sequence[Report]) -> Sheet:
    """Return steps per second of the engine and of the environment beside those of the stock package."""
    names = ("benchmark", "package", "stock", "engine", "env", "env/stock", "env/engine", "reset, ms")
    probes = ("first", "first, ours", "MB", "MB, ours")
    rows = []
    for report in reports:
        costs = None if report.beside is None else report.beside.costs
        if report.beside is None or costs is None:
            continue
        both = (report.beside.stock, report.beside.env)
        rows.append(
            (
                report.benchmark,
                costs.package or NONE,
                _number(costs.stock, ",.0f"),
                f"{costs.engine:,.0f}",
                f"{costs.env:,.0f}",
                _ratio(costs.env, costs.stock),
                _ratio(costs.env, costs.engine),
                _number(costs.stock_reset, ",.1f"),
                *(NONE if p is None else f"{p.first_s:.1f}" for p in both),
                *(NONE if p is None else f"{p.mb:,.0f}" for p in both),
            )
        )
    return Sheet((*names, *probes), tuple(rows), 2)


def _side_by_side(reports: Sequence[Report]) -> Sheet:
    """Return turns per second of many environments: in one process, in Gymnasium's vector, and in the pool."""
    names = ("benchmark", "number", "one process", "AsyncVectorEnv", "pool", "pool/one", "pool/Async", "MB each")
    rows = tuple(
        (
            report.benchmark,
            str(v.count),
            f"{v.sync:,.0f}",
            _number(v.async_, ",.0f"),
            f"{v.pool:,.0f}",
            _ratio(v.pool, v.sync),
            _ratio(v.pool, v.async_),
            f"{v.pool_mb:,.0f}",
        )
        for report in reports
        if report.beside is not None
        for v in report.beside.vectors
    )
    return Sheet(names, rows, 2)


def _bounds(found: Sequence[Bound]) -> Sheet:
    rows = tuple(
        (
            bound.benchmark or NONE,
            bound.what,
            f"{bound.value:,.2f}",
            f"{'≥' if bound.at_least else '≤'} {bound.limit:g}",
            "yes" if bound.holds else "no",
        )
        for bound in found
    )
    return Sheet(("benchmark", "figure", "measured", "bound", "holds"), rows, 2)


def _ratio(value: float | None, other: float | None) -> str:
    return NONE if value is None or not other else f"{value / other:.2f}"


def _number(value: float | None, form: str) -> str:
    return NONE if value is None else format(value, form)


def search_line(found: Sequence[Search]) -> str:
    """Return the times of searches in the largest memory as text."""
    last = found[-1]
    return (
        f"a search in {growth.ENTRIES[-1]:,} entries takes {last.plain:.1f} ms, with a metadata filter "
        f"{last.filtered:.1f} ms"
    )
