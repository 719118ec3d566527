"""The engine with the user's files, AgentBoard's protocol, and errors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agemem_env.engines.pddl.builtin import DOMAINS
from agemem_env.engines.pddl.commands import parse_command
from agemem_env.engines.pddl.engine import PDDLEngine
from agemem_env.engines.pddl.wording import agentboard_action, agentboard_literal
from agemem_env.env import AgeMemEnv
from agemem_env.errors import ConfigurationError, DataError
from baselines import make as make_policy
from baselines import rollout

BLOCKS = """(define (problem tower) (:domain blocksworld-4ops) (:objects b1 b2 b3)
  (:init (arm-empty) (on-table b1) (on b2 b1) (clear b2) (on-table b3) (clear b3))
  (:goal (and (on b1 b2) (on b2 b3))))"""
TYRES = """(define (problem flat) (:domain tyreworld) (:objects boot - container r1 - wheel)
  (:init (in pump boot) (in r1 boot) (closed boot) (unlocked boot) (intact r1) (not-inflated r1))
  (:goal (and (inflated r1))))"""
SWITCHES = """(define (domain switches) (:predicates (off ?s) (on ?s))
  (:action press :parameters (?s) :precondition (off ?s) :effect (and (on ?s) (not (off ?s)))))"""
HALL = "(define (problem hall) (:domain switches) (:objects s1 s2) (:init (off s1) (off s2)) (:goal (and (on s1) (on s2))))"

INVALID = "The action is not valid and therefore takes no effect. "
NOT_PARSED = f"{INVALID}Please check valid actions."
NOT_ALLOWED = f"{INVALID}Please remember to satisfy the restriction of actions. You can also check valid actions."


def files(folder: Path, **texts: str) -> list[str]:
    for name, text in texts.items():
        (folder / f"{name}.pddl").write_text(text, encoding="utf-8")
    return [str(folder / f"{name}.pddl") for name in texts]


def started(problem: str, domain: str, protocol: str, **kwargs: Any) -> tuple[PDDLEngine, str]:
    engine = PDDLEngine(protocol=protocol, domain=domain, problem=problem, **kwargs)
    return engine, engine.reset(engine.tasks[0], np.random.default_rng(0), briefed=True)


def test_agentboard_shows_the_whole_state_of_blockworld(tmp_path: Path) -> None:
    engine, opening = started(*files(tmp_path, p=BLOCKS), "blockworld", "agentboard")
    assert (
        opening
        == "B1 is on the table. B2 is on b1. B3 is on the table. The b2 is clear. The b3 is clear. Your arm is empty."
    )
    assert engine.tasks[0].query == "The goal is to satisfy the following conditions: b1 is on b2., b2 is on b3."
    listed = engine.step("Check valid actions.").text
    assert listed == "Valid actions are: Pickup b3., Unstack b2 from b1., check valid actions"
    step = engine.step("I will unstack b2 from b1")
    assert step.text == "B1 is on the table. B3 is on the table. The b1 is clear. The b3 is clear. You are holding b2. "
    for command, text in (
        ("fly", NOT_PARSED),
        ("stack b2", NOT_PARSED),
        ("stack b3 on b1", NOT_ALLOWED),
        ("", NOT_PARSED),
    ):
        reply = engine.step(command)
        assert (reply.text, reply.valid, reply.progress) == (text, False, 0.0)
    assert engine.step("Stack b2 on b3.").progress == 0.5
    assert engine.step("pickup b1").progress == 0.5
    last = engine.step("stack b1 b2")
    assert (last.progress, last.done, last.success) == (1.0, True, True)
    assert last.text.endswith("The b1 is clear. Your arm is empty. The goal is satisfied.")


def test_agentboard_shows_what_is_new_in_tyreworld(tmp_path: Path) -> None:
    engine, opening = started(*files(tmp_path, p=TYRES), "tyreworld", "agentboard")
    assert opening.startswith("Boot is closed. Boot is unlocked. Pump is in boot. ")
    assert engine.step("Open boot.").text == "Boot is open."
    assert engine.step("fetch pump boot").text == "You have pump."
    assert engine.step("check").text.endswith("Inflate the wheel r1., check valid actions, look around")
    assert "You have pump." in engine.step("look around").text


def test_plain_words_say_what_is_missing(tmp_path: Path) -> None:
    engine, opening = started(*files(tmp_path, p=BLOCKS), "blockworld", "agemem")
    assert opening.startswith("Actions: pickup BLOCK; putdown BLOCK; stack BLOCK TARGET; unstack BLOCK TARGET.\n")
    reply = engine.step("pickup b2")
    assert (reply.text, reply.valid) == ("That is not possible: it is not so that b2 stands on the table.", False)
    assert engine.step("jump").text == "That is no action here. Write check valid actions to see the list."
    assert engine.step("check valid actions").text == (
        "Possible actions: pickup b3, unstack b2 b1, check valid actions, look around."
    )


def test_files_of_any_domain_are_played(tmp_path: Path) -> None:
    domain, problem = files(tmp_path, domain=SWITCHES, hall=HALL)
    engine, opening = started(problem, domain, "agemem")
    assert opening == "Actions: press S.\nOff s1. Off s2."
    assert engine.tasks[0].query.endswith("Goal: on s1; on s2.")
    for _ in range(2):
        step = engine.step(engine.oracle([]).arguments["command"])
    assert step.text == "On s2. The goal is reached."
    assert step.success
    assert len(PDDLEngine(domain=domain, problem=str(tmp_path)).tasks) == 1, "domain.pddl is no problem"
    env = AgeMemEnv("PDDL", domain=domain, problem=problem)
    assert rollout(env, make_policy("expert", env), seed=0).info["success"]


def test_snapshots_go_back_to_another_task(tmp_path: Path) -> None:
    first, _ = files(tmp_path, a=BLOCKS, b=BLOCKS.replace("on b2 b3", "on b3 b2"))
    engine, _ = started(str(Path(first).parent), "blockworld", "agemem")
    empty = PDDLEngine(source="generated").snapshot()
    engine.step("unstack b2 b1")
    saved, digest = engine.snapshot(), engine.state_hash()
    engine.reset(engine.tasks[1], np.random.default_rng(0), briefed=True)
    assert engine.state_hash() != digest
    engine.restore(saved)
    assert engine.state_hash() == digest
    assert "putdown b2" in engine.admissible()
    engine.restore(empty)
    with pytest.raises(ConfigurationError, match="no task is being played"):
        engine.admissible()


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"split": "dev"}, "unknown split 'dev'"),
        ({"source": "web"}, "unknown source 'web'"),
        ({"protocol": "alfworld"}, "unknown protocol 'alfworld'"),
        ({"domain": "griper"}, "unknown domain 'griper'; did you mean 'gripper'"),
        ({"domain": 3}, "domain=3 is not allowed"),
        ({"problem": "p.pddl"}, "problem='p.pddl' needs its domain"),
        ({"domain": "gripper", "problem": "nowhere.pddl"}, "problem='nowhere.pddl' is neither a file nor a folder"),
        ({"domain": "nowhere.pddl", "problem": "p.pddl"}, "domain='nowhere.pddl' is neither one of gripper"),
        ({"domain": "{here}/d.pddl"}, "needs problem="),
        ({"split": "train", "source": "official"}, "split='train' has no official problems"),
    ],
)
def test_wrong_arguments_are_named(kwargs: dict[str, Any], message: str, tmp_path: Path) -> None:
    files(tmp_path, d=SWITCHES)
    given = {k: v.format(here=tmp_path) if isinstance(v, str) else v for k, v in kwargs.items()}
    with pytest.raises(ConfigurationError, match=message):
        PDDLEngine(**given)


@pytest.mark.parametrize(
    ("domain", "problem", "message"),
    [
        (SWITCHES, BLOCKS, r"p\.pddl:1: a problem of domain 'blocksworld-4ops'; expected domain 'switches'"),
        (SWITCHES[:-1], HALL, r"d\.pddl:1: this '\(' is never closed"),
        (SWITCHES.replace("(:pred", "(:requirements :adl) (:pred"), HALL, r"d\.pddl:1: unsupported requirement ':adl'"),
    ],
)
def test_broken_files_are_one_error(domain: str, problem: str, message: str, tmp_path: Path) -> None:
    paths = files(tmp_path, d=domain, p=problem)
    with pytest.raises(DataError, match=message):
        PDDLEngine(domain=paths[0], problem=paths[1])


def official(root: Path, index: str | None) -> None:
    for kind, text in (("blockworld", BLOCKS), ("tyreworld", TYRES)):
        folder = root / "pddl" / kind / "problems"
        folder.mkdir(parents=True)
        for name in ("problem10", "problem2"):
            (folder / f"{name}.pddl").write_text(text, encoding="utf-8")
    if index is not None:
        (root / "pddl" / "index.json").write_text(index, encoding="utf-8")


def test_official_problems_come_in_the_order_of_the_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path))
    file = "blockworld/problems/problem2.pddl"
    row = {"test_index": 5, "domain": "blockworld", "problem_index": 3, "file": file, "difficulty": "hard"}
    first = {**row, "test_index": 1, "domain": "tyreworld", "problem_index": 0, "file": file.replace("block", "tyre")}
    official(tmp_path, json.dumps([row, first]))
    (tmp_path / "pddl" / "tyreworld" / "problems" / "problem2.pddl").write_text(TYRES, encoding="utf-8")
    engine = PDDLEngine()
    assert engine.source == "official"
    assert PDDLEngine(split="train").source == "generated"
    ids = [task.id for task in (engine.tasks.get(1),)]
    assert ids == ["official-blockworld-03"]
    assert engine.tasks.get(ids[0]).data["setup"].difficulty == "hard"


def test_official_problems_without_an_index_are_sorted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path))
    official(tmp_path, None)
    ids = [task.id for task in PDDLEngine(source="official").tasks]
    assert ids == ["official-blockworld-00", "official-blockworld-01", "official-tyreworld-00", "official-tyreworld-01"]


@pytest.mark.parametrize("index", ["[{]", '[{"domain": "gripper"}]', "3", '[{"test_index": 0, "domain": "chess"}]'])
def test_a_broken_index_is_one_error(index: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path))
    official(tmp_path, index)
    with pytest.raises(DataError, match=r"index\.json is broken"):
        PDDLEngine(source="official")


def test_missing_official_problems_say_where_to_put_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path))
    with pytest.raises(DataError, match=r"no official PDDL problems in .* use source='generated'"):
        PDDLEngine(source="official")


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("right grasp shot1", ("grasp", "right", "shot1")),
        ("Grasp(right, shot1).", ("grasp", "right", "shot1")),
        ("grasp shot1, shot2 and left!", ("grasp", "shot1", "shot2")),
        ("grasp shot1", None),
        ("put grasp-shot1 left right", None),
        ("leave left shot1", None),
    ],
)
def test_words_become_an_action(text: str, parsed: tuple[str, ...] | None) -> None:
    assert parse_command(text, {"grasp": 2}, {"right", "left", "shot1", "shot2"}) == parsed


def test_in_the_default_protocol_only_a_whole_command_moves() -> None:
    engine = PDDLEngine(source="generated", domain="barman")
    engine.reset(engine.tasks[0], np.random.default_rng(0), briefed=False)
    before = engine.state_hash()
    for text in (
        "I will not grasp left shaker1",
        "Should I grasp left shaker1?",
        "grasp left shaker1 now",
        "grasp left",
        "left grasp shaker1",
        "look at shaker1, then grasp left shaker1",
        "Let me check: grasp left shaker1",
    ):
        assert not engine.step(text).valid, text
        assert engine.state_hash() == before
    assert engine.step(" Grasp(left, shaker1). ").valid
    assert engine.state_hash() != before


def test_agentboard_finds_the_command_in_a_text() -> None:
    engine = PDDLEngine(source="generated", domain="barman", protocol="agentboard")
    engine.reset(engine.tasks[0], np.random.default_rng(0), briefed=False)
    before = engine.state_hash()
    engine.step("I will not grasp left shaker1")
    assert engine.state_hash() != before


def test_agentboard_templates_take_their_arguments() -> None:
    assert agentboard_literal(("holding", "left", "shot1")) == "You are holding left. "
    assert agentboard_literal(("handempty", "left")) == "handempty left"
    assert agentboard_action("drop", ("ball1", "rooma", "left")) == "drop ball1 rooma left"
    assert len(DOMAINS) == 4
