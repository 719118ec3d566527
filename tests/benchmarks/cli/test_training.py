from __future__ import annotations

import json
from pathlib import Path

import pytest

from baselines.grpo.scorer import read
from tests.benchmarks.command import agemem


def test_a_small_run_leaves_weights_curve_and_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("baselines.grpo.settings.LESSONS", {"HotpotQA": 4})
    monkeypatch.setattr("baselines.grpo.settings.Settings.test_tasks", 2)
    options = ["--updates", "1", "--processes", "1", "--test-tasks", "2", "--out", tmp_path / "run"]
    result = agemem("train", "-b", "HotpotQA", *options)
    assert result.exit_code == 0, result.output
    for name in ("curve.csv", "curve.png", "checkpoint.npz", "settings.json"):
        assert (tmp_path / "run" / name).stat().st_size > 0
    _, about = read(tmp_path / "run" / "weights.npz")
    assert json.loads(about["settings"])["budget"]["updates"] == 1
    found = json.loads((tmp_path / "run" / "result.json").read_text(encoding="utf-8"))
    assert set(found) == {"untrained, drawn", "untrained, best", "trained, drawn", "trained, best"}
    assert len(found["trained, best"]["scores"]) == 2


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["-b", "Nothing"], "Nothing"),
        (["-b", "HotpotQA", "--algorithm", "ppo"], "step-wise"),
        (["-b", "HotpotQA", "--curriculum", "none"], "progressive"),
        (["-b", "HotpotQA", "--updates", "1", "--minutes", "1"], "one of updates"),
    ],
)
def test_what_is_not_allowed_is_told_in_one_line(arguments: list[str], text: str, tmp_path: Path) -> None:
    result = agemem("train", *arguments, "--out", tmp_path / "run")
    assert result.exit_code == 2
    assert text in result.output and len(result.output.strip().splitlines()) == 1
    assert not (tmp_path / "run").exists()
