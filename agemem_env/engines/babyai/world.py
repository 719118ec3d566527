"""One level of minigrid: its primitive actions, what the agent sees, and what of the instruction is done."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from agemem_env.engines.babyai.house import Cell, Layout
from agemem_env.engines.babyai.package import make_level, quietly
from agemem_env.engines.babyai.path import DROP, PICKUP, TOGGLE
from agemem_env.engines.babyai.view import KINDS, SIZE, BabyAIScene, read_view, to_world

_NO_LIMIT = 10**9
"""Steps after which minigrid would end the episode; the environment has a limit of its own."""

_SEQUENCES = frozenset({"BeforeInstr", "AfterInstr", "AndInstr"})

_HANDS = frozenset({PICKUP, DROP, TOGGLE})


@dataclass(frozen=True, slots=True)
class Moved:
    """What a primitive action did.

    Attributes:
        changed: Whether the agent sees anything else than before.
        succeeded: Whether the instruction is fulfilled with this action.
        failed: Whether the instruction can no longer be fulfilled.
    """

    changed: bool
    succeeded: bool
    failed: bool

    @property
    def ended(self) -> bool:
        """Whether minigrid ended the episode."""
        return self.succeeded or self.failed


class BabyAIWorld:
    """One level that can be played from any seed.

    Args:
        level: Its name, ``BabyAI-<level>-v0``.

    Attributes:
        level: Its name.
        env: minigrid's environment.
        changes: What was picked up, dropped or toggled since the start: primitive action and cell. Together with
            the agent's place it fixes the state.
        trail: Cells where the agent has stood since the start.

    Raises:
        ConfigurationError: If there is no such level.
        MissingExtraError: If minigrid is not installed.
    """

    def __init__(self, level: str) -> None:
        self.level = level
        self.env: Any = make_level(level)
        self.changes: tuple[tuple[int, tuple[int, int]], ...] = ()
        self.trail: set[Cell] = set()
        self._image: Any = None
        self._grid: bytes | None = None

    def reset(self, seed: int) -> None:
        """Build the level's world number `seed`."""
        with quietly():
            observation, _ = self.env.reset(seed=seed)
        self.env.max_steps = _NO_LIMIT
        self._image = observation["image"]
        self._grid = None
        self.changes = ()
        self.trail = {self.position}

    def step(self, primitive: int) -> Moved:
        """Take one primitive action."""
        before = self._image.tobytes()
        observation, reward, terminated, _, _ = self.env.step(primitive)
        self._image = observation["image"]
        self.trail.add(self.position)
        changed = before != self._image.tobytes()
        if primitive in _HANDS:
            self._grid = None
        if changed and primitive in _HANDS:
            self.changes = (*self.changes, (primitive, to_world(self.position, self.direction, (1, 0))))
        return Moved(changed, terminated and reward > 0, terminated and reward <= 0)

    def scene(self) -> BabyAIScene:
        """Return what the agent sees."""
        return read_view(self._image.tolist(), self.position, self.direction, self.carrying)

    @property
    def mission(self) -> str:
        """The instruction."""
        return str(self.env.mission)

    @property
    def position(self) -> tuple[int, int]:
        """The agent's cell."""
        x, y = self.env.agent_pos
        return int(x), int(y)

    @property
    def direction(self) -> int:
        """The agent's direction: 0 east, 1 south, 2 west, 3 north."""
        return int(self.env.agent_dir)

    @property
    def carrying(self) -> tuple[str, str] | None:
        """Colour and type of what the agent holds."""
        held = self.env.carrying
        return None if held is None else (held.color, held.type)

    def parts_done(self) -> float:
        """Return the share of the instruction's parts that minigrid's verifier has ticked off, without the last.

        A part that is the whole instruction, or completes it, ends the episode and is not recorded by minigrid.
        """
        done, parts = _parts(self.env.instrs, False)
        return done / parts

    @property
    def layout(self) -> Layout:
        """The rooms."""
        return Layout(self.env.num_cols, self.env.num_rows, self.env.room_size)

    def visible(self) -> frozenset[Cell]:
        """Return the cells that the agent sees now."""
        return frozenset(
            to_world(self.position, self.direction, (SIZE - 1 - row, column - SIZE // 2))
            for column in range(SIZE)
            for row in range(SIZE)
            if KINDS[self._image[column][row][0]] != "unseen"
        )

    def thing_at(self, cell: Cell) -> Any:
        """Return minigrid's object in a cell; None if it is free."""
        return self.env.grid.get(*cell)

    def digest(self) -> str:
        """Return a digest of grid, agent and verified parts."""
        if self._grid is None:  # nothing but the agent's hands changes the grid
            self._grid = self.env.grid.encode().tobytes()
        state = (self.level, self.position, self.direction, self.carrying, self.mission, _flags(self.env.instrs))
        return hashlib.blake2b(self._grid + repr(state).encode(), digest_size=16).hexdigest()


def _flags(instruction: Any) -> tuple[Any, ...]:
    """Return which parts of an instruction the verifier has ticked off."""
    if type(instruction).__name__ not in _SEQUENCES:
        return ()
    done = (instruction.a_done == "success", instruction.b_done == "success")
    return (*done, _flags(instruction.instr_a), _flags(instruction.instr_b))


def _parts(instruction: Any, done: bool) -> tuple[int, int]:
    """Return how many of the elementary parts of an instruction are verified, and how many there are."""
    if type(instruction).__name__ not in _SEQUENCES:
        return int(done), 1
    first = _parts(instruction.instr_a, done or instruction.a_done == "success")
    second = _parts(instruction.instr_b, done or instruction.b_done == "success")
    return first[0] + second[0], first[1] + second[1]
