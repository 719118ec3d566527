from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agemem_env.text.matching import match_memory, recall, states

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


def test_a_move_states_where_the_thing_is_now() -> None:
    moved = "mug 2 went from cabinet 3 to shelf 1"
    assert states(moved, "mug 2 went to shelf 1")
    assert not states(moved, OLD)


def test_a_rival_tells_which_words_matter() -> None:
    old, new = "The long walk led the friends home by noon.", "The long walk led the friends home by dusk."
    assert states("On the long walk the friends came home by dusk", new, rival=old)
    assert not states("On the long walk the friends came home by noon", new, rival=old)


def test_perfect_memory() -> None:
    match = match_memory(["mug 2 is on shelf 1", "The purple door: needs the red key."], GOLD)
    assert match.coverage == match.precision == match.f1 == 1.0


def test_a_duplicate_and_filler_cost_precision() -> None:
    match = match_memory([NEW, NEW, "the weather was nice"], GOLD)
    assert match.coverage == 0.5
    assert match.precision == pytest.approx(4 / 10)  # mug 2 shelf 1, twice, and weather nice
    assert match.f1 == pytest.approx(2 * 0.5 * 0.4 / 0.9)
    assert match.stated == (True, True, False)


def test_it_does_not_matter_how_sentences_are_divided_into_entries() -> None:
    entries = [f"{NEW}.", "The weather was nice.", "The purple door needs the red key."]
    apart, together = match_memory(entries, GOLD), match_memory([" ".join(entries)], GOLD)
    assert (apart.coverage, apart.precision) == (together.coverage, together.precision)


def test_words_without_a_sentence_cover_nothing() -> None:
    bag = "mug 2 is in cabinet 3 on shelf 1 the purple door needs red key"
    assert match_memory([bag.replace("cabinet 3", "3 cabinet")], ["mug 1 is in cabinet 2"]).coverage == 0.0


def test_an_outdated_entry_covers_nothing() -> None:
    old, new = "the spare mug 2 is in kitchen cabinet 3", "the spare mug 2 is in kitchen cabinet 4"
    assert match_memory([old], [new]).coverage == 0.0
    assert match_memory([old], [new], {0: [old]}).coverage == 0.0
    assert match_memory([old, new], [new], {0: ["unrelated words", old]}).precision == 0.5


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
