from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from agemem_env.context.context import CUT_MARK, MESSAGE_OVERHEAD, Context, Unit
from agemem_env.context.messages import CallRef, Message
from agemem_env.services.tokens import EstimateCounter, TokenCounter
from agemem_env.types import ToolCall


class WordCounter:
    """One token per word, so that sizes can be counted by eye."""

    name = "words"
    exact = True

    def count(self, text: str) -> int:
        return len(text.split())

    def truncate(self, text: str, max_tokens: int) -> str:
        ends = [m.end() for m in re.finditer(r"\S+", text)]
        return text if len(ends) <= max_tokens else text[: ends[max_tokens - 1] if max_tokens else 0]


WORDS = ("mug", "cabinet 3", "東京", "red\nkey", "", "it's a very long story that nobody wants to hear again and again")
MARK_SIZE = 6  # words of CUT_MARK
NOTICE_SIZE = 15 + MESSAGE_OVERHEAD

texts = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
incoming = st.builds(Message, st.sampled_from(["fact", "distractor", "observation", "notice"]), texts)


@st.composite
def turns(draw: st.DrawFn) -> tuple[Message, ...]:
    """An agent's turn: a reply, or calls with their results."""
    count = draw(st.integers(0, 3))
    ids = tuple(f"call_{draw(st.integers(0, 10**6))}" for _ in range(count))
    ids = tuple(dict.fromkeys(ids))
    calls = tuple(ToolCall("Add_memory", {"content": draw(texts)}) for _ in ids)
    results = [Message("result", draw(texts), answers=CallRef(i, "Add_memory")) for i in ids]
    return Message("agent", draw(texts) or "(no text)", calls, ids, think=draw(st.sampled_from(["", "why"]))), *results


def words(count: int, origin: Any = "fact", **more: Any) -> Message:
    return Message(origin, " ".join(f"w{i}" for i in range(count)), **more)


def context(*sizes: int, limit: int = 100) -> Context:
    """A protected system message of 6 tokens, then facts of these sizes in tokens."""
    made = Context(limit, WordCounter())
    made.append(words(2, "system"), protected=True)
    for size in sizes:
        made.append(words(size - MESSAGE_OVERHEAD))
    return made


def listed(made: Context) -> list[Message]:
    return list(made.messages())


def origins(made: Context) -> list[str]:
    return [m.origin for m in made.messages()]


class TestAppend:
    def test_counts_texts_calls_thoughts_and_overhead(self) -> None:
        made = Context(100, WordCounter())
        call = ToolCall("Add_memory", {"content": "mug"})
        turn = Message("agent", "I store it", (call,), ("call_0",), think="hm hm")
        assert turn.full_text == 'hm hm\nI store it\n[{"name": "Add_memory", "arguments": {"content": "mug"}}]'
        assert made.append(turn, Message("result", "Stored.", answers=CallRef("call_0", "Add_memory"))) == []
        assert made.tokens == made.size(made.messages()) == (2 + 3 + 5 + 4) + (1 + 4)
        assert made.message_count == 2
        assert len(made.units) == 1

    def test_join_extends_the_last_unit_unless_it_is_protected_or_absent(self) -> None:
        made = Context(100, WordCounter())
        made.append(words(1), join=True)
        made.append(words(2, "agent"), join=True)
        made.append(words(3, "query"), protected=True)
        made.append(words(4, "agent"), join=True)
        assert [[m.origin for m in u.messages] for u in made.units] == [["fact", "agent"], ["query"], ["agent"]]
        assert [u.tokens for u in made.units] == [11, 7, 8]
        assert [u.protected for u in made.units] == [False, True, False]

    def test_tail(self) -> None:
        made = context(5, 6, 7)
        assert made.tail(0) == []
        assert made.tail(2) == listed(made)[2:]
        assert made.tail(4) == made.tail(5) == made.tail(99) == listed(made)

    def test_unit_text_is_all_that_it_says(self) -> None:
        assert Unit((words(1), words(2)), 0).text == "w0\nw0 w1"


