"""What a transcript tells of its messages, at the cost of what has changed."""

from __future__ import annotations

import numpy as np
import pytest

from agemem_env.context.context import Context
from agemem_env.context.messages import Message, ShownMemory
from agemem_env.context.prompts import SystemMessage
from agemem_env.context.transcript import Transcript
from agemem_env.services.tokens import EstimateCounter


@pytest.fixture
def transcript() -> Transcript:
    return Transcript("native", SystemMessage.of("", (1, 2, 3), [], None))


def test_memories_are_those_in_the_messages_whatever_changes(transcript: Transcript) -> None:
    rng = np.random.default_rng(0)
    context = Context(400, EstimateCounter())
    context.append(Message("system", "You are told things."), protected=True)
    for turn in range(300):
        shown = tuple(ShownMemory(f"mem_{int(i):08x}", f"fact {i}", None) for i in rng.integers(6, size=2))
        memories = shown if rng.random() < 0.2 else ()
        context.append(Message("retrieval" if memories else "fact", f"message {turn}", memories=memories))
        if rng.random() < 0.1 and len(context.units) > 2:
            context.remove([int(rng.integers(1, len(context.units)))])
        transcript.messages(context)
        fresh = Transcript("native", SystemMessage.of("", (1, 2, 3), [], None))
        fresh.messages(context.copy())
        assert transcript.memories() == fresh.memories()


def test_the_messages_are_not_walked_through_for_memories_where_none_came(transcript: Transcript) -> None:
    class Counted(tuple[ShownMemory, ...]):
        reads = 0

        def __reversed__(self) -> object:
            Counted.reads += 1
            return iter(self[::-1])

    context = Context(10_000, EstimateCounter())
    context.append(Message("system", "You are told things."), protected=True)
    memory = ShownMemory("mem_00000001", "fact", None)
    context.append(Message("retrieval", "It is so.", memories=Counted([memory])))
    for turn in range(50):
        context.append(Message("fact", f"message {turn}"))
        transcript.messages(context)
        assert transcript.memories() == [memory]
    assert Counted.reads <= 1
