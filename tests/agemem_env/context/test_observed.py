from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from gymnasium.utils.passive_env_checker import data_shares_objects

from agemem_env.context.observed import ObservedMessages


def chats() -> list[dict[str, Any]]:
    call = {"id": "a", "type": "function", "function": {"name": "act", "arguments": "{}"}}
    return [
        {"role": "system", "content": "Play."},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "a", "content": "Done."},
    ]


@pytest.mark.parametrize(
    "look",
    [
        list,
        tuple,
        len,
        repr,
        json.dumps,
        lambda m: m[1:],
        lambda m: m[-1],
        lambda m: (*m,),
        lambda m: list(reversed(m)),
        lambda m: m + ({"role": "user"},),  # noqa: RUF005
        lambda m: ({"role": "user"},) + m,  # noqa: RUF005
        lambda m: m * 2,
        lambda m: (m.index(chats()[2]), m.count(chats()[0]), chats()[1] in m),
        copy.copy,
        copy.deepcopy,
        lambda m: pickle.loads(pickle.dumps(m)),
        lambda m: m == tuple(chats()),
        lambda m: tuple(chats()) != m,
        lambda m: m == ObservedMessages(chats()),
        lambda m: m == tuple(chats()[:2]),
    ],
)
@pytest.mark.parametrize("read_before", [False, True])
def test_it_is_the_tuple_that_it_stands_for(look: Callable[[Any], Any], read_before: bool) -> None:
    messages = ObservedMessages(chats())
    if read_before:
        assert messages[0]["role"] == "system"
    assert look(messages) == look(tuple(chats()))


@pytest.mark.parametrize("again", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies_are_equal_in_type_and_value_and_independent(again: Callable[[Any], Any]) -> None:
    messages = ObservedMessages(chats())
    twin = again(messages)
    assert type(twin) is ObservedMessages
    messages[0]["content"] = "changed"
    messages[1]["tool_calls"].clear()
    assert twin == tuple(chats()) != messages


def test_a_change_stays_in_the_observation() -> None:
    kept = chats()
    one, other = ObservedMessages(kept), ObservedMessages(kept)
    one[0]["content"] = "changed"
    one[1]["tool_calls"][0]["function"]["name"] = "changed"
    one[1]["tool_calls"].append("changed")
    assert (one[0]["content"], one[1]["tool_calls"][0]["function"]["name"]) == ("changed", "changed")
    assert "changed" in repr(one)
    assert "changed" in json.dumps(one)
    assert other == tuple(chats()) == tuple(kept) != one


def test_two_share_nothing_that_gymnasium_would_find() -> None:
    kept = chats()
    assert not data_shares_objects(ObservedMessages(kept), ObservedMessages(kept))


def test_nothing_is_copied_before_it_is_read() -> None:
    class Counted(dict[str, Any]):
        copies = 0

        def copy(self) -> dict[str, Any]:
            Counted.copies += 1
            return dict(self)

    messages = ObservedMessages([Counted(role="user", content="a")])
    assert (len(messages), messages == ({"role": "user", "content": "a"},), Counted.copies) == (1, True, 0)
    assert (messages[0] is messages[0], Counted.copies) == (True, 1)
