from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from agemem_env.engines.hotpotqa.records import GeneratedQuestion, HotpotRecord
from agemem_env.engines.hotpotqa.tasks import to_task
from agemem_env.engines.hotpotqa.world import SPLIT_SIZES, generate
from agemem_env.engines.hotpotqa.world.entities import HotpotEntity, answer_of, text_of
from agemem_env.engines.hotpotqa.world.generate import Draft, draft
from agemem_env.engines.hotpotqa.world.questions import size_of
from agemem_env.engines.hotpotqa.world.relations import BY_KIND, KINDS, RELATIONS
from agemem_env.engines.hotpotqa.world.revisions import occurs
from agemem_env.engines.hotpotqa.world.schema import Relation
from agemem_env.engines.hotpotqa.world.sentences import slots_of
from agemem_env.errors import ConfigurationError
from agemem_env.text.answers import exact_match

NUMBER_OF_TRAIN, NUMBER_OF_TEST = 1500, 400


@pytest.fixture(scope="module")
def train() -> list[GeneratedQuestion]:
    return [generate("train", i) for i in range(NUMBER_OF_TRAIN)]


@pytest.fixture(scope="module")
def test() -> list[GeneratedQuestion]:
    return [generate("test", i) for i in range(NUMBER_OF_TEST)]


@pytest.fixture(scope="module")
def drafts() -> list[Draft]:
    return [draft("valid", i) for i in range(400)]


# The tables


def test_there_are_enough_relations() -> None:
    assert len([r for r in RELATIONS if r.asks]) >= 50
    assert len({(r.subject, r.name) for r in RELATIONS}) == len(RELATIONS)


@pytest.mark.parametrize("relation", RELATIONS, ids=lambda r: f"{r.subject}-{r.name}")
def test_relation_is_well_formed(relation: Relation) -> None:
    kinds = [k for k in KINDS.values() if k.name == relation.subject or (k.person and relation.subject == "anyone")]
    assert kinds
    if relation.says:
        assert all("o" in slots_of(w) for w in relation.says)
        assert any({"S", "s"} & set(slots_of(w)) for w in relation.says)
    else:
        assert all(any(_states_by_intro(relation, w) for w in kind.intros) for kind in kinds)
    assert all("s" in slots_of(w) and w.endswith("?") for w in relation.asks)
    assert all("s" in slots_of(w) for w in relation.of)
    assert all("o" in slots_of(w) for w in relation.by)
    assert not relation.of or relation.object in KINDS
    assert (relation.object == "number") == (relation.span != (0, 0))
    if relation.inverse and relation.lag is not None:
        back_lag = BY_KIND[relation.object][relation.inverse].lag
        assert back_lag is None or max(abs(back_lag[0] + relation.lag[1]), abs(back_lag[1] + relation.lag[0])) < 10
    if relation.inverse:
        back = BY_KIND[relation.object][relation.inverse]
        assert back.subject in (relation.object, "anyone")
        assert back.object in {k.name for k in kinds} | {"person"}


def _states_by_intro(relation: Relation, wording: str) -> bool:
    return {"nation": "nation", "role": "noun"}[relation.name] in slots_of(wording)


# Form


def test_record_has_the_official_schema(train: list[GeneratedQuestion]) -> None:
    for question in train[:300]:
        record = question.record
        plain = json.loads(json.dumps(record.to_json()))
        assert set(plain) == {"_id", "question", "answer", "type", "level", "supporting_facts", "context"}
        assert HotpotRecord.from_json(plain) == record
        assert record.type in ("bridge", "comparison")
        assert record.level in ("easy", "medium", "hard")


def test_context_has_ten_paragraphs_of_two_to_five_sentences(train: list[GeneratedQuestion]) -> None:
    for question in train:
        titles = [title for title, _ in question.record.context]
        assert len(titles) == len(set(titles)) == 10
        assert all(2 <= len(sentences) <= 5 for _, sentences in question.record.context)


def test_gold_sentences_are_in_two_paragraphs_and_name_their_subject(train: list[GeneratedQuestion]) -> None:
    for question in train:
        record = question.record
        context = dict(record.context)
        assert len({title for title, _ in record.supporting_facts}) == 2
        assert 2 <= len(record.supporting_facts) <= 3
        assert all(title in context[title][index] for title, index in record.supporting_facts)


