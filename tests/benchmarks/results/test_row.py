from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Annotated, Any

import pytest

from agemem_env.errors import DataError
from benchmarks.results import row
from benchmarks.results.fields import FromResult, RowField
from benchmarks.results.row import SCHEMA, EpisodeRow, declared
from benchmarks.specs import RunSpec
from tests.benchmarks.results.made_up import make_row


def test_a_row_names_its_episode() -> None:
    assert make_row(3).spec == RunSpec("AgeMem-HotpotQA-v0", {"reward": "paper", "stages": [1, 2, 3]}, "expert", 3)


def test_numbers_that_json_does_not_know_are_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        make_row(reward=float("nan")).to_json()


def test_every_field_is_typed_and_says_where_it_comes_from() -> None:
    for field in declared():
        assert (field.source is None) == (field.name == "error")
        assert field.nullable(SCHEMA, crashed=False) == (
            field.name in ("memory", "task", "after", "error", "difficulty")
        )
    assert [f.name for f in declared()] == list(json.loads(make_row().to_json()))


def test_the_schema_is_one_more_when_a_field_changes() -> None:
    # A new field says since which SCHEMA it is there, so that older files can still be read.
    text = "\n".join(f"{field.name}: {field.kind}" for field in declared())
    assert (SCHEMA, hashlib.blake2b(text.encode(), digest_size=4).hexdigest()) == (6, "a0eff291")


@pytest.mark.parametrize("missing", ["reward", "metrics", "cost", "source", "seconds"])
def test_only_a_crash_lacks_what_came_of_it(missing: str) -> None:
    with pytest.raises(DataError, match=f"{missing} must be of type .*, not None"):
        make_row(**{missing: None})
    assert make_row(**{missing: None}, error={"type": "E", "message": "", "traceback": ""}).error is not None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": [1]}, r"model must be of type dict, not \[1\]"),
        ({"error": {}}, r"error\['type'\] must be of type str, not None"),
        ({"error": {"type": "X"}}, r"error\['message'\] must be of type str, not None"),
        ({"versions": {"python": 3}}, r"versions\['python'\] must be of type str, not 3"),
        ({"error": {"type": None}}, r"error\['type'\] must be of type str, not None"),
        ({"tool_calls": {"answer": 1.5}}, r"tool_calls\['answer'\] must be of type int, not 1.5"),
        ({"success": 1}, "success must be of type bool, not 1"),
        ({"seconds": {"env": None}}, r"seconds\['env'\] must be of type float, not None"),
    ],
)
def test_types_are_those_of_the_annotations(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        make_row(**changes)


def test_a_field_that_is_new_is_none_in_older_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclass(frozen=True, kw_only=True)
    class NewRow(EpisodeRow):
        extra: Annotated[int | None, FromResult(lambda result: 7, since=SCHEMA + 1)] = None

    old = make_row().to_json()
    fields = (*declared(), RowField("extra", int | None, FromResult(lambda result: 7, since=SCHEMA + 1)))
    monkeypatch.setattr(row, "declared", lambda: fields)
    monkeypatch.setattr(row, "SCHEMA", SCHEMA + 1)
    assert NewRow.from_json(old).extra is None
    assert NewRow.from_json(old).to_json() == old
    newer = {**json.loads(old), "schema": SCHEMA + 1}
    with pytest.raises(DataError, match="missing or unknown fields extra"):
        NewRow.from_json(json.dumps(newer))
    with pytest.raises(DataError, match="extra must be of type int, not None"):
        NewRow.from_json(json.dumps({**newer, "extra": None}))
    assert NewRow.from_json(json.dumps({**newer, "extra": 3})).extra == 3
    with pytest.raises(DataError, match="unknown fields extra"):
        NewRow.from_json(json.dumps({**json.loads(old), "extra": 3}))


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_no_row(constant: str) -> None:
    line = make_row(reward=0.5).to_json().replace('"reward": 0.5', f'"reward": {constant}')
    assert constant in line
    with pytest.raises(DataError, match=f"{constant} is no number"):
        EpisodeRow.from_json(line)


@pytest.mark.parametrize("schema", [0, True, "2", None, SCHEMA + 1])
def test_other_schemas_are_not_read(schema: object) -> None:
    with pytest.raises(DataError, match="schema"):
        EpisodeRow.from_json(json.dumps({**json.loads(make_row().to_json()), "schema": schema, "new": 1}))


def test_rows_from_before_the_cost_of_services_are_read() -> None:
    values = json.loads(make_row().to_json())
    for name in (
        "service_cost",
        "service_faults",
        "judge",
        "difficulty",
        "progress_by_turn",
        "task",
        "after",
        "entries",
    ):
        del values[name]
    old = EpisodeRow.from_json(json.dumps({**values, "schema": 2}))
    assert (old.schema, old.service_cost, old.service_faults) == (2, None, None)
    assert EpisodeRow(**{**json.loads(old.to_json()), "schema": 2}) == old
    with pytest.raises(DataError, match="after, difficulty, entries, judge, progress_by_turn, service_cost, serv"):
        EpisodeRow.from_json(json.dumps(values))
