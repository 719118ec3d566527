"""The folder of a run: one run at a time, whole files, and nothing of it taken for what it is not."""

from __future__ import annotations

import errno
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agemem_env.errors import ConfigurationError, DataError, StorageError
from baselines.grpo.adam import Adam
from baselines.grpo.folder import Progress, RunFolder, is_run
from baselines.grpo.scorer import WEIGHTS, Scorer
from baselines.grpo.settings import Budget, Settings
from baselines.grpo.train import clone, train
from baselines.grpo.workers import Workers

SMALL: dict[str, Any] = {
    "groups": 1,
    "group_size": 2,
    "lessons": 0,
    "tasks": 50,
    "validation_every": 5,
    "validation_tasks": 1,
}
SETTINGS = Settings.of("HotpotQA", Budget(updates=1), **SMALL)


def test_a_folder_has_one_run_at_a_time(tmp_path: Path) -> None:
    with RunFolder(tmp_path).claim(SETTINGS), pytest.raises(ConfigurationError, match=r"process \d+"):
        train(SETTINGS, tmp_path)
    assert is_run(tmp_path) and not RunFolder(tmp_path).finished
    train(SETTINGS, tmp_path)
    assert RunFolder(tmp_path).finished


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and no more", b"nothing"])
@pytest.mark.parametrize("name", ["checkpoint.npz", "settings.json", "curve.csv", "weights.npz"])
def test_damaged_files_are_told_in_one_line(tmp_path: Path, name: str, content: bytes) -> None:
    folder = RunFolder(tmp_path)
    (tmp_path / name).write_bytes(content or (b"update\nfirst\n" if name == "curve.csv" else b""))
    if name == "curve.csv" and content:
        (tmp_path / name).write_bytes(b"a,b\n1,2\n")
    read = {
        "checkpoint.npz": lambda: folder.load(0.03),
        "settings.json": lambda: folder.check(SETTINGS),
        "curve.csv": folder.rows,
        "weights.npz": lambda: folder.read_weights("weights"),
    }[name]
    with pytest.raises(DataError, match=name) as caught:
        read()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("end", ["2,all", "2,all,0.5,", "2,all,0.5,,x", "2,all,0.5,much", ""])
def test_a_curve_that_was_cut_is_told_in_one_line(tmp_path: Path, end: str) -> None:
    header = "update,phase,score,kl\n"
    (tmp_path / "curve.csv").write_text(f"{header}1,store,0.5,\n2,all,0.5,0.1\n", encoding="utf-8")
    assert len(RunFolder(tmp_path).rows()) == 2
    whole = end == "2,all,0.5,"
    (tmp_path / "curve.csv").write_text(f"{header}1,store,0.5,0\n{end}" if end else header, encoding="utf-8")
    if whole:
        assert len(RunFolder(tmp_path).rows()) == 2
        return
    with pytest.raises(DataError, match=r"is no curve of a run: .*; delete the folder and train anew"):
        RunFolder(tmp_path).rows()


def test_a_finished_run_without_its_curve_is_not_one_of_no_updates(tmp_path: Path) -> None:
    train(SETTINGS, tmp_path)
    (tmp_path / "curve.csv").unlink()
    with pytest.raises(DataError, match="No such file"):
        RunFolder(tmp_path).rows()


@pytest.mark.parametrize("numbers", ["[]", "{}", '{"updates": "three"}'])
def test_a_checkpoint_of_other_content_is_told_in_one_line(tmp_path: Path, numbers: str) -> None:
    folder, weights = RunFolder(tmp_path), np.ones(WEIGHTS)
    folder.save(Progress(weights, weights, Adam(0.03), updates=3))
    stored: Any = np.load(tmp_path / "checkpoint.npz")
    arrays: dict[str, Any] = {name: stored[name] for name in stored.files}
    np.savez(tmp_path / "checkpoint.npz", **{**arrays, "numbers": np.array(numbers)})
    with pytest.raises(DataError, match="delete the folder"):
        folder.load(0.03)
    np.savez(tmp_path / "checkpoint.npz", **{**arrays, "weights": np.ones(3)})
    with pytest.raises(DataError, match="another version"):
        folder.load(0.03)
    with (tmp_path / "checkpoint.npz").open("wb") as opened:
        np.save(opened, weights)
    with pytest.raises(DataError, match="delete the folder"):
        folder.load(0.03)


