"""The engine with the user's files, AgentBoard's protocol, and errors."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agemem_env.engines.pddl.engine import PDDLEngine
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


def files(folder: Path, **texts: str) -> list[str]:
    for name, text in texts.items():
        (folder / f"{name}.pddl").write_text(text, encoding="utf-8")
    return [str(folder / f"{name}.pddl") for name in texts]


def started(problem: str, domain: str, protocol: str, **kwargs: Any) -> tuple[PDDLEngine, str]:
    engine = PDDLEngine(protocol=protocol, domain=domain, problem=problem, **kwargs)
    return engine, engine.reset(engine.tasks[0], np.random.default_rng(0), briefed=True)


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
