"""Shows summaries: as a table for the terminal, as Markdown, or as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agemem_env.errors import unknown_name
from benchmarks.results.intervals import Estimate
from benchmarks.results.summary import Summary, common_setting

FORMATS = ("table", "markdown", "json")
"""Ways to print summaries."""

WIDTH = 120
"""Columns that a table may take; wider terminals are used."""

NOT_SCORED = "–"

PARTS = {"Task": "task", "Ctx": "context", "Mem": "memory", "Pen": "penalty"}
"""Column -> reward component."""

COLUMNS = ("Benchmark", "Policy", "n", "Score [95 % CI]", "R", *PARTS, "TC", "TN", "Steps/s")
"""The last one is left out where language models play."""

LEGEND = (
    "n: episodes; +k: k more crashed, in no average. 95 % intervals: Wilson if 0 or 1, else bootstrap.\n"
    "R: reward. Task, Ctx, Mem, Pen: its components. Per episode: TC memory tool calls, TN prompt\n"
    "tokens. –: not scored."
)


COST_COLUMNS = ("Benchmark", "Policy", "Calls", "Prompt", "Reply", "$", "$ all", "M calls", "M tokens", "M $", "M s")

COST_LEGEND = (
    "Cost of language models per episode: calls, tokens of prompts and replies, US dollars; $ all: of all\n"
    "episodes together, crashed ones too; judge, summariser and encoder of the environment are in them.\n"
    "M: the memory system's own share, and the seconds it took. –: price not known."
)


@dataclass(frozen=True)
class Sheet:
    """A table of texts; the first `names` columns are names, the others numbers."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    names: int


def show(summaries: Sequence[Summary], form: str, metrics: bool, console: Console) -> None:
    """Print summaries.

    Args:
        summaries: What to print.
        form: ``table``, ``markdown`` or ``json``.
        metrics: Print the means of reward components and metrics too; JSON always has them.
        console: Where to print.

    Raises:
        ConfigurationError: If the form is unknown.
    """
    check_format(form)
    if form == "json":
        console.out(json.dumps([asdict(s) for s in summaries], ensure_ascii=False, indent=2), highlight=False)
        return
    extra = details(summaries) if metrics else []
    sheets = [overview(summaries), *costs(summaries)]
    if form == "table":
        blocks = [block for sheet in sheets for block in by_benchmark(sheet).items()]
        for title, sheet in [*blocks, *((None, sheet) for sheet in extra)]:
            console.print(_rich(sheet, title))
    else:
        for sheet in (*sheets, *extra):
            console.out(f"{_markdown(sheet)}\n", highlight=False)
    legend = LEGEND if len(sheets) == 1 else f"{LEGEND}\n{COST_LEGEND}"
    console.print(f"{_words(common_setting(summaries))}\n{legend}", highlight=False, markup=False, emoji=False)


def check_format(form: str) -> None:
    """Raise `ConfigurationError` if `show` does not know this form."""
    if form not in FORMATS:
        raise unknown_name("format", form, FORMATS)


def overview(summaries: Sequence[Summary]) -> Sheet:
    """Return one line per summary: how many episodes, the main score, reward, effort, speed."""
    rows = []
    for summary, name in zip(summaries, _first_labels(summaries), strict=True):
        rows.append(
            (
                name,
                summary.policy,
                f"{summary.episodes}+{summary.failed}" if summary.failed else str(summary.episodes),
                f"{summary.score_name} {interval(summary.score)}",
                number(summary.reward, 2),
                *(number(summary.components.get(part), 2) for part in PARTS.values()),
                number(summary.metrics.get("TC"), 1),
                number(summary.metrics.get("TN"), 0),
                number(summary.steps_per_second, 0),
            )
        )
    shown = slice(-1) if any(s.cost.get("calls") for s in summaries) else slice(None)
    return Sheet(COLUMNS[shown], tuple(row[shown] for row in rows), names=2)


