from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agemem_env.text.matching import match_memory, recall, states, states_only

OLD, NEW = "mug 2 is in cabinet 3", "mug 2 is on shelf 1"
GOLD = [NEW, "the purple door needs the red key"]


@pytest.mark.parametrize(
    ("statement", "text", "value"),
    [
        (OLD, "Mug 2: in cabinet 3!", 1.0),
        (OLD, "mug 2 is in drawer 3", 0.75),
        (OLD, "", 0.0),
        ("mug mug key", "a mug", 0.5),  # a repeated word counts once
        ("It is on", "Now it is on.", 1.0),  # no content words: literally
        ("It is on", "on it is", 0.0),
        ("", "anything", 0.0),
        ("  ", "any thing", 0.0),
    ],
)
def test_recall(statement: str, text: str, value: float) -> None:
    assert recall(statement, text) == value


def test_a_text_states_the_version_it_is_closer_to() -> None:
    assert states("I put mug 2 into cabinet 3", OLD, rival=NEW)
    assert not states("I put mug 2 into cabinet 3", NEW, rival=OLD)
    assert states_only("I put mug 2 into cabinet 3", OLD, NEW)


def test_a_text_with_both_versions_states_either_but_neither_alone() -> None:
    both = "mug 2 went from cabinet 3 to shelf 1"
    assert states(both, NEW, rival=OLD)
    assert states(both, OLD, rival=NEW)
    assert not states_only(both, OLD, NEW)
    assert not states_only(both, NEW, OLD)


def test_a_negation_is_another_version() -> None:
    assert states_only("the key is red", "key is red", "key is not red")
    assert not states_only("the key is not red", "key is red", "key is not red")
    assert states("the key is not red", "key is not red", rival="key is red")
    assert not states("the key is red", "key is not red", rival="key is red")


def test_below_the_threshold_nothing_is_stated() -> None:
    assert not states("cabinet 3", OLD)
    assert states("cabinet 3", OLD, threshold=0.5)


def test_perfect_memory() -> None:
    match = match_memory(["mug 2 is on shelf 1", "Red is the key that the purple door needs."], GOLD)
    assert match.coverage == match.precision == match.f1 == 1.0


def test_a_duplicate_and_filler_cost_precision() -> None:
    match = match_memory([NEW, NEW, "the weather was nice"], GOLD)
    assert match.coverage == 0.5
    assert match.precision == pytest.approx(4 / 10)  # 4 + 4 + 2 content words
    assert match.f1 == pytest.approx(2 * 0.5 * 0.4 / 0.9)


def test_one_entry_that_holds_everything_pays_for_the_rest() -> None:
    rest = " ".join(f"thing{i}" for i in range(27))
    match = match_memory([f"{GOLD[0]} {GOLD[1]} {rest}"], GOLD)
    assert match.coverage == 1.0
    assert match.precision == pytest.approx(9 / 36)


def test_an_outdated_entry_covers_nothing() -> None:
    old, new = "the spare mug 2 is in kitchen cabinet 3", "the spare mug 2 is in kitchen cabinet 4"
    assert match_memory([old], [new]).coverage == 1.0
    assert match_memory([old], [new], {0: [old]}).coverage == 0.0
    assert match_memory([old, new], [new], {0: ["unrelated words", old]}).precision == 0.5


def test_one_wrong_word_of_four_is_another_statement() -> None:
    assert not states("plate 2 is in cabinet 3", OLD)


@pytest.mark.parametrize(
    ("entries", "gold", "expected"),
    [
        ([], [], (None, None, None)),
        ([], GOLD, (0.0, None, 0.0)),
        ([NEW], [], (None, None, None)),
        (["weather"], GOLD, (0.0, 0.0, 0.0)),
        (["it is"], GOLD, (0.0, 0.0, 0.0)),
    ],
)
def test_what_cannot_be_scored_is_none(entries: list[str], gold: list[str], expected: tuple[object, ...]) -> None:
    match = match_memory(entries, gold)
    assert (match.coverage, match.precision, match.f1) == expected


TEXTS = st.lists(
    st.lists(st.sampled_from(["mug", "key", "2", "3", "red", "is", "in", "shelf"]), max_size=6).map(" ".join),
    max_size=5,
)


@given(TEXTS, TEXTS)
def test_values_stay_in_range_and_more_entries_never_uncover(entries: list[str], gold: list[str]) -> None:
    match = match_memory(entries, gold)
    values = [match.coverage, match.precision, match.f1]
    assert all(0 <= value <= 1 for value in values if value is not None)
    if gold and entries:
        assert (match_memory(entries[:-1], gold).coverage or 0) <= (match.coverage or 0)


@given(TEXTS, TEXTS)
def test_a_duplicate_never_raises_the_score(entries: list[str], gold: list[str]) -> None:
    if entries and gold:
        assert (match_memory([*entries, entries[0]], gold).f1 or 0) <= (match_memory(entries, gold).f1 or 0)
