from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agemem_env.services.grades import read_grade, read_grades


@pytest.mark.parametrize(
    "reply",
    [
        "0.85", "0.85.", ".85", "0.850", "0,85", "+0.85", "85%", "85 %", "85e-2", "Score: 0.85", "Score:0.85", "score=0.85;",
        "Score - 0.85", "score is 0.85", "**0.85**", "*0.85*", "__0.85__", "`0.85`", "$0.85$", "\\boxed{0.85}", "(0.85)",
        "**Score:** 0.85", "Score: **0.85** (on a scale from 0 to 1)", "Score (0-1): 0.85", "0.85 [0, 1]", "0.85/1.0",
        "0.85 / 1", "0.85 out of 1", "8.5/10", "8.5 out of 10", "85/100", "17/20", "```\n0.85\n```", "```JSON\n0.85\n```",
        '"0.85"', '{"score": 0.85}', '{"score": 0.85,}', '{"grade": "0.85"}', '{"reason": "2 of 3", "score": 0.85}',
        "<score>0.85</score>", "- 0.85", "I'd give it 0.85, since it is close.", "I say 0.85. Yes, 0.85.", "０.８５",
        "It names 2 of 3 places.\n\nScore: 0.85", "It names 2 of 3 places.\n0.85", "Let me see.\n**0.85**\n", "[0.85]",
    ],
)  # fmt: skip
def test_a_grade_with_one_meaning_is_read(reply: str) -> None:
    assert read_grade(reply) == pytest.approx(0.85)


@pytest.mark.parametrize(
    ("reply", "grade"), [("1", 1), ("1.", 1), ("0", 0), ("100%", 1), ("0%", 0), ("1/1", 1), ("0/5", 0)]
)
def test_the_ends_of_the_scale(reply: str, grade: float) -> None:
    assert read_grade(reply) == grade


@pytest.mark.parametrize(
    "reply",
    [
        "", "nan", "NaN", "inf", "good", "one", "A", "1.5", "5", "100", "-0.1", "−0.1", "Score: -0.5", "-1/2", "150%", "0/0",
        "1/0", "0.8 or 0.9", "0.7-0.8", "0.7–0.8", "90 to 100%", "[0.7, 0.8]", "Score: 0.8 ... Score: 0.9", "1:2", "1 000",
        "2 of 3 facts, so 0.5", "0.85%", "0.85/10", "0.8.5", "1,000", "12/25/2024", "0x1", "0.85abc", "v1.2", "GPT4",
        "0 to 1", "0-1", "<think>0.5", " <THINK>Maybe 0.5 since", "9" * 400, "0." + "3" * 400, "0.5" + "9" * 5000, "1e-400",
        "1e400", "[" * 30_000, "{" * 30_000, "½",
    ],
)  # fmt: skip
def test_anything_else_is_a_wrong_form(reply: str) -> None:
    with pytest.raises(ValueError, match=r".+") as caught:
        read_grade(reply)
    assert type(caught.value) is ValueError


@pytest.mark.parametrize(
    "reply",
    [
        '{"notes": [1, 0.5], "quality": 0.8}',
        '```json\n{"notes": [1, 0.5], "quality": 0.8}\n```',
        '```JSON\n{"notes": [1, 0.5,], "quality": 0.8,}\n```',
        'My verdict: {"notes": ["1.0", "50%"], "quality": "8/10"}. Nothing [else].',
        'The notes [1] and {2} are good.\n{"notes": [1, 0.5], "quality": 0.8}',
        "{'notes': [1, 0.5], 'quality': 0.8}",
        'First {"notes": ["a", "b"]}, then {"notes": [1, 0.5], "quality": 0.8}',
        '{"notes": [1, 0.5], "quality": 0.8} {"notes": [1, 0.5], "quality": 0.8}',
    ],
)
def test_a_verdict_with_one_meaning_is_read(reply: str) -> None:
    assert read_grades(reply, 2, True) == ((1.0, 0.5), 0.8)


def test_a_whole_that_is_not_graded_is_not_read() -> None:
    assert read_grades('{"notes": [1], "quality": "none"}', 1, False) == ((1.0,), None)


@pytest.mark.parametrize(
    "reply",
    [
        '{"notes": [1, NaN], "quality": 1}',
        '{"notes": [1, Infinity], "quality": 1}',
        '{"notes": [1, ' + "9" * 400 + '], "quality": 1}',
        '{"notes": [1, ' + "9" * 5000 + '], "quality": 1}',
        '{"notes": [1, [1]], "quality": 1}',
        '{"notes": [1, {}], "quality": 1}',
        '{"notes": [1, null], "quality": 1}',
        '{"notes": [1, 1], "quality": 1} {"notes": [1, 0], "quality": 1}',
        '<think>{"notes": [1, 1], "quality": 1}',
        "[" * 30_000,
        '{"notes":' * 10_000,
    ],
)
def test_a_verdict_of_another_form_is_refused_soon(reply: str) -> None:
    start = time.process_time()
    with pytest.raises(ValueError, match=r".+") as caught:
        read_grades(reply, 2, True)
    assert type(caught.value) is ValueError
    assert time.process_time() - start < 1


@given(st.text(alphabet='0123456789.,-+eE%/ "{}[]:notesqualy<think>\n`*', max_size=60))
def test_a_grade_is_from_0_to_1_and_nothing_raises_raw(reply: str) -> None:
    for read in (read_grade, lambda text: read_grades(text, 1, True)[1]):
        try:
            grade = read(reply)
        except ValueError:
            continue
        assert grade is not None
        assert 0 <= grade <= 1
