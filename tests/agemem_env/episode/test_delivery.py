from __future__ import annotations

import numpy as np
import pytest

from agemem_env.context.context import Context
from agemem_env.episode.delivery import Delivery
from agemem_env.episode.ledger import Ledger
from agemem_env.episode.stages import schedule
from agemem_env.episode.state import Episode
from agemem_env.errors import ConfigurationError
from agemem_env.memory.store import LongTermMemory
from agemem_env.services.encoders import HashingEncoder
from agemem_env.types import Fact, Task
from tests.agemem_env.context.test_context import WordCounter

FACTS = (Fact("The blue mug is in cabinet 3."), Fact("Where the blue mug is, there is the lamp."))
TASK = Task("t", "Toy", "test", "generated", "Where is it?", FACTS, (), ("Nice weather.",))


def started(delivery: Delivery, max_tokens: int = 500) -> Episode:
    context, memory = Context(max_tokens, WordCounter()), LongTermMemory(HashingEncoder())
    episode = Episode(TASK, schedule(TASK, (1, 2, 3), 1), "A room.", 7, context, memory, Ledger())
    delivery.open(episode)
    delivery.next(episode)
    return episode


def origins(episode: Episode) -> list[str]:
    return [message.origin for message in episode.context.messages()]


def test_messages_come_in_order_and_stage_2_starts_with_an_empty_context() -> None:
    delivery = Delivery("You remember.", top_k=3, threshold=0.1, tells_turns=True)
    episode = started(delivery)
    assert origins(episode) == ["system", "fact"]
    delivery.next(episode)
    delivery.next(episode)
    assert origins(episode) == ["system", "distractor"]
    assert episode.stored is None
    delivery.next(episode)
    assert origins(episode) == ["system", "distractor", "query", "observation"]
    assert "7" in list(episode.context.messages())[2].text
    assert episode.stored == ()


@pytest.mark.parametrize(("threshold", "shown"), [(0.1, True), (0.99, False)])
def test_memories_above_the_threshold_come_before_a_message(threshold: float, shown: bool) -> None:
    delivery = Delivery("You remember.", top_k=3, threshold=threshold, tells_turns=True)
    episode = started(delivery)
    episode.memory.add("The blue mug is in cabinet 3.", {}, 0, np.random.default_rng(0))
    delivery.next(episode)
    assert origins(episode) == ["system", "fact", *(["retrieval"] if shown else []), "fact"]
    assert len(episode.ledger.events) == shown


def test_the_turn_limit_is_told_only_if_asked_for() -> None:
    delivery = Delivery("You remember.", top_k=3, threshold=0.1, tells_turns=False)
    episode = started(delivery)
    for _ in range(3):
        delivery.next(episode)
    assert list(episode.context.messages())[2].text == "Where is it?"


def test_a_budget_below_system_message_and_query_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"max_tokens=12 is too small: .* task 't' alone take \d+ tokens"):
        started(Delivery("You remember.", top_k=3, threshold=0.1, tells_turns=True), max_tokens=12)