def test_gold_comes_at_every_position(train: list[GeneratedQuestion]) -> None:
    sentence = Counter(index for q in train for _, index in q.record.supporting_facts)
    assert min(sentence[i] for i in (1, 2)) > 100 and set(sentence) == {1, 2}
    place = Counter([t for t, _ in q.record.context].index(q.record.supporting_facts[0][0]) for q in train)
    assert min(place[i] for i in range(10)) > NUMBER_OF_TRAIN / 20


def test_text_is_clean(train: list[GeneratedQuestion]) -> None:
    wrong = re.compile(r"[{}<>~\x00]|\bNone\b|\b[Aa] [aeioAEIO]|\bthe the\b|  |\.\.|\?\?")
    for question in train:
        for text in _texts(question):
            body = text.removeprefix(" ")
            assert not wrong.search(body.replace("a one", "")), text
            assert body[0].isupper(), text
            assert body[-1] in ".?", text


def test_names_use_many_letters(train: list[GeneratedQuestion]) -> None:
    letters = set("".join(title for q in train for title, _ in q.record.context))
    assert set("éøłñåőčėüáß") - letters <= {"ß"}


# Truth


def test_answer_follows_from_the_world(drafts: list[Draft]) -> None:
    for made in drafts:
        first, second = made.plot.roles
        if made.plot.hop is not None:
            assert first.entity.values[made.plot.hop.name] is second.entity
            (asked,) = second.gold
            assert answer_of(second.entity.values[asked.name], asked) == made.plot.answer
        elif made.plot.answer in ("yes", "no"):
            (shared,) = first.gold
            same = first.entity.values[shared.name] == second.entity.values[shared.name]
            assert same == (made.plot.answer == "yes")
        else:
            assert made.plot.answer in _winners(made)


def _winners(made: Draft) -> set[str]:
    """Answers of the two possible directions of the comparison that the question can mean."""
    measure = made.plot.roles[0].required[0]
    sizes = {size_of(role.entity.values[measure.name], measure): role for role in made.plot.roles}
    assert len(sizes) == 2
    answers = set()
    for compare in measure.compare:
        role = sizes[max(sizes) if compare.largest else min(sizes)]
        asked = role.required[1:]
        answers.add(answer_of(role.entity.values[asked[0].name], asked[0]) if asked else role.entity.title)
    return answers


def test_nothing_but_the_gold_entity_has_the_answer(drafts: list[Draft]) -> None:
    for made in drafts:
        if made.plot.answer == "yes":
            continue
        for role in made.plot.roles:
            for relation in role.required:
                if relation is made.plot.hop:
                    continue
                pages = [p.entity for p in (*made.pages, *made.related) if p.entity.kind is role.entity.kind]
                values = [text_of(e.values[relation.name]) for e in pages if relation.name in e.values]
                if relation.object != "position":
                    assert values.count(text_of(role.entity.values[relation.name])) == 1


def test_sentences_state_what_is_true(drafts: list[Draft]) -> None:
    for made in drafts:
        for page in (*made.pages, *made.related):
            told = [n for s in page.sentences for n in s.stated]
            assert len(told) == len(set(told))
            for sentence in page.sentences:
                assert sentence.subject is page.entity
                for name in sentence.stated:
                    assert text_of(page.entity.values[name]).lower() in sentence.text.lower()


def test_inverse_relations_agree(drafts: list[Draft]) -> None:
    for made in drafts:
        for entity in made.world.entities:
            for name, value in entity.values.items():
                inverse = BY_KIND[entity.kind.name][name].inverse
                if (
                    inverse
                    and isinstance(value, HotpotEntity)
                    and inverse in value.values
                    and "yes" not in (made.plot.answer, made.other.answer)
                ):
                    assert value.values[inverse] is entity