class TestOverflow:
    def test_nothing_happens_at_exactly_the_budget(self) -> None:
        made = context(10, 10, limit=26)
        assert (made.tokens, made.overflowed) == (26, False)

    def test_is_recorded_for_good(self) -> None:
        made = context(10, 10, limit=26)
        made.append(words(1))
        assert made.overflowed
        made.clear()
        assert made.overflowed

    def test_the_oldest_go_first_and_no_more_than_needed(self) -> None:
        made = context(10, 11, 12, limit=39)
        first, second = listed(made)[1:3]
        assert made.append(words(8)) == [first, second]  # 12 tokens do not fit in place of the first one's 10
        assert [u.tokens for u in made.units] == [6, 12, 12]
        assert made.tokens == 30

    def test_protected_units_stay_whatever_their_age(self) -> None:
        made = context(10, limit=40)
        made.append(words(6, "query"), protected=True)
        made.append(words(6))
        dropped = made.append(words(16))
        assert [len(m.text.split()) for m in dropped] == [6, 6]
        assert origins(made) == ["system", "query", "fact"]
        assert made.tokens == 36

    def test_a_protected_newest_unit_is_never_cut(self) -> None:
        made = context(10, limit=20)
        query = words(30, "query")
        assert len(made.append(query, protected=True)) == 1
        assert listed(made)[1:] == [query]
        assert made.tokens == 40

    def test_units_fall_as_a_whole(self) -> None:
        made = context(limit=40)
        call = ToolCall("Add_memory", {})
        turn = Message("agent", "go", (call,), ("call_0",))
        result = Message("result", "Stored.", answers=CallRef("call_0", "Add_memory"))
        made.append(turn, result)
        assert made.append(words(26)) == [turn, result]
        assert origins(made) == ["system", "fact"]

    def test_the_longest_result_is_cut_at_its_end(self) -> None:
        made = context(limit=60)
        turn = Message("agent", "go", (ToolCall("a", {}), ToolCall("b", {})), ("call_0", "call_1"))
        short = words(5, "result", answers=CallRef("call_0", "a"))
        long = words(100, "observation", answers=CallRef("call_1", "b"))
        assert made.append(turn, short, long) == []
        kept = listed(made)[1:]
        assert kept[:2] == [turn, short]
        # 60 - 6 system - 13 turn - 9 short = 32 = overhead 4 + mark 6 + one in reserve + 21 words
        assert kept[2] == Message("observation", words(21).text + CUT_MARK, answers=CallRef("call_1", "b"))
        assert made.tokens == 59

    def test_further_results_are_cut_if_the_longest_is_not_enough(self) -> None:
        made = context(limit=40)
        long, longer = words(30, "result"), words(40, "result")
        made.append(long, longer)
        first, second = (m.text for m in listed(made)[1:])
        assert second == CUT_MARK
        assert first.endswith(CUT_MARK)
        assert first.startswith("w0 w1 ")
        assert made.tokens <= 40

    def test_shorter_results_are_left_alone(self) -> None:
        made = context(limit=36)
        made.append(words(2, "result"), words(40, "result"))
        assert [m.text for m in made.tail(2)] == [words(2).text, words(13).text + CUT_MARK]
        assert made.tokens == 35

    def test_an_incoming_message_is_cut_too(self) -> None:
        made = context(10, limit=30)
        assert len(made.append(words(50))) == 1
        assert listed(made)[1].text == words(13).text + CUT_MARK

    def test_the_agents_own_long_message_is_replaced_by_a_notice(self) -> None:
        made = context(10, limit=30)
        fact = listed(made)[1]
        call = ToolCall("Add_memory", {"content": words(50).text})
        turn = Message("agent", "", (call,), ("call_0",))
        result = Message("result", "Stored.", answers=CallRef("call_0", "Add_memory"))
        assert made.append(turn, result) == [fact]
        notice = "Your last message (58 tokens) was too long for the context and was not kept."
        assert listed(made)[1:] == [Message("notice", notice)]
        assert made.tokens == 6 + NOTICE_SIZE

    def test_a_long_reply_takes_the_message_it_answers_along(self) -> None:
        made = context(10, limit=30)
        fact = listed(made)[1]
        assert made.append(words(50, "agent"), join=True) == [fact]
        assert origins(made) == ["system", "notice"]
        assert "(54 tokens)" in listed(made)[1].text

    def test_without_room_for_a_notice_the_unit_is_left_out(self) -> None:
        made = context(limit=6 + NOTICE_SIZE - 1)
        assert made.append(words(50, "agent")) == []
        assert origins(made) == ["system"]

    def test_without_room_for_the_mark_an_incoming_message_is_left_out_without_blaming_the_agent(self) -> None:
        made = context(limit=6 + MARK_SIZE)
        assert made.append(words(50)) == []
        assert origins(made) == ["system"]

    def test_an_overflow_by_a_new_message_alone_rewrites_nothing(self) -> None:
        made = context(limit=30)
        made.mark()
        made.append(words(50))
        assert not made.rewritten
        made.mark()
        made.append(words(50, "agent"))
        assert made.rewritten


