from __future__ import annotations

import pytest

from agemem_env.engines.hotpotqa.records import HotpotRecord, Revision
from agemem_env.engines.hotpotqa.tasks import to_task
from tests.agemem_env.engines.hotpotqa.questions import question


def test_empty_sentences_are_not_facts() -> None:
    context = [["X", ["", " One. ", "  "]], ["Y", [" "]]]
    record = HotpotRecord.from_json(question("a", context=context, supporting_facts=[["X", 0], ["X", 1]]))
    task = to_task(record, (), (), "train", "official")
    assert [(f.text, f.gold) for f in task.facts] == [("X: One.", True)]
    assert [u.facts for u in task.utterances] == [(0,)]


def test_of_paragraphs_with_one_title_the_first_that_has_the_sentence_is_gold() -> None:
    context = [["X", ["One."]], ["X", ["Uno.", "Two."]]]
    record = HotpotRecord.from_json(question("a", context=context, supporting_facts=[["X", 0], ["X", 1]]))
    task = to_task(record, (), (), "train", "official")
    assert [f.text for f in task.gold_facts] == ["X: One.", "X: Two."]


def test_revised_sentence_is_told_wrongly_and_then_corrected() -> None:
    record = HotpotRecord.from_json(question("a"))
    revision = Revision("Ida Falk", 1, " Ida Falk was born in Sund.")
    task = to_task(record, [revision], [("Ida Fink", ("Ida Fink is a poet.",))], "train", "official")
    (old, new), *_ = task.superseded.items()
    assert task.facts[old].text == "Ida Falk: Ida Falk was born in Sund."
    assert task.facts[new].text == "Ida Falk: Ida Falk was born in Tolm."
    assert [f.text for f in task.gold_facts] == [
        "a beacon: The a beacon was kept by Ida Falk.",
        "Ida Falk: Ida Falk was born in Tolm.",
    ]
    assert task.utterances[-1].facts == (new,)
    assert "Sund" not in task.utterances[-1].text
    assert "Ida Fink is a poet." in task.distractors[0]
    assert task.query == "Where was the keeper of the a beacon born?"


@pytest.mark.parametrize("revised", ["a beacon", "Ida Falk", "a harbour"])
def test_something_is_told_between_a_sentence_and_its_correction(revised: str) -> None:
    record = HotpotRecord.from_json(question("a"))
    task = to_task(record, [Revision(revised, 0, "It is green.")], (), "train", "official")
    told = {fact: i for i, u in enumerate(task.utterances) for fact in u.facts}
    ((old, new),) = task.superseded.items()
    assert told[new] >= told[old] + 2
