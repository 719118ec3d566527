from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from agemem_env.context.context import Context
from agemem_env.context.messages import Message
from agemem_env.episode.ledger import Effect, Event, Ledger
from agemem_env.episode.stages import Incoming, check_stages, schedule
from agemem_env.episode.state import Episode
from agemem_env.errors import ConfigurationError
from agemem_env.memory.store import LongTermMemory, MemoryEntry
from agemem_env.services.encoders import HashingEncoder
from agemem_env.types import Fact, Stage, Task, Utterance, Violation
from tests.agemem_env.context.test_context import WordCounter

FACTS = tuple(Fact(f"fact {i}") for i in range(5))
TASK = Task("t", "Toy", "test", "generated", "Where?", FACTS, (), ("noise 0", "noise 1"))


@pytest.mark.parametrize("stages", [(1, 2, 3), (1, 3), (2, 3), (3,), [1, 3], range(1, 4)])
def test_allowed_stages(stages: Any) -> None:
    assert check_stages(stages) == tuple(stages)


@pytest.mark.parametrize(
    "stages", [(), (1,), (1, 2), (3, 1), (1, 1, 3), (3, 3), (0, 3), (1, 2, 3, 4), ("3",), "3", "123", 3, None, {3: 3}]
)
def test_other_stages_are_refused(stages: Any) -> None:
    with pytest.raises(
        ConfigurationError, match=r"stages=.* is not allowed; use one of \(1, 2, 3\), \(1, 3\), \(2, 3\)"
    ):
        check_stages(stages)


class TestSchedule:
    def test_all_stages_in_order(self) -> None:
        assert schedule(TASK, (1, 2, 3), 1) == (
            *(Incoming(1, "fact", f"fact {i}") for i in range(5)),
            Incoming(2, "distractor", "noise 0"),
            Incoming(2, "distractor", "noise 1"),
            Incoming(3, "query", "Where?"),
        )

    @pytest.mark.parametrize(
        ("per_turn", "texts"),
        [
            (2, ["fact 0\nfact 1", "fact 2\nfact 3", "fact 4"]),
            (5, ["fact 0\nfact 1\nfact 2\nfact 3\nfact 4"]),
            (99, ["fact 0\nfact 1\nfact 2\nfact 3\nfact 4"]),
        ],
    )
    def test_several_facts_per_turn(self, per_turn: int, texts: list[str]) -> None:
        assert [m.text for m in schedule(TASK, (1, 3), per_turn)] == [*texts, "Where?"]

    @pytest.mark.parametrize(
        ("stages", "origins"),
        [
            ((1, 3), ["fact"] * 5 + ["query"]),
            ((2, 3), ["distractor"] * 2 + ["query"]),
            ((3,), ["query"]),
        ],
    )
    def test_selections(self, stages: tuple[Stage, ...], origins: list[str]) -> None:
        assert [m.origin for m in schedule(TASK, stages, 1)] == origins

    def test_utterances_are_told_instead_of_facts(self) -> None:
        task = Task(
            "t", "Toy", "test", "generated", "Where?", FACTS, (Utterance("Hi, 0 and 1", (0, 1)), Utterance("2", (2,)))
        )
        assert [m.text for m in schedule(task, (1, 3), 1)] == ["Hi, 0 and 1", "2", "Where?"]
        assert [m.text for m in schedule(task, (1, 3), 2)] == ["Hi, 0 and 1\n2", "Where?"]

    def test_a_task_that_tells_nothing(self) -> None:
        task = Task("t", "Toy", "test", "generated", "Where?")
        assert schedule(task, (1, 2, 3), 1) == (Incoming(3, "query", "Where?"),)


def event(kind: Any, stage: Stage, tool: str = "") -> Event:
    return Event(1, stage, tool, {}, Effect(kind), 0, 0)


class TestLedger:
    def test_selects_by_kind_and_stage_in_order(self) -> None:
        ledger = Ledger()
        events = [
            event("add", 1, "Add_memory"),
            event("overflow", 2),
            event("add", 2, "Add_memory"),
            event("none", 3, "act"),
        ]
        for one in events:
            ledger.record(one)
        assert ledger.of("add", "overflow") == events[:3]
        assert ledger.of("add", stage=2) == [events[2]]
        assert ledger.of("delete") == []
        assert ledger.calls == {"Add_memory": 2, "act": 1}

    def test_counts_mistakes_by_kind(self) -> None:
        ledger = Ledger()
        for kind in ("a", "b", "a"):
            ledger.count_error(Violation(kind, "x"))
        assert ledger.errors == {"a": 2, "b": 1}

    def test_copies_are_independent(self) -> None:
        ledger = Ledger(answer="x")
        ledger.record(event("add", 1, "Add_memory"))
        twin = ledger.copy()
        assert twin == ledger
        twin.record(event("add", 1, "Add_memory"))
        twin.count_error(Violation("a", "x"))
        twin.prompt_tokens.append(3)
        twin.answer = "y"
        assert (len(ledger.events), ledger.calls, ledger.errors) == (1, {"Add_memory": 1}, {})
        assert (ledger.prompt_tokens, ledger.answer) == ([], "x")


class TestEpisode:
    def make(self) -> Episode:
        memory = LongTermMemory(HashingEncoder())
        return Episode(TASK, schedule(TASK, (2, 3), 1), "", 8, Context(100, WordCounter()), memory, Ledger())

    def test_stage_is_that_of_the_message_being_answered(self) -> None:
        episode = self.make()
        assert episode.stage == 2
        episode.position = 2
        assert episode.stage == 3

    def test_is_over_when_terminated_or_truncated(self) -> None:
        episode = self.make()
        assert not episode.over
        episode.truncated = True
        assert episode.over
        episode.truncated, episode.terminated = False, True
        assert episode.over

    def test_an_overflow_is_recorded_even_if_nothing_had_to_go_for_it(self) -> None:
        episode = self.make()
        episode.append(Message("fact", "word " * 10))
        assert episode.ledger.events == []
        episode.context.clear()
        episode.append(Message("fact", "word " * 200))
        assert [e.effect for e in episode.ledger.events] == [Effect("overflow")]
        episode.append(Message("fact", "word " * 90))
        assert [len(e.effect.removed) for e in episode.ledger.of("overflow")] == [0, 1]

    def test_copies_are_independent(self) -> None:
        episode = self.make()
        twin = episode.copy()
        twin.context.append(Message("fact", "x"))
        entry: MemoryEntry = twin.memory.add("x", {}, 1, np.random.default_rng(0))
        twin.ledger.record(event("add", 1))
        twin.round, twin.success = 5, True
        assert entry in list(twin.memory)
        assert (episode.context.message_count, len(episode.memory), episode.ledger.events) == (0, 0, [])
        assert (episode.round, episode.success) == (0, False)