class TestRemove:
    def test_remove_returns_the_messages_in_order(self) -> None:
        made = context(5, 6, 7)
        kept = listed(made)[2]
        assert [len(m.text.split()) for m in made.remove([3, 1, 3])] == [1, 3]
        assert listed(made)[1:] == [kept]
        assert made.tokens == 12

    def test_removing_nothing_changes_nothing(self) -> None:
        made = context(5)
        made.mark()
        before = made.digest()
        assert made.remove([]) == []
        assert (made.digest(), made.rewritten) == (before, False)

    def test_substitute_puts_the_summary_at_the_first_position(self) -> None:
        made = context(5, 6, 7)
        summary = words(9, "summary")
        assert len(made.substitute([1, 3], summary)) == 2
        assert origins(made) == ["system", "summary", "fact"]
        assert made.tokens == 6 + 13 + 6

    def test_a_protected_unit_cannot_be_removed(self) -> None:
        made = context(5)
        before = made.digest()
        with pytest.raises(ValueError, match="the system message and the current query cannot be removed"):
            made.remove([1, 0])
        with pytest.raises(ValueError, match="cannot be removed from the context"):
            made.substitute([0], words(1, "summary"))
        assert made.digest() == before

    def test_clear_returns_everything(self) -> None:
        made = context(5, 6)
        everything = listed(made)
        assert made.clear() == everything
        assert (made.tokens, made.message_count, listed(made)) == (0, 0, [])
        assert made.digest() == Context(1, WordCounter()).digest()


class TestInsert:
    def test_stands_before_the_newest_unit_and_is_found_again(self) -> None:
        made = context(10, 10)
        shown = words(3, "retrieval")
        made.insert_before_last(shown)
        assert origins(made) == ["system", "fact", "retrieval", "fact"]
        assert made.tokens == 6 + 10 + 7 + 10
        assert made.find(shown) == 2
        made.remove([2])
        assert made.find(shown) is None

    def test_never_stands_before_the_system_message(self) -> None:
        made = context()
        made.insert_before_last(words(3, "retrieval"))
        assert origins(made) == ["system", "retrieval"]

    def test_what_does_not_fit_is_refused(self) -> None:
        made = context(90)
        with pytest.raises(ValueError, match="7 tokens do not fit: 4 are left"):
            made.insert_before_last(words(3, "retrieval"))
        assert (made.tokens, made.overflowed) == (96, False)


class TestRewritten:
    def test_is_false_after_appending_and_true_after_removing(self) -> None:
        made = context(5, 6)
        made.mark()
        made.append(words(1))
        assert not made.rewritten
        made.remove([1])
        assert made.rewritten
        made.mark()
        assert not made.rewritten

    def test_what_came_and_went_since_the_mark_is_no_rewriting(self) -> None:
        made = context(5)
        made.mark()
        made.append(words(7))
        made.remove([2])
        assert not made.rewritten

    def test_a_shorter_list_is_no_extension(self) -> None:
        made = context(5, 6)
        made.mark()
        made.remove([2])
        assert made.rewritten


