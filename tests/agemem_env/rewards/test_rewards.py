"""The reward equations against numbers computed by hand."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import gymnasium as gym
import pytest

import agemem_env  # noqa: F401 - registers the ids
from agemem_env.config import EnvConfig
from agemem_env.context.messages import Message
from agemem_env.episode.ledger import Effect, Event, Kind, Ledger
from agemem_env.episode.view import EpisodeView
from agemem_env.errors import ConfigurationError
from agemem_env.memory.store import MemoryEntry
from agemem_env.rewards import PROFILES, Profile, Scores, context, measure, memory, penalties, task
from agemem_env.services.judges import LexicalJudge
from agemem_env.types import Fact, Stage, Task

JUDGE = LexicalJudge()

OLD = Fact("The violin of Anna Berg hangs in the kitchen.", gold=True)
NEW = Fact("The violin of Anna Berg hangs in the attic.", gold=True, supersedes=0)
BRIDGE = Fact("Anna Berg is the sister of Paul Kern.", gold=True)
IDLE = Fact("Dogs bark loudly at night.")
TASK = Task(
    "t", "Toy", "test", "generated", "Where does the violin of the sister of Paul Kern hang?",
    (OLD, BRIDGE, IDLE, NEW), (), ("The violin of Ida Holm hangs in the cellar.",), "the attic",
)  # fmt: skip


def entry(number: int, content: str) -> MemoryEntry:
    return MemoryEntry(f"mem_{number:08x}", content)


def event(
    kind: Kind, *, stage: Stage = 1, tool: str = "tool", before: Sequence[MemoryEntry] = (),
    after: Sequence[MemoryEntry] = (), removed: Sequence[Message] = (),
) -> Event:  # fmt: skip
    effect = Effect(kind, tuple(before), tuple(after), tuple(removed))
    return Event(1, stage, tool, {}, effect, 100, 100, "agent" if tool else "environment")


def view(**changes: Any) -> EpisodeView:
    ledger = Ledger(events=list(changes.pop("events", ())), answer=changes.pop("answer", "the attic"))
    entries = changes.get("entries", ())
    values: dict[str, Any] = {
        "stored": entries, "task": TASK, "stages": (1, 2, 3), "ledger": ledger, "messages": (), "entries": (), "tokens": 2048,
        "max_tokens": 8192, "overflow": False, "progress": 1.0, "success": True, "truncated": False, "over": True,
        "memory_tools": ("Add_memory", "Retrieve_memory"),
    }  # fmt: skip
    return EpisodeView(**{**values, **changes})


def retrieved(*contents: str) -> Message:
    return Message("retrieval", "\n".join(f"- mem_00000000 (0.50): {c}" for c in contents))


class TestTask:
    """Eq. 17."""

    def test_answer_is_judged(self) -> None:
        assert task.answer(view(answer="The attic."), JUDGE) == 1.0
        # words {attic, room} against {attic}: precision 1/2, recall 1, F1 2/3; half of the words are expected
        assert task.answer(view(answer="attic room"), JUDGE) == 0.5
        # "an" and "or" are not counted: two candidates, one of them right
        assert task.answer(view(answer="the attic or the cellar"), JUDGE) == 0.5
        # words {attic} against {attic, room}: precision 1, recall 1/2, F1 2/3
        assert JUDGE.answer("Where?", "the attic", "attic room") == pytest.approx(2 / 3)

    def test_no_answer_costs_one(self) -> None:
        assert task.answer(view(answer=None), JUDGE) == -1.0

    def test_a_running_episode_is_not_charged(self) -> None:
        assert task.answer(view(answer=None, over=False), JUDGE) == 0.0

    def test_without_expected_answer_the_engine_scores(self) -> None:
        played = Task("p", "Toy", "test", "generated", "Do it.")
        assert task.answer(view(task=played, progress=0.4, success=False), JUDGE) == 0.4
        assert task.answer(view(task=played, progress=0.4, success=True), JUDGE) == 1.0


class TestContext:
    """Eq. 18 to 21 and their strict forms."""

    def test_compression(self) -> None:
        assert context.compression(view(tokens=2048), JUDGE) == 0.75
        assert context.compression(view(tokens=9000), JUDGE) == 0.0

    @pytest.mark.parametrize(
        ("kinds", "paid"), [([], 0.0), (["reduce"], 1.0), (["reduce", "overflow"], 1.0), (["overflow", "reduce"], 0.0)]
    )
    def test_preventive_pays_before_an_overflow_only(self, kinds: list[Kind], paid: float) -> None:
        assert context.preventive(view(events=[event(k) for k in kinds]), JUDGE) == paid

    def test_preservation_wants_every_key_phrase_outside_the_query(self) -> None:
        query = Message("query", TASK.query)
        assert context.preservation(view(messages=(query,)), JUDGE) == 0.0
        assert context.preservation(view(messages=(query, retrieved(BRIDGE.text))), JUDGE) == 1.0

    def test_preservation_is_not_paid_for_distractors(self) -> None:
        told = Message("distractor", "The harp of Paul Kern hangs in the cellar.")
        assert context.preservation(view(messages=(told,)), JUDGE) == 0.0
        seen = Message("observation", "The harp of Paul Kern hangs in the cellar.")
        assert context.preservation(view(messages=(seen,)), JUDGE) == 1.0

    def test_preservation_without_key_phrases_is_not_scored(self) -> None:
        plain = Task("p", "Toy", "test", "generated", "where is it?")
        assert context.preservation(view(task=plain), JUDGE) is None

    def test_own_words_are_no_evidence(self) -> None:
        said = (Message("agent", "Paul Kern"), Message("result", "Paul Kern"), retrieved("Paul Kern is what was asked"))
        assert context.preservation(view(messages=said), JUDGE) == 0.0

    def test_a_summary_is_evidence_for_what_it_stands_for(self) -> None:
        source = Message("observation", "Paul Kern plays chess.")
        kept = Message("summary", "Paul Kern plays.", sources=(source,))
        invented = Message("summary", "Paul Kern plays.", sources=(Message("agent", "Paul Kern"),))
        assert context.preservation(view(messages=(kept,)), JUDGE) == 1.0
        assert context.preservation(view(messages=(invented,)), JUDGE) == 0.0

    def test_useful_reduction(self) -> None:
        distractor = Message("distractor", TASK.distractors[0])
        gold = Message("observation", BRIDGE.text)
        useful = event("reduce", stage=2, removed=[distractor])
        assert context.useful_reduction(view(events=[useful]), JUDGE) == 1.0
        assert context.useful_reduction(view(events=[]), JUDGE) == 0.0
        assert context.useful_reduction(view(events=[event("overflow"), useful]), JUDGE) == 0.0
        careless = event("reduce", stage=3, removed=[distractor, gold])
        assert context.useful_reduction(view(events=[careless]), JUDGE) == 0.0
        assert context.useful_reduction(view(events=[careless], messages=(gold,)), JUDGE) == 1.0
        assert context.useful_reduction(view(stages=(1, 3), events=[useful]), JUDGE) is None

    def test_gold_kept(self) -> None:
        gone = event("reduce", stage=3, removed=[retrieved(BRIDGE.text)])
        here = retrieved(NEW.text)
        assert context.gold_kept(view(messages=(here,)), JUDGE) == 1.0
        assert context.gold_kept(view(messages=(here,), events=[gone]), JUDGE) == 0.5
        assert context.gold_kept(view(), JUDGE) is None

    def test_what_a_memory_system_takes_away_again_is_lost_but_no_tidying(self) -> None:
        replaced = event("replace", stage=3, tool="", removed=[retrieved(BRIDGE.text)])
        here = retrieved(NEW.text)
        assert context.gold_kept(view(messages=(here,), events=[replaced]), JUDGE) == 0.5
        assert context.preventive(view(events=[replaced]), JUDGE) == 0.0
        assert context.useful_reduction(view(events=[replaced]), JUDGE) == 0.0

    def test_earned_scales_with_the_task_score(self) -> None:
        part = context.earned(context.compression)
        assert part(view(answer="attic room"), JUDGE) == pytest.approx(0.75 * 0.5)
        assert part(view(answer=None), JUDGE) == 0.0
        assert context.earned(context.gold_kept)(view(), JUDGE) is None


class TestMemory:
    """Eq. 22 to 25 and their strict forms."""

    def test_storage_counts_good_entries_of_stage_1_as_stage_1_left_them(self) -> None:
        good, junk, updated = entry(1, BRIDGE.text), entry(2, IDLE.text), entry(3, OLD.text)
        events = [
            event("add", after=[good]),
            event("add", after=[junk]),
            event("add", after=[updated]),
            event("update", before=[updated], after=[entry(3, NEW.text)]),
            event("add", stage=3, after=[entry(4, NEW.text)]),
        ]
        assert memory.storage(view(events=events), JUDGE) == pytest.approx(2 / 3)
        assert memory.storage(view(events=[]), JUDGE) == 0.0
        assert memory.storage(view(events=events, stages=(3,)), JUDGE) is None
        # junk that is rewritten once the query is known stays junk
        rewritten = [*events, event("update", stage=3, before=[junk], after=[entry(2, BRIDGE.text)])]
        assert memory.storage(view(events=rewritten), JUDGE) == pytest.approx(2 / 3)

    @pytest.mark.parametrize("text", [TASK.query, IDLE.text, "The violin of Ida Holm hangs in the attic.", OLD.text])
    def test_neither_the_query_nor_other_facts_are_good_memories(self, text: str) -> None:
        assert memory.storage(view(events=[event("add", after=[entry(1, text)])]), JUDGE) == 0.0

    @pytest.mark.parametrize(("kind", "paid"), [("update", 1.0), ("delete", 1.0), ("add", 0.0)])
    def test_maintenance(self, kind: Kind, paid: float) -> None:
        assert memory.maintenance(view(events=[event(kind)]), JUDGE) == paid

    def test_relevance_is_the_share_of_query_words_retrieved_in_stage_3(self) -> None:
        # content words of the query: violin sister paul kern hang; the entry has sister paul kern
        hit = event("retrieve", stage=3, after=[entry(1, BRIDGE.text)])
        assert memory.relevance(view(events=[hit]), JUDGE) == pytest.approx(3 / 5)
        assert memory.relevance(view(events=[event("retrieve", stage=2, after=[entry(1, BRIDGE.text)])]), JUDGE) == 0.0
        automatic = event("retrieve", stage=3, tool="", after=[entry(1, BRIDGE.text)])
        assert memory.relevance(view(events=[automatic]), JUDGE) == 0.0

    def test_storage_is_recall_times_precision_over_statements(self) -> None:
        both = (entry(1, BRIDGE.text), entry(2, NEW.text))
        assert memory.kept_worth(view(entries=both), JUDGE) == 1.0
        # recall 1/2, precision 1
        assert memory.kept_worth(view(entries=both[:1]), JUDGE) == 0.5
        # recall 1, precision 2 of 3 statements
        assert memory.kept_worth(view(entries=(*both, entry(3, IDLE.text))), JUDGE) == pytest.approx(2 / 3)
        assert memory.kept_worth(view(), JUDGE) == 0.0
        assert memory.kept_worth(view(stages=(3,)), JUDGE) is None

    def test_distractors_and_outdated_versions_are_statements_not_worth_keeping(self) -> None:
        stored = [BRIDGE.text, NEW.text, OLD.text, TASK.distractors[0]]
        entries = tuple(entry(i, text) for i, text in enumerate(stored))
        assert memory.kept_worth(view(events=[event("add", after=entries)], entries=entries), JUDGE) == 0.5

    def test_useful_facts_cost_no_precision(self) -> None:
        useful = dataclasses.replace(IDLE, useful=True)
        told = dataclasses.replace(TASK, facts=(OLD, BRIDGE, useful, NEW))
        stored = tuple(entry(i, fact.text) for i, fact in enumerate((BRIDGE, NEW, useful)))
        assert memory.kept_worth(view(task=told, entries=stored), JUDGE) == 1.0
        assert memory.kept_worth(view(task=told, entries=stored[2:]), JUDGE) == 0.0

    def test_unmatched_text_counts_by_its_length(self) -> None:
        # the facts of the task have 5, 5, 4 and 5 words that carry content, 4.75 on average; the chatter has ten
        chatter = entry(2, "Seven old goats climbed three green hills yesterday before lunch.")
        both = (entry(1, f"{BRIDGE.text} {NEW.text}"), chatter)
        events = [event("add", after=both)]

        extra = 10 / 4.75
        assert memory.kept_worth(view(events=events, entries=both), JUDGE) == pytest.approx(2 / (2 + extra))

    def test_what_is_stated_counts_and_not_how_it_is_divided(self) -> None:
        texts = [BRIDGE.text, NEW.text, IDLE.text]
        apart = tuple(entry(i, text) for i, text in enumerate(texts))
        together = (entry(9, " ".join(texts)),)
        twice = (*apart, *(entry(i + 10, text) for i, text in enumerate(texts)))
        scores = [memory.kept_worth(view(entries=entries), JUDGE) for entries in (apart, together, twice)]
        assert scores == pytest.approx([2 / 3] * 3)

    def test_a_bag_of_words_states_nothing(self) -> None:
        words = dict.fromkeys(" ".join(f.text for f in TASK.facts).replace(".", "").split())
        bag = (entry(1, " ".join(sorted(words))),)
        assert memory.kept_worth(view(events=[event("add", after=bag)], entries=bag), JUDGE) == 0.0

    def test_false_statements_store_nothing(self) -> None:
        false = ("Anna Berg is the sister of Paul Kerr.", "The violin of Anna Berg hangs in the garage.",
                 "Anna Berg is not the sister of Paul Kern.", "Paul Kern is the sister of Anna Berg.")  # fmt: skip
        stored = tuple(entry(i, text) for i, text in enumerate(false))
        assert memory.kept_worth(view(events=[event("add", after=stored)], entries=stored), JUDGE) == 0.0

    def test_what_the_query_found_counts_and_no_later_write_or_delete(self) -> None:
        both = (entry(1, BRIDGE.text), entry(2, NEW.text))
        junk = entry(3, IDLE.text)
        kept = view(entries=both, stored=(*both, junk))
        assert memory.kept_worth(kept, JUDGE) == pytest.approx(2 / 3)
        late = [event("add", stage=3, after=both), event("retrieve", stage=3, after=both)]
        assert memory.kept_worth(view(events=late, entries=both, stored=()), JUDGE) == 0.0
        assert memory.retrieval_precision(view(events=late, entries=both), JUDGE) == 0.0

    def test_what_was_known_counts_as_far_as_it_is_about_the_task(self) -> None:
        known = (entry(1, BRIDGE.text), entry(2, NEW.text), entry(3, "Seven old goats climbed three green hills."))
        assert memory.kept_worth(view(entries=known), JUDGE) == 1.0
        again = tuple(entry(i + 10, e.content) for i, e in enumerate(known[:2]))
        assert memory.kept_worth(view(events=[event("add", after=again)], entries=(*known, *again)), JUDGE) == 1.0

    def test_an_outdated_entry_stores_nothing(self) -> None:
        stale = (entry(1, OLD.text),)
        assert memory.kept_worth(view(events=[event("add", after=stale)], entries=stale), JUDGE) == 0.0

    def test_corrections(self) -> None:
        old, new = entry(1, OLD.text), entry(1, NEW.text)
        added, fixed = event("add", after=[old]), event("update", before=[old], after=[new])
        assert memory.corrections(view(events=[added, fixed], entries=(new,)), JUDGE) == 1.0
        assert memory.corrections(view(events=[added], entries=(old,)), JUDGE) == 0.0
        both = (old, entry(2, NEW.text))
        assert memory.corrections(view(events=[added], entries=both), JUDGE) == 0.0
        assert memory.corrections(view(events=[]), JUDGE) is None

    def test_a_correction_that_keeps_the_outdated_statement_is_none(self) -> None:
        old, tie = entry(1, OLD.text), entry(1, f"{OLD.text} {NEW.text}")
        events = [event("add", after=[old]), event("update", before=[old], after=[tie])]
        assert memory.corrections(view(events=events, entries=(tie,)), JUDGE) == 0.0

    def test_an_outdated_statement_stored_after_its_revision_was_told_is_not_corrected(self) -> None:
        old, new = entry(1, OLD.text), entry(1, NEW.text)
        # the revision is told in round 4
        added = [replace(event("add", after=[old]), step=step) for step in (3, 4)]
        fixed = replace(event("update", before=[old], after=[new]), step=5)
        assert memory.corrections(view(events=[added[0], fixed], entries=(new,)), JUDGE) == 1.0
        assert memory.corrections(view(events=[added[1], fixed], entries=(new,)), JUDGE) is None
        # two in a message: the revision is told in round 2
        assert memory.corrections(view(events=[added[0], fixed], entries=(new,), facts_per_turn=2), JUDGE) is None

    def test_a_correction_in_stage_3_comes_too_late(self) -> None:
        old, new = entry(1, OLD.text), entry(1, NEW.text)
        events = [event("add", after=[old]), event("update", stage=3, before=[old], after=[new])]
        assert memory.corrections(view(events=events, entries=(new,), stored=(old,)), JUDGE) == 0.0

    def test_junk_added_and_deleted_corrects_nothing(self) -> None:
        junk = entry(7, "Remember this.")
        events = [event("add", after=[junk]), event("delete", before=[junk])]
        assert memory.corrections(view(events=events), JUDGE) is None

    def test_harm_is_charged(self) -> None:
        old, new, bridge = entry(1, OLD.text), entry(1, NEW.text), entry(2, BRIDGE.text)
        events = [
            event("add", after=[old, bridge]),
            event("update", before=[old], after=[new]),
            event("delete", before=[bridge]),
        ]
        # one of one corrected, one of two gold facts lost: 1 - 1/2
        assert memory.corrections(view(events=events, entries=(new,)), JUDGE) == 0.5
        lost = [event("add", after=[bridge]), event("delete", before=[bridge])]
        assert memory.corrections(view(events=lost), JUDGE) == 0.0

    def test_relevance_counts_gold_statements_over_all_statements(self) -> None:
        good, junk = entry(1, NEW.text), entry(2, IDLE.text)
        twice = [event("retrieve", stage=3, after=[good, junk]), event("retrieve", stage=3, after=[junk])]
        assert memory.retrieval_precision(view(events=twice), JUDGE) == 0.5
        giant = [event("retrieve", stage=3, after=[entry(3, f"{NEW.text} {IDLE.text} {OLD.text}")])]
        assert memory.retrieval_precision(view(events=giant), JUDGE) == pytest.approx(1 / 3)

    def test_relevance_counts_what_stage_2_retrieved_too(self) -> None:
        early = event("retrieve", stage=2, after=[entry(2, IDLE.text)])
        found = event("retrieve", stage=3, after=[entry(1, NEW.text)])
        assert memory.retrieval_precision(view(events=[early, found]), JUDGE) == 0.5
        assert memory.retrieval_precision(view(events=[early]), JUDGE) == 0.0

    def test_nothing_retrieved_is_nothing_relevant(self) -> None:
        shown = event("retrieve", stage=1, tool="", after=[entry(1, NEW.text)])
        assert memory.retrieval_precision(view(events=[shown]), JUDGE) == 0.0
        assert memory.retrieval_precision(view(stages=(3,)), JUDGE) is None


class TestTotal:
    """Eq. 7, 16 and 26."""

    def test_penalties(self) -> None:
        assert penalties.rounds(view(truncated=True), JUDGE) == -1.0
        played = Task("p", "Toy", "test", "generated", "Do it.")
        assert penalties.rounds(view(task=played, truncated=True), JUDGE) == 0.0
        assert penalties.overflow(view(overflow=True), JUDGE) == -0.5
        assert penalties.rounds(view(), JUDGE) == penalties.overflow(view(), JUDGE) == 0.0

    def test_paper_total(self) -> None:
        old, new, bridge = entry(1, OLD.text), entry(1, NEW.text), entry(2, BRIDGE.text)
        events = [
            event("add", after=[old]),
            event("add", after=[bridge]),
            event("update", before=[old], after=[new]),
            event("retrieve", stage=3, after=[bridge]),
        ]
        seen = view(
            events=events, entries=(new, bridge), messages=(retrieved(BRIDGE.text),), overflow=True, answer="attic room"
        )
        weights = {"task": 0.5, "context": 0.25, "memory": 0.25}
        scores = PROFILES["paper"].score(seen, JUDGE, weights)
        # context: (0.75 + 0 + 1) / 3; memory: (1 + 1 + 3/5) / 3
        assert scores.components["context"] == pytest.approx(1.75 / 3)
        assert scores.components["memory"] == pytest.approx(2.6 / 3)
        assert scores.total == pytest.approx(0.5 * 0.5 + 0.25 * 1.75 / 3 + 0.25 * 2.6 / 3 - 0.5)

    def test_what_does_not_apply_leaves_the_mean(self) -> None:
        played = Task("p", "Toy", "test", "generated", "do it")
        seen = view(task=played, stages=(3,), answer=None)
        scores = PROFILES["strict"].score(seen, JUDGE, {"task": 0.5, "context": 0.25, "memory": 0.25})
        assert scores.components["memory"] is None
        assert scores.components["context"] == scores.components["context/compression"] == 0.75
        assert scores.total == pytest.approx(0.5 + 0.25 * 0.75)

    def test_a_model_judge_is_asked_at_the_end_only(self) -> None:
        class Model(LexicalJudge):
            is_model = True
            asked = 0

            def answer(self, question: str, predicted: str, expected: str) -> float:
                type(self).asked += 1
                return 0.9

        weights = {"task": 1.0, "context": 0.0, "memory": 0.0}
        running = PROFILES["paper"].score(view(over=False), Model(), weights)
        assert (running.components["task"], running.total, Model.asked) == (None, 0.0, 0)
        assert PROFILES["paper"].score(view(), Model(), weights).total == 0.9

    @pytest.mark.parametrize("profile", PROFILES)
    def test_exactly_the_parts_that_ask_a_model_wait_for_the_end(self, profile: str) -> None:
        class Model(LexicalJudge):
            is_model = True

        stored = (entry(1, NEW.text),)
        events = [event("add", after=stored), event("retrieve", stage=3, after=stored), event("update", after=stored)]
        running = view(over=False, events=events, entries=stored, messages=(retrieved(NEW.text),))
        weights = dict.fromkeys(("task", "context", "memory"), 1.0)
        waiting = PROFILES[profile].score(running, Model(), weights).components
        scored = PROFILES[profile].score(running, LexicalJudge(), weights).components
        expected = {
            "paper": {"task", "task/answer", "memory/relevance"},
            "strict": {"task", "task/answer", "context", "context/compression"},
        }[profile]
        assert {name for name in scored if waiting[name] is None and scored[name] is not None} == expected
        others = [name for name in waiting if waiting[name] is not None and "/" in name]
        assert [waiting[name] for name in others] == [scored[name] for name in others]

    @pytest.mark.parametrize("profile", PROFILES)
    def test_parts_that_tell_what_is_gold_wait_for_the_end(self, profile: str) -> None:
        weights = dict.fromkeys(("task", "context", "memory"), 1.0)
        rest = (Message("fact", IDLE.text),)

        def running(stored: MemoryEntry) -> Mapping[str, float | None]:
            events = [event("add", after=[stored]), event("retrieve", stage=2, after=[stored])]
            seen = view(over=False, events=events, entries=(stored,), messages=rest, answer=None)
            return PROFILES[profile].score(seen, JUDGE, weights).components

        assert running(entry(1, BRIDGE.text)) == running(entry(1, IDLE.text))

    def test_strict_total(self) -> None:
        old, new, bridge, idle = entry(1, OLD.text), entry(1, NEW.text), entry(2, BRIDGE.text), entry(3, IDLE.text)
        distractor = Message("distractor", TASK.distractors[0])
        events = [
            event("add", after=[old, bridge, idle]),
            event("update", before=[old], after=[new]),
            event("reduce", stage=2, removed=[distractor]),
            event("retrieve", stage=3, after=[new, bridge, idle]),
        ]
        entries, shown = (new, bridge, idle), (retrieved(NEW.text, BRIDGE.text, IDLE.text),)
        seen = view(events=events, entries=entries, messages=shown, answer="attic room")
        scores = PROFILES["strict"].score(seen, JUDGE, {"task": 0.5, "context": 0.25, "memory": 0.25})
        # task 1/2; context: (0.75 + 1 + 1) / 3, times 1/2; memory: (2/3 + 1 + 2/3) / 3
        assert scores.components["context"] == pytest.approx(2.75 / 3 * 0.5)
        assert scores.components["memory"] == pytest.approx(7 / 9)
        assert scores.total == pytest.approx(0.5 * 0.5 + 0.25 * 2.75 / 3 * 0.5 + 0.25 * 7 / 9)

    @pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda p: p.name)
    def test_unscored_has_the_keys_of_scored(self, profile: Any) -> None:
        weights = dict.fromkeys(("task", "context", "memory"), 1.0)
        scored = profile.score(view(), JUDGE, weights).components
        unscored = Scores.unscored(profile).components
        assert set(scored) == set(unscored)
        assert set(unscored.values()) == {None}


def shown(view: EpisodeView, judge: Any) -> float:
    return 0.25


def asks_in_the_end(view: EpisodeView, judge: Any) -> float:
    return shown(view, judge) + float(judge.answer("q", "a", "a"))


OWN = Profile("own", {"task": {"answer": asks_in_the_end}, "context": {"shown": shown}}, {"fee": lambda v, j: -0.5})


class TestProfileOfAUser:
    @pytest.mark.parametrize("reward", [OWN, f"{__name__}:OWN"])
    def test_is_taken_as_an_object_and_by_name(self, reward: Any) -> None:
        env = gym.make("AgeMem-HotpotQA-v0", source="generated", reward=reward, weights=(1, 1, 1), dense=True)
        _, info = env.reset(seed=0)
        assert info["reward_components"]["context/shown"] is None
        total, over = 0.0, False
        while not over:
            _, reward_now, terminated, truncated, info = env.step('{"name": "answer", "arguments": {"text": "x"}}')
            total, over = total + float(reward_now), terminated or truncated
        assert total == pytest.approx(1.25 + 0.25 - 0.5)
        assert info["reward_components"] == {
            "task": 1.25, "task/answer": 1.25, "context": 0.25, "context/shown": 0.25, "memory": None,
            "penalty": -0.5, "penalty/fee": -0.5,
        }  # fmt: skip
        env.close()

    def test_a_model_is_not_asked_before_the_end(self) -> None:
        class Model(LexicalJudge):
            is_model = True

        weights = dict.fromkeys(("task", "context", "memory"), 1.0)
        assert OWN.score(view(over=False), Model(), weights).components["task/answer"] is None
        assert OWN.score(view(over=True), Model(), weights).components["task/answer"] == 1.25

    @pytest.mark.parametrize(
        ("components", "message"),
        [
            ({"tsak": {"answer": shown}}, "unknown component of profile 'bad' 'tsak'; did you mean 'task'"),
            ({"task": {"answer": 0.5}}, "part 'task/answer' of profile 'bad' is 0.5; use a function of EpisodeView"),
        ],
    )
    def test_mistakes_are_one_line(self, components: Any, message: str) -> None:
        with pytest.raises(ConfigurationError, match=message):
            Profile("bad", components)

    @pytest.mark.parametrize(
        ("reward", "message"),
        [
            (f"{__name__}:NOPE", "has no 'NOPE'"),
            (f"{__name__}:OLD", "unknown reward"),
            ("no_such:OWN", "reward='no_such:OWN' is not allowed: the module 'no_such' cannot be imported"),
            (3, "unknown reward 3; Allowed: 'paper', 'strict'"),
            (OWN.components, "unknown reward {"),
        ],
    )
    def test_what_is_no_profile_is_refused(self, reward: Any, message: str) -> None:
        with pytest.raises(ConfigurationError, match=message):
            EnvConfig(reward=reward)


def test_common_metrics() -> None:
    stored = (entry(1, NEW.text), entry(2, BRIDGE.text))
    seen = view(events=[event("add", after=stored), event("answer", stage=3)], entries=stored, progress=0.5)
    seen.ledger.prompt_tokens.extend([100, 150])
    seen.ledger.calls.update({"Add_memory": 2, "act": 5, "answer": 1})
    metrics = measure(seen, JUDGE, {})
    assert metrics == {
        "SR": 1.0,
        "PR": 0.5,
        "J": 1.0,
        "MQ": 1.0,
        "TN": 250.0,
        "TN/turn": 125.0,
        "TC": 2.0,
        "MC": 0,
        "MT": 0,
        "MO": 0,
        "MF": 0,
    }
