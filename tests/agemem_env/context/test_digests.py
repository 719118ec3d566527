from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agemem_env.context import digests

items = st.lists(st.binary(min_size=16, max_size=16), max_size=12)


@given(items, items)
def test_joining_and_cutting_agree_with_the_whole(head: list[bytes], tail: list[bytes]) -> None:
    whole = digests.of(head + tail)
    assert digests.join(digests.of(head), digests.of(tail), len(tail)) == whole
    assert digests.cut(whole, digests.of(tail), len(tail)) == digests.of(head)


@given(items, items, items)
def test_a_change_in_front_agrees_with_the_whole(before: list[bytes], after: list[bytes], rest: list[bytes]) -> None:
    head = digests.join(digests.of(before), 0, len(rest))
    assert digests.join(head, digests.of(rest), 0) == digests.of(before + rest)
    changed = digests.changed(digests.of(before + rest), digests.of(before), digests.of(after), len(rest))
    assert changed == digests.of(after + rest)


def test_the_order_matters() -> None:
    one, two = b"1" * 16, b"2" * 16
    assert digests.of([one, two]) != digests.of([two, one])
    assert digests.of([one, two, one]) != digests.of([one, one, two])
