"""pddlgym as the stock engine of PDDL, where it is installed."""

from __future__ import annotations

import tempfile
from functools import partial
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

from agemem_env.engines.pddl.setup import PDDLSetup
from agemem_env.engines.pddl.strips.parser import Problem
from benchmarks.speed.overhead import Game, Start, StockEngine

_SCRIPT = """
import os, sys, tempfile
import pddlgym.core
folder = tempfile.mkdtemp()
os.mkdir(folder + "/problems")
open(folder + "/domain.pddl", "w").write({domain!r})
open(folder + "/problems/problem.pddl", "w").write({problem!r})
envs = []
for number in range(int(sys.argv[1])):
    env = pddlgym.core.PDDLEnv(folder + "/domain.pddl", folder + "/problems", operators_as_actions=True)
    env.reset()
    envs.append(env)
    if not number:
        print("first", flush=True)
print("all", flush=True)
sys.stdin.read()
"""


class PDDLGym(StockEngine):
    """pddlgym's `step`, which finds the action's schema, checks its precondition and makes the next state.

    Its list of valid actions, far dearer, is not asked for; ours is timed with it.
    """

    name = "pddlgym"

    def __init__(self) -> None:
        self._library: Any = import_module("pddlgym.core")

    def prepare(self, game: Game) -> Start:
        """Return what resets the problem and what takes the actions."""
        setup: PDDLSetup = game.task.data["setup"]
        with tempfile.TemporaryDirectory() as folder:
            env = self._library.PDDLEnv(*_written(setup, Path(folder)), operators_as_actions=True)
            state, _ = env.reset()
        schemas = {schema.name: schema for schema in env.action_predicates}
        objects = {thing.name: thing for thing in state.objects}
        words = [command.split() for command in game.commands]
        actions = [schemas[name](*(objects[word] for word in rest)) for name, *rest in words]
        return Start(env.reset, [partial(env.step, action) for action in actions])

    def script(self, game: Game) -> str:
        """Return a program that plays the problem."""
        setup: PDDLSetup = game.task.data["setup"]
        return _SCRIPT.format(domain=_domain_text(setup), problem=problem_text(setup.ground.problem))


def _written(setup: PDDLSetup, folder: Path) -> tuple[str, str]:
    """Write domain and problem and return where they are."""
    domain, problems = folder / "domain.pddl", folder / "problems"
    problems.mkdir()
    domain.write_text(_domain_text(setup), encoding="utf-8")
    (problems / "problem.pddl").write_text(problem_text(setup.ground.problem), encoding="utf-8")
    return str(domain), str(problems)


def _domain_text(setup: PDDLSetup) -> str:
    source = files("agemem_env.engines.pddl") / "domains" / f"{setup.ground.kind}.pddl"
    return source.read_text(encoding="utf-8")


def problem_text(problem: Problem) -> str:
    """Return a problem without negative goals in PDDL."""
    typed = any(kind != "object" for _, kind in problem.objects)
    objects = " ".join(f"{name} - {kind}" if typed else name for name, kind in problem.objects)
    init = " ".join(f"({' '.join(atom)})" for atom in problem.init)
    goal = " ".join(f"({' '.join(literal.atom)})" for literal in problem.goal)
    return (
        f"(define (problem {problem.name})\n(:domain {problem.domain})\n(:objects {objects})\n"
        f"(:init {init})\n(:goal (and {goal})))\n"
    )
