from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agemem_env.data.locate import data_root
from benchmarks.cli import app
from tests.agemem_env.engines.pddl.test_official import official

TRANSCRIPTS = data_root() / "transcripts" / "pddl.jsonl"
OPENING = "B1 is on the table. B2 is on b1. B3 is on the table. The b2 is clear. The b3 is clear. Your arm is empty."
HELD = "B1 is on the table. B3 is on the table. The b1 is clear. The b3 is clear. You are holding b2. "
STACKED = "B1 is on the table. B2 is on b3. B3 is on the table. The b1 is clear. The b2 is clear. Your arm is empty."


def record(**changes: Any) -> dict[str, Any]:
    steps = [
        {"action": "check valid actions", "observation": "Valid actions are: Unstack b2 from b1., Pickup b3., check valid actions",
         "reward": 0.0},
        {"action": "unstack b2 b1", "observation": HELD, "reward": 0.0},
        {"action": "stack b2 b3", "observation": STACKED, "reward": 0.5},
    ]  # fmt: skip
    base = {"problem_file": "blockworld/problems/problem2.pddl", "initial_observation": OPENING, "steps": steps}
    return {**base, "reward": 0.5, "success": False, **changes}


def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *records: Any) -> Any:
    official(tmp_path, None)
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path))
    file = tmp_path / "recorded.jsonl"
    file.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in records), encoding="utf-8")
    return CliRunner().invoke(app, ["replay", "--benchmark", "PDDL", str(file)])


def test_equal_episodes_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    by_number = record(game_name="blockworld", problem_index=1)
    del by_number["problem_file"]
    result = run(tmp_path, monkeypatch, record(), by_number)
    assert result.stdout == (
        "episodes 2 / 2, observations equal 8 / 8 (word for word 6), progress equal 8 / 8, "
        "invalid replies 0, thoughts 0\n"
    ), result.output
    assert result.exit_code == 0


def test_separators_and_a_mark_are_no_ends_of_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = json.dumps(record(comment="one\u2028two\u0085three"), ensure_ascii=False)
    result = run(tmp_path, monkeypatch, "\ufeff" + text)
    assert result.stdout.startswith("episodes 1 / 1, "), result.output


def test_a_variant_is_told_by_its_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    thought = {"action": "think: check", "observation": "Ok. But you should not think too much!", "reward": -1}
    clue = "You should use `check valid actions.` command to get some clues!"
    refused = {"action": "stack b1 b2", "observation": f"The action is not valid and therefore takes no effect. {clue}"}
    base = record()["steps"]
    steps = [thought, {**refused, "reward": -1}, base[1], {**base[2], "reward": 0}]
    opening = f"Here is your initial observation: B2 is on b1. Your arm is empty.\n**Here is your task: {'x'}"
    result = run(tmp_path, monkeypatch, record(steps=steps, initial_observation=opening))
    assert result.stdout == (
        "episodes 1 / 1, observations equal 3 / 3 (word for word 2), progress equal 3 / 3, invalid replies 1, thoughts 1\n"
    ), result.output


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"reward": 1.0}, "line 1: at the end: recorded progress 1.0, played 0.5"),
        ({"success": True}, "line 1: at the end: recorded success True, played False"),
        ({"initial_observation": "B1 is on the table."}, "line 1: first observation: recorded"),
        (
            {"steps": [{"action": "unstack b2 b1", "observation": "?", "reward": 0.0}], "reward": 0.0},
            "recorded '?', played",
        ),
    ],
)
def test_differences_are_shown_and_fail(
    change: dict[str, Any], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run(tmp_path, monkeypatch, record(**change))
    assert result.exit_code == 1
    assert result.stdout.startswith("episodes 0 / 1")
    assert message in result.stderr


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "recorded.jsonl:1: not a recorded episode"),
        ("[]", "recorded.jsonl:1: not a recorded episode"),
        ('{"steps": [{"action": "x"}]}', "recorded.jsonl:1: a step lacks action or observation"),
        ('{"steps": [], "problem_file": "no.pddl"}', "problem no.pddl of the recording is not in"),
    ],
)
def test_bad_files_are_one_line(line: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(tmp_path, monkeypatch, line)
    assert result.exit_code == 1
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_benchmarks_without_recordings_are_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["replay", "--benchmark", "HotpotQA", str(tmp_path)])
    assert result.exit_code == 2
    assert "unknown benchmark 'HotpotQA'" in result.stderr


@pytest.mark.skipif(not TRANSCRIPTS.is_file(), reason="AGEMEM_DATA has no PDDL transcripts")
def test_every_recording_is_reproduced() -> None:
    result = CliRunner().invoke(app, ["replay", "--benchmark", "PDDL", str(TRANSCRIPTS)])
    assert result.exit_code == 0, result.output
