from __future__ import annotations

import copy
import json
import os
import pickle
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agemem_env.engines.hotpotqa.engine import HotpotQAEngine
from agemem_env.engines.hotpotqa.official import find_file, open_split
from agemem_env.engines.hotpotqa.records import HotpotRecord
from agemem_env.errors import DataError
from tests.agemem_env.engines.hotpotqa.questions import question

Write = Callable[[str, Any], Path]


@pytest.fixture
def write(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Write:
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path))
    (tmp_path / "hotpotqa").mkdir()

    def put(name: str, content: Any) -> Path:
        path = tmp_path / "hotpotqa" / name
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        path.write_text(text, encoding="utf-8")
        return path

    return put


def test_train_and_valid_share_the_train_file(write: Write) -> None:
    write("hotpot_train_v1.1.json", [question(f"q{i}") for i in range(400)])
    train = HotpotQAEngine(split="train", source="auto", protocol="agemem")
    valid = HotpotQAEngine(split="valid", source="auto", protocol="agemem")
    assert train.source == valid.source == "official"
    ids = {t.id for t in train.tasks} | {t.id for t in valid.tasks}
    assert len(ids) == len(train.tasks) + len(valid.tasks) == 400
    assert 8 <= len(valid.tasks) <= 35
    some = valid.tasks[1]
    assert (some.split, some.source) == ("valid", "official")
    assert valid.tasks.get(some.id) is some
    assert HotpotQAEngine(split="test", source="auto", protocol="agemem").source == "generated"


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_records_are_read_at_their_place_in_any_layout(mark: str, write: Write) -> None:
    records = [question("é"), question("b", question="Where? 漢"), question("c")]
    text = "\n [ " + " ,\n\t".join(json.dumps(r, ensure_ascii=i == 0) for i, r in enumerate(records)) + " ] \n"
    write("hotpot_dev_distractor_v1.json", mark + text)
    split = open_split("test")
    assert [split.file.record(i).to_json() for i in split.positions] == records


def test_the_last_matching_file_is_used(write: Write) -> None:
    write("hotpot_dev_distractor_sample.json", [question("a")])
    newer = write("hotpot_dev_distractor_v1.json", [question("b")])
    assert find_file("test") == newer


def test_a_changed_file_is_read_again(write: Write) -> None:
    path = write("hotpot_dev_distractor_v1.json", [question("a")])
    assert open_split("test") is open_split("test")
    write("hotpot_dev_distractor_v1.json", [question("b"), question("c")])
    os.utime(path, ns=(1, 1))
    assert open_split("test").file.ids == ["b", "c"]


def test_missing_files(write: Write, tmp_path: Path) -> None:
    write("hotpot_train_v1.1.json", [question("a")])
    with pytest.raises(DataError, match="present there: train, valid") as caught:
        open_split("test")
    assert str(tmp_path / "hotpotqa") in str(caught.value)
    assert "agemem data download hotpotqa" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "expected a JSON list"),
        ("<html>busy</html>", "expected a JSON list"),
        ("{}", "it begins with an object"),
        (json.dumps([question("a")])[:-40], "hotpot_dev_distractor_v1.json is not"),
        (json.dumps([question("a")])[:-1], "expected ',' or"),
        (json.dumps([question("a")]) + "x", "expected ',' or"),
        ("[" * 100_000, "is not an official HotpotQA file"),
        ("[{]", "is not an official HotpotQA file"),
        ("[]", "holds no questions"),
        ([question("a"), {"question": "x"}], "'_id'"),
        ([question("a"), question("b", context=3)], "record b: field 'context'"),
        ([question("a"), question("a")], "two questions with id 'a'"),
    ],
)
def test_corrupt_files(write: Write, content: Any, message: str) -> None:
    write("hotpot_dev_distractor_v1.json", content)
    with pytest.raises(DataError, match=message):
        open_split("test")


def test_file_that_is_not_text(write: Write) -> None:
    write("hotpot_dev_distractor_v1.json", "[]").write_bytes(b"\xff\xfe[]")
    with pytest.raises(DataError, match="cannot read"):
        open_split("test")


def test_split_without_questions(write: Write) -> None:
    write("hotpot_train_v1.1.json", [question("a")])
    empty = "train" if zlib.crc32(b"a") % 20 == 0 else "valid"
    with pytest.raises(DataError, match=f"no question of split '{empty}'"):
        open_split(empty)


def test_related_paragraphs_come_from_similar_questions(write: Write) -> None:
    records = [question(f"q{i}") for i in range(30)]
    for i, record in enumerate(records):
        record["question"] = f"Who painted the {'glacier' if i % 10 == 3 else 'meadow'}?"
        record["context"] = [[f"Title {i}", [f"The painting {i} hangs here."]], [f"Tolm {i}", ["In Tolm."]]]
        record["supporting_facts"] = [[f"Title {i}", 0]]
    write("hotpot_dev_distractor_v1.json", records)
    split = open_split("test")
    related = split.file.related(3)
    assert len(related) == 5
    assert {title for title, _ in related[:2]} == {"Title 13", "Title 23"}
    assert len({title for title, _ in related}) == 5
    assert all("Tolm" not in f"{title} {' '.join(s)}" for title, s in related)
    assert related == split.file.related(3)


def test_related_paragraphs_avoid_titles_of_the_question(write: Write) -> None:
    write("hotpot_dev_distractor_v1.json", [question(f"q{i}", answer="no") for i in range(8)])
    file = open_split("test").file
    for position in range(8):
        titles = {title for title, _ in file.record(position).context}
        related = {title for title, _ in file.related(position)}
        assert len(related) == 5
        assert not titles & related


def test_lonely_question_has_no_related_paragraphs(write: Write) -> None:
    write("hotpot_dev_distractor_v1.json", [question("a")])
    engine = HotpotQAEngine(split="test", source="official", protocol="agemem")
    assert engine.tasks[0].distractors == ()
    assert pickle.loads(pickle.dumps(copy.deepcopy(engine))).tasks[0] == engine.tasks[0]


REAL = Path(os.environ.get("AGEMEM_DATA", "/nonexistent")) / "hotpotqa"


@pytest.mark.skipif(not list(REAL.glob("hotpot_train*.json")), reason="AGEMEM_DATA has no HotpotQA train file")
def test_real_questions_become_tasks() -> None:
    for split in ("train", "valid"):
        engine = HotpotQAEngine(split=split, source="official", protocol="agemem")
        for index in range(min(len(engine.tasks), 200)):
            task = engine.tasks[index]
            record = task.data["record"]
            assert len(task.gold_facts) == len(set(record.supporting_facts))
            assert len(task.utterances) == len(record.context)
            assert len(task.distractors) == 5
            assert HotpotRecord.from_json(record.to_json()) == record
            engine.reset(task, None, briefed=True)  # type: ignore[arg-type]
            assert engine.oracle([f.text for f in task.facts]).arguments == {"text": record.answer}
