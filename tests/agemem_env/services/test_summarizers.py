from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agemem_env.errors import ConfigurationError, ServiceError
from agemem_env.services.summarizers import OpenAISummarizer, make_summarizer
from agemem_env.services.tokens import make_token_counter
from benchmarks.speed.fake_server import OpenAIServer
from tests.loopback import brief_failure
from tests.openai_server import KEY, server

__all__ = ["server"]

COUNTER = make_token_counter()
EXTRACTIVE = make_summarizer("extractive", COUNTER)
TALK = [
    "Hi there! How are you today?",
    "I put mug 2 in cabinet 3 this morning. The weather is nice.",
    "Thanks a lot, that was really helpful!",
    "By the way, the red key opens the purple door. I met Ann in Berlin.",
    "I PUT mug 2 in the cabinet 3, this morning!",
]


def test_facts_with_numbers_and_names_stay_and_greetings_go() -> None:
    assert EXTRACTIVE.summarize(TALK, 24).splitlines() == [
        "I put mug 2 in cabinet 3 this morning.",
        "I met Ann in Berlin.",
    ]


def test_with_room_for_all_the_order_is_kept_and_repetitions_are_dropped() -> None:
    lines = EXTRACTIVE.summarize(TALK, 1000).splitlines()
    assert lines.index("I put mug 2 in cabinet 3 this morning.") < lines.index("I met Ann in Berlin.")
    assert sum("cabinet 3" in line for line in lines) == 1
    assert "By the way, the red key opens the purple door." in lines


def test_a_single_word_is_kept_only_if_nothing_says_more() -> None:
    assert EXTRACTIVE.summarize(["Thanks!", "The key is red."], 50) == "The key is red."
    assert EXTRACTIVE.summarize(["Thanks!"], 50) == "Thanks!"


def test_sentences_that_differ_in_one_number_are_not_repetitions() -> None:
    text = EXTRACTIVE.summarize(["mug 2 is in cabinet 3", "mug 2 is in cabinet 4"], 100)
    assert text == "mug 2 is in cabinet 3\nmug 2 is in cabinet 4"


def test_if_no_sentence_fits_the_best_one_is_cut() -> None:
    assert EXTRACTIVE.summarize(["The quick brown fox met 3 lazy dogs in London today."], 4) == "The quick brown fox"


@pytest.mark.parametrize("texts", [[], [""], ["...", "is it"]])
def test_nothing_said_gives_an_empty_summary(texts: list[str]) -> None:
    assert EXTRACTIVE.summarize(texts, 50) == ""


@given(st.lists(st.text(alphabet="aB1 .!\n杯é", max_size=50), max_size=6), st.integers(0, 40))
def test_the_budget_is_kept_and_the_result_repeats(texts: list[str], budget: int) -> None:
    summary = EXTRACTIVE.summarize(texts, budget)
    assert COUNTER.count(summary) <= budget
    assert summary == make_summarizer("extractive", make_token_counter()).summarize(texts, budget)


def test_a_model_gets_the_instruction_with_the_budget_and_is_cut_to_it(server: OpenAIServer) -> None:
    server.say("  The mug is in the cabinet and the key opens the door.  ")
    summary = make_summarizer("openai:chat", COUNTER).summarize(["first text", "second text"], 8)
    assert summary == "The mug is in the cabinet and the"
    request = server.requests[0]
    assert (request["model"], request["temperature"]) == ("chat", 0)
    assert "at most 6 words" in request["messages"][0]["content"]
    assert request["messages"][1]["content"] == "first text\n\nsecond text"


def test_a_model_is_not_asked_about_nothing(server: OpenAIServer) -> None:
    summarizer = make_summarizer("openai:chat", COUNTER)
    assert summarizer.summarize([" ", ""], 50) == summarizer.summarize(["text"], 0) == ""
    assert not server.requests


def test_an_empty_reply_or_a_failure_is_a_service_error(server: OpenAIServer) -> None:
    summarizer = OpenAISummarizer("chat", COUNTER, attempts=1)
    server.say(None)
    with pytest.raises(ServiceError, match="summarizer 'openai:chat': the reply has no text"):
        summarizer.summarize(["text"], 50)
    server.script = [brief_failure(401, f"bad key {KEY}")]
    with pytest.raises(ServiceError, match="check OPENAI_API_KEY") as caught:
        summarizer.summarize(["text"], 50)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("spec", ["extractive", "openai:chat"])
def test_summarizers_can_be_copied_and_pickled(spec: str, server: OpenAIServer) -> None:
    summarizer = make_summarizer(spec, COUNTER)
    expected = summarizer.summarize(TALK, 30)
    for twin in (copy.deepcopy(summarizer), pickle.loads(pickle.dumps(summarizer))):
        assert twin.name == spec
        assert twin.summarize(TALK, 30) == expected


def test_objects_are_taken_as_they_are_and_bad_names_refused() -> None:
    assert make_summarizer(EXTRACTIVE, COUNTER) is EXTRACTIVE
    with pytest.raises(ConfigurationError, match="did you mean 'extractive'"):
        make_summarizer("extractiv", COUNTER)
    with pytest.raises(ConfigurationError, match="names no model"):
        make_summarizer("openai:", COUNTER)
