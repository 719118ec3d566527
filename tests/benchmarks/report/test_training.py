"""Learning curves in the report, with and without episodes beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agemem_env.errors import DataError
from baselines.grpo.folder import RunFolder
from baselines.grpo.settings import Budget, Settings
from benchmarks.report.file import read_runs
from benchmarks.report.training import grouped, read_training, training_pictures, training_table
from tests.benchmarks.command import agemem
from tests.benchmarks.report.samples import plain_rows
from tests.benchmarks.results.made_up import write


def trained(folder: Path, seed: int = 0, benchmark: str = "HotpotQA", *, updates: int = 20, **last: Any) -> Path:
    """Write what a training run leaves."""
    kept = RunFolder(folder)
    kept.write_json("settings", json.loads(Settings.of(benchmark, Budget(updates=updates), seed=seed).to_json()))
    rows = [
        {
            "update": u, "phase": "all", "score": u / (40 + 20 * seed), "silent": 0.25, "kl": 0.1, "cpu_seconds": 2.0 * u,
            "calls Add_memory": 3.0, "calls Filter_context": 1.0, "problem": "",
        }
        for u in range(1, updates + 1)
    ]  # fmt: skip
    kept.write_rows([*rows[:-1], {**rows[-1], **last}])
    scores = [1.0, 0.0, 1.0, float(seed)]
    test = {"key": f"k{seed}", "tasks": [0, 1, 2, 3], "scores": scores, "calls": {}, "reward": 0.0}
    kept.write_json("result", {"tests": {"trained, best": test}})
    return folder


def test_seeds_are_taken_together_and_other_runs_are_not(tmp_path: Path) -> None:
    for seed in (0, 1):
        trained(tmp_path / "study" / "agemem" / f"seed-{seed}", seed)
    trained(tmp_path / "study" / "no-memory" / "seed-0", problem="it ran away")
    curves = read_training(tmp_path)
    groups = grouped(curves, 3)
    assert [(g.number, g.label, len(g.curves)) for g in groups] == [(3, "agemem", 2), (4, "no-memory", 1)]
    estimate = groups[0].test("trained, best")
    assert estimate is not None and estimate.mean == 0.625 and "seeds" in estimate.method
    lines = [[str(cell) for cell in line.cells] for line in training_table(groups).rows]
    assert lines[0][3:5] == ["0, 1", "20"] and lines[0][7:9] == ["25.0", "0.10"]
    assert lines[0][-1] == "" and lines[1][-1] == "1", "runs that were stopped"
    pictures = training_pictures(groups)
    assert [picture.title for picture in pictures] == [
        "HotpotQA: score in training, %", "HotpotQA: calls of memory tools per episode", "HotpotQA: dead groups, %"
    ]  # fmt: skip
    assert "PolyCollection" in pictures[0].svg or "FillBetween" in pictures[0].svg, "a band"
    assert "3: 4 to 4" in pictures[1].text and "3: 25 to 25" in pictures[2].text


def test_seeds_with_the_same_weights_count_each(tmp_path: Path) -> None:
    for seed in (0, 1, 2):
        folder = RunFolder(trained(tmp_path / "agemem" / f"seed-{seed}", seed=min(seed, 1)))
        settings = folder.read_json("settings")
        folder.write_json("settings", {**settings, "seed": seed})
    estimate = grouped(read_training(tmp_path))[0].test("trained, best")
    assert estimate is not None and estimate.mean == pytest.approx((0.5 + 0.75 + 0.75) / 3)


def test_the_score_is_that_of_updates_in_which_the_task_was_played(tmp_path: Path) -> None:
    kept = RunFolder(trained(tmp_path, updates=4))
    kept.write_rows([{**r, "phase": "store", "score": 0.0} if i < 2 else r for i, r in enumerate(kept.rows())])
    groups = grouped(read_training(tmp_path))
    ((cells,), picture) = [line.cells for line in training_table(groups).rows], training_pictures(groups)[0]
    assert str(cells[6]) == "8.8" and "1: 7.5 to 8.75" in picture.text, "the table and the curve say the same"


def test_a_report_of_training_alone(tmp_path: Path) -> None:
    trained(tmp_path / "run")
    result = agemem("report", tmp_path / "run")
    assert result.exit_code == 0, result.output
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert 'id="training"' in page and 'id="scores"' not in page and "<svg" in page
    assert "50.0" in page and "50.0" in result.output
    assert "Dead: groups" in result.output and "Stopped" not in result.output
    stopped = agemem("report", trained(tmp_path / "stopped", problem="it ran away")).output
    assert stopped.count("Stopped") > 1, "a column, and what it is"
    assert "| HotpotQA, J |" in agemem("report", tmp_path / "run", "--format", "markdown").output
    as_csv = agemem("report", tmp_path / "run", "--format", "csv")
    assert as_csv.exit_code == 2 and "training runs have none" in as_csv.output


def test_a_report_of_episodes_and_training(tmp_path: Path) -> None:
    rows, run = write(tmp_path / "rows.jsonl", *plain_rows()), trained(tmp_path / "run", benchmark="BabyAI")
    assert agemem("report", rows, run, "--html", tmp_path / "x.html").exit_code == 0
    page = (tmp_path / "x.html").read_text(encoding="utf-8")
    assert 'href="#training"' in page and 'id="scores"' in page and "BabyAI: dead groups" in page
    assert 'class="key" style="--c: #2f9e6e">4</span>' not in page, "three players come first"
    plain = agemem("report", rows, "--html", tmp_path / "y.html")
    assert plain.exit_code == 0 and "training" not in (tmp_path / "y.html").read_text(encoding="utf-8").lower()


def test_everything_in_a_folder_is_taken(tmp_path: Path) -> None:
    write(tmp_path / "rows.jsonl", *plain_rows())
    played = agemem(
        "bench", "-b", "HotpotQA", "-p", "do-nothing", "-n", "1", "--output", tmp_path / "played", "--quiet"
    )
    assert played.exit_code == 0, played.output
    trained(tmp_path / "a" / "HotpotQA" / "agemem" / "seed-0")
    runs, curves = read_runs([tmp_path])
    assert [run.path for run in runs] == [tmp_path / "played"] and len(curves) == 1
    assert agemem("report", tmp_path).exit_code == 0
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "do-nothing" in page and 'href="#training"' in page


def test_folders_without_a_run_and_damaged_ones(tmp_path: Path) -> None:
    assert read_training(tmp_path) == [] == read_training(tmp_path / "missing")
    with pytest.raises(DataError):
        read_runs([tmp_path])
    begun = trained(tmp_path / "begun")
    (begun / "curve.csv").unlink()
    assert read_training(begun) == [], "a run that has just begun"
    for name, text in (("settings", "{}"), ("settings", "["), ("result", '{"tests": {"x": 1}}'), ("curve", "a")):
        run = trained(tmp_path / f"broken-{name}-{len(text)}")
        (run / f"{name}.{'csv' if name == 'curve' else 'json'}").write_text(f"{text}\n1\n" if name == "curve" else text)
        result = agemem("report", run)
        assert result.exit_code == 1 and len(result.output.strip().splitlines()) == 1, result.output
