"""One level of minigrid: its primitive actions, what the agent sees, and what of the instruction is done."""

from __future__ import annotations

import hashlib
import io
import pickle
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from agemem_env.engines.babyai.house import Cell, Layout
from agemem_env.engines.babyai.package import make_level, quietly
from agemem_env.engines.babyai.path import DROP, PICKUP, TOGGLE
from agemem_env.engines.babyai.sight import EMPTY, GridView, Image
from agemem_env.engines.babyai.view import KINDS, SIZE, BabyAIScene, read_view, to_world

_NO_LIMIT = 10**9
"""Steps after which minigrid would end the episode; the environment has a limit of its own."""

_FIXED = frozenset({"actions", "action_space", "observation_space", "window", "clock", "spec", "_np_random", "gen_obs"})
"""Attributes of minigrid's environment that no level and no step changes, or that matter to its generator alone."""

_STARTS = 256
"""Worlds whose start is kept; one takes some 10 kB."""

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


@dataclass(frozen=True, slots=True)
class WorldState:
    """A state of a world, as `BabyAIWorld.state` gives it: grid, things, agent and verifier, and what led there.

    Attributes:
        content: Them in one pickle, so that what is one thing stays one.
        grid: The encoded grid.
        changes: As in `BabyAIWorld`.
        trail: As in `BabyAIWorld`.
    """

    content: bytes
    grid: bytes
    changes: tuple[tuple[int, tuple[int, int]], ...]
    trail: frozenset[Cell]


class _Pickler(pickle.Pickler):
    """Leaves out minigrid's environment, to which its verifiers refer."""

    def __init__(self, file: io.BytesIO, env: Any) -> None:
        super().__init__(file, protocol=5)
        self._env = env

    def persistent_id(self, thing: Any) -> str | None:
        """Return a name for the environment and None for anything else."""
        return "env" if thing is self._env else None


class _Unpickler(pickle.Unpickler):
    """Puts another environment in its place."""

    def __init__(self, file: io.BytesIO, env: Any) -> None:
        super().__init__(file)
        self._env = env

    def persistent_load(self, name: str) -> Any:
        """Return the environment."""
        return self._env


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
        self.env.gen_obs = dict  # what the agent sees is computed here, in less time
        self.changes: tuple[tuple[int, tuple[int, int]], ...] = ()
        self.trail: set[Cell] = set()
        self._image: Image = ()
        self._grid = bytearray()
        self._sight: GridView | None = None

    def reset(self, seed: int) -> None:
        """Go to the start of the level's world number `seed`, which is built once."""
        self.restore(_start(self.level, seed))

    def state(self) -> WorldState:
        """Return the present state, which any world of the level can `restore`, in other processes too."""
        content = io.BytesIO()
        changing = {name: value for name, value in vars(self.env).items() if name not in _FIXED}
        _Pickler(content, self.env).dump((changing, self._image))
        return WorldState(content.getvalue(), bytes(self._grid), self.changes, frozenset(self.trail))

    def restore(self, state: WorldState) -> None:
        """Go to a state of the level."""
        changing, self._image = _Unpickler(io.BytesIO(state.content), self.env).load()
        vars(self.env).update(changing)
        self._grid, self._sight = bytearray(state.grid), None
        self.changes, self.trail = state.changes, set(state.trail)

    def build(self, seed: int) -> None:
        """Let minigrid build the level's world number `seed`, which `reset` leaves out if it was built before."""
        with quietly():
            self.env.reset(seed=seed)
        self.env.max_steps = _NO_LIMIT
        self._grid, self._sight = bytearray(self.env.grid.encode().tobytes()), None
        self._image = self._seen()
        self.changes = ()
        self.trail = {self.position}

    def step(self, primitive: int) -> Moved:
        """Take one primitive action."""
        before = self._image
        _, reward, terminated, _, _ = self.env.step(primitive)
        if primitive in _HANDS:
            self._note_cell(to_world(self.position, self.direction, (1, 0)))
        self._image = self._seen()
        self.trail.add(self.position)
        changed = before != self._image
        if changed and primitive in _HANDS:
            self.changes = (*self.changes, (primitive, to_world(self.position, self.direction, (1, 0))))
        return Moved(changed, terminated and reward > 0, terminated and reward <= 0)

    def scene(self) -> BabyAIScene:
        """Return what the agent sees."""
        return read_view(self._image, self.position, self.direction, self.carrying)

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

    def _note_cell(self, cell: Cell) -> None:
        """Bring the encoded grid up to date: nothing but the agent's hands changes it, and they reach one cell."""
        thing, (x, y) = self.thing_at(cell), cell
        code = EMPTY if thing is None else thing.encode()
        place = 3 * (x * self.env.grid.height + y)
        self._grid[place : place + 3] = bytes(code)
        if self._sight is not None:
            self._sight.note(cell, code)

    def _seen(self) -> Image:
        """Return what the agent sees, as minigrid's `gen_obs` encodes it."""
        if self._sight is None:
            grid = self.env.grid
            shape = (grid.width, grid.height, 3)
            self._sight = GridView(np.frombuffer(self._grid, np.uint8).reshape(shape).tolist())
        held = self.env.carrying
        return self._sight.image(self.position, self.direction, None if held is None else held.encode())

    def digest(self) -> str:
        """Return a digest of grid, agent and verified parts."""
        state = (self.level, self.position, self.direction, self.carrying, self.mission, _flags(self.env.instrs))
        return hashlib.blake2b(bytes(self._grid) + repr(state).encode(), digest_size=16).hexdigest()


@lru_cache(maxsize=8)
def at_start(level: str, seed: int) -> BabyAIWorld:
    """Return a world at its start to look at; it is shared and must not be played."""
    world = BabyAIWorld(level)
    world.reset(seed)
    return world


@lru_cache(maxsize=_STARTS)
def _start(level: str, seed: int) -> WorldState:
    """Return the state in which a world begins."""
    world = BabyAIWorld(level)
    world.build(seed)
    return world.state()


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
