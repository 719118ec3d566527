from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from agemem_env.errors import ConfigurationError, DataError, StorageError
from benchmarks.results.file import ResultFile, read_rows
from benchmarks.results.row import EpisodeRow
from tests.benchmarks.results.made_up import make_crash, make_row, write
from tests.full_disk import room_for


@pytest.mark.parametrize("row", [make_row(), make_crash()], ids=["finished", "crashed"])
def test_rows_survive_the_file(tmp_path: Path, row: EpisodeRow) -> None:
    assert read_rows(write(tmp_path / "new" / "rows.jsonl", row)) == [row]


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
        ({"schema": 1}, "line 2: schema 1 is none of .*: 2, 3"),
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
    with pytest.raises(DataError, match=r"line 2: not JSON .*; it was cut off: delete it, or .* --resume"):
        read_rows(path)


def test_the_reader_names_an_empty_line(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(f"\n{make_row().to_json()}\n")
    with pytest.raises(DataError, match="line 1: not JSON"):
        read_rows(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot read .*nothing\.jsonl"):
        read_rows(tmp_path / "nothing.jsonl")


def test_resume_drops_a_line_that_was_cut_off(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", make_row(), make_row(1))
    path.write_bytes(path.read_bytes()[:-100])
    with ResultFile(path, resume=True) as file:
        assert file.torn
        assert [row.seed for row in file.finished.values()] == [0]
        file.append(make_row(1))
    assert [row.seed for row in read_rows(path)] == [0, 1]


def test_resume_keeps_a_last_row_that_lacks_nothing_but_its_end(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", make_row(), make_row(1))
    path.write_bytes(path.read_bytes()[:-1])
    with ResultFile(path, resume=True) as file:
        assert not file.torn
        file.append(make_row(2))
    assert [row.seed for row in read_rows(path)] == [0, 1, 2]


def test_a_row_that_does_not_fit_is_an_error_and_not_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    with ResultFile(path) as file:
        file.append(make_row())
        with room_for(path.stat().st_size + 50), pytest.raises(StorageError, match=r"cannot write .*: File too large"):
            file.append(make_row(1))
        file.append(make_row(2))
    assert [row.seed for row in read_rows(path)] == [0, 2]


def test_rows_that_cannot_be_sorted_stay_as_they_came(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    with ResultFile(path) as file:
        for seed in (2, 1):
            file.append(make_row(seed))
        with room_for(path.stat().st_size - 50), pytest.raises(StorageError, match="has all rows"):
            file.arrange([make_row(seed).spec for seed in (1, 2)])
    assert [row.seed for row in read_rows(path)] == [2, 1]
    assert [p.name for p in tmp_path.iterdir()] == ["rows.jsonl"]


def test_what_a_killed_run_left_beside_the_file_goes_with_the_next_one(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", make_row())
    (tmp_path / "rows.jsonl.7-1.part").write_text("half")
    (tmp_path / "rows.jsonl.lock").write_text("process 7 on nowhere")
    with ResultFile(path, resume=True) as file:
        file.begin()
    assert [p.name for p in tmp_path.iterdir()] == ["rows.jsonl"]


@pytest.mark.parametrize("content", ['{"lane": "x"}\n', "notes that matter", "a,b\n1,2\n"])
@pytest.mark.parametrize("how", ["overwrite", "resume"])
def test_what_is_no_file_of_rows_is_left_alone(tmp_path: Path, content: str, how: str) -> None:
    path = tmp_path / "notes"
    path.write_text(content)
    with pytest.raises(ConfigurationError, match="is no file of rows: it is left as it is"):
        ResultFile(path, overwrite=how == "overwrite", resume=how == "resume")
    assert path.read_text() == content
    assert [p.name for p in tmp_path.iterdir()] == ["notes"]


def test_a_link_to_a_file_of_rows_stays_one(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", make_row(9))
    (tmp_path / "link").symlink_to("rows.jsonl")
    with ResultFile(tmp_path / "link", resume=True) as file:
        for seed in (2, 1):
            file.append(make_row(seed))
        file.arrange([make_row(seed).spec for seed in (1, 2)])
    assert (tmp_path / "link").is_symlink()
    assert [row.seed for row in read_rows(path)] == [9, 1, 2]


def test_a_file_that_is_removed_during_the_run_loses_no_row(tmp_path: Path) -> None:
    path = write(tmp_path / "rows.jsonl", make_row(0), make_crash(1))
    with ResultFile(path, resume=True) as file:
        file.append(make_row(2))
        path.unlink()
        file.append(make_row(3))
        file.arrange([])
        assert [row.seed for row in read_rows(path)] == [0, 2, 3]


def test_a_folder_that_is_removed_during_the_run_is_one_line(tmp_path: Path) -> None:
    with ResultFile(tmp_path / "new" / "rows.jsonl") as file:
        file.append(make_row(0))
        shutil.rmtree(tmp_path / "new")
        with pytest.raises(StorageError, match=r"cannot write .*rows.jsonl: No such file or directory"):
            file.append(make_row(1))