def test_a_full_disk_leaves_the_last_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, weights = RunFolder(tmp_path), np.ones(WEIGHTS)
    folder.save(Progress(weights, weights, Adam(0.03), updates=3))

    def full(file: Any, **arrays: Any) -> None:
        file.write(b"half of")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(StorageError, match="No space left"):
        folder.save(Progress(weights, weights, Adam(0.03), updates=4))
    kept = folder.load(0.03)
    assert kept is not None and kept.updates == 3
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.npz"]


def test_what_killed_writers_left_is_removed(tmp_path: Path) -> None:
    for name in ("checkpoint", "start", "best", "weights"):
        (tmp_path / f"{name}.npz.123-456.part").write_bytes(b"half")
    train(SETTINGS, tmp_path)
    assert not list(tmp_path.glob("*.part"))


def test_a_run_that_went_wrong_is_not_continued(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Adam, "ascend", lambda self, weights, gradient: weights * np.nan)
    settings = Settings.of("HotpotQA", Budget(updates=4), **SMALL)
    result = train(settings, tmp_path)
    assert result.updates == 1 and result.problem is not None
    kept = RunFolder(tmp_path)
    assert (kept.read_weights("weights") == kept.read_weights("start")).all()
    monkeypatch.undo()
    again = train(settings, tmp_path)
    assert again.updates == 1 and again.problem == result.problem
    assert [row["problem"] for row in RunFolder(tmp_path).rows()] == [result.problem]


def test_the_clone_is_the_same_without_memory_tools_and_can_be_lent(tmp_path: Path) -> None:
    small = {**SMALL, "lessons": 5}
    with_tools = Settings.of("HotpotQA", Budget(updates=1), **small)
    without = Settings.of("HotpotQA", Budget(updates=1), **small, arguments={"tools": ()})
    own = clone(with_tools, Workers(1))
    assert np.abs(own).max() > 0 and (clone(without, Workers(1)) == own).all()
    made = train(with_tools, tmp_path / "made")
    Scorer(own).save(tmp_path / "clone.npz")
    lent = train(with_tools, tmp_path / "lent", start=Scorer.load(tmp_path / "clone.npz").weights)
    assert (made.weights == lent.weights).all()


def test_settings_that_an_older_version_did_not_have_are_the_usual_ones(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    written = json.loads(SETTINGS.to_json())
    del written["curriculum"]
    folder.write_json("settings", written)
    folder.check(SETTINGS)
    with pytest.raises(ConfigurationError, match="curriculum='progressive', not 'all'"):
        folder.check(Settings.of("HotpotQA", Budget(updates=1), **SMALL, curriculum="all"))


def test_one_setting_of_the_algorithm_or_the_budget_is_told_by_its_name(tmp_path: Path) -> None:
    with RunFolder(tmp_path).claim(SETTINGS):
        pass
    other = replace(SETTINGS, learning=replace(SETTINGS.learning, beta=0.5))
    with pytest.raises(ConfigurationError, match=r"holds a run with beta=0\.01, not 0\.5: continue"):
        RunFolder(tmp_path).check(other)
    with pytest.raises(ConfigurationError, match=r"holds a run with updates=\d+, not 77: continue"):
        RunFolder(tmp_path).check(replace(SETTINGS, budget=Budget(updates=77)))


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    file = tmp_path / "curve.csv"
    file.touch()
    for path in (file, file / "run"):
        with pytest.raises(ConfigurationError, match="cannot be a folder: there is a file"):
            RunFolder(path)


def test_json_files_are_read_back(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    assert folder.read_json("result") is None
    folder.write_json("result", {"a": [1, None]})
    assert folder.read_json("result") == {"a": [1, None]} == json.loads((tmp_path / "result.json").read_text("utf-8"))
    (tmp_path / "result.json").write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match="delete it"):
        folder.read_json("result")
