from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from agemem_env.errors import ConfigurationError, DataError
from benchmarks.results.file import SCHEMA, EpisodeRow, ResultFile, read_rows
from benchmarks.specs import RunSpec

COST = {"calls": 0, "prompt_tokens": 0, "completion_tokens": 0, "price": 0.0, "seconds": 0.0}


def make_row(seed: int = 0, **changes: Any) -> EpisodeRow:
    """Return a row of a made-up episode."""
    kwargs = changes.pop("env_kwargs", {"reward": "paper", "stages": [1, 2, 3]})
    benchmark, policy = changes.get("benchmark", "HotpotQA"), changes.get("policy", "expert")
    spec = RunSpec(f"AgeMem-{benchmark}-v0", kwargs, policy, seed)
    values: dict[str, Any] = {
        "schema": SCHEMA,
        "config_hash": spec.config_hash,
        "env_id": spec.env_id,
        "env_kwargs": kwargs,
        "benchmark": benchmark,
        "policy": policy,
        "memory": None,
        "model": {},
        "seed": seed,
        "split": "test",
        "reward_profile": kwargs.get("reward", "paper"),
        "versions": {"agemem_env": "0.1.0", "gymnasium": "1", "numpy": "2", "python": "3"},
        "task_id": f"täsk-{seed}",
        "source": "generated",
        "reward": 0.5,
        "reward_components": {"task": 1.0, "memory": None},
        "metrics": {"J": 1.0, "SR": 0.0, "TC": 2.0, "TN": 100.0},
        "tool_calls": {"Add_memory": 2},
        "errors": {},
        "tokens": 50,
        "token_counter": "estimate",
        "overflow": False,
        "steps": 10,
        "terminated": True,
        "success": True,
        "progress": 1.0,
        "seconds": {"env": 0.25, "policy": 0.0},
        "cost": COST,
        "memory_cost": COST,
        "service_cost": COST,
        "service_faults": {},
    }
    return EpisodeRow(**{**values, **changes})


OUTCOME: tuple[str, ...] = (
    "task_id",
    "source",
    "reward",
    "reward_components",
    "metrics",
    "tool_calls",
    "errors",
    "tokens",
)
OUTCOME += ("token_counter", "overflow", "steps", "terminated", "success", "progress", "seconds", "cost")
OUTCOME += ("memory_cost", "service_cost", "service_faults")


def make_crash(seed: int = 0, **changes: Any) -> EpisodeRow:
    """Return a row of a crashed episode."""
    error = {"type": "ValueError", "message": "no", "traceback": ""}
    return make_row(seed, error=error, **dict.fromkeys(OUTCOME), **changes)


def write(path: Path, *rows: EpisodeRow) -> Path:
    with ResultFile(path) as file:
        for row in rows:
            file.append(row)
    return path


@pytest.mark.parametrize("row", [make_row(), make_crash()], ids=["finished", "crashed"])
def test_rows_survive_the_file(tmp_path: Path, row: EpisodeRow) -> None:
    assert read_rows(write(tmp_path / "new" / "rows.jsonl", row)) == [row]


def test_a_row_names_its_episode() -> None:
    assert make_row(3).spec == RunSpec("AgeMem-HotpotQA-v0", {"reward": "paper", "stages": [1, 2, 3]}, "expert", 3)


def test_the_hash_tells_episodes_apart_but_not_spellings() -> None:
    base = RunSpec("AgeMem-HotpotQA-v0", {"a": 1, "stages": (1, 3)}, "random", 0)
    same = RunSpec("AgeMem-HotpotQA-v0", {"stages": [1, 3], "a": 1}, "random", 0)
    changes: list[dict[str, Any]] = [
        {"env_id": "AgeMem-PDDL-v0"},
        {"env_kwargs": {}},
        {"policy": "expert"},
        {"seed": 1},
        {"memory": "mem0"},
        {"model": {"temperature": 0.0}},
    ]
    others = [dataclasses.replace(base, **change) for change in changes]
    assert base.config_hash == same.config_hash
    assert len({spec.config_hash for spec in (base, *others)}) == 7


