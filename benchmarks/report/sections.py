"""The tables of the report, each made of the players."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from benchmarks.report.columns import number
from benchmarks.report.naming import Name
from benchmarks.report.published import Published
from benchmarks.report.table import (
    Cell,
    Row,
    Table,
    difference,
    headings,
    highest,
    is_best,
    outcomes,
    p_value,
    percent,
    points,
    row,
)
from benchmarks.scores.causes import CRASHED
from benchmarks.scores.comparison import compare
from benchmarks.scores.gain import Gain
from benchmarks.scores.measures import score
from benchmarks.scores.players import Player, benchmarks_of
from benchmarks.scores.summary import DIFFICULTIES, Summary

ORDER = ("ALFWorld", "SciWorld", "PDDL", "BabyAI", "HotpotQA")
"""The benchmarks as the paper's tables have them; others follow."""

PARTS = ("task", "context", "memory", "penalty")
"""Components of the reward, each before its parts."""


def benchmark_order(players: Sequence[Player]) -> list[str]:
    """Return the benchmarks that were played, the paper's first and in its order."""
    played = benchmarks_of(players)
    return [*(name for name in ORDER if name in played), *(name for name in played if name not in ORDER)]


def leaderboard(players: Sequence[Player], names: Sequence[Name], published: Published | None = None) -> Table:
    """Return the scores of players on every benchmark, laid out like the paper's Table 2.

    Args:
        players: The players.
        names: What they are called.
        published: Whose rows stand below; None for none.
    """
    benchmarks = benchmark_order(players)
    if published is not None:
        benchmarks = [*ORDER, *(name for name in benchmarks if name not in ORDER)]
    means = [[_mean(player, name) for player in players] for name in benchmarks]
    tops = [highest(column) for column in means]
    averages = highest(p.average.mean if p.average is not None else None for p in players)
    rows = []
    for i, (player, name) in enumerate(zip(players, names, strict=True)):
        cells = [
            percent(player.summaries[b].score, is_best(means[j][i], tops[j])) if b in player.summaries else Cell("")
            for j, b in enumerate(benchmarks)
        ]
        mean = player.average
        average = percent(mean, is_best(mean.mean if mean is not None else None, averages))
        few = f"of {len(player.summaries)}" if len(player.summaries) < len(benchmarks) else ""
        average = Cell(average.text, f"{average.detail} {few}".strip(), average.best)
        rows.append(row(str(name.number), name.backbone, Cell(name.method, name.setting), *cells, average))
    for line in published.scores if published is not None else ():
        values = [number(line.values.get(name), 2) if name in line.values else "" for name in benchmarks]
        rows.append(row("", line.backbone, line.method, *values, number(line.total, 2), kind="published"))
    measured = [Cell(name, _measured(players, name)) for name in benchmarks]
    return Table("Scores", headings("#", "Backbone", "Method", *measured, "Average"), tuple(rows), 3)


def failed(players: Sequence[Player], names: Sequence[Name]) -> Table:
    """Return how many episodes failed, by cause, over all benchmarks."""
    counts = [Counter[str]() for _ in players]
    for player, count in zip(players, counts, strict=True):
        for summary in player.summaries.values():
            count.update(summary.failures)
    causes = sorted(sum(counts, Counter()), key=lambda why: (not why.startswith(CRASHED), why))
    rows = []
    for player, name, count in zip(players, names, counts, strict=True):
        told = [str(count[why] or "") for why in causes]
        total = len(player.rows)
        rows.append(row(str(name.number), name.label, str(total), str(total - count.total()), *told))
    return Table("Failures", headings("#", "Player", "Episodes", "Solved", *causes), tuple(rows), 2)


def gains(players: Sequence[Player], names: Sequence[Name]) -> Table:
    """Return what each player with memory gains over the same one without: in points of score, and in tokens."""
    columns = headings("#", "Player", "Benchmark", "Tasks", "Score", "p", "More/same/less", "Tokens")
    rows: list[Row] = []
    for player, name in zip(players, names, strict=True):
        lines = [(b, player.summaries[b].gain) for b in benchmark_order([player])]
        found = [(benchmark, gain) for benchmark, gain in lines if gain is not None]
        if len(found) > 1 and player.gain is not None:
            found.insert(0, ("average", player.gain))
        for i, (benchmark, gain) in enumerate(found):
            called = (str(name.number), name.label) if i == 0 else ("", "")
            rows.append(row(*called, benchmark, *_gain(gain)))
    note = (
        "Paired differences on the same tasks, memory and nothing else taken away. Score in percentage points, with "
        "a 95 % interval; p of a permutation test; tokens of all prompts of an episode, the memory system's own "
        "included."
    )
    return Table("Gain over no memory", columns, tuple(rows), 3, note)


def against(players: Sequence[Player], names: Sequence[Name], best: int) -> Table:
    """Return how every other player does against one of them, on the tasks that both have played.

    Args:
        players: The players.
        names: What they are called.
        best: Index of the one.
    """
    rows = []
    for i, (player, name) in enumerate(zip(players, names, strict=True)):
        found = compare(player.rows, players[best].rows, score)
        if i != best and found.tasks:
            told = (str(found.tasks), points(found.difference), p_value(found), outcomes(found))
            rows.append(row(str(name.number), name.label, *told))
    columns = headings("#", "Player", "Tasks", "Score", "p", "More/same/less")
    note = "Paired differences in percentage points; each benchmark counts the same."
    who = f"{names[best].number} {names[best].label}" if names else "nobody"
    return Table(f"Against {who}", columns, tuple(rows), 2, note)


