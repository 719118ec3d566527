"""Official files in other forms: other line ends, escapes of half characters, Hugging Face's columns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agemem_env.engines.hotpotqa.engine import HotpotQAEngine
from agemem_env.engines.hotpotqa.records import HotpotRecord
from agemem_env.errors import DataError
from agemem_env.types import Task


def record(number: int) -> dict[str, Any]:
    return {
        "_id": f"id{number}",
        "question": f"Where was the maker of Thing {number} born?",
        "answer": f"Town {number}",
        "type": "bridge",
        "level": "easy",
        "supporting_facts": [[f"Thing {number}", 0], [f"Maker {number}", 0]],
        "context": [
            [f"Thing {number}", [f"Thing {number} is by Maker {number}.", " It is é old."]],
            [f"Maker {number}", [f"Maker {number} was born in Town {number}."]],
        ],
    }


def columns(row: dict[str, Any]) -> dict[str, Any]:
    """Return a record as Hugging Face has it."""
    rest = {key: value for key, value in row.items() if key not in ("_id", "context", "supporting_facts")}
    context = {"title": [c[0] for c in row["context"]], "sentences": [c[1] for c in row["context"]]}
    facts = {"title": [f[0] for f in row["supporting_facts"]], "sent_id": [f[1] for f in row["supporting_facts"]]}
    return {"id": row["_id"], **rest, "context": context, "supporting_facts": facts}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "hotpotqa").mkdir()
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path))
    return tmp_path / "hotpotqa" / "hotpot_dev_distractor_v1.json"


def tasks() -> list[Task]:
    engine = HotpotQAEngine(split="test", source="official")
    for task in engine.tasks:
        engine.reset(task, np.random.default_rng(0), briefed=True)
    return list(engine.tasks)


def plain(file: Path) -> list[Task]:
    file.write_text(json.dumps([record(i) for i in range(4)]), encoding="utf-8")
    return tasks()


@pytest.mark.parametrize("newline", ["\r\n", "\r", "\n\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_do_not_matter(file: Path, newline: str, mark: str) -> None:
    expected = plain(file)
    text = json.dumps([record(i) for i in range(4)], indent=1, ensure_ascii=False)
    file.write_bytes((mark + text.replace("\n", newline) + newline).encode())
    assert tasks() == expected


def test_escapes_of_half_characters_are_mended(file: Path) -> None:
    row = record(1)
    row["_id"] = "id\ud800"
    row["answer"] = "Town \udfff"
    row["context"][0] = ["Thing \ud83d", ["Thing \ud83d is by Maker 1."]]
    row["supporting_facts"][0] = ["Thing \ud83d", 0]
    file.write_text(json.dumps([record(0), row]), encoding="ascii")
    _, mended = tasks()
    assert (mended.id, mended.answer) == ("id\ufffd", "Town \ufffd")
    assert [fact.text.rpartition(": ")[2] for fact in mended.gold_facts] == [
        "Thing \ufffd is by Maker 1.",
        "Maker 1 was born in Town 1.",
    ]
    repr(mended).encode()


def test_hugging_faces_columns_are_read(file: Path) -> None:
    expected = plain(file)
    file.write_text(json.dumps([columns(record(i)) for i in range(4)]), encoding="utf-8")
    assert tasks() == expected


@pytest.mark.parametrize("change", [{"title": ["X"]}, {"sentences": None}, {"title": "X"}])
def test_broken_columns_name_the_form(change: dict[str, Any]) -> None:
    row = columns(record(0))
    row["context"].update(change)
    with pytest.raises(DataError, match=r"record id0 in Hugging Face's column form: field 'context' must have lists"):
        HotpotRecord.from_json(row)


@pytest.mark.parametrize("lines", [True, False])
def test_lines_and_tables_are_refused_with_what_to_do(file: Path, lines: bool) -> None:
    rows = [columns(record(i)) for i in range(2)]
    table = json.dumps({key: [row[key] for row in rows] for key in rows[0]})
    file.write_text("\n".join(map(json.dumps, rows)) if lines else table, encoding="utf-8")
    with pytest.raises(DataError, match=r"begins with an object.*Hugging Face.*json\.dump\(list\(dataset\), file\)"):
        tasks()
