"""From ScienceWorld's gold path to the commands that matter.

The gold path walks through rooms in search of things, looks at everything and measures again and again. A plan keeps
the commands that change something, each with the room it is given in; the expert finds its own way there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agemem_env.engines.sciworld.house import LabThing, first_room, named_in

_PASSIVE = re.compile(r"(?:look|examine|read|use thermometer|wait1?|activate stopwatch|deactivate stopwatch)\b")
_WATERING = re.compile(r"(?:(?:de)?activate sink|move jug to sink|pour jug)\b")
_TOOLS = ("thermometer", "recipe", "stopwatch")
_TICKS = {"wait": 11, "wait1": 2}
"""Time taken by waiting; all other commands take one tick."""


@dataclass(frozen=True, slots=True)
class PlannedAct:
    """A command of a plan and the room it is given in."""

    room: str
    command: str


@dataclass(frozen=True, slots=True)
class Plan:
    """How a task can be solved.

    Attributes:
        acts: The commands in order.
        needs: For each of them the things that must have been found before.
    """

    acts: tuple[PlannedAct, ...]
    needs: tuple[tuple[LabThing, ...], ...]


def make_plan(chosen: Sequence[PlannedAct], stock: Sequence[LabThing]) -> Plan:
    """Return a plan of these acts: what each names, is in its room, and was not named before must be found."""
    handled: set[str] = set()
    needs = []
    visible_first = sorted(stock, key=lambda thing: len(thing.closed))
    for act in chosen:
        named: dict[str, LabThing] = {}
        for thing in named_in(act.command, visible_first):
            if thing.name not in handled and thing.room == act.room:
                named.setdefault(thing.name, thing)
        handled.update(named)
        needs.append(tuple(named.values()))
    return Plan(tuple(chosen), tuple(needs))


def scripted(commands: Sequence[str], stock: Sequence[LabThing]) -> list[PlannedAct] | None:
    """Return acts for commands that name things: each in the room of what it names last, opened if need be.

    Args:
        commands: The commands.
        stock: What is in the laboratory, of equal names the preferred one first.

    Returns:
        None if a command names nothing that is there.
    """
    found: list[PlannedAct] = []
    carried: set[str] = set()
    for command in commands:
        named = [thing for thing in named_in(command, stock) if thing.name not in carried]
        if named:
            thing = max(named, key=lambda t: command.lower().rfind(t.name.lower()))
            opened = [PlannedAct(thing.room, f"open {box}") for box in thing.closed]
            found += [act for act in opened if act not in found]
            found.append(PlannedAct(thing.room, command))
            if command.startswith("pick up "):
                carried.add(thing.name)
        elif found:
            found.append(PlannedAct(found[-1].room, command))
        else:
            return None
    return found


def acts(gold: Sequence[str], first: str) -> list[PlannedAct]:
    """Return the commands of a gold path but those that only lead to another room.

    Args:
        gold: The gold path.
        first: The first observation.

    >>> acts(["open door to hallway", "go to hallway", "look around"], "This room is called the kitchen.")
    [PlannedAct(room='hallway', command='look around')]
    """
    room, found = first_room(first), []
    for command in gold:
        if command.startswith("go to "):
            room = command.removeprefix("go to ")
        elif not command.startswith("open door to "):
            found.append(PlannedAct(room, command))
    while found and found[-1].command == "wait1":
        found.pop()
    return found


def answer_only(gold: Sequence[PlannedAct], stock: Sequence[LabThing]) -> list[PlannedAct]:
    """Return what gives the answer: every focus, the last command, and what these need."""
    last = len(gold) - 1
    opening = ("focus on", "pick up", "open")
    return _needed([act for i, act in enumerate(gold) if i == last or act.command.startswith(opening)], stock)


def active_only(gold: Sequence[PlannedAct], stock: Sequence[LabThing], *, timed: bool, once: bool) -> list[PlannedAct]:
    """Return the commands that change something.

    Args:
        gold: The gold path.
        stock: What is in the laboratory.
        timed: Whether the time that the others took has to be waited.
        once: Water plants once only, which is enough for pots that water themselves.
    """
    kept: list[PlannedAct] = []
    ticks, begun = 0, False
    for act in gold:
        if _PASSIVE.match(act.command) or (once and act in kept and _WATERING.match(act.command)):
            ticks += _TICKS.get(act.command, 1)
            continue
        kept += _waits(act.room, ticks if timed and begun else 0)
        kept.append(act)
        ticks, begun = 0, begun or not act.command.startswith(("open ", "pick up "))
    return _needed(kept, stock)


def measuring(gold: Sequence[PlannedAct], stock: Sequence[LabThing]) -> list[PlannedAct]:
    """Return the commands of the experiment, measurements included."""
    return _needed([act for act in gold if act.command != "look around"], stock)


def _waits(room: str, ticks: int) -> list[PlannedAct]:
    """Return commands that take a number of ticks and do nothing else."""
    long, rest = divmod(ticks, _TICKS["wait"])
    short, last = divmod(rest, _TICKS["wait1"])
    return (
        [PlannedAct(room, "wait")] * long
        + [PlannedAct(room, "wait1")] * short
        + [PlannedAct(room, "look around")] * last
    )


def _needed(kept: Sequence[PlannedAct], stock: Sequence[LabThing]) -> list[PlannedAct]:
    """Return the acts without openings and pick-ups of tools that no later act depends on."""
    needed: list[PlannedAct] = []
    for act in reversed(kept):
        verb = next((v for v in ("pick up ", "open ") if act.command.startswith(v)), None)
        what = act.command.removeprefix(verb or "")
        if verb is None or (verb == "pick up " and what not in _TOOLS) or _depended_on(what, needed, stock):
            needed.append(act)
    return needed[::-1]


def _depended_on(what: str, later: Sequence[PlannedAct], stock: Sequence[LabThing]) -> bool:
    """Return whether later acts name something or what it hides."""
    inside = [thing.name for thing in stock if any(box.endswith(what) for box in thing.closed)]
    names = "|".join(re.escape(name) for name in (what, *inside))
    return any(re.search(rf"\b(?:{names})\b", act.command, re.IGNORECASE) for act in later)
