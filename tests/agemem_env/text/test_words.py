from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agemem_env.text.answers import answer_f1, answer_precision_recall, exact_match, normalize_answer
from agemem_env.text.key_phrases import key_phrases
from agemem_env.text.words import content_words, split_sentences

GARBAGE = {
    "letters": "x" * 100_000,
    "capitals": "A" * 100_000,
    "spaces": " " * 100_000,
    "vertical tabs": "\x0b" * 100_000,
    "dots": "." * 100_000 + "x",
    "initials": "a." * 50_000,
    "abbreviations": "Dr. " * 25_000,
    "open quotes": '"' * 100_000,
    "apostrophes": "'a" * 50_000,
    "articles": "The " * 25_000,
    "connectors": "Name " + "of the " * 14_000,
    "numbers": "1," * 50_000,
    "combining": "e\u0301" * 50_000,
    "closing": ".)" * 50_000,
}


@pytest.mark.parametrize(
    ("predicted", "expected", "match", "f1"),
    [
        ("The Eiffel Tower!", "eiffel tower", True, 1.0),
        ("a  cat", "an cat", True, 1.0),
        ("New York City", "New York", False, 0.8),  # 2/3 and 2/2
        ("Paris", "London", False, 0.0),
        ("yes", "Yes.", True, 1.0),
        ("yes, he was", "yes", False, 0.0),
        ("no", "yes", False, 0.0),
        ("no one knows", "noanswer", False, 0.0),
        ("no one knows", "no one", False, 0.8),  # "no" inside a longer answer is a word like any other
        ("b b c", "b c c", False, 2 / 3),  # words count as often as they occur: 2/3 and 2/3
        ("", "Paris", False, 0.0),
        ("the", "a", True, 0.0),  # both empty once normalised
        ("U.S.", "US", True, 1.0),
        ("well-known", "wellknown", True, 1.0),
        ("Élodie", "élodie", True, 1.0),
    ],
)
def test_answers_compare_as_computed_by_hand(predicted: str, expected: str, match: bool, f1: float) -> None:
    assert exact_match(predicted, expected) is match
    assert answer_f1(predicted, expected) == pytest.approx(f1)


def test_precision_and_recall_are_not_swapped() -> None:
    assert answer_precision_recall("New York City", "New York") == (pytest.approx(2 / 3), 1.0)


def test_an_article_inside_a_word_stays() -> None:
    assert normalize_answer("Theanine and a banana") == "theanine and banana"


@given(st.text(), st.text())
def test_f1_is_symmetric_and_one_exactly_for_equal_answers(a: str, b: str) -> None:
    assert answer_f1(a, b) == pytest.approx(answer_f1(b, a))
    assert 0.0 <= answer_f1(a, b) <= 1.0
    if exact_match(a, b) and normalize_answer(a):
        assert answer_f1(a, b) == 1.0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Mug 2 is in the cabinet 3.", ("mug", "2", "cabinet", "3")),
        ("mug, mug and MUG", ("mug", "mug", "mug")),
        ("Ann's key is NOT red", ("ann", "key", "not", "red")),
        ("Ann’s key", ("ann", "key")),
        ("He isn't here", ("isn't",)),
        ("The stove is off", ("stove", "off")),
        ("Лампа на столе", ("лампа", "на", "столе")),
        ("Übergröße ÉTÉ", ("übergröße", "été")),
        ("ｍｕｇ ２", ("mug", "2")),
        ("杯子3号", ("杯", "子", "3", "号")),
        ("snake_case b4", ("snake", "case", "b4")),
        ("is it on?", ()),
        ("", ()),
    ],
)
def test_content_words(text: str, words: tuple[str, ...]) -> None:
    assert content_words(text) == words


