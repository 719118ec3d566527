from __future__ import annotations

import os
from pathlib import Path

import pytest

from agemem_env.errors import DataError, StorageError
from benchmarks.trajectories import file
from benchmarks.trajectories.file import Compressors, RecordFile, read_records
from tests.full_disk import room_for


def test_records_come_back_whatever_they_hold(tmp_path: Path) -> None:
    loop: list[object] = []
    loop.append(loop)
    records = [{"a": "\ud800 — \x00"}, {"b": float("inf")}, {"c": loop}, {"d": object}, {"e": {1: (2,)}}]
    target = RecordFile(tmp_path / "x", Compressors())
    for record in records:
        target.write(record)
    target.close()
    found = list(read_records(tmp_path / "x"))
    assert [list(record) for record in found] == [["a"], ["b"], ["c"], ["d"], ["e"]]
    assert found[0] == records[0]
    assert found[4] == {"e": {"1": [2]}}


def test_who_still_writes_a_file_that_is_replaced_does_not_write_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file, "FLUSH_SECONDS", 0.0)
    compressors = Compressors()
    old, new = (RecordFile(tmp_path / "x", compressors) for _ in range(2))
    old.write({"old": 1})
    os.link(tmp_path / "x", tmp_path / "kept")
    new.write({"new": 1})
    old.write({"old": 2})
    new.close()
    old.close()
    assert list(read_records(tmp_path / "x")) == [{"new": 1}]
    assert list(read_records(tmp_path / "kept")) == [{"old": 1}, {"old": 2}]


def test_what_plays_for_a_run_that_was_killed_starts_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "_orphaned", lambda: True)
    target = RecordFile(tmp_path / "x", Compressors())
    target.write({"a": 1})
    target.close()
    assert not (tmp_path / "x").exists()


def test_a_full_disk_is_one_line_and_what_was_written_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file, "FLUSH_SECONDS", 0.0)
    target = RecordFile(tmp_path / "x", Compressors())
    with room_for(4000), pytest.raises(StorageError, match=r"cannot write .*File too large"):
        for number in range(10_000):
            target.write({"number": number, "noise": os.urandom(200).hex()})
    target.abandon()
    found = [record["number"] for record in read_records(tmp_path / "x")]
    assert found
    assert found == list(range(len(found)))


def test_compressors_are_used_again() -> None:
    compressors = Compressors()
    first = compressors.take()
    compressors.give_back(first)
    assert compressors.take() is first
    assert compressors.take() is not first


def test_a_damaged_file_is_one_line(tmp_path: Path) -> None:
    target = RecordFile(tmp_path / "x", Compressors())
    target.write({"a": "b" * 1000})
    target.close()
    content = bytearray((tmp_path / "x").read_bytes())
    content[len(content) // 2] ^= 255
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(DataError, match="is no trajectory that can be read"):
        list(read_records(tmp_path / "x"))
