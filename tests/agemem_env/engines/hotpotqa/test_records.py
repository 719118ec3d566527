from __future__ import annotations

from typing import Any

import pytest

from agemem_env.engines.hotpotqa.records import HotpotRecord
from agemem_env.engines.hotpotqa.tasks import to_task
from agemem_env.errors import DataError
from tests.agemem_env.engines.hotpotqa.questions import question


def test_record_survives_a_round_trip() -> None:
    plain = question("a")
    assert HotpotRecord.from_json(plain).to_json() == plain


def test_supporting_facts_outside_the_context_are_left_out() -> None:
    facts = [["a beacon", 9], ["a beacon", -1], ["Nobody", 0], ["Ida Falk", 1]]
    record = HotpotRecord.from_json(question("a", supporting_facts=facts))
    assert record.supporting_facts == (("Ida Falk", 1),)
    none = HotpotRecord.from_json(question("a", supporting_facts=[["Nobody", 0]]))
    assert to_task(none, (), (), "train", "official").gold_facts == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("question", 3),
        ("answer", ""),
        ("type", None),
        ("supporting_facts", {}),
        ("supporting_facts", [["X", "0"]]),
        ("supporting_facts", [["X", True]]),
        ("context", []),
        ("context", [["X", "One."]]),
        ("context", [["X", ["One.", 2]]]),
    ],
)
def test_wrong_fields_are_named(field: str, value: Any) -> None:
    with pytest.raises(DataError, match=f"record a.*: field '{field}' must"):
        HotpotRecord.from_json(question("a", **{field: value}))


def test_record_must_be_an_object() -> None:
    with pytest.raises(DataError, match="expected a JSON object"):
        HotpotRecord.from_json([1])
