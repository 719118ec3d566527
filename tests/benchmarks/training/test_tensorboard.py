"""Curves for TensorBoard are read back from the files."""

from __future__ import annotations

import struct
import sys
from pathlib import Path
from typing import Any

import pytest

from agemem_env.errors import MissingExtraError
from benchmarks.training.tensorboard import check_installed, logged


def scalars(folder: Path) -> list[tuple[int, str, float]]:
    """Return what was logged: length, checksum, event, checksum, one after the other."""
    event_pb2 = pytest.importorskip("tensorboardX.proto.event_pb2")
    found = []
    for file in sorted(folder.iterdir()):
        data = file.read_bytes()
        while data:
            (length,) = struct.unpack("<Q", data[:8])
            event = event_pb2.Event.FromString(data[12 : 12 + length])
            found += [(event.step, value.tag, value.simple_value) for value in event.summary.value]
            data = data[16 + length :]
    return found


def test_rows_are_logged_with_what_validation_added(tmp_path: Path) -> None:
    pytest.importorskip("tensorboardX")
    told: list[Any] = []
    with logged(told.append, tmp_path / "log") as tell:
        for update in (1, 2):
            row: dict[str, Any] = {"update": update, "phase": "all", "score": update / 4, "calls Add_memory": 3.0}
            tell({**row, "problem": ""} if update == 1 else row)
        row["validation"] = 0.5
    assert [row["update"] for row in told] == [1, 2]
    assert scalars(tmp_path / "log") == [
        (1, "training/score", 0.25), (1, "calls/Add_memory", 3.0), (2, "training/score", 0.5),
        (2, "calls/Add_memory", 3.0), (2, "training/validation", 0.5),
    ]  # fmt: skip


def test_what_was_trained_before_is_logged_too(tmp_path: Path) -> None:
    pytest.importorskip("tensorboardX")
    before = [
        {"update": str(u), "phase": "all", "score": str(u / 4), "validation": "" if u == 1 else "0.5"}
        for u in (1, 2, 3)
    ]
    with logged(lambda row: None, tmp_path / "finished", before):
        pass
    assert [(step, value) for step, tag, value in scalars(tmp_path / "finished") if tag == "training/score"] == [
        (1, 0.25), (2, 0.5), (3, 0.75)
    ]  # fmt: skip
    with logged(lambda row: None, tmp_path / "finished", before):
        pass
    assert len(list((tmp_path / "finished").iterdir())) == 1, "a run that has a log gets no other"
    with logged(lambda row: None, tmp_path / "goes on", before) as tell:
        tell({"update": 3, "phase": "all", "score": 1.0})
    assert [value for _, tag, value in scalars(tmp_path / "goes on") if tag == "training/score"] == [0.25, 0.5, 1.0]


def test_without_a_folder_rows_are_only_told(tmp_path: Path) -> None:
    told: list[Any] = []
    with logged(told.append, None) as tell:
        tell({"update": 1})
    assert told == [{"update": 1}] and not list(tmp_path.iterdir())


def test_a_missing_package_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(MissingExtraError, match=r"agemem-env\[tensorboard\]"):
        check_installed()