def test_time_flows_forward(drafts: list[Draft]) -> None:
    for made in drafts:
        for entity in made.world.entities:
            for name, value in entity.values.items():
                relation = BY_KIND[entity.kind.name][name]
                if (
                    relation.lag is not None
                    and isinstance(value, HotpotEntity)
                    and made.plot.type == made.other.type == "bridge"
                ):
                    low, high = relation.lag
                    assert low - 9 <= value.era - entity.era <= high + 9, (entity.title, name)


def test_names_are_unique_in_a_world(drafts: list[Draft]) -> None:
    for made in drafts:
        titles = [entity.title for entity in made.world.entities]
        assert len(titles) == len(set(titles))


def test_bridge_question_names_neither_bridge_nor_answer(drafts: list[Draft]) -> None:
    for made in drafts:
        if made.plot.type == "bridge":
            assert not occurs(made.plot.roles[1].entity.title, made.plot.question)
            assert not occurs(made.plot.answer, made.plot.question)


# Revisions and stage 2


def test_gold_and_other_useful_sentences_are_revised_alike(train: list[GeneratedQuestion]) -> None:
    assert all(1 <= len(q.revisions) <= 4 for q in train)
    gold = [place for q in train for place in q.record.supporting_facts]
    useful = [place for q in train for place in q.useful]
    revised = [(r.title, r.sentence) in q.record.supporting_facts for q in train for r in q.revisions]
    assert {place for q in train for place in q.record.supporting_facts} <= set(useful)
    assert abs(sum(revised) / len(revised) - len(gold) / len(useful)) < 0.04


def test_half_of_the_sentences_can_be_asked_for_and_gold_is_a_few_of_them(train: list[GeneratedQuestion]) -> None:
    sentences = sum(len(sentences) for q in train for _, sentences in q.record.context)
    useful = sum(len(q.useful) for q in train)
    assert 0.5 < useful / sentences < 0.66
    assert 0.1 < sum(len(q.record.supporting_facts) for q in train) / useful < 0.2


def test_outdated_wording_differs_in_a_value_found_nowhere_else(train: list[GeneratedQuestion]) -> None:
    for question in train:
        context = dict(question.record.context)
        everything = " ".join(_texts(question))
        for revision in question.revisions:
            true = context[revision.title][revision.sentence]
            assert revision.outdated != true
            value = _difference(true, revision.outdated)
            assert not occurs(value, everything), (true, revision.outdated)
            assert not exact_match(value, question.record.answer)


def _difference(true: str, false: str) -> str:
    """The words of `false` between what both begin and end with, and the rest of a name or measure."""
    a, b = true.split(), false.split()
    start = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), 0)  # noqa: B905 - the shorter decides
    tail = next((i for i, (x, y) in enumerate(zip(a[::-1], b[::-1])) if x != y), 0)  # noqa: B905
    end = len(b) - tail
    short_number = b[start].isdigit() and len(b[start]) < 4
    while end < len(b) and (b[end][0].isupper() or (short_number and end == start + 1)):
        end += 1
    while start > 0 and b[start][0].isupper() and b[start - 1][0].isupper():
        start -= 1
    if b[end : end + 1] == ["and"] and len(a) == len(b):
        end += 2
    if b[start - 1] == "and" and len(a) == len(b):
        start -= 2
    return " ".join(b[start:end]).strip(".,")


def test_related_paragraphs_do_not_tell_the_answer(train: list[GeneratedQuestion]) -> None:
    for question in train:
        record = question.record
        titles = {title for title, _ in record.context}
        assert 4 <= len(question.related) <= 6
        for title, sentences in question.related:
            assert title not in titles
            if record.answer not in ("yes", "no"):
                assert not any(occurs(record.answer, text) for text in (title, *sentences))


# Guessing


def test_splits_are_disjoint(train: list[GeneratedQuestion], test: list[GeneratedQuestion]) -> None:
    questions = [q.record.question for q in (*train, *test)]
    assert len(set(questions)) == len(questions)


def test_no_answer_is_frequent(train: list[GeneratedQuestion]) -> None:
    _assert_spread([q.record for q in train])


def test_answers_cannot_be_guessed_from_similar_questions(
    train: list[GeneratedQuestion], test: list[GeneratedQuestion]
) -> None:
    assert _nearest_match([q.record for q in train], [q.record for q in test]) <= 0.05