def costs(summaries: Sequence[Summary]) -> list[Sheet]:
    """Return a sheet with what language models cost, one line per summary that used any; no sheet if none did."""
    used = [s for s in summaries if s.cost.get("calls")]
    rows = []
    for summary, name in zip(used, _first_labels(used), strict=True):
        cost, memory = summary.cost, summary.memory_cost
        tokens = [memory.get("prompt_tokens"), memory.get("completion_tokens")]
        rows.append(
            (
                name,
                summary.policy,
                number(cost.get("calls"), 1),
                *(number(cost.get(part), 0) for part in ("prompt_tokens", "completion_tokens")),
                number(cost.get("price"), 4),
                number(summary.price, 2),
                number(memory.get("calls"), 1),
                number(sum(filter(None, tokens)), 0),
                number(memory.get("price"), 4),
                number(memory.get("seconds"), 1),
            )
        )
    return [Sheet(COST_COLUMNS, tuple(rows), names=2)] if rows else []


def _first_labels(summaries: Sequence[Summary]) -> list[str]:
    """Return the labels, with an empty text for each that repeats the one before it."""
    names = labels(summaries)
    return ["" if i and names[i - 1] == name else name for i, name in enumerate(names)]


def by_benchmark(sheet: Sheet) -> dict[str, Sheet]:
    """Return a sheet cut into one per entry of its first column, without that column."""
    blocks: dict[str, list[tuple[str, ...]]] = {}
    title = ""
    for first, *rest in sheet.rows:
        title = first or title
        blocks.setdefault(title, []).append(tuple(rest))
    return {title: Sheet(sheet.columns[1:], tuple(rows), sheet.names - 1) for title, rows in blocks.items()}


def details(summaries: Sequence[Summary]) -> list[Sheet]:
    """Return one sheet per benchmark and setting: a row per measure, a column per policy."""
    blocks: dict[str, list[Summary]] = {}
    for summary, label in zip(summaries, labels(summaries), strict=True):
        blocks.setdefault(label, []).append(summary)
    sheets = []
    for label, block in blocks.items():
        tables = [{"reward": s.reward, **s.components, **s.metrics, "errors": s.errors} for s in block]
        names = dict.fromkeys(name for table in tables for name in table)
        rows = tuple((name, *(_short(table.get(name)) for table in tables)) for name in names)
        sheets.append(Sheet((label, *(s.policy for s in block)), rows, names=1))
    return sheets


def labels(summaries: Sequence[Summary]) -> list[str]:
    """Return the benchmark of each summary with whatever of its setting the others do not share."""
    common = common_setting(summaries)
    own = [{k: v for k, v in s.setting.items() if k not in common} for s in summaries]
    return [f"{s.benchmark} {_words(part)}".strip() for s, part in zip(summaries, own, strict=True)]


def number(value: float | None, digits: int) -> str:
    """Return a number with so many digits after the point, or a dash for None.

    >>> number(0.5, 2), number(None, 2)
    ('0.50', '–')
    """
    return NOT_SCORED if value is None else f"{value:.{digits}f}"


def _short(value: float | None) -> str:
    return number(value, 0 if value is not None and abs(value) >= 100 else 3)


def interval(score: Estimate | None) -> str:
    """Return a mean and its interval.

    >>> interval(Estimate(0.8, 0.49, 0.943, 10, "wilson")), interval(None)
    ('0.80 [0.49, 0.94]', '–')
    """
    if score is None or score.low is None:
        return number(None if score is None else score.mean, 2)
    return f"{score.mean:.2f} [{number(score.low, 2)}, {number(score.high, 2)}]"


def _words(setting: Mapping[str, Any]) -> str:
    return " ".join(f"{k}={v if isinstance(v, str) else json.dumps(v)}" for k, v in setting.items())


def _rich(sheet: Sheet, title: str | None) -> Table:
    # no markup: a setting may hold square brackets
    heading = None if title is None else Text(title, style="bold")
    table = Table(title=heading, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for i, name in enumerate(sheet.columns):
        justify: Literal["left", "right"] = "left" if i < sheet.names else "right"
        table.add_column(name, justify=justify, no_wrap=True, overflow="ellipsis")
    for row in sheet.rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def _markdown(sheet: Sheet) -> str:
    rule = [":--" if i < sheet.names else "--:" for i in range(len(sheet.columns))]
    lines = [sheet.columns, tuple(rule), *sheet.rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)
