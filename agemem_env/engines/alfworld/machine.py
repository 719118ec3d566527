"""A game as a state machine over bit sets: what holds is an integer, a command changes some of its bits.

`plain_machine` makes it from the translator's output, in a plain form (nested lists) that can be kept in a file;
`Machine` plays it. The state is exact, including one habit of TextWorld's engine that texts depend on: it notes the
effects of a command as facts in their order, whether or not their condition held, and notes an atom that became false
as a fact with a name that begins with ``not_``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from agemem_env.engines.alfworld.expressions import Entity
from agemem_env.engines.alfworld.grammar import Binding, Grammar, Scene, Variable
from agemem_env.engines.alfworld.names import display_names
from agemem_env.engines.alfworld.sas import Literal, Sas

NEGATION = "not_"

Fact = tuple[str, ...]
"""Predicate and ids of its arguments."""


@dataclass(frozen=True, slots=True)
class State:
    """What holds.

    Attributes:
        true: The atoms that hold.
        noted: The atoms that TextWorld has as facts.
        denied: The atoms whose negation TextWorld has as a fact.
    """

    true: int
    noted: int
    denied: int


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition on a state: atoms that must hold and atoms that must not."""

    needed: int
    forbidden: int

    def holds(self, true: int) -> bool:
        """Return whether it holds where these atoms do."""
        return true & self.needed == self.needed and not true & self.forbidden


@dataclass(frozen=True, slots=True)
class Operator:
    """A grounded action.

    Attributes:
        action: Its name.
        arguments: Numbers of the objects.
        command: What the player types.
        guard: When it is possible.
        effects: Condition, atom as one bit, and whether that becomes true; in order.
    """

    action: str
    arguments: tuple[int, ...]
    command: str
    guard: Guard
    effects: tuple[tuple[Guard | None, int, bool], ...]


def plain_machine(task: Any, sas: Sas) -> dict[str, Any]:
    """Put the translator's task and its grounded problem into the plain form.

    Atoms are numbered by predicate, types and arguments, so that counting through bits goes in TextWorld's order.
    """
    types = {item.name: item.type_name for item in task.objects}
    objects = {name: number for number, name in enumerate(types)}
    initial = {(a.predicate, *a.args) for a in task.init if type(a).__name__ == "Atom" and a.predicate != "="}
    derived = {sas.atoms[i] for i, layer in enumerate(sas.layers) if layer >= 0}
    held = initial | {sas.atoms[i] for i in sas.initial} - derived
    atoms = sorted(held | set(sas.atoms), key=lambda atom: (atom[0], [types[x] for x in atom[1:]], atom[1:]))
    number = {atom: i for i, atom in enumerate(atoms)}
    place = [number[atom] for atom in sas.atoms]

    def renumbered(literals: Iterable[Literal]) -> list[list[int]]:
        pairs = list(literals)
        return [[place[i] for i, holds in pairs if holds], [place[i] for i, holds in pairs if not holds]]

    return {
        "types": [[t.name, list(t.supertype_names)] for t in task.types],
        "objects": list(types.items()),
        "parameters": {a.name: [[p.name.strip("?"), p.type_name] for p in a.parameters] for a in task.actions},
        "atoms": [[atom[0], *(objects[x] for x in atom[1:])] for atom in atoms],
        "held": sorted(number[atom] for atom in held),
        "goal": renumbered(sas.goal),
        "operators": [
            [
                operator.name[0],
                [objects[x] for x in operator.name[1:]],
                renumbered(operator.condition),
                [
                    [place[e.literal[0]], int(e.literal[1]), renumbered(e.condition) if e.condition else None]
                    for e in operator.effects
                ],
            ]
            for operator in sas.operators
        ],
        "axioms": [
            [sas.layers[axiom.variable], place[axiom.variable], renumbered(axiom.condition)] for axiom in sas.axioms
        ],
    }


