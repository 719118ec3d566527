"""The rule-based reader: what it makes of texts, questions and conversations."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium as gym
import pytest

import agemem_env  # noqa: F401 - registers the ids
from agemem_env.engines.hotpotqa.engine import HotpotQAEngine
from agemem_env.services.chat import ChatRequest
from agemem_env.text.answers import exact_match
from baselines import make, rollout
from baselines.reader import Reader
from baselines.reader.corrections import repeats_or_corrects, to_triplet
from baselines.reader.lookup import Lookup
from baselines.reader.questions import read_question
from baselines.reader.statements import read_statements
from benchmarks.scores.intervals import wilson

STORED = "Stored memories:\n{lines}\n\nMessage:\n{message}"


def answer(question: str, *told: str) -> str:
    lookup = Lookup(s for text in told for s in read_statements(text))
    return next((f.answer for reading in read_question(question) if (f := lookup.answer(reading)).answer), "")


def reply(*messages: tuple[str, str], tools: Sequence[str] = ()) -> tuple[str, list[tuple[str, dict[str, Any]]]]:
    chat = [{"role": role, "content": text} for role, text in messages]
    schemas = [{"type": "function", "function": {"name": name}} for name in tools]
    said = Reader().chat(ChatRequest(chat, schemas))
    return said.text, [(c["function"]["name"], json.loads(c["function"]["arguments"])) for c in said.tool_calls]


def asked(instruction: str, message: str, *lines: str) -> Any:
    user = STORED.format(lines="\n".join(lines) or "(none)", message=message)
    messages: list[Mapping[str, Any]] = [{"role": "system", "content": instruction}, {"role": "user", "content": user}]
    return json.loads(Reader().chat(ChatRequest(messages, purpose="memory", json_reply=True)).text)


@pytest.mark.parametrize(
    ("question", "told", "expected"),
    [
        ("Who directed the film Salt Harbour?", ["Salt Harbour: The film was directed by Ida Brekke."], "Ida Brekke"),
        (
            "Where was the director of the film Salt Harbour born?",
            ["Salt Harbour: It is the work of the director Ida Brekke.", "Ida Brekke: Brekke was born in Tolm."],
            "Tolm",
        ),
        (
            "Where was the person who directed the film based on the novel Nine Lamps born?",
            [
                "Salt Harbour: The plot of the film is taken from the novel Nine Lamps.",
                "Salt Harbour: It was directed by Ida Brekke.",
                "Ida Brekke: She was born in Tolm, above a bakery.",
            ],
            "Tolm",
        ),
        (
            "Which film was released first, Salt Harbour or Nine Lamps?",
            ["Salt Harbour: It was released in 1951.", "Nine Lamps: It reached the cinemas in 1949."],
            "Nine Lamps",
        ),
        (
            "Were Salt Harbour and Nine Lamps shot in the same town?",
            ["Salt Harbour: It was shot in Tolm.", "Nine Lamps: Most of the film was filmed in Tolm."],
            "yes",
        ),
        ("How many children did Ida Brekke have?", ["Ida Brekke: She had 4 children."], "4"),
        ("How long is the film Salt Harbour?", ["Salt Harbour: It runs for 90 minutes."], "90 minutes"),
    ],
)
def test_questions_are_answered_from_statements(question: str, told: list[str], expected: str) -> None:
    assert answer(question, *told) == expected
    assert answer(question, *told[:-1]) == "", "without the last statement there is no answer"


def test_of_two_statements_the_correction_counts_wherever_it_stands() -> None:
    old = "I looked up Salt Harbour this morning. Salt Harbour is a film. It was directed by Ann Lee."
    new = "Sorry, I misremembered something about Salt Harbour. In fact: It was directed by Ida Brekke."
    for told in ([old, new], [new, old]):
        assert answer("Who directed the film Salt Harbour?", *told) == "Ida Brekke"


@pytest.mark.parametrize("form", ["paragraphs", "messages", "entries"])
def test_generated_questions_are_answered_when_everything_is_shown(form: str) -> None:
    tasks = HotpotQAEngine(split="test", source="generated").tasks
    right = 0
    for task in tasks[:100]:
        told = {
            "paragraphs": [f"{title}: {' '.join(sentences)}" for title, sentences in task.data["record"].context],
            "messages": [u.text for u in task.utterances],
            "entries": [f"- mem_0: {f.text}" for i, f in enumerate(task.facts) if i not in task.superseded],
        }[form]
        right += exact_match(answer(task.query, *told), str(task.answer))
    assert wilson(right, 100)[0] >= 0.85


@pytest.mark.parametrize("kwargs", [{"stages": [3]}, {}, {"tool_format": "tags"}], ids=["shown", "told", "tags"])
def test_the_reader_plays_generated_questions(kwargs: dict[str, Any]) -> None:
    env = gym.make("AgeMem-HotpotQA-v0", source="generated", **kwargs)
    policy = make("reader", env, tool_format=kwargs.get("tool_format", "native"))
    results = [rollout(env, policy, seed=seed) for seed in range(20)]
    assert sum(r.info["success"] for r in results) >= 17
    assert not any(r.info["errors"] for r in results)


def test_it_stores_what_it_is_told_and_updates_what_has_changed() -> None:
    told = ("user", "I looked up Salt Harbour this morning. Salt Harbour is a film. It was shot in Tolm.")
    _, calls = reply(told, tools=["Add_memory", "Update_memory"])
    assert calls == [
        ("Add_memory", {"content": "Salt Harbour: Salt Harbour is a film."}),
        ("Add_memory", {"content": "Salt Harbour: It was shot in Tolm."}),
    ]
    shown = (
        "user",
        "Memories that may be related to the next message:\n- mem_ab12 (0.50): Salt Harbour: It was shot in Tolm.",
    )
    changed = ("user", "I got one thing wrong about Salt Harbour earlier. It should be: It was shot in Ulm.")
    _, calls = reply(told, ("assistant", "Noted."), shown, changed, tools=["Add_memory", "Update_memory"])
    assert calls == [("Update_memory", {"memory_id": "mem_ab12", "content": "Salt Harbour: It was shot in Ulm."})]
    assert reply(told) == ("Noted.", [])


def test_it_looks_up_what_is_missing_and_asks_for_the_second_hop_by_name() -> None:
    question = ("user", "Where was the director of the film Salt Harbour born?")
    tools = ["Retrieve_memory", "answer"]
    _, calls = reply(question, tools=tools)
    assert {name for name, _ in calls} == {"Retrieve_memory"}
    assert all("Salt Harbour" in arguments["query"] for _, arguments in calls)
    found = ("user", "- mem_ab12 (0.50): Salt Harbour: It was directed by Ida Brekke.")
    _, calls = reply(question, found, tools=tools)
    assert all("Ida Brekke" in arguments["query"] for _, arguments in calls)
    _, calls = reply(question, found, tools=["answer"])
    assert [name for name, _ in calls] == ["answer"], "without a tool to look up it guesses"


def test_a_question_of_unknown_form_is_answered_with_what_is_told_in_its_words() -> None:
    told = ("user", "Ida Brekke: She founded the lighthouse choir.")
    _, calls = reply(told, ("user", "Which woman founded a lighthouse choir?"), tools=["answer"])
    assert calls == [("answer", {"text": "Ida Brekke"})]


def test_it_tries_listed_commands_those_of_the_goal_first() -> None:
    task = ("user", "Goal: shot2 contains honey.")
    _, calls = reply(task, tools=["act"])
    assert calls == [("act", {"command": "check valid actions"})]
    call = {
        "id": "c",
        "type": "function",
        "function": {"name": "act", "arguments": '{"command": "check valid actions"}'},
    }
    listed = "Possible actions: grasp left shot1, grasp left shot2, check valid actions, look around."
    chat = [
        {"role": task[0], "content": task[1]},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": listed},
    ]
    said = Reader().chat(ChatRequest(chat, [{"type": "function", "function": {"name": "act"}}]))
    assert json.loads(said.tool_calls[0]["function"]["arguments"]) == {"command": "grasp left shot2"}


def test_without_a_list_it_fills_the_forms_of_commands_with_things_that_it_sees() -> None:
    system = ("system", "Commands: go to <place>; look.")
    task, seen = ("user", "Your task is to: put a pen on desk."), ("user", "You see a mug 2, and a desk 1.")
    _, calls = reply(system, task, seen, tools=["act"])
    assert calls == [("act", {"command": "go to desk 1"})]


def test_sentences_about_the_same_matter() -> None:
    old = "Salt Harbour: It was directed by Ann Lee."
    assert repeats_or_corrects(old, "Salt Harbour: It was directed by Ida Brekke.")
    assert not repeats_or_corrects(old, "Nine Lamps: It was directed by Ida Brekke.")
    assert not repeats_or_corrects(old, "Salt Harbour: It was shot in Tolm.")
    assert repeats_or_corrects("At Penrith, dispenser4 pours gin.", "At Penrith, dispenser4 pours soda now.")


def test_triplets_can_be_read_again() -> None:
    (statement,) = read_statements("Salt Harbour: The film runs for 90 minutes.")
    source, relation, target = to_triplet(statement)
    assert answer("How long is the film Salt Harbour?", f"{source} {relation} {target}") == "90 minutes"


def test_it_answers_memory_systems_in_the_form_they_ask_for() -> None:
    message = "I looked up Salt Harbour this morning. Salt Harbour is a film. It was shot in Tolm."
    facts = ["Salt Harbour: Salt Harbour is a film.", "Salt Harbour: It was shot in Tolm."]
    assert asked('{"facts": ["..."]}', message) == {"facts": facts}
    new = "Salt Harbour: It was shot in Ulm."
    assert asked('{"memory": [...]}', f"{facts[0]}\n{new}\nA: B is old.", f"0: {facts[1]}", f"1: {facts[0]}") == {
        "memory": [
            {"event": "NONE"},
            {"event": "UPDATE", "id": "0", "text": new},
            {"event": "ADD", "text": "A: B is old."},
        ]
    }
    assert asked('{"operations": [...]}', new, f"mem_1: {facts[1]}") == {
        "operations": [{"action": "update", "id": "mem_1", "content": new}]
    }
    assert asked('{"obsolete": ["mem_..."]}', new, f"mem_1: {facts[1]}", f"mem_2: {facts[0]}") == {
        "obsolete": ["mem_1"]
    }
    assert asked('{"entities": [{"name": "..."}]}', new)["entities"][0]["name"] == "Salt Harbour"
    assert asked('{"links": ["mem_..."]}', new, f"mem_1: {facts[1]}", "mem_2: Nine Lamps: It is old.")["links"] == [
        "mem_1"
    ]
    assert "salt" in asked('{"keywords": ["..."]}', message)["keywords"]
    assert asked('{"surprise": 1}', message) == {}
