"""Streams in the report: how score and memory go from the first tasks to the last."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.report.columns import number
from benchmarks.report.naming import Name
from benchmarks.report.plots import Picture, stream_plot
from benchmarks.report.table import Table, headings, row
from benchmarks.scores.players import Player
from benchmarks.scores.stream import Band, bands

_MEASURES: dict[str, Callable[[Band], float | None]] = {
    "score, %": lambda band: None if band.score is None else 100 * band.score,
    "entries in memory": lambda band: band.entries,
    "prompt tokens": lambda band: band.tokens,
}


def stream_table(players: Sequence[Player], names: Sequence[Name]) -> Table:
    """Return what each player did in each part of its streams; no rows without streams."""
    rows = [
        row(
            str(name.number),
            name.label,
            band.benchmark,
            "kept" if band.kept else "new each time",
            f"{band.first + 1} to {band.last + 1}",
            number(None if band.score is None else 100 * band.score, 1),
            number(band.entries, 0),
            number(band.tokens, 0),
            number(band.seconds, 2),
        )
        for name, found in _by_player(players, names)
        for band in found
    ]
    columns = headings("#", "Player", "Benchmark", "Memory", "Tasks", "Score", "Entries", "TN", "Seconds")
    note = (
        "Means of each part of a stream: score in percent, entries in memory at the end of an episode, prompt tokens."
    )
    return Table("Streams", columns, tuple(rows), 4, note)


def stream_pictures(players: Sequence[Player], names: Sequence[Name]) -> list[Picture]:
    """Return a picture for each benchmark with streams and each measure."""
    found = _by_player(players, names)
    pictures = []
    for benchmark in dict.fromkeys(band.benchmark for _, own in found for band in own):
        for measured, value in _MEASURES.items():
            lines = [(name.number, _places(own, benchmark, value)) for name, own in found]
            known = [(number, places) for number, places in lines if places]
            if known:
                pictures.append(stream_plot(f"{benchmark}: {measured}", measured, known))
    return pictures


def _places(found: Sequence[Band], benchmark: str, value: Callable[[Band], float | None]) -> list[tuple[float, float]]:
    own = [(band.last + 1.0, value(band)) for band in found if band.benchmark == benchmark]
    return [(place, measured) for place, measured in own if measured is not None]


def _by_player(players: Sequence[Player], names: Sequence[Name]) -> list[tuple[Name, list[Band]]]:
    found = [(name, bands(player.rows)) for player, name in zip(players, names, strict=True)]
    return [(name, own) for name, own in found if own]
