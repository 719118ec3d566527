from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from agemem_env.context.messages import Message
from agemem_env.context.units import Unit, UnitList
from tests.agemem_env.context.test_context import WordCounter

GAP = Message("notice", "...")
MESSAGES = [Message("system", "s"), Message("fact", "a b"), Message("agent", "c"), Message("result", "d e f")]
chosen = st.lists(st.sampled_from(MESSAGES), min_size=1, max_size=3)


def made(units: list[list[Message]]) -> UnitList:
    listed = UnitList(WordCounter(), GAP)
    for unit in units:
        listed._attach(unit, protected=False, join=False)
    return listed


def state(listed: UnitList) -> tuple[bytes, int, int]:
    return listed.digest(), listed.tokens, listed.message_count


@given(st.lists(chosen, max_size=6), st.lists(st.sampled_from(MESSAGES).map(lambda m: [m]), max_size=3), st.data())
@settings(max_examples=200, deadline=None)
def test_what_was_spliced_is_what_would_have_been_appended(
    units: list[list[Message]], new: list[list[Message]], data: st.DataObject
) -> None:
    start = data.draw(st.integers(0, len(units)))
    stop = data.draw(st.integers(start, len(units)))
    listed = made(units)
    listed._splice(start, stop, [listed._unit(tuple(unit)) for unit in new])
    assert state(listed) == state(made([*units[:start], *new, *units[stop:]]))
    assert listed.tokens == listed.size(listed.messages())


@given(st.lists(chosen, min_size=1, max_size=4), chosen)
def test_joined_messages_are_part_of_the_last_unit(units: list[list[Message]], more: list[Message]) -> None:
    listed = made(units)
    listed._attach(more, protected=False, join=True)
    assert len(listed.units) == len(units)
    assert state(listed)[0] == state(made([*units[:-1], [*units[-1], *more]]))[0]


def test_a_unit_is_compared_by_its_text() -> None:
    assert Unit((Message("fact", "a"), Message("agent", "b")), 4).text == "a\nb"
