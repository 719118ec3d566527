from __future__ import annotations

import copy
import json
import pickle

import pytest

from agemem_env.errors import ConfigurationError, ServiceError
from agemem_env.services.judges import (
    CUT,
    LONGEST_TEXT,
    LONGEST_TEXTS,
    LexicalJudge,
    MemoryVerdict,
    OpenAIJudge,
    make_judge,
)
from benchmarks.speed.fake_server import OpenAIServer
from tests.loopback import brief_failure
from tests.openai_server import KEY, server

__all__ = ["server"]

LEXICAL = LexicalJudge()
GOLD = ["mug 2 is in cabinet 3", "the purple door needs the red key"]


def verdict_reply(notes: list[object], quality: object) -> str:
    return json.dumps({"notes": notes, "quality": quality})


@pytest.mark.parametrize(
    ("predicted", "expected", "score"),
    [("The Paris!", "paris", 1.0), ("the", "a", 1.0), ("Paris, France", "Paris", 0.5), ("no", "yes", 0.0)],
)
def test_lexical_answer(predicted: str, expected: str, score: float) -> None:
    assert LEXICAL.answer("Which city?", predicted, expected) == pytest.approx(score)


@pytest.mark.parametrize(
    ("predicted", "score"),
    [("Bly Hall", 1.0), ("Ada College", 0.0), ("Ada College or Bly Hall", 0.5), ("both Bly Hall and Ada", 0.5)],
)
def test_naming_both_candidates_earns_no_more_than_guessing(predicted: str, score: float) -> None:
    question = "Which school is older, Ada College or Bly Hall?"
    assert LEXICAL.answer(question, predicted, "Bly Hall") == pytest.approx(score)


def test_lexical_memory() -> None:
    entries = [GOLD[0], "a red key", "nice weather"]
    verdict = LEXICAL.memory("Where?", "cabinet 3", entries, GOLD)
    assert verdict.entry_quality == (1.0, 0.0, 0.0)
    assert verdict.coverage == 0.5
    assert verdict.precision == pytest.approx(4 / 8)
    assert verdict.quality == pytest.approx(0.5)


def test_lexical_memory_gives_nothing_for_an_outdated_version() -> None:
    old, new = "the spare mug 2 is in kitchen cabinet 3", "the spare mug 2 is in kitchen cabinet 4"
    assert LEXICAL.memory("Where?", None, [new], [new], {0: [old]}).quality == 1.0
    verdict = LEXICAL.memory("Where?", None, [old], [new], {0: [old]})
    assert verdict == MemoryVerdict((0.0,), 0.0, 0.0, 0.0)


def test_lexical_memory_without_gold_goes_by_the_answer_and_is_not_scored() -> None:
    verdict = LEXICAL.memory("Where?", "cabinet 3", ["it was cabinet 3", "no"], [])
    assert verdict == MemoryVerdict((1.0, 0.0), None, None, None)
    assert LEXICAL.memory("Where?", None, ["x"], []).entry_quality == (0.0,)
    assert LEXICAL.memory("Where?", None, [], GOLD) == MemoryVerdict((), 0.0, None, 0.0)


def test_lexical_relevance() -> None:
    assert LEXICAL.relevance("Where is mug 2?", ["mug 2: cabinet", "key"]) == 1.0
    assert LEXICAL.relevance("Where is mug 2?", ["a mug", "pen 1"]) == 0.5
    assert LEXICAL.relevance("Where is mug 2?", []) is None


def test_a_model_grades_an_answer_once(server: OpenAIServer) -> None:
    server.say(" 0.8\n", "0.1")
    judge = make_judge("openai:chat")
    assert judge.is_model
    assert judge.answer("Which city?", "Paris, I think", "Paris") == 0.8
    assert judge.answer("Which city?", "Paris, I think", "Paris") == 0.8
    assert judge.answer("Which city?", "Rome", "Paris") == 0.1
    assert len(server.requests) == 2
    request = server.requests[0]
    assert request["temperature"] == 0
    assert json.loads(request["messages"][1]["content"]) == {
        "question": "Which city?",
        "expected": "Paris",
        "answer": "Paris, I think",
    }