@pytest.mark.parametrize(
    "sentences",
    [
        ["Dr. Lee met J. R. R. Tolkien.", "They ate 2.5 pies!", "Good?"],
        ["He joined the U.S. Army in 1950.", "See no. 5, e.g. this one."],
        ['He said "Stop."', "Then he left (quickly.)", "Fine."],
        ["Warner Bros. Pictures made it.", "Was it good?!", "Yes..."],
        ["Yahoo! is a company.", "So there."],
        ["Он пришёл.", "Потом ушёл."],
        ["No stop at the end"],
    ],
)
def test_sentences_are_found_again(sentences: list[str]) -> None:
    assert split_sentences("  " + " ".join(sentences) + " ") == sentences


def test_a_line_break_ends_a_sentence_and_chinese_needs_no_space() -> None:
    assert split_sentences("- mug 1\n\n- pen 2\r\n杯子在柜子里。勺子呢？") == [
        "- mug 1",
        "- pen 2",
        "杯子在柜子里。",
        "勺子呢？",
    ]


@given(st.text(alphabet=" .!?\n\"'()aBcDr5é。", max_size=200))
def test_splitting_loses_nothing_but_white_space(text: str) -> None:
    sentences = split_sentences(text)
    assert "".join("".join(sentences).split()) == "".join(text.split())
    assert all(s == s.strip() and s for s in sentences)


@pytest.mark.parametrize(
    ("query", "phrases"),
    [
        ("Were Scott Derrickson and Ed Wood of the same nationality?", ("Scott Derrickson", "Ed Wood")),
        ("Which country is Paris in?", ("Paris",)),
        ("Paris is the capital of which country?", ("Paris",)),
        ("Who wrote the Lord of the Rings?", ("Lord of the Rings",)),
        ("Did Ludwig van Beethoven meet Géza von Cziffra?", ("Ludwig van Beethoven", "Géza von Cziffra")),
        ('Who sang "Grey\'s Anatomy" in 1999?', ("Grey's Anatomy", "1999")),
        ("What is 'Singin in the Rain' about?", ("Singin in the Rain",)),
        ("Where was J. R. R. Tolkien on March 3, 1966?", ("J. R. R. Tolkien", "March 3, 1966")),
        ("Who landed with Apollo 11 on 20 July 1969?", ("Apollo 11", "20 July 1969")),
        ("How old was Obama's wife when Obama left?", ("Obama",)),
        ("Which plant is larger, the Pterocarya or the Cotula?", ("Pterocarya", "Cotula")),
        ("When did The Beatles meet? Where is Liverpool?", ("The Beatles", "Liverpool")),
        ("Was the Łódź mayor in St. Louis?", ("Łódź", "St. Louis")),
        ("Из Ясной Поляны приехал Лев Толстой?", ("Из Ясной Поляны", "Лев Толстой")),
        ("Simon & Simon starred NASA", ("Simon & Simon", "NASA")),
        ("Heat some egg and put it in the garbagecan.", ()),
        ("Put a clean mug in cabinet 3.", ("cabinet 3",)),
        ("You start on square R12. First, go to Martadale. Goal: open it.", ("Martadale",)),
        ("The house has 3 by 3 rooms, named by a letter, A, and a number, 1.", ()),
        ("What is it?", ()),
        ("", ()),
    ],
)
def test_key_phrases(query: str, phrases: tuple[str, ...]) -> None:
    assert key_phrases(query) == phrases


@given(st.text(alphabet=" .,'\"AaBbÉé12ofthe\n", max_size=120))
def test_key_phrases_are_parts_of_the_query_without_repetition(query: str) -> None:
    phrases = key_phrases(query)
    assert all(phrase in query for phrase in phrases)
    assert len({phrase.lower() for phrase in phrases}) == len(phrases)


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_takes_linear_time(garbage: str) -> None:
    start = time.process_time()
    split_sentences(garbage)
    key_phrases(garbage)
    content_words(garbage)
    answer_f1(garbage, garbage)
    # Quadratic time would be minutes; the limit leaves room for a slow machine.
    assert time.process_time() - start < 5
