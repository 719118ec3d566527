from __future__ import annotations

from typing import Any

from benchmarks.report.naming import names
from benchmarks.report.page import page
from benchmarks.report.streams import stream_pictures, stream_table
from benchmarks.results.row import EpisodeRow
from benchmarks.scores.players import players
from benchmarks.scores.summary import summarize
from tests.benchmarks.results.made_up import make_row


def stream(kept: bool) -> list[EpisodeRow]:
    kwargs: dict[str, Any] = {"reward": "paper", **({"memory": "lifetime"} if kept else {})}
    return [
        make_row(
            0,
            env_kwargs=kwargs,
            task=f"stream-home-{position:03}",
            metrics={"J": 0.25 + 0.0625 * position * kept, "TN": 100.0},
            entries=10 * (position + 1) if kept else 3,
            config_hash=f"{kept}{position}",
        )
        for position in range(8)
    ]


def test_parts_of_a_stream_by_hand() -> None:
    found = players(summarize(stream(True) + stream(False)))
    table = stream_table(found, names(found))
    lines = [[str(cell) for cell in row.cells] for row in table.rows]
    assert lines[0] == ["1", "expert memory=lifetime", "HotpotQA", "kept", "1 to 2", "28.1", "15", "100", "0.25"]
    assert lines[3][3:7] == ["kept", "7 to 8", "65.6", "75"]
    assert [line[3:7] for line in lines[4:]] == [
        ["new each time", f"{n} to {n + 1}", "25.0", "3"] for n in (1, 3, 5, 7)
    ]  # fmt: skip
    assert [picture.title for picture in stream_pictures(found, names(found))] == [
        "HotpotQA: score, %", "HotpotQA: entries in memory", "HotpotQA: prompt tokens"
    ]  # fmt: skip
    assert 'id="streams"' in page("x", summarize(stream(True)), lambda row: None)


def test_without_streams_nothing_is_said_of_them() -> None:
    found = players(summarize([make_row(0)]))
    assert stream_table(found, names(found)).rows == ()
    assert stream_pictures(found, names(found)) == []
    assert "Streams" not in page("x", summarize([make_row(0)]), lambda row: None)
