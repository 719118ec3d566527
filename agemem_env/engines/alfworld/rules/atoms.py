"""The atoms of a game, numbered so that a state is a number with one bit per atom.

They are sorted by predicate, types and arguments: counting through the bits of one predicate goes in the order in which
TextWorld lists facts.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agemem_env.engines.alfworld.rules.grammar import Variable
from agemem_env.engines.bits import bits_of
from agemem_env.errors import DataError

Fact = tuple[str, ...]
"""Predicate and ids of its arguments."""

NEGATION = "not_"
"""How the name of a fact begins that denies an atom."""


@dataclass(frozen=True, slots=True)
class State:
    """What holds; each number has one bit per atom.

    Attributes:
        true: The atoms that hold.
        noted: The atoms that TextWorld has as facts.
        denied: The atoms whose negation TextWorld has as a fact.
    """

    true: int
    noted: int
    denied: int


class Atoms:
    """The atoms of a game.

    Args:
        plain: ``objects``, ``types`` and ``atoms`` of the plain form, see `compiling.plain_machine`.
    """

    def __init__(self, plain: Mapping[str, Any]) -> None:
        self.objects: list[Variable] = [(name, kind) for name, kind in plain["objects"]]
        self._types = _Types(plain["types"])
        self._predicates = [atom[0] for atom in plain["atoms"]]
        self._arguments = [tuple(self.objects[i] for i in atom[1:]) for atom in plain["atoms"]]
        self._ranges = self._ranges_of_predicates()

    def facts(self, true: int) -> frozenset[Fact]:
        """Return the atoms that hold."""
        return frozenset((self._predicates[i], *(name for name, _ in self._arguments[i])) for i in bits_of(true))

    def variables(self, true: int) -> dict[str, str]:
        """Return the type of each object that an atom that holds is about."""
        return dict(variable for i in bits_of(true) for variable in self._arguments[i])

    def matching(self, state: State, predicate: str, types: tuple[str, ...]) -> list[tuple[Variable, ...]]:
        """Return the arguments of all facts of a predicate whose types are these or sub-types of them.

        Args:
            state: What holds.
            predicate: Name of the predicate; with ``not_`` before it, the atoms that are denied.
            types: One type per argument.
        """
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

    def _ranges_of_predicates(self) -> dict[str, dict[tuple[str, ...], tuple[int, int]]]:
        """Return first number and count of the atoms of each predicate and combination of types."""
        found: dict[str, dict[tuple[str, ...], tuple[int, int]]] = {}
        for i, (predicate, variables) in enumerate(zip(self._predicates, self._arguments, strict=True)):
            ranges = found.setdefault(predicate, {})
            types = tuple(kind for _, kind in variables)
            start, size = ranges.get(types, (i, 0))
            ranges[types] = (start, size + 1)
        return found


class View:
    """The facts of one state, as the grammar sees them."""

    def __init__(self, atoms: Atoms, state: State) -> None:
        self._atoms = atoms
        self._state = state

    def matching(self, predicate: str, types: tuple[str, ...]) -> Sequence[tuple[Variable, ...]]:
        """Return the arguments of all facts of a predicate whose parameters accept these types, in order."""
        return self._atoms.matching(self._state, predicate, types)


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
            if name not in self._children:
                raise DataError(f"the grammar of the game names the type {name!r}, which its domain has not")
            for child in self._children[name]:
                yield (*types[:i], child, *types[i + 1 :])
