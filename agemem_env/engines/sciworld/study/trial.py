"""Finding a short way to solve a variation, by trying it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from agemem_env.engines.sciworld import plans
from agemem_env.engines.sciworld.families import FAMILIES, Finding, Lab
from agemem_env.engines.sciworld.house import LabThing
from agemem_env.engines.sciworld.oracle import REFUSAL, CommandReply, hints, next_command, recall
from agemem_env.engines.sciworld.plans import Plan, PlannedAct
from agemem_env.engines.sciworld.simulator import SciWorldSimulator

_REPAIRS, _WAITS = 12, 12
_MOST_COMMANDS = 400


@dataclass(frozen=True, slots=True)
class Way:
    """A way to try.

    Attributes:
        acts: Its commands.
        findings: What is true if it succeeds.
        waits: How often to wait if it does not suffice.
        repairs: How often a wait may be put before a command that was refused.
    """

    acts: tuple[PlannedAct, ...]
    findings: tuple[Finding, ...]
    waits: int = 1
    repairs: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """How a plan went.

    Attributes:
        plan: The plan as it was played, waits included.
        commands: Commands that the expert needed to reach a score of 100; None if it did not.
    """

    plan: Plan
    commands: int | None


@dataclass(frozen=True)
class Trial:
    """Plays plans of a variation as the expert does who knows all that they depend on.

    Attributes:
        simulator: Where to play.
        task: ScienceWorld's name of the task.
        variation: Its number.
        simplifications: Those it is played with.
        query: Its wording.
    """

    simulator: SciWorldSimulator
    task: str
    variation: int
    simplifications: str
    query: str

    def play(self, way: Way, plan: Plan, told: Collection[LabThing]) -> Run:
        """Play a plan to its end.

        Args:
            way: Where the plan comes from.
            plan: The plan.
            told: Things whose places are known.
        """
        for _ in range(way.repairs + 1):
            run, refused = self._play(plan, told, way.waits)
            if refused is None:
                break
            plan = _with_wait(run.plan, refused, "wait1")
        return run

    def _play(self, plan: Plan, told: Collection[LabThing], waits: int) -> tuple[Run, int | None]:
        """Play a plan; the second value is the index of an act that was refused."""
        first = self.simulator.load(self.task, self.variation, self.simplifications)
        history: list[CommandReply] = []
        while len(history) < _MOST_COMMANDS:
            command = next_command(plan, told, self.query, first, history)
            if command is None:
                if not waits:
                    break
                waits -= 1
                plan = _with_wait(plan, len(plan.acts), "wait")
                continue
            result = self.simulator.step(command)
            if result.text == REFUSAL:
                return Run(plan, None), recall(plan.acts, first, history).done
            history.append(CommandReply(command, result.text))
            if result.done:
                done = recall(plan.acts, first, history).done
                played = Plan(plan.acts[:done], plan.needs[:done])
                return Run(played, len(history) if result.score >= 100 else None), None
        return Run(plan, None), None


def _with_wait(plan: Plan, index: int, wait: str) -> Plan:
    room = plan.acts[min(index, len(plan.acts) - 1)].room
    return Plan(
        (*plan.acts[:index], PlannedAct(room, wait), *plan.acts[index:]),
        (*plan.needs[:index], (), *plan.needs[index:]),
    )


def ways(task: str, lab: Lab, gold: Callable[[], Sequence[PlannedAct]]) -> Iterator[Way]:
    """Yield ways to try, the shortest first.

    Args:
        task: ScienceWorld's name of the task.
        lab: The variation.
        gold: Returns its gold path, which is expensive.
    """
    family = FAMILIES[task]
    short = list(family.find(lab)) if family.find is not None else []
    nearest = sorted(lab.stock, key=lambda thing: (thing.room not in hints(thing, lab.query), len(thing.closed)))
    for attempt in short:
        acts = plans.scripted(attempt.commands, nearest)
        if acts:
            yield Way(tuple(acts), attempt.findings)
    path, stock = gold(), lab.stock
    findings = next((attempt.findings for attempt in short if _agree(attempt.commands, path)), ())
    if family.pace == "gold":
        yield Way(tuple(path), findings)
        return
    if short:
        yield Way(tuple(plans.answer_only(path, stock)), findings)
    waits = _WAITS if family.pace == "waits" else 1
    yield Way(tuple(plans.active_only(path, stock, timed=False, once=True)), findings, waits)
    if family.pace == "waits":
        for once in (True, False):
            yield Way(tuple(plans.active_only(path, stock, timed=True, once=once)), findings, waits, _REPAIRS)
    yield Way(tuple(plans.measuring(path, stock)), findings, waits)
    yield Way(tuple(path), findings, waits)


def _agree(commands: Sequence[str], path: Sequence[PlannedAct]) -> bool:
    """Return whether the last of some commands gives the answer that the gold path gives."""
    if not commands:
        return True
    answer = commands[-1].rpartition(" to ")[2].removeprefix("focus on ")
    return path[-1].command.lower().endswith(answer.lower())