def test_copying_names_from_the_question_does_not_pay(train: list[GeneratedQuestion]) -> None:
    records = [q.record for q in train]
    copied = [r for r in records if occurs(r.answer, r.question)]
    assert len(copied) <= 0.05 * len(records)
    closed = [r for r in records if r.answer in ("yes", "no")]
    assert 0 < len(closed) <= 0.035 * len(records)


@pytest.mark.exhaustive
def test_full_measurement() -> None:
    train = [generate("train", i).record for i in range(5000)]
    _assert_spread(train)
    test = [generate("test", i).record for i in range(1000)]
    _assert_spread(test)
    assert _nearest_match(train, test) <= 0.05


@pytest.mark.exhaustive
def test_all_questions_are_distinct() -> None:
    questions = {generate(s, i).record.question for s, size in SPLIT_SIZES.items() for i in range(size)}
    assert len(questions) == sum(SPLIT_SIZES.values())


def _assert_spread(records: Sequence[HotpotRecord]) -> None:
    (_, often), *_ = Counter(r.answer for r in records).most_common(1)
    assert often <= 0.02 * len(records)


def _nearest_match(train: Sequence[HotpotRecord], test: Sequence[HotpotRecord]) -> float:
    """Exact match of the answer of the most similar train question, by TF-IDF cosine of hashed words."""
    known, asked = _hashed([r.question for r in train]), _hashed([r.question for r in test])
    idf = np.log((1 + len(train)) / (1 + (known > 0).sum(axis=0)))
    known, asked = known * idf, asked * idf
    known /= np.linalg.norm(known, axis=1, keepdims=True)
    nearest = (asked @ known.T).argmax(axis=1)
    return float(np.mean([exact_match(train[j].answer, t.answer) for j, t in zip(nearest, test, strict=True)]))


def _hashed(questions: Sequence[str]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    table = np.zeros((len(questions), 4096), dtype=np.float32)
    for row, question in enumerate(questions):
        for word in re.findall(r"\w+", question.lower()):
            table[row, zlib.crc32(word.encode()) % 4096] += 1
    return table


# Determinism


def test_a_question_does_not_depend_on_others() -> None:
    alone = generate("train", 4711)
    for i in range(5):
        generate("test", i)
    assert generate("train", 4711) == alone


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_questions_are_the_same_in_every_process(hash_seed: str) -> None:
    code = (
        "import zlib; from agemem_env.engines.hotpotqa.world import generate; "
        "print(zlib.crc32(repr([generate('test', i) for i in range(20)]).encode()))"
    )
    env = {**os.environ, "PYTHONHASHSEED": hash_seed}
    run = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert int(run.stdout) == zlib.crc32(repr([generate("test", i) for i in range(20)]).encode())


@pytest.mark.parametrize("index", [-1, SPLIT_SIZES["test"]])
def test_unknown_index(index: int) -> None:
    with pytest.raises(ConfigurationError, match="allowed: 0 to 999"):
        generate("test", index)


def test_unknown_split() -> None:
    with pytest.raises(ConfigurationError, match="did you mean 'test'"):
        generate("tset", 0)


# As tasks


def test_tasks_tell_outdated_facts_first(train: list[GeneratedQuestion]) -> None:
    for question in train[:300]:
        task = to_task(question.record, question.revisions, question.related, "train", "generated")
        assert len(task.superseded) == len(question.revisions)
        told = {fact: i for i, u in enumerate(task.utterances) for fact in u.facts}
        assert sorted(told) == list(range(len(task.facts)))
        for old, new in task.superseded.items():
            assert told[new] >= told[old] + 2
            assert task.facts[old].gold == task.facts[new].gold
            assert task.facts[new].text.split(": ", 1)[1] in task.utterances[told[new]].text
        for fact, place in told.items():
            assert task.facts[fact].text.split(": ", 1)[1] in task.utterances[place].text
        assert len(task.gold_facts) == len(question.record.supporting_facts)
        assert len(task.distractors) == len(question.related)


def _texts(question: GeneratedQuestion) -> Iterator[str]:
    yield question.record.question
    for _, sentences in (*question.record.context, *question.related):
        yield from sentences
