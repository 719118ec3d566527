"""A game as a state machine over bit sets: what holds is a number, and a command changes some of its bits.

The state is exact, including one habit of TextWorld's engine that texts depend on: it notes the effects of a command as
facts in their order, whether or not their condition held, and notes an atom that became false as a fact of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from agemem_env.engines.alfworld.homes.names import display_names
from agemem_env.engines.alfworld.rules.atoms import Atoms, Fact, State, View
from agemem_env.engines.alfworld.rules.expressions import Entity
from agemem_env.engines.alfworld.rules.grammar import Binding, Grammar, Scene
from agemem_env.engines.bits import bits_of, with_bits


class Guard(NamedTuple):
    """A condition on a state: atoms that must hold and atoms that must not."""

    needed: int
    forbidden: int

    def holds(self, true: int) -> bool:
        """Return whether it holds where these atoms do."""
        return true & self.needed == self.needed and not true & self.forbidden


class MaskEffect(NamedTuple):
    """What an action does to one atom.

    Attributes:
        bit: The atom.
        becomes: Whether it becomes true or false.
        guard: When; None means always.
    """

    bit: int
    becomes: bool
    guard: Guard | None


class Operator(NamedTuple):
    """A grounded action.

    Attributes:
        action: Its name.
        arguments: Numbers of the objects.
        command: What the player types.
        guard: When it is possible.
        effects: What it changes, in order.
    """

    action: str
    arguments: tuple[int, ...]
    command: str
    guard: Guard
    effects: tuple[MaskEffect, ...]


class Machine:
    """The rules of one game.

    Args:
        plain: The plain form of its rules, see `compiling`.
        grammar: The plain form of its grammar, see `grammar`.
        commands: The command of each operator; None to write them.

    Attributes:
        initial: The state at the start.
        entities: The things of the game by id.
        operators: All grounded actions.
        by_command: The grounded actions of each command.
        grammar: Writes the texts.
    """

    def __init__(self, plain: Mapping[str, Any], grammar: Mapping[str, Any], commands: Sequence[str] | None) -> None:
        self._atoms = Atoms(plain)
        # One number per atom, shared by all guards and effects: a game has tens of thousands of them.
        self._bit = [1 << i for i in range(len(plain["atoms"]))]
        self._parameters = {
            action: tuple((name, kind) for name, kind in parameters)
            for action, parameters in plain["parameters"].items()
        }
        layers = sorted({axiom[0] for axiom in plain["axioms"]})
        self._axioms = [
            [(self._guard(guard), self._bit[atom]) for layer, atom, guard in plain["axioms"] if layer == wanted]
            for wanted in layers
        ]
        self._derived = with_bits({atom for _, atom, _ in plain["axioms"]})
        self._goal = self._guard(plain["goal"])
        held = with_bits(plain["held"])
        self.initial = State(self._closed(held), held, 0)
        self.entities = self._entities(held)
        self.grammar = Grammar(grammar)
        self.operators = self._operators(plain["operators"], commands)
        self.by_command = _by_command(self.operators)
        self._watched = _by_rarest_need(self.operators, [guard[0] for _, _, guard, _ in plain["operators"]])
        self._watched_bits = with_bits(number for number in self._watched if number >= 0)

    def won(self, state: State) -> bool:
        """Return whether the goal holds."""
        return self._goal.holds(state.true)

    def applicable(self, state: State) -> Iterator[Operator]:
        """Yield the operators that are possible now."""
        for number in (-1, *bits_of(state.true & self._watched_bits)):
            for operator in self._watched.get(number, ()):
                if operator.guard.holds(state.true):
                    yield operator

    def apply(self, operator: Operator, state: State) -> State:
        """Return the state after an operator that is possible now."""
        true, noted, denied = state.true, state.noted, state.denied
        for effect in operator.effects:
            bit = effect.bit
            if effect.becomes:
                noted, denied = noted | bit, denied & ~bit
            else:
                noted, denied = noted & ~bit, denied | bit
            if effect.guard is None or effect.guard.holds(state.true):
                true = true | bit if effect.becomes else true & ~bit
        return State(self._closed(true), noted, denied)

    def intro(self) -> str:
        """Write the text with which the game begins."""
        return self.grammar.intro(self._scene(self.initial, {}))

    def feedback(self, operator: Operator, state: State) -> str:
        """Write what an operator is answered with, once it has led to a state."""
        binding = self._binding(operator.action, operator.arguments)
        return self.grammar.feedback(operator.action, self._scene(state, binding))

    def facts(self, state: State) -> frozenset[Fact]:
        """Return the atoms that hold, without those that only the translator knows."""
        return self._atoms.facts(state.true & ~self._derived)

    def _scene(self, state: State, binding: Binding) -> Scene:
        return Scene(View(self._atoms, state), self.entities, binding)

    def _closed(self, true: int) -> int:
        """Return what holds with everything that follows from it by axioms."""
        true &= ~self._derived
        for layer in self._axioms:
            changed = True
            while changed:
                before = true
                for guard, bit in layer:
                    if guard.holds(true):
                        true |= bit
                changed = true != before
        return true

    def _binding(self, action: str, arguments: Sequence[int]) -> Binding:
        """Bind an action's parameters; the translator may have added some at the end, which have no argument."""
        return {
            parameter: (self._atoms.objects[number][0], parameter[1])
            for parameter, number in zip(self._parameters[action], arguments, strict=False)
        }

    def _entities(self, held: int) -> dict[str, Entity]:
        types = self._atoms.variables(held)
        names = display_names(types)
        return {name: Entity(name, kind, names[name]) for name, kind in types.items()}

    def _operators(self, plain: Sequence[Any], commands: Sequence[str] | None) -> tuple[Operator, ...]:
        if commands is None:
            commands = self._commands(plain)
        bit, guarded = self._bit, self._guard
        operators = []
        for command, (action, arguments, guard, effects) in zip(commands, plain, strict=True):
            changes = tuple([MaskEffect(bit[a], bool(to), guarded(g) if g else None) for a, to, g in effects])
            operators.append(Operator(action, tuple(arguments), command, guarded(guard), changes))
        return tuple(operators)

    def _commands(self, plain: Sequence[Any]) -> list[str]:
        """Write the commands of all operators, each once for all that differ in what it does not mention."""
        places = {
            action: [i for i, (name, _) in enumerate(parameters) if name in self.grammar.mentioned(action, names)]
            for action, parameters in self._parameters.items()
            for names in ([name for name, _ in parameters],)
        }
        view = View(self._atoms, self.initial)
        written: dict[tuple[Any, ...], str] = {}
        commands = []
        for action, arguments, _, _ in plain:
            key = (action, *[arguments[i] for i in places[action] if i < len(arguments)])
            command = written.get(key)
            if command is None:
                command = written[key] = self._command(view, action, arguments, places[action])
            commands.append(command)
        return commands

    def _command(self, view: View, action: str, arguments: Sequence[int], mentioned: Sequence[int]) -> str:
        """Write the command of an operator; as in ALFWorld's grammar, it depends only on what never changes.

        Args:
            view: The start of the game.
            action: Its action.
            arguments: Its arguments.
            mentioned: Places of those that the command can depend on.
        """
        parameters, objects = self._parameters[action], self._atoms.objects
        binding = {parameters[i]: (objects[arguments[i]][0], parameters[i][1]) for i in mentioned if i < len(arguments)}
        return self.grammar.command(action, Scene(view, self.entities, binding))

    def _guard(self, plain: Sequence[Sequence[int]]) -> Guard:
        needed = forbidden = 0
        for atom in plain[0]:
            needed |= self._bit[atom]
        for atom in plain[1]:
            forbidden |= self._bit[atom]
        return Guard(needed, forbidden)


def _by_command(operators: Sequence[Operator]) -> dict[str, list[Operator]]:
    found: dict[str, list[Operator]] = {}
    for operator in operators:
        found.setdefault(operator.command, []).append(operator)
    return found


def _by_rarest_need(operators: Sequence[Operator], needs: Sequence[Sequence[int]]) -> dict[int, list[Operator]]:
    """Sort operators by the one atom they need that the fewest others need; -1 for those that need none.

    Args:
        operators: The operators.
        needs: The atoms that each needs.
    """
    demand = Counter(chain.from_iterable(needs))
    found: dict[int, list[Operator]] = {}
    for operator, numbers in zip(operators, needs, strict=True):
        found.setdefault(min(numbers, key=demand.__getitem__, default=-1), []).append(operator)
    return found