class Machine:
    """The rules of one game.

    Args:
        plain: The plain form of its logic.
        grammar: The plain form of its grammar.
        commands: The command of each operator; None to write them.
    """

    def __init__(self, plain: Mapping[str, Any], grammar: Mapping[str, Any], commands: Sequence[str] | None) -> None:
        self._objects: list[Variable] = [(name, kind) for name, kind in plain["objects"]]
        self._parameters = {
            action: tuple((name, kind) for name, kind in parameters)
            for action, parameters in plain["parameters"].items()
        }
        self._types = _Types(plain["types"])
        self._predicates = [atom[0] for atom in plain["atoms"]]
        self._arguments = [tuple(self._objects[i] for i in atom[1:]) for atom in plain["atoms"]]
        self._ranges = _ranges(self._predicates, self._arguments)
        self._axioms = [[(_guard(g), 1 << atom) for _, atom, g in layer] for layer in _layers(plain["axioms"])]
        self._derived = sum({bit for layer in self._axioms for _, bit in layer})
        self._goal = _guard(plain["goal"])
        held = _bits(plain["held"])
        self.initial = State(self._closed(held), held, 0)
        self.entities = self._named(plain["held"])
        self.grammar = Grammar(grammar)
        self.operators = self._operators(plain["operators"], commands)
        self._watched = self._watch()

    @cached_property
    def by_command(self) -> Mapping[str, tuple[Operator, ...]]:
        """The operators of each command."""
        found: dict[str, list[Operator]] = {}
        for operator in self.operators:
            found.setdefault(operator.command, []).append(operator)
        return {command: tuple(operators) for command, operators in found.items()}

    def won(self, state: State) -> bool:
        """Return whether the goal holds."""
        return self._goal.holds(state.true)

    def applicable(self, state: State) -> Iterator[Operator]:
        """Yield the operators that are possible now."""
        for number in bits_of(state.true & self._watched_bits):
            for operator in self._watched[number]:
                if operator.guard.holds(state.true):
                    yield operator
        for operator in self._watched[-1]:
            if operator.guard.holds(state.true):
                yield operator

    def apply(self, operator: Operator, state: State) -> State:
        """Return the state after an operator that is possible now."""
        true, noted, denied = state.true, state.noted, state.denied
        for guard, bit, becomes in operator.effects:
            if becomes:
                noted |= bit
                denied &= ~bit
            else:
                noted &= ~bit
                denied |= bit
            if guard is None or guard.holds(state.true):
                true = true | bit if becomes else true & ~bit
        return State(self._closed(true), noted, denied)

    def scene(self, state: State, binding: Binding) -> Scene:
        """Return what a text about a state is written from."""
        return Scene(_View(self, state), self.entities, binding)

    def feedback(self, operator: Operator, state: State) -> str:
        """Write what an operator is answered with, once it has led to a state."""
        binding = self._binding(operator.action, operator.arguments)
        return self.grammar.feedback(operator.action, self.scene(state, binding))

    def facts(self, state: State) -> frozenset[Fact]:
        """Return the atoms that hold, without those that only the translator knows."""
        return frozenset(
            (self._predicates[i], *(name for name, _ in self._arguments[i]))
            for i in bits_of(state.true & ~self._derived)
        )

    def matching(self, state: State, predicate: str, types: tuple[str, ...]) -> list[tuple[Variable, ...]]:
        """Return the arguments of a predicate's facts, in TextWorld's order; see `Facts`."""
        true = state.noted
        if predicate.startswith(NEGATION):
            predicate, true = predicate.removeprefix(NEGATION), state.denied
        known = self._ranges.get(predicate, {})
        return [
            self._arguments[start + i]
            for combination in self._types.combinations(types)
            if combination in known
            for start, size in (known[combination],)
            for i in bits_of((true >> start) & ((1 << size) - 1))
        ]

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
            placeholder: (self._objects[number][0], placeholder[1])
            for placeholder, number in zip(self._parameters[action], arguments, strict=False)
        }

    def _named(self, held: Iterable[int]) -> dict[str, Entity]:
        variables = dict(variable for i in held for variable in self._arguments[i])
        names = display_names(variables)
        return {name: Entity(name, kind, names[name]) for name, kind in variables.items()}

    def _operators(self, plain: Sequence[Any], commands: Sequence[str] | None) -> tuple[Operator, ...]:
        operators = []
        for number, (action, arguments, guard, effects) in enumerate(plain):
            if commands is None:
                scene = self.scene(self.initial, self._binding(action, arguments))
                command = self.grammar.command(action, scene)
            else:
                command = commands[number]
            changes = tuple((_guard(given) if given else None, 1 << atom, bool(to)) for atom, to, given in effects)
            operators.append(Operator(action, tuple(arguments), command, _guard(guard), changes))
        return tuple(operators)

    def _watch(self) -> dict[int, list[Operator]]:
        """Sort operators by the one atom they need that the fewest others need; -1 for those that need none."""
        demand: dict[int, int] = {}
        needs = [list(bits_of(operator.guard.needed)) for operator in self.operators]
        for numbers in needs:
            for number in numbers:
                demand[number] = demand.get(number, 0) + 1
        watched: dict[int, list[Operator]] = {-1: []}
        for operator, numbers in zip(self.operators, needs, strict=True):
            rarest = min(numbers, key=lambda number: demand[number], default=-1)
            watched.setdefault(rarest, []).append(operator)
        self._watched_bits = _bits(number for number in watched if number >= 0)
        return watched