def tools(players: Sequence[Player], names: Sequence[Name], published: Published | None = None) -> Table:
    """Return the calls of each tool per episode, by benchmark, as the paper's Table 3."""
    called = dict.fromkeys(t for p in players for s in p.summaries.values() for t, n in s.tool_calls.items() if n)
    offered = [*(published.tools[0].values if published is not None else ())]
    columns = [*offered, *(tool for tool in called if tool not in offered)]

    def cells(summary: Summary) -> list[str]:
        calls = summary.tool_calls
        return [number(calls.get(tool), 2) if tool in calls else "" for tool in columns]

    rows = _by_benchmark(players, names, lambda s: [*cells(s), number(s.metrics.get("TC"), 2)])
    for line in published.tools if published is not None else ():
        values = [number(line.values[tool], 2) if tool in line.values else "" for tool in columns]
        who = f"{line.method} ({line.backbone})"
        rows.append(row("", who, "HotpotQA", *values, number(line.total, 2), kind="published"))
    note = "Calls per episode. TC: calls of memory tools together."
    return Table("Tool use", headings("#", "Player", "Benchmark", *columns, "TC"), tuple(rows), 3, note)


def memory(players: Sequence[Player], names: Sequence[Name], published: Published | None = None) -> Table:
    """Return memory quality and tokens per episode."""
    figures = (("MQ", 3), ("MO", 1), ("MC", 1), ("MT", 0), ("TN", 0), ("TN/turn", 0))
    rows = _by_benchmark(players, names, lambda s: [number(s.metrics.get(name), n) for name, n in figures])
    for line in (*published.quality, *published.tokens) if published is not None else ():
        values = [number(line.values[name], n) if name in line.values else "" for name, n in figures]
        rows.append(row("", f"{line.method} ({line.backbone})", "HotpotQA", *values, kind="published"))
    note = (
        "MQ: the judge's score of what memory held when the query came. MO, MC, MT: operations, model calls and tokens "
        "of the memory system. TN: prompt tokens of the agent."
    )
    columns = headings("#", "Player", "Benchmark", *(name for name, _ in figures))
    return Table("Memory quality and tokens", columns, tuple(rows), 3, note)


def rewards(players: Sequence[Player], names: Sequence[Name]) -> Table:
    """Return the reward and its parts."""
    found = dict.fromkeys(name for p in players for s in p.summaries.values() for name in s.components)
    parts = sorted(found, key=lambda name: (_place(name.partition("/")[0]), "/" in name))
    rows = _by_benchmark(
        players, names, lambda s: [number(s.reward, 2), *(number(s.components.get(part), 2) for part in parts)]
    )
    return Table("Reward parts", headings("#", "Player", "Benchmark", "R", *parts), tuple(rows), 3)


def difficulty(players: Sequence[Player], names: Sequence[Name]) -> Table:
    """Return scores by difficulty, grounding accuracy, and the middle half of the scores."""
    levels = [x for x in DIFFICULTIES if any(x in s.by_difficulty for p in players for s in p.summaries.values())]
    rows = _by_benchmark(
        players,
        names,
        lambda s: [
            *(percent(s.by_difficulty[level]) if level in s.by_difficulty else "" for level in levels),
            percent(s.grounding),
            percent(s.iqm),
        ],
    )
    columns = headings("#", "Player", "Benchmark", *levels, "grounding", "IQM")
    note = (
        "Scores of easy and hard tasks; grounding: commands that the task understood and allowed; IQM: mean of the "
        "middle half of the scores."
    )
    return Table("Easy and hard", columns, tuple(rows), 3, note)


def effort(players: Sequence[Player], names: Sequence[Name]) -> Table:
    """Return what an episode takes."""
    rows = _by_benchmark(
        players,
        names,
        lambda s: [
            percent(s.score).text,
            number(s.effort["tokens"], 0),
            number(s.effort["calls"], 1),
            number(s.effort["price"], 4),
            number(s.effort["seconds"], 2),
        ],
    )
    columns = headings("#", "Player", "Benchmark", "Score", "Tokens", "Model calls", "US dollars", "Seconds")
    return Table("What it costs", columns, tuple(rows), 3, "Per episode.")


def _by_benchmark(
    players: Sequence[Player], names: Sequence[Name], cells: Callable[[Summary], Sequence[Cell | str]]
) -> list[Row]:
    """Return a row for each benchmark and player."""
    return [
        row(str(name.number), name.label, benchmark, *cells(player.summaries[benchmark]))
        for benchmark in benchmark_order(players)
        for player, name in zip(players, names, strict=True)
        if benchmark in player.summaries
    ]


def _gain(gain: Gain) -> tuple[Cell | str, ...]:
    s = gain.score
    return str(s.tasks), points(s.difference), p_value(s), outcomes(s), difference(gain.tokens.difference)


def _mean(player: Player, benchmark: str) -> float | None:
    summary = player.summaries.get(benchmark)
    return None if summary is None or summary.score is None else summary.score.mean


def _measured(players: Sequence[Player], benchmark: str) -> str:
    """Return what is measured on a benchmark and on which tasks, as far as all players agree."""
    found = [player.summaries[benchmark] for player in players if benchmark in player.summaries]
    metrics = list(dict.fromkeys(summary.named(summary.score_name) for summary in found))
    sources = list(dict.fromkeys(str(summary.setting.get("source")) for summary in found))
    sizes = sorted({summary.episodes for summary in found})
    size = [f"n = {sizes[0]}" if len(sizes) == 1 else f"n = {sizes[0]} to {sizes[-1]}"] if sizes else []
    return ", ".join([" / ".join(metrics), " / ".join(sources), *size]) if found else ""


def _place(part: str) -> int:
    return PARTS.index(part) if part in PARTS else len(PARTS)