def test_relevance_is_another_question_than_the_answer(server: OpenAIServer) -> None:
    server.say("0.5")
    judge = OpenAIJudge("chat", attempts=1)
    assert judge.relevance("Where?", []) is None
    assert judge.relevance("Where?", ["a", "b"]) == 0.5
    assert judge.relevance("Where?", ["a", "b"]) == 0.5
    assert len(server.requests) == 1


@pytest.mark.parametrize("bad", ["1.5", "-0.1", "nan", "inf", "0.7 or 0.8", "good", "[0.7, 0.8]"])
def test_anything_but_a_number_from_0_to_1_is_asked_again_once(bad: str, server: OpenAIServer) -> None:
    judge = OpenAIJudge("chat", attempts=1)
    server.say(bad, "1")
    assert judge.answer("q", "a", "b") == 1.0
    assert server.requests[1]["messages"][2] == {"role": "assistant", "content": bad}
    server.say(bad, bad)
    with pytest.raises(ServiceError, match=r"replied twice in the wrong form .*; use a model") as caught:
        judge.answer("q", "a", "c")
    assert bad in str(caught.value)
    assert len(server.requests) == 4


def test_a_failed_grade_is_not_remembered(server: OpenAIServer) -> None:
    judge = OpenAIJudge("chat", attempts=1)
    server.script = [brief_failure(500, "busy")]
    with pytest.raises(ServiceError, match="the server failed"):
        judge.answer("q", "a", "b")
    server.say("0.4")
    assert judge.answer("q", "a", "b") == 0.4


def test_a_model_grades_a_memory_in_one_call(server: OpenAIServer) -> None:
    server.say(verdict_reply([0.9, 0], 0.5))
    judge = make_judge("openai:chat")
    expected = MemoryVerdict((0.9, 0.0), None, None, 0.5)
    assert judge.memory("Where?", None, ["a", "b"], GOLD, {0: ["old"]}) == expected
    assert judge.memory("Where?", None, ["a", "b"], GOLD, {0: ["old"]}) == expected
    assert len(server.requests) == 1
    asked = json.loads(server.requests[0]["messages"][1]["content"])
    assert asked == {
        "question": "Where?",
        "expected": None,
        "needed": GOLD,
        "no longer true": ["old"],
        "notes": ["a", "b"],
    }


def test_a_memory_without_entries_or_gold(server: OpenAIServer) -> None:
    judge = make_judge("openai:chat")
    assert judge.memory("Where?", None, [], GOLD).quality == 0.0
    assert judge.memory("Where?", None, [], []).quality is None
    assert not server.requests
    server.say(verdict_reply([1], 1))
    assert judge.memory("Where?", "here", ["a"], []) == MemoryVerdict((1.0,), None, None, None)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (verdict_reply([0.5], 0.5), "'notes' has 1 numbers instead of 2"),
        (verdict_reply([0.5, 2], 0.5), "2 is not from 0 to 1"),
        (verdict_reply([0.5, True], 0.5), "True is not a number"),
        (verdict_reply([0.5, 0.5], None), "None is not a number"),
        ("[0.5, 0.5]", "not an object with a list"),
        ("The notes are good.", "wrong form"),
    ],
)
def test_a_verdict_of_another_form_is_refused(reply: str, reason: str, server: OpenAIServer) -> None:
    server.say(reply, reply)
    judge = OpenAIJudge("chat", attempts=1)
    with pytest.raises(ServiceError, match=reason):
        judge.memory("Where?", None, ["a", "b"], GOLD)


def test_a_verdict_in_a_code_block_is_read(server: OpenAIServer) -> None:
    server.say(f"```json\n{verdict_reply([1], 1)}\n```")
    assert make_judge("openai:chat").memory("Where?", None, ["a"], GOLD).quality == 1.0