def test_copies_are_independent() -> None:
    made = context(5, 6, limit=30)
    made.mark()
    twin = made.copy()
    state = (listed(made), made.tokens, made.message_count, made.digest(), made.rewritten, made.overflowed)
    twin.remove([1])
    twin.append(words(50))
    twin.append(words(50, "agent"))
    assert twin.rewritten
    assert twin.overflowed
    assert state == (listed(made), made.tokens, made.message_count, made.digest(), made.rewritten, made.overflowed)
    again = twin.copy()
    assert (again.rewritten, again.overflowed, again.digest()) == (True, True, twin.digest())
    made.append(words(1))
    assert listed(twin) != listed(made)


DIFFERENT = [
    Message("fact", "a"),
    Message("distractor", "a"),
    Message("fact", "a\nb"),
    Message("agent", "a\nb"),
    Message("agent", "b", think="a"),
    Message("agent", "a", think="b"),
    Message("agent", '[{"name": "a", "arguments": {}}]'),
    Message("agent", "", (ToolCall("a", {}),), ("call_0",)),
    Message("agent", "", (ToolCall("a", {}),), ("call_1",)),
    Message("agent", "", (ToolCall("a", {}), ToolCall("b", {})), ("call_0", "call_1")),
    Message("result", "a", answers=CallRef("call_0", "x")),
    Message("result", "a", answers=CallRef("call_1", "x")),
    Message("result", "a", answers=CallRef("call_0", "y")),
    Message("result", "a\x00\x00call_0"),
    Message("result", "a"),
]


def test_digests_tell_messages_apart() -> None:
    assert len({m.digest() for m in DIFFERENT}) == len(DIFFERENT)
    assert {len(m.digest()) for m in DIFFERENT} == {16}
    assert Message("fact", "\ud800").digest() != Message("fact", "?").digest()


@given(st.lists(st.sampled_from(DIFFERENT), max_size=4), st.lists(st.sampled_from(DIFFERENT), max_size=4))
def test_digests_are_equal_exactly_for_equal_lists(left: list[Message], right: list[Message]) -> None:
    one, other = Context(10_000, WordCounter()), Context(10_000, WordCounter())
    for message in left:
        one.append(message)
    if right:
        other.append(*right)
    assert (one.digest() == other.digest()) == (left == right)


