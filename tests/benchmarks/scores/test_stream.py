from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from benchmarks.results.row import EpisodeRow
from benchmarks.scores.stream import bands
from tests.benchmarks.command import agemem
from tests.benchmarks.results.made_up import make_crash, make_row, write


def at(position: int, *, kept: bool, stream: int = 0, **changes: object) -> EpisodeRow:
    kwargs = {"reward": "paper", "memory": "lifetime" if kept else "episode"}
    row = make_row(stream, env_kwargs=kwargs)
    spec = replace(row.spec, task=f"stream-{stream}-{position:02}")
    return replace(row, task=spec.task, config_hash=spec.config_hash, **changes)  # type: ignore[arg-type]


def test_parts_of_a_stream_are_averaged_over_its_streams() -> None:
    rows = [
        at(position, kept=True, stream=stream, entries=10 * position, metrics={"J": float(position < 2), "TN": 100.0})
        for stream in (0, 1)
        for position in range(4)
    ]
    found = bands([*rows, *rows], 2)
    assert [(b.first, b.last, b.episodes, b.score, b.entries) for b in found] == [(0, 1, 4, 1.0, 5), (2, 3, 4, 0.0, 25)]
    assert [(b.tokens, b.seconds, b.kept) for b in found] == [(100.0, 0.25, True)] * 2


def test_kept_and_forgotten_are_apart_and_other_rows_are_no_stream() -> None:
    rows = [at(0, kept=True), at(0, kept=False), make_row(), make_crash(1)]
    assert [(band.kept, band.episodes) for band in bands(rows, 1)] == [(True, 1), (False, 1)]
    assert bands([make_row()]) == []


def test_the_command_prints_them(tmp_path: Path) -> None:
    file = write(tmp_path / "rows.jsonl", *(at(position, kept=True, entries=position) for position in range(8)))
    result = agemem("stream", file)
    assert result.exit_code == 0
    assert "5 to 6" in result.stdout
    assert "kept" in result.stdout
    found = json.loads(agemem("stream", file, "--parts", "2", "--format", "json").stdout)
    assert [band["entries"] for band in found] == [1.5, 5.5]
    assert agemem("stream", file, "--format", "markdown").stdout.startswith("| Benchmark |")
    for arguments, message in (
        ([file, "--format", "x"], "unknown format 'x'"),
        ([write(tmp_path / "o", make_row())], "no stream in"),
    ):
        wrong = agemem("stream", *arguments)
        assert wrong.stderr.count("\n") == 1
        assert message in wrong.stderr


def test_tasks_that_are_only_named_like_those_of_a_stream_are_none() -> None:
    assert (
        bands([replace(at(0, kept=True), task=task) for task in ("stream-of-thought", "stream-a-b", "stream-1")]) == []
    )
