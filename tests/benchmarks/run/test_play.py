from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from benchmarks.results.row import EpisodeRow
from benchmarks.run.play import play
from benchmarks.specs import PlayerSpec, RunSpec, episodes

GENERATED = {"source": "generated"}


def specs(policies: Sequence[str], seeds: Sequence[int] = range(3)) -> list[RunSpec]:
    return episodes([("AgeMem-HotpotQA-v0", GENERATED)], [PlayerSpec(p) for p in policies], seeds)


def in_order(rows: Iterable[EpisodeRow], chosen: Sequence[RunSpec]) -> list[EpisodeRow]:
    hashes = [spec.config_hash for spec in chosen]
    return sorted(rows, key=lambda row: hashes.index(row.config_hash))


def timeless(rows: Sequence[EpisodeRow]) -> list[EpisodeRow]:
    return [dataclasses.replace(row, seconds=row.seconds and {"env": 0.0, "policy": 0.0}) for row in rows]


def test_a_row_does_not_depend_on_what_was_played_before() -> None:
    rows = timeless(list(play(specs(["random", "expert"]))))
    alone = [row for spec in reversed([r.spec for r in rows]) for row in timeless(list(play([spec])))]
    assert rows == alone[::-1]
    assert len({row.task_id for row in rows}) == 3


def test_workers_do_not_change_the_rows() -> None:
    chosen = specs(["random", "do-nothing"])
    assert timeless(in_order(play(chosen, workers=2), chosen)) == timeless(list(play(chosen)))