class _View:
    """The facts of one state, as the grammar sees them."""

    def __init__(self, machine: Machine, state: State) -> None:
        self._machine = machine
        self._state = state

    def matching(self, predicate: str, types: tuple[str, ...]) -> Sequence[tuple[Variable, ...]]:
        """Return the arguments of all facts of a predicate whose parameters accept these types, in order."""
        return self._machine.matching(self._state, predicate, types)


class _Types:
    """The hierarchy of types; answers in the order of TextWorld's ``TypeHierarchy``."""

    def __init__(self, plain: Iterable[tuple[str, Sequence[str]]]) -> None:
        self._children: dict[str, list[str]] = {}
        self._known: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
        for name, parents in plain:
            if name in self._children:
                continue
            self._children[name] = []
            for parent in parents:
                self._children[parent] = sorted([*self._children[parent], name])

    def combinations(self, types: tuple[str, ...]) -> list[tuple[str, ...]]:
        """Return the types themselves and all ways to replace some by their sub-types, breadth first."""
        if types not in self._known:
            found, seen, queue = [types], set[tuple[str, ...]](), deque(self._expanded(types))
            while queue:
                item = queue.popleft()
                found.append(item)
                for further in self._expanded(item):
                    if further not in seen:
                        seen.add(further)
                        queue.append(further)
            self._known[types] = found
        return self._known[types]

    def _expanded(self, types: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        for i, name in enumerate(types):
            for child in self._children[name]:
                yield (*types[:i], child, *types[i + 1 :])


def bits_of(number: int) -> Iterator[int]:
    """Yield the places of the bits that are set, lowest first.

    >>> list(bits_of(0b1010001))
    [0, 4, 6]
    """
    while number:
        lowest = number & -number
        yield lowest.bit_length() - 1
        number ^= lowest


def _bits(places: Iterable[int]) -> int:
    number = 0
    for place in places:
        number |= 1 << place
    return number


def _guard(plain: Sequence[Sequence[int]]) -> Guard:
    return Guard(_bits(plain[0]), _bits(plain[1]))


def _layers(axioms: Sequence[Sequence[Any]]) -> list[list[Sequence[Any]]]:
    return [[axiom for axiom in axioms if axiom[0] == layer] for layer in sorted({axiom[0] for axiom in axioms})]


def _ranges(
    predicates: Sequence[str], arguments: Sequence[tuple[Variable, ...]]
) -> dict[str, dict[tuple[str, ...], tuple[int, int]]]:
    """Return first number and count of the atoms of each predicate and combination of types."""
    found: dict[str, dict[tuple[str, ...], tuple[int, int]]] = {}
    for i, (predicate, variables) in enumerate(zip(predicates, arguments, strict=True)):
        ranges = found.setdefault(predicate, {})
        types = tuple(kind for _, kind in variables)
        start, size = ranges.get(types, (i, 0))
        ranges[types] = (start, size + 1)
    return found