class ContextMachine(RuleBasedStateMachine):
    """Any sequence of operations against a list of messages that is counted and compared from scratch."""

    @initialize(limit=st.integers(1, 120), counter=st.sampled_from([WordCounter(), EstimateCounter()]))
    def start(self, limit: int, counter: TokenCounter) -> None:
        self.counter = counter
        self.context = Context(limit, counter)
        self.marked: list[Message] = []
        self.seen: dict[bytes, list[Message]] = {}

    @rule(
        unit=turns() | incoming.map(lambda m: (m,)), protected=st.sampled_from([False, False, True]), join=st.booleans()
    )
    def append(self, unit: tuple[Message, ...], protected: bool, join: bool) -> None:
        before, over = listed(self.context), self.context.tokens
        protected_before = [u for u in self.context.units if u.protected]
        joins = join and bool(before) and not self.context.units[-1].protected
        dropped = self.context.append(*unit, protected=protected, join=join)
        kept = [u for u in self.context.units if u.protected]
        assert kept[: len(protected_before)] == protected_before
        assert self.context.tokens <= max(self.context.max_tokens, sum(u.tokens for u in kept))
        assert all(m in before for m in dropped)
        if over + self.context.size(unit) <= self.context.max_tokens:
            assert dropped == []
            assert listed(self.context) == before + list(unit)
            assert self.context.units[-1].protected == (protected and not joins)
        else:
            assert self.context.overflowed

    @precondition(lambda self: any(not u.protected for u in self.context.units))
    @rule(data=st.data(), summary=texts | st.none())
    def replace(self, data: st.DataObject, summary: str | None) -> None:
        free = [i for i, u in enumerate(self.context.units) if not u.protected]
        chosen = data.draw(st.lists(st.sampled_from(free), min_size=1))
        before = list(self.context.units)
        if summary is None:
            removed = self.context.remove(chosen)
            expected = [u.messages for i, u in enumerate(before) if i not in chosen]
        else:
            note = Message("summary", summary)
            removed = self.context.substitute(chosen, note)
            first = min(chosen)
            expected = [
                (note,) if i == first else u.messages for i, u in enumerate(before) if i == first or i not in chosen
            ]
        assert [u.messages for u in self.context.units] == expected
        assert removed == [m for i in sorted(set(chosen)) for m in before[i].messages]

    @rule()
    def mark(self) -> None:
        self.context.mark()
        self.marked = listed(self.context)

    @rule(on_twin=st.booleans())
    def copy(self, on_twin: bool) -> None:
        twin = self.context.copy()
        assert twin.rewritten == self.context.rewritten
        other = self.context if on_twin else twin
        self.context = twin if on_twin else self.context
        other.append(words(300))
        other.clear()

    @rule()
    def clear(self) -> None:
        self.context.clear()

    @invariant()
    def agrees_with_a_recount(self) -> None:
        made = self.context
        messages = [m for u in made.units for m in u.messages]
        assert listed(made) == messages
        assert made.tokens == sum(self.counter.count(m.full_text) + MESSAGE_OVERHEAD for m in messages)
        assert all(u.tokens == made.size(u.messages) for u in made.units)
        assert made.message_count == len(messages)
        assert made.tail(3) == messages[-3:]
        assert made.rewritten == (messages[: len(self.marked)] != self.marked)
        assert self.seen.setdefault(made.digest(), messages) == messages
        fresh = Context(10**9, self.counter)
        fresh.append(*messages)
        assert fresh.digest() == made.digest()


ContextMachine.TestCase.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestContextMachine = ContextMachine.TestCase


GAP = Message("notice", "...")


def with_gap(limit: int = 200) -> Context:
    made = Context(limit, WordCounter(), GAP)
    made.append(words(2, "system"), protected=True)
    return made


class TestGap:
    def test_stands_where_two_turns_or_system_and_turn_would_meet(self) -> None:
        made = with_gap()
        for size in (3, 4):
            made.append(words(size))
            made.append(words(1, "agent"), join=True)
        assert GAP not in listed(made)
        made.append(words(5), words(1, "agent"))
        made.remove([1])
        assert GAP not in listed(made)
        made.append(words(1, "agent"), words(1, "result"))
        assert origins(made)[-3:] == ["notice", "agent", "result"]
        made.remove([1, 2])
        assert origins(made) == ["system", "notice", "agent", "result"]
        assert made.tokens == made.size(made.messages())

    def test_goes_with_its_turn_and_when_it_is_not_needed(self) -> None:
        made = with_gap()
        made.append(words(1, "agent"), words(1, "result"))
        assert origins(made) == ["system", "notice", "agent", "result"]
        made.insert_before_last(words(2, "retrieval"))
        assert origins(made) == ["system", "retrieval", "agent", "result"]
        made.remove([1])
        assert origins(made) == ["system", "notice", "agent", "result"]
        assert [m.origin for m in made.remove([1])] == ["agent", "result"]
        assert origins(made) == ["system"]

    def test_is_within_the_budget(self) -> None:
        for limit in range(26, 60):
            made = with_gap(limit)
            for _ in range(6):
                made.append(words(1))
                made.append(words(2, "agent"), words(1, "result"))
                assert made.tokens == made.size(made.messages()) <= limit
            if made.units[1:] and made.units[1].messages[0].origin == "agent":
                pytest.fail("an agent's message follows the system message")


