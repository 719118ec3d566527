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
from benchmarks.speed.overhead import Game, Play, StockEngine


class PDDLGym(StockEngine):
    """pddlgym's `step`, which finds the action's schema, checks its precondition and makes the next state.

    Its list of valid actions, far dearer, is not asked for; ours is timed with it.
    """

    name = "pddlgym"

    def __init__(self) -> None:
        self._library: Any = import_module("pddlgym.core")

    def prepare(self, game: Game) -> Play:
        """Reset the problem and return what takes the actions."""
        setup: PDDLSetup = game.task.data["setup"]
        ground = setup.ground
        with tempfile.TemporaryDirectory() as folder:
            domain, problems = Path(folder) / "domain.pddl", Path(folder) / "problems"
            problems.mkdir()
            source = files("agemem_env.engines.pddl") / "domains" / f"{ground.kind}.pddl"
            domain.write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
            (problems / "problem.pddl").write_text(problem_text(ground.problem), encoding="utf-8")
            env = self._library.PDDLEnv(str(domain), str(problems), operators_as_actions=True)
            state, _ = env.reset()
        schemas = {schema.name: schema for schema in env.action_predicates}
        objects = {thing.name: thing for thing in state.objects}
        words = [command.split() for command in game.commands]
        actions = [schemas[name](*(objects[word] for word in rest)) for name, *rest in words]
        return [partial(env.step, action) for action in actions]


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
