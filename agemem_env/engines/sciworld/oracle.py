"""The expert: follows a plan, and searches the house for what it was not told and has not seen."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from agemem_env.engines.sciworld.house import DOORS, LabThing, first_room, room_entered, way
from agemem_env.engines.sciworld.plans import Plan, PlannedAct

REFUSAL = "No known action matches that input."
"""What the simulator says to a command that it does not understand or that is impossible."""

MAX_TRIES = 3

_CLOSED = re.compile(r"The ([a-z ]+) door is closed\.")


@dataclass(frozen=True, slots=True)
class CommandReply:
    """A command and what the simulator said to it."""

    command: str
    text: str


@dataclass
class _Memory:
    """What the task itself has shown so far.

    Attributes:
        room: Where the agent is.
        texts: Room -> everything read in it.
        views: Room -> what the last look around showed.
        opened: Room -> containers opened there.
        stale: Rooms in which something was opened since the last look around.
        done: Acts of the plan that were carried out.
        tries: Failed tries of the next act.
    """

    room: str
    texts: dict[str, str] = field(default_factory=dict)
    views: dict[str, str] = field(default_factory=dict)
    opened: dict[str, set[str]] = field(default_factory=dict)
    stale: set[str] = field(default_factory=set)
    done: int = 0
    tries: int = 0

    def read(self, command: str, text: str) -> None:
        """Take in what the simulator said to a command."""
        entered = room_entered(text)
        self.room = entered or self.room
        self.texts[self.room] = f"{self.texts.get(self.room, '')}\n{text}"
        if entered and text.startswith("This "):
            self.views[entered] = text
            self.stale.discard(entered)
        if command.startswith("open ") and text != REFUSAL:
            self.opened.setdefault(self.room, set()).add(command.removeprefix("open "))
            self.stale.add(self.room)

    def closed(self, room: str) -> list[str]:
        """Return the containers in a room that are not known to have been opened."""
        boxes = _CLOSED.findall(self.views.get(room, ""))
        return [box for box in boxes if box not in self.opened.get(room, ())]

    def found(self, thing: LabThing) -> bool:
        """Return whether a thing was seen where it is."""
        return thing.shown_in(self.texts.get(thing.room, ""))


def recall(plan: Sequence[PlannedAct], first: str, history: Sequence[CommandReply]) -> _Memory:
    """Return what an episode has shown, and how much of a plan was carried out in it."""
    memory = _Memory(first_room(first))
    memory.read("look around", first)
    for exchange in history:
        memory.read(exchange.command, exchange.text)
        act = plan[memory.done] if memory.done < len(plan) else None
        if act is not None and exchange.command == act.command and memory.room == act.room:
            memory.tries += 1
            if exchange.text != REFUSAL or memory.tries >= MAX_TRIES:
                memory.done, memory.tries = memory.done + 1, 0
    return memory


def next_command(
    plan: Plan, told: Collection[LabThing], query: str, first: str, history: Sequence[CommandReply]
) -> str | None:
    """Return the expert's next command, or None if its plan is at an end.

    Args:
        plan: What solves the task.
        told: Things whose place it knows from what it was told.
        query: The task, which may name the room of a thing.
        first: The first observation.
        history: What was done so far.
    """
    memory = recall(plan.acts, first, history)
    if memory.done >= len(plan.acts):
        return None
    act, needs = plan.acts[memory.done], plan.needs[memory.done]
    lost = [thing for thing in needs if thing not in told and not memory.found(thing)]
    if lost and (memory.room == act.room or len(lost) == len(needs)):
        search = _search(lost[0], query, memory)
        if search is not None:
            return search
    return act.command if memory.room == act.room else _towards(act.room, memory)


def _towards(room: str, memory: _Memory) -> str:
    return f"go to {way(memory.room, room)[0]}"


def _search(thing: LabThing, query: str, memory: _Memory) -> str | None:
    """Return the next command of a search, or None if everything was searched.

    First the expert looks around in the rooms, beginning with the one that the task names for the thing, then the
    nearest; after that it opens what is closed, room by room.
    """
    if memory.room not in memory.views or memory.room in memory.stale:
        return "look around"
    hinted = hints(thing, query)
    rooms = sorted(DOORS, key=lambda room: (room not in hinted, len(way(memory.room, room)), room))
    for room in rooms:
        if room not in memory.views:
            return _towards(room, memory)
    for room in rooms:
        closed = memory.closed(room)
        if closed:
            return f"open {closed[0]}" if room == memory.room else _towards(room, memory)
    return None


def hints(thing: LabThing, query: str) -> list[str]:
    """Return the rooms that a task names for a thing.

    >>> box = LabThing("red box", "kitchen", (), (), False, True)
    >>> hints(box, "Find an animal. Then, move it to the red box in the kitchen.")
    ['kitchen']
    """
    words = ("animal", "plant") if thing.alive else (thing.name.split()[-1].lower(),)
    sentences = re.split(r"(?<=\.)\s+", query.lower())
    named = [sentence for sentence in sentences if any(word in sentence for word in words)]
    return [room for room in DOORS if any(re.search(rf"\b{room}\b", sentence) for sentence in named)]
