"""minigrid's BabyAI bot, kept to what it has seen or been told.

The bot plans with primitive actions and explores whatever its instruction leaves open. Told places count as seen;
with them it may plan through closed doors and through the inside of rooms that it has not seen yet. Without them it
is minigrid's bot as it is, except that it cannot look at what stands in unseen cells.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Sequence
from importlib import import_module
from typing import Any

from agemem_env.engines.babyai.house import Cell
from agemem_env.engines.babyai.world import BabyAIWorld

Accept = Callable[[Cell, Any], bool]

BOT_ERRORS = (AssertionError, AttributeError, TypeError, IndexError, RuntimeError)
"""What minigrid's bot raises when it gives up, none of it documented."""

_MAX_REVISIONS = 100
"""Changes of plan without an action after which the bot is taken to be caught in a loop."""


class Bot:
    """Suggests primitive actions.

    Args:
        world: The world in which it acts, just reset.
        told: Cells that it was told about.
    """

    def __init__(self, world: BabyAIWorld, told: Collection[Cell]) -> None:
        self._module: Any = import_module("minigrid.utils.baby_ai_bot")
        self._world, self._informed, self._layout = world, bool(told), world.layout
        self._bot: Any = self._module.BabyAIBot(world.env)
        self._bot._breadth_first_search = self._search
        self._find_reachable = self._bot._find_obj_pos
        self._bot._find_obj_pos = self._find
        self._known: tuple[bytes, Any] = (b"", ())
        self._reach: Collection[Cell] = ()
        for cell in told:
            self._bot.vis_mask[cell] = True

    def suggest(self, last: int | None) -> int | None:
        """Return the next action, or None if the bot believes that it has finished.

        Args:
            last: The action taken since the last call; None at the first.

        Raises:
            AssertionError: Or one of `BOT_ERRORS`, if the bot has no plan.
        """
        bot = self._bot
        bot._process_obs()
        for subgoal in bot.stack:
            subgoal.update_agent_attributes()
        if bot.stack and last is not None:
            bot.stack[-1].replan_after_action(last)
        while bot.stack and bot.stack[-1].is_exploratory():
            bot.stack.pop()
        action = self._revise()
        bot._remember_current_state()
        return action

    def _revise(self) -> int | None:
        bot = self._bot
        for _ in range(_MAX_REVISIONS):
            if not bot.stack:
                return None
            subgoal = bot.stack[-1]
            exploring = isinstance(subgoal, self._module.ExploreSubgoal)
            if exploring and ((self._informed and self._unlock()) or self._open_another()):
                continue
            action = subgoal.replan_before_action()
            if action is not None:
                return int(action)
        raise RuntimeError("minigrid's bot changes its plan without end")

    def _unlock(self) -> bool:
        """Plan to open the first locked door on the way to the place that the bot is looking for."""
        bot = self._bot
        wanted = self._wanted()
        if not wanted or any(isinstance(s, self._module.OpenSubgoal) for s in bot.stack):
            return False
        previous = self._walk(self._start(), _never, True, through_locked=True)[2]
        doors = (self._locked_door(previous, cell) for cell in wanted if cell in previous)
        door = next((d for d in doors if d is not None), None)
        if door is None:
            return False
        bot.stack.pop()
        bot.stack.append(self._module.OpenSubgoal(bot))
        bot.stack.append(self._module.GoNextToSubgoal(bot, door, reason="Open"))
        return True

    def _open_another(self) -> bool:
        """Plan to open a locked door that is not being opened already, if there is nothing else left to explore.

        minigrid's bot takes the nearest locked door: while it looks for the key of that very door, it plans to open
        it again, without end.
        """
        bot = self._bot
        opening = {id(s.datum) for s in bot.stack if s.reason == "Open"}
        if not opening or self._nearest(lambda cell, _: not bot.vis_mask[cell]) or self._nearest(_is_closed):
            return False
        cell = self._nearest(lambda _, thing: _is_locked(thing) and id(thing) not in opening)
        if cell is None:
            return False
        door, held = self._world.thing_at(cell), self._world.carrying
        bot.stack.pop()
        bot.stack.append(self._module.OpenSubgoal(bot, reason="KeepKey" if held == (door.color, "key") else None))
        bot.stack.append(self._module.GoNextToSubgoal(bot, door, reason="Open"))
        return True

    def _nearest(self, accept: Accept) -> Cell | None:
        """Return the nearest cell of a kind, as the bot finds it when it explores."""
        _, cell, _ = self._bot._shortest_path(accept, try_with_blockers=True)
        return None if cell is None else (int(cell[0]), int(cell[1]))

    def _find(self, description: Any, adjacent: bool = False) -> Any:
        """Stand in for the bot's search for an object, which takes every seen object to be within reach."""
        seen = self._bot.vis_mask
        known = [(x, y) for x, y in description.obj_poss if seen[x, y]] if self._informed else []
        reached = self._reached() if known else {}
        hidden = [(x, y) for x, y in known if (int(x), int(y)) not in reached]
        try:
            for cell in hidden:
                seen[cell] = False
            return self._find_reachable(description, adjacent)
        finally:
            for cell in hidden:
                seen[cell] = True

    def _reached(self) -> Collection[Cell]:
        """Return the cells to which there is a way, if need be past what stands in it.

        Nothing but new sights and the agent's hands change which these are, wherever among them it stands.
        """
        known = (self._bot.vis_mask.tobytes(), self._world.changes)
        if known != self._known or self._world.position not in self._reach:
            self._known, self._reach = known, self._walk(self._start(), _never, ignore_blockers=True)[2]
        return self._reach

    def _wanted(self) -> list[Cell]:
        """Return the known cells of what the bot wants to go to."""
        below = self._bot.stack[-2] if len(self._bot.stack) > 1 else None
        datum: Any = None if below is None else below.datum
        cells: Sequence[Any] = ()
        if isinstance(datum, tuple):
            cells = [datum]
        elif isinstance(datum, self._module.ObjDesc):
            cells = datum.obj_poss
        return [(int(x), int(y)) for x, y in cells if self._bot.vis_mask[x, y]]

    def _locked_door(self, previous: dict[Cell, Cell | None], target: Cell) -> Any:
        """Return the first locked door on the shortest way to a cell."""
        for cell in reversed(_trace(previous, target)):
            thing = self._world.thing_at(cell)
            if thing is not None and thing.type == "door" and thing.is_locked and self._bot.vis_mask[cell]:
                return thing
        return None

    def _start(self) -> list[Any]:
        env = self._world.env
        return [(*env.agent_pos, *env.dir_vec)]

    def _search(self, starts: Sequence[Any], accept: Accept, ignore_blockers: bool) -> Any:
        """Stand in for the bot's own breadth-first search."""
        return self._walk(starts, accept, ignore_blockers)

    def _walk(
        self, starts: Sequence[Any], accept: Accept, ignore_blockers: bool, *, through_locked: bool = False
    ) -> tuple[list[Cell] | None, Cell | None, dict[Cell, Cell | None]]:
        """Search breadth first; return the path, the cell that was accepted, and each cell's predecessor."""
        # Plain integers: arithmetic with NumPy's takes several times as long.
        queue: deque[tuple[tuple[int, ...], Cell | None]] = deque((tuple(map(int, state)), None) for state in starts)
        previous: dict[Cell, Cell | None] = {}
        # And so does a look into NumPy's arrays, or a call, for every cell.
        seen, grid = self._bot.vis_mask.tolist(), self._world.env.grid
        things, width, height = grid.grid, grid.width, grid.height
        while queue:
            (x, y, dx, dy), origin = queue.popleft()
            cell = (x, y)
            if cell in previous:
                continue
            previous[cell] = origin
            thing = things[y * width + x] if seen[x][y] else None
            if accept(cell, thing):
                return _trace(previous, cell), cell, previous
            free = thing is None and seen[x][y]
            if not (free or self._passable(cell, thing, through_locked) or (ignore_blockers and _is_blocker(thing))):
                continue
            for step_x, step_y in ((dx, dy), (dy, dx), (-dy, -dx), (-dx, -dy)):
                # A shared wall of the outermost rooms can be optimistic; outside the grid nothing is.
                to_x, to_y = x + step_x, y + step_y
                if 0 <= to_x < width and 0 <= to_y < height and (to_x, to_y) not in previous:
                    queue.append(((to_x, to_y, step_x, step_y), cell))
        return None, None, previous

    def _passable(self, cell: Cell, thing: Any, through_locked: bool) -> bool:
        if not self._bot.vis_mask[cell]:
            return self._informed and not self._layout.is_wall_line(cell)
        if thing is None:
            return True
        if thing.type == "door":
            return bool(thing.is_open or (self._informed and (through_locked or not thing.is_locked)))
        return False


def _never(_: Cell, __: Any) -> bool:
    return False


def _is_closed(_: Cell, thing: Any) -> bool:
    return thing is not None and thing.type == "door" and not thing.is_locked and not thing.is_open


def _is_locked(thing: Any) -> bool:
    return thing is not None and thing.type == "door" and bool(thing.is_locked)


def _is_blocker(thing: Any) -> bool:
    return thing is not None and thing.type not in ("wall", "door")


def _trace(previous: dict[Cell, Cell | None], cell: Cell) -> list[Cell]:
    path: list[Cell] = []
    at: Cell | None = cell
    while at is not None:
        path.append(at)
        at = previous[at]
    return path