def test_an_existing_file_is_not_overwritten(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", make_row())
    with pytest.raises(ConfigurationError, match=r"--resume .* --overwrite"):
        ResultFile(path)
    assert len(read_rows(path)) == 1


def test_overwrite_replaces(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", make_row(1), make_row(2))
    with ResultFile(path, overwrite=True) as file:
        file.append(make_row(3))
    assert [row.seed for row in read_rows(path)] == [3]


def test_resume_keeps_rows_and_forgets_crashes(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", make_row(1), make_crash(2))
    with ResultFile(path, resume=True) as file:
        assert [row.seed for row in file.finished.values()] == [1]
        file.append(make_row(2))
    assert [(row.seed, row.error is None) for row in read_rows(path)] == [(1, True), (2, False), (2, True)]


def test_resume_starts_a_file_that_is_not_there(tmp_path: Path) -> None:
    with ResultFile(tmp_path / "rows.jsonl", resume=True) as file:
        file.append(make_row())
    assert len(read_rows(tmp_path / "rows.jsonl")) == 1


def test_a_mark_at_the_beginning_and_separators_in_texts(tmp_path: Path) -> None:
    row = make_row(env_kwargs={"reward": "paper", "note": "one\u2028two\u0085three"})
    path = tmp_path / "rows.jsonl"
    path.write_text(f"\ufeff{row.to_json()}\n", encoding="utf-8")
    assert read_rows(path) == [row]


def test_rows_are_brought_into_the_order_of_the_episodes(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", make_row(9), make_crash(1))
    with ResultFile(path, resume=True) as file:
        for seed in (3, 1, 2):
            file.append(make_row(seed))
        file.arrange([make_row(seed).spec for seed in (1, 2, 3)])
        file.append(make_row(0))
    assert [row.seed for row in read_rows(path)] == [9, 1, 1, 2, 3, 0]
    assert [p.name for p in tmp_path.iterdir()] == ["rows.jsonl"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": "7"}, "line 2: seed must be of type int, not '7'"),
        ({"seed": True}, "line 2: seed must be of type int, not True"),
        ({"reward": None}, "line 2: reward must be of type float, not None"),
        ({"metrics": {"J": "good"}}, "line 2: metrics\\['J'\\] must be of type float"),
        ({"tool_calls": {"answer": None}}, "line 2: tool_calls\\['answer'\\] must be"),
        ({"schema": 1}, "line 2: schema 1 is not 3"),
        ({"memory": 3}, "line 2: memory must be of type str, not 3"),
        ({"cost": {"calls": "many"}}, "line 2: cost\\['calls'\\] must be of type float"),
        ({"surprise": 1}, "line 2: not a result row .* surprise"),
    ],
)
def test_the_reader_names_the_line_of_a_wrong_row(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    path = write(tmp_path / "rows.jsonl", make_row())
    broken = {**json.loads(make_row(1).to_json()), **change}
    path.write_text(path.read_text() + json.dumps(broken) + "\n")
    with pytest.raises(DataError, match=message):
        read_rows(path)


def test_the_reader_names_a_line_that_was_cut_off(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", make_row(), make_row(1))
    path.write_text(path.read_text()[:-100])
    with pytest.raises(DataError, match=r"line 2: not JSON .*; delete the line"):
        read_rows(path)


def test_the_reader_names_an_empty_line(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(f"\n{make_row().to_json()}\n")
    with pytest.raises(DataError, match="line 1: not JSON"):
        read_rows(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot read .*nothing\.jsonl"):
        read_rows(tmp_path / "nothing.jsonl")


def test_numbers_that_json_does_not_know_are_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        make_row(reward=float("nan")).to_json()
