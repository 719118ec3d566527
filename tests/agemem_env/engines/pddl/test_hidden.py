"""What stage 3 hides."""

from __future__ import annotations

import numpy as np

from agemem_env.engines.pddl.engine import PDDLEngine
from tests.agemem_env.engines.pddl.generated import setup_of


def test_listed_commands_do_not_tell_what_is_hidden(engine: PDDLEngine) -> None:
    task = next(t for t in engine.tasks if setup_of(t).ground.kind == "barman")
    engine.reset(task, np.random.default_rng(0), briefed=True)
    engine.step("grasp left shot1")
    fills = [command.split() for command in engine.admissible() if command.startswith("fill-shot")]
    ingredients, dispensers = {words[2] for words in fills}, {words[5] for words in fills}
    assert len(fills) == len(ingredients) * len(dispensers) > 3


def test_a_wrong_guess_is_answered_and_shown_no_more(engine: PDDLEngine) -> None:
    task = next(t for t in engine.tasks if setup_of(t).ground.kind == "barman")
    setup = setup_of(task)
    engine.reset(task, np.random.default_rng(0), briefed=True)
    engine.step("grasp left shot1")
    true = {(atom[1], atom[2]) for atom in setup.ground.problem.init if atom[0] == "dispenses"}
    fills = [command.split() for command in engine.admissible() if command.startswith("fill-shot")]
    wrong = next(words for words in fills if (words[5], words[2]) not in true)
    before = engine.state_hash()
    reply = engine.step(" ".join(wrong))
    assert reply.valid
    assert reply.text == f"That is not possible: it is not so that {wrong[5]} pours {wrong[2]}."
    assert engine.state_hash() != before
    assert " ".join(wrong) not in engine.admissible()
    right = next(words for words in fills if (words[5], words[2]) in true)
    assert f"{right[5]} pours {right[2]}".capitalize() in engine.step(" ".join(right)).text


def test_rooms_show_their_balls(engine: PDDLEngine) -> None:
    task = next(t for t in engine.tasks if setup_of(t).ground.kind == "gripper")
    start = {atom[0]: atom[1] for atom in setup_of(task).ground.problem.init}["at-robby"]
    _, ball, room = next(a for a in setup_of(task).ground.problem.init if a[0] == "at" and a[2] != start)
    engine.reset(task, np.random.default_rng(0), briefed=True)
    text = engine.step(f"move {start} {room}").text
    assert f"{ball.capitalize()} lies in {room}." in text
    assert f"pick {ball} {room} left" in engine.admissible()
