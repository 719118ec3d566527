"""What is found out about a variation before it is played: a short way to solve it, and what notes can tell of it.

The way is tried in a simulator of its own, by the expert with all it needs to know, before it is believed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from agemem_env.engines.sciworld import plans
from agemem_env.engines.sciworld.catalogue import gold_path
from agemem_env.engines.sciworld.families import Finding, Lab
from agemem_env.engines.sciworld.house import LabThing, things
from agemem_env.engines.sciworld.oracle import hints
from agemem_env.engines.sciworld.plans import Plan, PlannedAct, make_plan
from agemem_env.engines.sciworld.simulator import SciWorldSimulator
from agemem_env.engines.sciworld.study.cache import cached
from agemem_env.engines.sciworld.study.trial import Trial, ways

FORMAT = 3
"""Number of the format of cached studies; goes up when anything here changes what is found."""


@dataclass(frozen=True)
class SciWorldStudy:
    """What is known of a variation.

    Attributes:
        query: ScienceWorld's wording of the task.
        first: The first observation.
        stock: What is in the rooms at the start.
        plan: The short way.
        told: The things whose places the plan depends on.
        findings: What an earlier attempt found out.
        commands: Commands that the expert needed who knew all that; None if it did not reach a score of 100.
    """

    query: str
    first: str
    stock: tuple[LabThing, ...]
    plan: Plan
    told: tuple[LabThing, ...]
    findings: tuple[Finding, ...]
    commands: int | None


def study(task: str, variation: int, simplifications: str, simulator: SciWorldSimulator) -> SciWorldStudy:
    """Study a variation, or return what is in the cache.

    Args:
        task: ScienceWorld's name of the task.
        variation: Its number.
        simplifications: Those it is played with.
        simulator: A simulator to try things in.
    """

    def make() -> Any:
        return asdict(_study(task, variation, simplifications, simulator))

    return cached(_place("study", task, variation, simplifications), _study_of, make)


def long_plan(found: SciWorldStudy, task: str, variation: int, simplifications: str) -> Plan:
    """Return the way of who does not know the results of earlier attempts: it does the experiment.

    Where no experiment shows the result, the result is guessed.
    """
    if not found.findings:
        return found.plan
    if task.startswith("lifespan"):
        return _guess(found)
    path = gold_path(task, variation, simplifications)
    chosen = plans.measuring(plans.acts(path, found.first), found.stock)
    return make_plan(chosen, found.stock)


def _guess(found: SciWorldStudy) -> Plan:
    """Return a plan that takes the animals as they come."""
    seen = [thing for thing in found.stock if thing.alive and thing.room == "outside" and not thing.inside]
    animals = iter(dict.fromkeys(thing.name for thing in seen))
    return make_plan([PlannedAct("outside", f"focus on {next(animals)}") for _ in found.findings], found.stock)


def _study(task: str, variation: int, simplifications: str, simulator: SciWorldSimulator) -> SciWorldStudy:
    first = simulator.load(task, variation, simplifications)
    query, tree, goals = simulator.task_description(), simulator.object_tree(), simulator.goal_progress()
    lab = Lab(query, tuple(things(tree)), tree, goals)
    trial = Trial(simulator, task, variation, simplifications, query)

    def gold() -> list[PlannedAct]:
        return plans.acts(gold_path(task, variation, simplifications), first)

    for way in ways(task, lab, gold):
        plan = make_plan(way.acts, lab.stock)
        told = tuple(needed(plan, query))
        run = trial.play(way, plan, {*told, *implied(told, lab.stock)})
        if run.commands is not None:
            return SciWorldStudy(query, first, lab.stock, run.plan, told, way.findings, run.commands)
    return SciWorldStudy(query, first, lab.stock, run.plan, told, (), None)


def needed(plan: Plan, query: str) -> list[LabThing]:
    """Return the things whose places must be told: the first of each visit to a room, and all that is hidden.

    What the task says itself need not be told, nor what another of these places says.
    """
    found: list[LabThing] = []
    room = None
    for act, needs in zip(plan.acts, plan.needs, strict=True):
        for index, thing in enumerate(needs):
            entered = act.room != room and index == 0 and hints(thing, query) != [thing.room]
            if entered or thing.closed:
                found.append(thing)
        room = act.room if needs else room
    return [thing for thing in found if not any(thing in implied([other], [thing]) for other in found)]


def implied(told: Iterable[LabThing], stock: Sequence[LabThing]) -> set[LabThing]:
    """Return the things around things whose places were told."""
    return {outer for thing in told for outer in stock if outer.room == thing.room and outer.name in thing.inside}


def _place(kind: str, task: str, variation: int, simplifications: str) -> Path:
    return Path(f"{kind}-{FORMAT}", task, f"{variation}-{simplifications.replace(',', '+') or 'none'}.json")


def _study_of(value: Any) -> SciWorldStudy:
    plan = value["plan"]
    acts = tuple(PlannedAct(**act) for act in plan["acts"])
    needs = tuple(tuple(_thing(thing) for thing in some) for some in plan["needs"])
    if len(acts) != len(needs):
        raise ValueError("a plan whose parts differ in length")
    return SciWorldStudy(
        query=str(value["query"]),
        first=str(value["first"]),
        stock=tuple(_thing(thing) for thing in value["stock"]),
        plan=Plan(acts, needs),
        told=tuple(_thing(thing) for thing in value["told"]),
        findings=tuple(Finding(**finding) for finding in value["findings"]),
        commands=None if value["commands"] is None else int(value["commands"]),
    )


def _thing(value: Any) -> LabThing:
    return LabThing(**{**value, "inside": tuple(value["inside"]), "closed": tuple(value["closed"])})
