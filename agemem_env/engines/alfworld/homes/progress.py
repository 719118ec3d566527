"""Progress: which parts of its type of task a game has reached, told by the engine's facts."""

from __future__ import annotations

from agemem_env.engines.alfworld.homes.goal import Goal
from agemem_env.engines.alfworld.homes.house import House
from agemem_env.engines.alfworld.homes.situation import Situation


class SubGoals:
    """The parts of a game's task that its start leaves open.

    | task | parts |
    |---|---|
    | put | take one; put it there |
    | clean, heat, cool | take one; treat it; put it there |
    | look | take it; switch the lamp on; look at it in the light |
    | put two | take one; put it there; take another while one is there; put it there |

    Args:
        house: The home.
        goal: What is asked for.
        start: The situation at the start.
    """

    def __init__(self, house: House, goal: Goal, start: Situation) -> None:
        self._goal = goal
        self._wanted = [thing.id for thing in house.things.values() if thing.kind == goal.thing]
        self._ends = [end.id for end in house.receptacles.values() if end.kind == goal.receptacle]
        self._lamps = {thing.id for thing in house.things.values() if goal.lamp and thing.kind == goal.lamp}
        parts = ["taken"]
        parts += ["treated"] * bool(goal.treatment) + ["lit"] * bool(goal.lamp)
        if goal.count == 2:
            parts += ["one there", "another taken"]
        holding = self._hold(start)
        if goal.count == 2 and "one there" in holding:
            parts.remove("taken")  # the first one taken is another
        self.parts = (*(part for part in parts if part not in holding), "solved")

    def after(self, reached: frozenset[str], now: Situation, *, won: bool) -> frozenset[str]:
        """Return the parts reached so far.

        Args:
            reached: Those reached before.
            now: The situation.
            won: Whether the game is won.
        """
        held = self.parts if won else self._hold(now)
        return reached.union(part for part in held if part in self.parts)

    def share(self, reached: frozenset[str]) -> float:
        """Return the share of the parts that were reached, in [0, 1]."""
        return len(reached) / len(self.parts)

    def _hold(self, now: Situation) -> set[str]:
        holding = {"taken"} if now.held in self._wanted else set()
        if any((thing, self._goal.treatment) in now.treated for thing in self._wanted):
            holding.add("treated")
        if not self._lamps.isdisjoint(now.lit):
            holding.add("lit")
        if any(end in now.where.get(thing, ()) for thing in self._wanted for end in self._ends):
            holding.add("one there")
            if "taken" in holding:
                holding.add("another taken")
        return holding