actions = st.lists(
    st.tuples(
        st.sampled_from(["turn", "turn", "incoming", "join", "remove", "summary", "insert", "mark", "copy", "clear"]),
        turns(),
        incoming,
        st.integers(0, 99),
    ),
    max_size=40,
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(actions, st.integers(20, 140), st.sampled_from([None, GAP]), st.sampled_from([WordCounter(), EstimateCounter()]))
def test_what_is_kept_agrees_with_what_is_made_anew(
    steps: list[tuple[str, tuple[Message, ...], Message, int]], limit: int, gap: Message | None, counter: TokenCounter
) -> None:
    made = Context(limit, counter, gap)
    made.append(words(2, "system"), protected=True)
    followed, marked = follow([], made), listed(made)
    made.mark()
    for operation, unit, message, number in steps:
        free = [i for i, u in enumerate(made.units) if not u.protected]
        if operation == "turn":
            made.append(*unit, join=number % 3 == 0)
        elif operation == "incoming":
            made.append(message, protected=number == 0)
        elif operation == "join":
            made.append(replace(unit[0], calls=(), call_ids=()), words(number % 9, "notice"), join=True)
        elif operation == "remove" and free:
            made.remove({free[number % len(free)], free[0], free[number // 2 % len(free)]})
        elif operation == "summary" and free:
            made.substitute(free[: number % 4 + 1], Message("summary", message.text))
        elif operation == "insert" and made.tokens + made.size([message]) <= limit:
            made.insert_before_last(message)
        elif operation == "mark":
            made.mark()
            marked = listed(made)
        elif operation == "copy":
            twin = made.copy()
            made.append(*unit)
            made, followed = twin, follow([], twin)
        elif operation == "clear" and number == 0:
            made.clear()
        messages = listed(made)
        followed = follow(followed, made)
        assert followed == messages
        assert made.rewritten == (messages[: len(marked)] != marked)
        assert made.tokens == made.size(messages) == sum(u.tokens for u in made.units)
        assert made.message_count == len(messages)
        fresh = Context(10**9, counter)
        for one in messages:
            fresh.append(one)
        assert made.digest() == fresh.digest()


def follow(before: list[Message], made: Context) -> list[Message]:
    """Return the messages of a context as its list of changes has them."""
    changes = made.take_changes()
    if changes is None:
        return listed(made)
    for position, removed, added in changes:
        before[position : position + removed] = added
    return before


class TestCost:
    """Operations, not clocks: what a step does must not grow with the context."""

    @pytest.mark.parametrize("join", [False, True])
    def test_appending_at_a_full_context_counts_and_digests_what_is_new(
        self, monkeypatch: pytest.MonkeyPatch, join: bool
    ) -> None:
        counter = CountedCounter()
        made = Context(40 * 200, counter)
        made.append(words(2, "system"), protected=True)
        digested = 0
        digest = Message.digest

        def counted(message: Message) -> bytes:
            nonlocal digested
            digested += 1
            return digest(message)

        monkeypatch.setattr(Message, "digest", counted)
        costs: list[tuple[int, int]] = []
        for i in range(2000):
            made.mark()
            before = counter.calls, digested
            made.append(words(4, "agent"), words(20 + i % 3, "observation"), join=join and i % 2 == 1)
            assert made.digest()
            assert not made.rewritten or made.overflowed
            costs.append((counter.calls - before[0], digested - before[1]))
        assert made.overflowed
        assert max(costs[1000:]) == max(costs[2:100])

    def test_cutting_a_long_unit_looks_at_few_messages(self) -> None:
        counter = CountedCounter()
        made = Context(5000, counter)
        made.append(words(2, "system"), protected=True)
        made.append(words(1, "observation"))
        costs = []
        for _ in range(400):
            before, full = counter.calls, made.overflowed
            made.append(words(1, "agent"), words(20, "notice"), join=True)
            if full:
                costs.append(counter.calls - before)
        assert len(costs) > 100
        assert sorted(costs)[len(costs) // 2] < 40


class CountedCounter(WordCounter):
    """Counts how often it is asked."""

    calls = 0

    def count(self, text: str) -> int:
        self.calls += 1
        return super().count(text)
