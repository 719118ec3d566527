"""The commands of a scene: names, what they are made of, and why others are impossible."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agemem_env.engines.babyai.path import DROP, FORWARD, LEFT, PICKUP, RIGHT, TOGGLE, Paths, search
from agemem_env.engines.babyai.view import BabyAIScene, Item

CHECK = "check available actions"
INVENTORY = "inventory"

BARRIER = "There is a barrier in front of you, you can't move forward."
NO_CHANGE = "No change in state."
UNKNOWN = "The action is not recognized. Please check valid actions."

_WALL_LIKE = frozenset({"wall", "box"})
_IN_THE_WAY = frozenset({"wall", "box", "lava", "ball", "key"})
_NOT_TAKEN = frozenset({"door", "goal"})


@dataclass(frozen=True, slots=True)
class Commands:
    """What can be done in a scene, in the order in which it is listed.

    Attributes:
        possible: Command, mapped to primitive actions; an empty tuple if it would change nothing.
        refused: Command that makes sense but is impossible now, mapped to the reply.
    """

    possible: Mapping[str, tuple[int, ...]]
    refused: Mapping[str, str]

    def listing(self, extra: Sequence[str] = ()) -> str:
        """Return the reply to a request for help."""
        return "You can take the following actions: " + ", ".join([*self.possible, CHECK, *extra])


def commands_of(scene: BabyAIScene, *, fixed_numbers: bool) -> Commands:
    """Return the commands of a scene.

    Args:
        scene: What the agent sees.
        fixed_numbers: True: numbers are those of the observation, and an open door can be closed. False: `pickup`
            and `go to` number only what can be reached, as AgentBoard does.
    """
    face = {item.at for item in scene.items}
    enter = {item.at for item in scene.items if item.state == "open" or item.kind == "goal"}
    table = _Table(scene, search(scene.blocked, scene.direction, face, enter), fixed_numbers)
    table.moves()
    table.hands()
    for item in scene.items:
        if item.kind == "door":
            table.door(item)
    table.walks()
    return Commands(table.possible, table.refused)


class _Table:
    """The two tables while they are being filled."""

    def __init__(self, scene: BabyAIScene, paths: Paths, fixed_numbers: bool) -> None:
        self.possible: dict[str, tuple[int, ...]] = {}
        self.refused: dict[str, str] = {}
        self._scene, self._paths, self._fixed = scene, paths, fixed_numbers
        self._doors: Counter[str] = Counter()

    def moves(self) -> None:
        """Add the turns and the step ahead."""
        self.possible["turn left"] = (LEFT,)
        self.possible["turn right"] = (RIGHT,)
        if self._scene.ahead in _WALL_LIKE:
            self.refused["move forward"] = BARRIER
        else:
            self.possible["move forward"] = (FORWARD,)

    def hands(self) -> None:
        """Add picking up or dropping."""
        cannot_drop = "You cannot drop the object, as "
        if self._scene.carrying is None:
            self.refused["drop"] = cannot_drop + "you are not carrying anything."
            things = [item for item in self._scene.items if item.kind not in _NOT_TAKEN]
            self._approach("pickup", things, (PICKUP,))
        elif self._scene.ahead in _IN_THE_WAY:
            self.refused["drop"] = cannot_drop + "there is already an object in front of you."
        else:
            self.possible["drop"] = (DROP,)

    def door(self, item: Item) -> None:
        """Add going through a door, opening it first if need be."""
        self._doors[item.name] += 1
        if item.state == "open":
            self._add("go through", item.label, self._paths.to_enter(item.at))
            if self._fixed and item.at == (1, 0):
                self.possible["toggle"] = (TOGGLE,)
            return
        verb = "toggle and go through"
        self.refused[f"go through {item.label}"] = (
            f"You cannot go through {item.label}, as it is closed. You should toggle it first."
        )
        if item.state == "locked" and self._scene.carrying != (item.colour, "key"):
            self.refused[f"{verb} {item.label}"] = f"You cannot {verb} {item.label}, as {self._why_locked()}"
            return
        path = self._paths.to_face(item.at)
        # AgentBoard prints its whole table of counts in place of the number.
        shown = item.label if self._fixed else f"{item.name} {dict(self._doors)}"
        self._add(verb, item.label, path, (TOGGLE, FORWARD), shown)
        if path == ():
            self.possible["toggle"] = (TOGGLE,)

    def walks(self) -> None:
        """Add going to everything in view."""
        for item in self._scene.items:
            if item.kind == "goal":
                self._add("go to", "goal", self._paths.to_enter(item.at))
        self._approach("go to", [item for item in self._scene.items if item.kind != "goal"], ())

    def _approach(self, verb: str, items: Sequence[Item], then: tuple[int, ...]) -> None:
        reached: Counter[str] = Counter()
        for item in items:
            path = self._paths.to_face(item.at)
            number = item.number if self._fixed else reached[item.name] + 1
            reached[item.name] += path is not None
            self._add(verb, f"{item.name} {number}", path, then)

    def _add(
        self, verb: str, label: str, path: tuple[int, ...] | None, then: tuple[int, ...] = (), shown: str = ""
    ) -> None:
        if path is not None:
            self.possible[f"{verb} {label}"] = path + then
        else:
            self.refused[f"{verb} {label}"] = f"You cannot {verb} {shown or label}, as there is no path leading to it."

    def _why_locked(self) -> str:
        if self._scene.carrying is None or self._scene.carrying[1] != "key":
            return "you are not carrying a key."
        return "the color of the key you are carrying does not match the color of door."
