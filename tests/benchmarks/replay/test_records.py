"""Files of recorded episodes: what is read, and how a malformed one is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agemem_env.errors import DataError
from benchmarks.replay.records import read_records

GOOD: dict[str, Any] = {"initial_observation": "You see.", "steps": [{"action": "a", "observation": "b", "reward": 0}]}


def write(folder: Path, *lines: str) -> Path:
    file = folder / "recorded.jsonl"
    file.write_bytes("\n".join(lines).encode())
    return file


def test_records_come_with_their_lines(tmp_path: Path) -> None:
    odd = {**GOOD, "steps": [{"action": "a\u2028b", "observation": "c\x85d"}]}
    lines = ["\ufeff" + json.dumps(GOOD) + "\r", "", json.dumps(odd, ensure_ascii=False), ""]
    assert read_records(write(tmp_path, *lines)) == [(1, GOOD), (3, odd)]


@pytest.mark.parametrize("lines", [[], [""], ["", "  ", "\r"]])
def test_an_empty_file_is_an_error(lines: list[str], tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"recorded\.jsonl has no recorded episodes"):
        read_records(write(tmp_path, *lines))


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("{", "JSONDecodeError"),
        ("[" * 100_000, "RecursionError"),
        ("[]", "not a JSON object"),
        ('"steps"', "not a JSON object"),
        ("{}", "'steps' is not a list"),
        ({**GOOD, "steps": None}, "'steps' is not a list"),
        ({**GOOD, "steps": {"action": "a", "observation": "b"}}, "'steps' is not a list"),
        ({**GOOD, "steps": ["look"]}, "step 0 is not a JSON object"),
        ({**GOOD, "steps": [*GOOD["steps"], {"action": None, "observation": "b"}]}, "step 1: 'action' is not a text"),
        ({**GOOD, "steps": [{"action": "a", "observation": 3}]}, "step 0: 'observation' is not a text but 3"),
        ({**GOOD, "steps": [{"action": "a", "observation": "b", "reward": "0"}]}, "step 0: 'reward' is not a number"),
        ({**GOOD, "reward": [1]}, "'reward' is not a number but [1]"),
        ({**GOOD, "initial_observation": ["x"]}, "'initial_observation' is not a text but ['x']"),
    ],
)
def test_a_malformed_record_is_named_by_its_line(line: Any, fault: str, tmp_path: Path) -> None:
    text = line if isinstance(line, str) else json.dumps(line)
    with pytest.raises(DataError) as caught:
        read_records(write(tmp_path, json.dumps(GOOD), text))
    assert str(caught.value).startswith(f"{tmp_path}/recorded.jsonl:2: not a recorded episode (")
    assert fault in str(caught.value)
