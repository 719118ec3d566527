"""Plays games of ALFWorld with the texts of TextWorld's engine, some hundred times faster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType

from agemem_env.engines.alfworld.homes.game import Game
from agemem_env.engines.alfworld.rules.atoms import Fact, State
from agemem_env.engines.alfworld.rules.machine import Machine
from agemem_env.engines.alfworld.rules.translation import machine_of

NOTHING_HAPPENS = "Nothing happens."
"""What the engine says to a command that is not possible."""


@dataclass(frozen=True, slots=True)
class SimulatorSnapshot:
    """A game and what held in it."""

    game: Game
    state: State


class Simulator:
    """Plays one game at a time; texts and commands equal those of TextWorld's ``PddlEnv`` with ALFWorld's names.

    The game is translated once (`agemem_env.engines.alfworld.rules.translation`) and then played by a state machine in
    Python: no library is loaded to play, a snapshot is three integers, and simulators share nothing that changes, so
    that any number of them can be used in turn or in different threads. One simulator belongs to one thread at a time.

    >>> Simulator().step("look")
    Traceback (most recent call last):
        ...
    RuntimeError: no game is loaded: call load(game) first
    """

    def __init__(self) -> None:
        self._game: Game | None = None
        self._machine: Machine | None = None
        self._state = State(0, 0, 0)
        self._names: Mapping[str, str] = MappingProxyType({})
        self._intro = ""

    def load(self, game: Game) -> str:
        """Start a game from its beginning.

        Returns:
            The text with which it begins: banner, room and task.

        Raises:
            DataError: If it cannot be translated.
            MissingExtraError: If it was never translated before and the extra ``alfworld`` is not installed.
        """
        if self._game is None or self._game.key != game.key:
            machine = machine_of(game)
            self._machine, self._intro = machine, machine.intro()
            self._names = MappingProxyType({name: entity.name for name, entity in machine.entities.items()})
            self._game = game
        self._state = self._loaded.initial
        return self._intro

    def step(self, command: str) -> str:
        """Execute a command and return the answer; a command that is not possible changes nothing."""
        machine = self._loaded
        for operator in machine.by_command.get(command.strip(), ()):
            if operator.guard.holds(self._state.true):
                self._state = machine.apply(operator, self._state)
                return machine.feedback(operator, self._state)
        return NOTHING_HAPPENS

    def admissible(self) -> tuple[str, ...]:
        """Return the commands that are possible now, sorted."""
        return tuple(sorted({operator.command for operator in self._loaded.applicable(self._state)}))

    @property
    def won(self) -> bool:
        """Whether the goal holds."""
        return self._loaded.won(self._state)

    def facts(self) -> frozenset[Fact]:
        """Return what holds: predicates and ids in lower case, for example ``("inreceptacle", mug, shelf)``."""
        return self._loaded.facts(self._state)

    @property
    def names(self) -> Mapping[str, str]:
        """Display name of each object, by id, for example ``mug 1``; what has no number ends in a space."""
        return self._names

    def digest(self) -> str:
        """Return a digest of game and state, equal exactly if both are equal."""
        state = self._state
        parts = (self._current.key, state.true, state.noted, state.denied)
        return sha256(repr(parts).encode()).hexdigest()

    def snapshot(self) -> SimulatorSnapshot:
        """Return the current state; it costs nothing."""
        return SimulatorSnapshot(self._current, self._state)

    def restore(self, snapshot: SimulatorSnapshot) -> None:
        """Go back to a state, in its game; that is loaded if it is another one."""
        self.load(snapshot.game)
        self._state = snapshot.state

    def close(self) -> None:
        """Forget the game. The simulator can be used again."""
        self._game = self._machine = None

    @property
    def _loaded(self) -> Machine:
        if self._machine is None:
            raise RuntimeError("no game is loaded: call load(game) first")
        return self._machine

    @property
    def _current(self) -> Game:
        if self._game is None:
            raise RuntimeError("no game is loaded: call load(game) first")
        return self._game
