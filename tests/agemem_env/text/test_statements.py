"""What makes a statement: single cases, and shares measured on the tasks of all benchmarks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agemem_env.data import data_root
from agemem_env.engines import ENGINES, engine_class
from agemem_env.engines.hotpotqa.engine import HotpotQAEngine
from agemem_env.engines.hotpotqa.metrics import supporting_f1
from agemem_env.errors import ConfigurationError, DataError
from agemem_env.rewards.memory import outdated_gold
from agemem_env.services.judges import LexicalJudge
from agemem_env.text.statements import StatementIndex
from agemem_env.text.told import Told, ToldReading
from agemem_env.types import Fact, FinishedTask, Task
from tests.agemem_env.text.falsehoods import falsehoods
from tests.agemem_env.text.paraphrases import paraphrases

BENCHMARKS = ("HotpotQA", "ALFWorld", "BabyAI", "PDDL", "SciWorld")
TASKS = {"HotpotQA": 30, "ALFWorld": 16, "BabyAI": 16, "PDDL": 40, "SciWorld": 40}
_MADE: dict[str, list[Task]] = {}


def tasks(benchmark: str) -> list[Task]:
    """Return the first generated test tasks; skip if the benchmark is not installed."""
    if benchmark not in _MADE:
        try:
            _MADE[benchmark] = engine_class(benchmark)(split="test", source="generated").tasks[: TASKS[benchmark]]
        except (ImportError, ConfigurationError, DataError) as error:
            pytest.skip(str(error))
    return _MADE[benchmark]


@pytest.mark.parametrize(
    ("fact", "text", "made"),
    [
        ("mug 2 is in cabinet 3", "In cabinet 3 there is mug 2.", True),
        ("mug 2 is in cabinet 3", "mug 3 is in cabinet 2", False),
        ("mug 2 is in cabinet 3", "mug 2 is not in cabinet 3", False),
        ("mug 2 is in cabinet 3", "It is not true that mug 2 is in cabinet 3.", False),
        ("mug 2 is in cabinet 3", "mug 2 cabinet 4 plate 3", False),
        ("mug 2 is in cabinet 3", "There is a mug. 2 days ago I cleaned cabinet 3.", False),
        ("b1 stands on b2", "b2 is on b1", False),
        ("b1 stands on b2", "On b2 there is b1.", True),
        ("b1 stands on b2", "b1 stands under b2", False),
        ("Ann Lee produced Far Hills.", "Far Hills was produced by Ann Lee.", True),
        ("Ann Lee produced Far Hills.", "The producer of Far Hills is Ann Lee.", True),
        ("Ann Lee produced Far Hills.", "Far Hills produced Ann Lee.", False),
        ("Ann Lee produced Far Hills.", "Ann Leeds produced Far Hills.", False),
        ("Substance B is below 200.0 degrees.", "Substance B is above 200.0 degrees.", False),
        ("Substance B is below 200.0 degrees.", "Substance B is less than 200 degrees.", True),
        ("Far Hills: It sold 4,450 copies.", "Far Hills came out late. It sold 4450 copies.", True),
        ("Far Hills: It sold 4,450 copies.", "It sold 4,450 copies.", False),
        ("Far Hills: It sold 4,450 copies.", "Near Woods: It sold 4,450 copies.", False),
        ("In Ann's kitchen, mug 2 is in sink 1.", "It's Ann. I keep mug 2 in sink 1 in my kitchen.", True),
        ("In Ann's kitchen, mug 2 is in sink 1.", "It's Bob. I keep mug 2 in sink 1 in my kitchen.", False),
        ("In Ann's kitchen, mug 2 is in sink 1.", "Ann's kitchen:\n- mug 2: sink 1", True),
        ("mug 2 is in cabinet 3", "mug 2, plate 1 and pan 3 are in cabinet 3", True),
        ("mug 2 is in cabinet 3", "plate 1 in sink 4, mug 2 in cabinet 3, pan 3 in drawer 5", True),
        ("mug 2 is in cabinet 3", "mug 2, plate 1, pan 3 are in cabinet 3, sink 4, drawer 5", False),
        ("mug 2 is in cabinet 3", "mug 2 plate 1 pan 3 cabinet 3 sink 4 drawer 5", False),
        ("At Ashford, ale starts with rum.", "At Ashford, ale gin soda tonic punch rum start with", False),
        ("mug 2 is in cabinet 3", "It is false that, by the way, mug 2 is in cabinet 3.", False),
        ("mug 2 is in cabinet 3", "Perhaps, just so you know: mug 2 is in cabinet 3.", False),
        ("mug 2 is in cabinet 3", "That mug 2 is in cabinet 3 is something I now know to be untrue.", False),
        ("mug 2 is in cabinet 3", "mug 2 is in cabinet 3 (not cabinet 4)", True),
        ("mug 2 is in cabinet 3", "mug 2 is in cabinet 3, not in cabinet 4.", True),
        ("Ann Lee was born in Ely.", "Ann Lee's birth was in Ely.", True),
        ("Lee & Sons: Lee & Sons moved to Ely.", "Lee & Sons: Ely & Sons moved to Lee.", False),
        ("Ann Lee got it from her aunt, Bea Roe.", "Bea Roe got it from her aunt, Ann Lee.", False),
        ("Far Hills was produced by Ann and Bob.", "Bob and Ann produced Far Hills.", True),
        ("Far Hills has moved to Ely.", "Ely has moved to Far Hills.", False),
    ],
)
def test_what_makes_a_statement(fact: str, text: str, made: bool) -> None:
    assert (StatementIndex([fact]).made(text) == {0}) is made


def test_what_differs_between_similar_statements_must_be_there() -> None:
    texts = ["The sandpaper surface has more friction than the brass surface.",
             "The brass surface has more friction than the sandpaper surface."]  # fmt: skip
    index = StatementIndex(texts)
    assert [index.made(text) for text in texts] == [{0}, {1}]
    assert index.made("sandpaper surface brass surface friction") == frozenset()


def test_given_essentials_are_all_that_must_be_there() -> None:
    fact = "Whenever it rains heavily, mug 2 can be seen in cabinet 3 by everybody."
    index = StatementIndex([fact], [("mug 2", "cabinet 3")])
    assert index.made("mug 2: cabinet 3") == {0}
    assert index.made("mug 2: cabinet 4") == frozenset()


def test_reading_counts_statements_once_and_other_text_by_its_length() -> None:
    told = Told([Fact("Mug 2 is in cabinet 3.", gold=True), Fact("Pan 1 is in sink 4.")], ["Mug 2 is in shelf 9."])
    apart = told.read(
        ["Mug 2 is in cabinet 3.", "Pan 1 is in sink 4.", "Mug 2 is in shelf 9.", "Mug 2 is in cabinet 3."]
    )
    together = told.read(["Mug 2 is in cabinet 3. Pan 1 is in sink 4. Mug 2 is in shelf 9."])
    assert apart == ToldReading(frozenset({0, 1}), 1, 0.0)
    assert apart == together
    # a word without spaces has the length of its letters: eighty of them are four words
    assert told.read(["abcdefgh" * 10]).unmatched == pytest.approx(1.0)
    # eight words of their own, in units of four words
    assert told.read(["Seven old goats climbed three green hills yesterday."]).unmatched == pytest.approx(2.0)


@pytest.mark.parametrize("benchmark", BENCHMARKS)
def test_facts_make_themselves_and_falsehoods_do_not(benchmark: str) -> None:
    verbatim, false = [], []
    for task in tasks(benchmark):
        told = Told.of(task)
        texts = {fact.text for fact in task.facts}
        for i, fact in enumerate(task.facts):
            verbatim.append(i in told.facts_in(fact.text))
            false += [i in told.facts_in(text) for _, text in falsehoods(task, fact.text) if text not in texts]
    assert all(verbatim)
    assert len(false) >= 100
    assert sum(false) / len(false) <= 0.02


def test_paraphrases_are_accepted() -> None:
    shares = {}
    for benchmark in BENCHMARKS:
        kept = []
        for task in tasks(benchmark):
            told = Told.of(task)
            kept += [i in told.facts_in(text) for i, fact in enumerate(task.facts) for text in paraphrases(fact.text)]
        assert len(kept) >= 200
        shares[benchmark] = (sum(kept), len(kept))
    assert all(right / count >= 0.9 for right, count in shares.values()), shares


def test_no_distractor_states_a_gold_fact() -> None:
    for benchmark in BENCHMARKS:
        for task in tasks(benchmark):
            told = Told.of(task)
            assert not any(told.facts_in(distractor) & told.gold for distractor in task.distractors), task.id


def official() -> Iterator[Task]:
    for split in ("train", "valid"):
        yield from HotpotQAEngine(split=split, source="official").tasks


@pytest.mark.slow
@pytest.mark.skipif(not (data_root() / "hotpotqa").exists(), reason="no official questions here")
def test_the_supporting_sentences_and_nothing_else_are_predicted_on_official_questions() -> None:
    for task in official():
        supporting = tuple(fact.text for fact in task.gold_facts)
        others = tuple(fact.text for fact in task.facts if not fact.gold)
        assert supporting_f1(FinishedTask(task, None, supporting)) == 1.0, task.query
        assert supporting_f1(FinishedTask(task, None, others)) == 0.0, task.query


def test_all_benchmarks_are_measured() -> None:
    assert set(BENCHMARKS) == set(ENGINES)


@pytest.mark.parametrize("benchmark", BENCHMARKS)
def test_to_the_lexical_judge_neither_the_query_nor_other_facts_are_good_memories(benchmark: str) -> None:
    judge = LexicalJudge()
    queries: list[float] = []
    others: list[float] = []
    for task in tasks(benchmark):
        gold, outdated = [fact.text for fact in task.gold_facts], outdated_gold(task)
        other = [fact.text for fact in task.facts if not fact.gold] + [*task.distractors]
        queries += judge.memory(task.query, task.answer, [task.query], gold, outdated).entry_quality
        others += judge.memory(task.query, task.answer, other, gold, outdated).entry_quality
    assert sum(queries) / len(queries) <= 0.02
    assert sum(others) / len(others) <= 0.02
