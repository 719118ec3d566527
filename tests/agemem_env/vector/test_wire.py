"""Observations arrive as they were sent, and of a prompt only what is new travels."""

from __future__ import annotations

import pickle
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agemem_env.context.observed import ObservedMessages
from agemem_env.vector.wire import Receiver, Sender


def observation(chats: list[dict[str, Any]], stage: int = 1) -> dict[str, Any]:
    return {"stage": stage, "messages": ObservedMessages(chats), "tokens": len(chats)}


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.text("abc", max_size=6), min_size=1, max_size=6))
def test_whatever_changes_arrives(prompts: list[str]) -> None:
    sender, receiver = Sender(), Receiver()
    for prompt in prompts:
        chats = [{"role": "user", "content": letter} for letter in prompt]
        got = receiver.unpack(pickle.loads(pickle.dumps(sender.pack(observation(chats)))))
        assert got == observation(chats)
        assert list(got) == ["stage", "messages", "tokens"]


def test_only_new_messages_travel() -> None:
    chats = [{"role": "user", "content": "x" * 1000} for _ in range(100)]
    sender = Sender()
    sender.pack(observation(chats))
    added = [*chats, {"role": "assistant", "content": "y"}]
    assert len(pickle.dumps(sender.pack(observation(added)))) < 200
    assert len(pickle.dumps(sender.pack(observation(added[:50] + added[60:])))) < 200


def test_a_receiver_starts_again_with_a_new_sender() -> None:
    receiver = Receiver()
    receiver.unpack(Sender().pack(observation([{"role": "user", "content": "a"}])))
    chats = [{"role": "user", "content": "b"}]
    assert receiver.unpack(Sender().pack(observation(chats))) == observation(chats)


def test_an_observation_shown_again_is_another_object() -> None:
    receiver = Receiver()
    first = receiver.unpack(Sender().pack(observation([{"role": "user", "content": "a"}])))
    first["messages"][0]["content"] = "changed"
    assert receiver.again()["messages"][0]["content"] == "a"


def test_other_observations_travel_whole() -> None:
    assert Receiver().unpack(Sender().pack((1, 2))) == (1, 2)