def test_a_refused_key_is_not_shown(server: OpenAIServer) -> None:
    server.script = [brief_failure(401, f"Incorrect API key provided: {KEY}")]
    judge = make_judge("openai:chat")
    with pytest.raises(ServiceError, match=r"judge 'openai:chat': .* check OPENAI_API_KEY") as caught:
        judge.answer("q", "a", "b")
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("spec", ["lexical", "openai:chat"])
def test_judges_can_be_copied_and_pickled(spec: str, server: OpenAIServer) -> None:
    server.say("1", "1", "1")
    judge = make_judge(spec)
    judge.answer("q", "a b", "a b")
    for twin in (copy.deepcopy(judge), pickle.loads(pickle.dumps(judge))):
        assert twin.name == spec
        assert twin.answer("q", "a b", "a b") == 1.0


def test_objects_are_taken_as_they_are_and_bad_names_refused() -> None:
    assert make_judge(LEXICAL) is LEXICAL
    assert not make_judge().is_model
    with pytest.raises(ConfigurationError, match="unknown judge 'lexcal'; did you mean 'lexical'"):
        make_judge("lexcal")
    with pytest.raises(ConfigurationError, match="judge 'openai:' names no model"):
        make_judge("openai:")


def test_what_is_judged_is_cut(server: OpenAIServer) -> None:
    server.speak = lambda messages, tools: (
        verdict_reply([1] * 100, 1) if "statements" in messages[0]["content"] else "1"
    )
    judge = OpenAIJudge("chat")
    judge.answer("q", "a" * 1_000_000, "b")
    judge.relevance("q", ["a" * 1_000_000, "short"])
    judge.memory("q", None, ["a" * 1_000_000] * 100, GOLD)
    answer, notes, memory = (json.loads(r["messages"][1]["content"]) for r in server.requests)
    assert answer["answer"] == "a" * LONGEST_TEXT + CUT
    assert notes["notes"] == ["a" * LONGEST_TEXT + CUT, "short"]
    assert memory["notes"] == ["a" * (LONGEST_TEXTS // 100) + CUT] * 100


@pytest.mark.parametrize("reply", ["9" * 400, "[" * 100_000, "NaN", "<think>0.5", '{"a":' * 10_000])
def test_no_reply_raises_anything_but_a_service_error(reply: str, server: OpenAIServer) -> None:
    server.say(*[reply] * 4)
    judge = OpenAIJudge("chat")
    for ask in (lambda: judge.answer("q", "a", "b"), lambda: judge.memory("q", "a", ["a"], GOLD)):
        with pytest.raises(ServiceError, match="replied twice in the wrong form") as caught:
            ask()
        assert len(str(caught.value)) < 800


def test_options_are_given_by_name(server: OpenAIServer) -> None:
    server.say("1", "1", "1")
    OpenAIJudge("chat", temperature=0.3, max_tokens=7).answer("q", "a", "b")
    make_judge({"name": "openai:chat", "temperature": None, "extra_body": {"x": 1}}).answer("q", "a", "b")
    make_judge("openai:chat").answer("q", "a", "b")
    sent = [{k: r.get(k) for k in ("temperature", "max_tokens", "x")} for r in server.requests]
    assert sent == [
        {"temperature": 0.3, "max_tokens": 7, "x": None},
        {"temperature": None, "max_tokens": None, "x": 1},
        {"temperature": 0, "max_tokens": None, "x": None},
    ]


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"name": "openai:chat", "temprature": 1}, "unknown option of judge 'temprature'; did you mean 'temperature'"),
        ({"name": "openai:chat", "timeout": 0}, "timeout=0 is not allowed"),
        ({"name": "lexical", "timeout": 3}, "judge 'lexical' takes no options, but got timeout"),
        ({"name": "openai:"}, "names no model"),
        ({"model": "x"}, "has no name; write {'name': 'openai:<model>', ...}"),
    ],
)
def test_options_that_are_not_allowed(spec: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        make_judge(spec)
