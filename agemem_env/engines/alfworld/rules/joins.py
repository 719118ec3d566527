"""Joins over the facts of a planning problem: in which ways can variables be bound so that all atoms of a list hold.

A relation is a set of tuples of objects; a row binds variables, in a fixed order. All that can be unbound of a variable
is decided by the atoms, or, where no atom has it, by its type.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

Row = tuple[str, ...]

Pattern = tuple[str, tuple[str, ...]]
"""A predicate and its arguments: variables, which begin with a question mark, and objects."""

Relations = Mapping[str, Collection[Row]]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows that bind the same variables.

    Attributes:
        variables: The variables, in the order of each row.
        rows: The rows.
    """

    variables: tuple[str, ...]
    rows: list[Row]

    def picker(self, arguments: Sequence[str]) -> Callable[[Row], Row]:
        """Return what gives the arguments of an atom for a row.

        >>> Table(("?x", "?y"), []).picker(("?y", "desk", "?x"))(("mug", "lamp"))
        ('lamp', 'desk', 'mug')
        """
        places = [self.variables.index(a) if a.startswith("?") else None for a in arguments]
        if None not in places:  # the usual case, as fast as can be
            return _places([place for place in places if place is not None])
        return lambda row: tuple([a if p is None else row[p] for a, p in zip(arguments, places, strict=True)])

    def join(self, pattern: Pattern, relation: Iterable[Row], members: Mapping[str, Collection[str]]) -> Table:
        """Bind the variables of an atom too.

        Args:
            pattern: The atom.
            relation: What holds of its predicate.
            members: Objects that a variable may stand for, of all variables.
        """
        _, arguments = pattern
        bound = [i for i, a in enumerate(arguments) if a in self.variables]
        fixed = [(i, a) for i, a in enumerate(arguments) if not a.startswith("?")]
        new = {a: i for i, a in reversed(list(enumerate(arguments))) if a.startswith("?") and a not in self.variables}
        twice = [(i, new[a]) for i, a in enumerate(arguments) if a in new and new[a] != i]
        fresh = sorted(new.items(), key=lambda item: item[1])
        facts = relation
        for i, a in fixed:
            facts = [fact for fact in facts if fact[i] == a]
        for i, j in twice:
            facts = [fact for fact in facts if fact[i] == fact[j]]
        for a, i in fresh:
            allowed = members[a]
            facts = [fact for fact in facts if fact[i] in allowed]
        index: dict[Row, list[Row]] = {}
        known, added = _places(bound), _places([i for _, i in fresh])
        for fact in facts:
            index.setdefault(known(fact), []).append(added(fact))
        key = self.picker([arguments[i] for i in bound])
        rows = [row + further for row in self.rows for further in index.get(key(row), ())]
        return Table((*self.variables, *(a for a, _ in fresh)), rows)

    def with_variable(self, variable: str, members: Iterable[str]) -> Table:
        """Bind a variable to every object that it may stand for."""
        objects = [(name,) for name in members]
        return Table((*self.variables, variable), [row + name for row in self.rows for name in objects])


def _places(places: Sequence[int]) -> Callable[[Row], Row]:
    """Return what gives the items of a row in these places."""
    if not places:
        return lambda row: ()
    one = places[0]
    return itemgetter(*places) if len(places) > 1 else lambda row: (row[one],)


EVERYTHING = Table((), [()])
"""One row that binds nothing."""


def joined(
    start: Table, patterns: Sequence[Pattern], relations: Relations, members: Mapping[str, Collection[str]]
) -> Table:
    """Join atoms to a table, next the one that leaves the fewest possibilities as far as sizes tell.

    Args:
        start: The table.
        patterns: The atoms.
        relations: What holds, by predicate.
        members: Objects that each variable may stand for.
    """
    table, left = start, list(patterns)

    def rank(pattern: Pattern) -> tuple[int, int]:
        """Order atoms: those that only filter the rows, those that share a variable with them, then the rest."""
        unbound = {a for a in pattern[1] if a.startswith("?") and a not in table.variables}
        connected = len(unbound) < len(set(pattern[1])) or not table.variables
        return (0 if not unbound else 1 if connected else 2), len(relations.get(pattern[0], ()))

    while left and table.rows:
        best = min(left, key=rank)
        left.remove(best)
        table = table.join(best, relations.get(best[0], ()), members)
    return (
        Table((*table.variables, *dict.fromkeys(a for p in left for a in p[1] if a not in table.variables)), [])
        if left
        else table
    )
