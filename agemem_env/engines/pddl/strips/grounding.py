"""Grounds action schemas once, by joining over the facts that no action changes."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from agemem_env.engines.pddl.strips.parser import Atom, Domain, Literal, Problem, Schema


@dataclass(frozen=True, slots=True)
class GroundAction:
    """An action with objects in the place of variables; additions win over deletions."""

    name: str
    arguments: tuple[str, ...]
    needs: frozenset[Atom]
    forbids: frozenset[Atom]
    adds: frozenset[Atom]
    deletes: frozenset[Atom]


def ground(
    domain: Domain, problem: Problem, assumed: Iterable[Atom] = (), *, distinct: bool = False
) -> list[GroundAction]:
    """Return every action that could become applicable, in the order of schemas and objects.

    Actions that could never change a state are left out.

    Args:
        domain: The domain.
        problem: One of its problems.
        assumed: Atoms that may hold at the start beside the initial ones.
        distinct: Leave out actions that have the same object for two parameters.
    """
    possible = {*problem.init, *assumed}
    changing = {literal.atom[0] for schema in domain.actions.values() for literal in schema.effects}
    changing |= {atom[0] for atom in assumed}
    objects = dict([*domain.constants.items(), *problem.objects])
    join = _Join(domain, objects, [atom for atom in problem.init if atom[0] not in changing])
    actions = [
        action
        for schema in domain.actions.values()
        for binding in join.bindings(schema, changing)
        if not (distinct and len(set(binding.values())) < len(binding))
        if (action := _instance(schema, binding, changing)) is not None
    ]
    return _reachable(actions, possible)


def _instance(schema: Schema, binding: Mapping[str, str], changing: Collection[str]) -> GroundAction | None:
    """Return the action, or None if it never changes anything."""

    def atoms(literals: Iterable[Literal], positive: bool) -> frozenset[Atom]:
        return frozenset(
            (p.atom[0], *(binding.get(word, word) for word in p.atom[1:]))
            for p in literals
            if p.positive == positive and p.atom[0] in changing
        )

    needs, forbids = atoms(schema.preconditions, True), atoms(schema.preconditions, False)
    adds = atoms(schema.effects, True)
    deletes = atoms(schema.effects, False) - adds
    if needs & forbids or (adds <= needs and deletes <= forbids):
        return None
    return GroundAction(schema.name, tuple(binding[v] for v, _ in schema.parameters), needs, forbids, adds, deletes)


def _reachable(actions: Sequence[GroundAction], possible: set[Atom]) -> list[GroundAction]:
    """Return the actions whose positive preconditions can come true if nothing is ever deleted."""
    missing = [len(action.needs - possible) for action in actions]
    waiting: dict[Atom, list[int]] = {}
    for i, action in enumerate(actions):
        for atom in action.needs - possible:
            waiting.setdefault(atom, []).append(i)
    queue = [i for i, count in enumerate(missing) if not count]
    kept = set(queue)
    while queue:
        for atom in actions[queue.pop()].adds - possible:
            possible.add(atom)
            for i in waiting.get(atom, ()):
                missing[i] -= 1
                if not missing[i]:
                    queue.append(i)
                    kept.add(i)
    return [actions[i] for i in sorted(kept)]


class _Join:
    """Finds the bindings of a schema's parameters that its unchanging preconditions allow."""

    def __init__(self, domain: Domain, objects: Mapping[str, str], facts: Sequence[Atom]) -> None:
        kinds = {"object", *domain.types, *domain.types.values()}
        self._members = {
            kind: [o for o, k in objects.items() if kind == "object" or domain.is_a(k, kind)] for kind in kinds
        }
        self._facts = set(facts)
        self._relations: dict[str, list[Atom]] = {}
        for atom in facts:
            self._relations.setdefault(atom[0], []).append(atom)
        self._indices: dict[tuple[str, tuple[int, ...]], dict[tuple[str, ...], list[Atom]]] = {}
        self._rank = {o: i for i, o in enumerate(objects)}

    def bindings(self, schema: Schema, changing: Collection[str]) -> list[dict[str, str]]:
        """Return the bindings in the order of objects, parameter by parameter."""
        fixed = [p for p in schema.preconditions if p.atom[0] not in changing]
        kinds = {variable: set(self._members[kind]) for variable, kind in schema.parameters}
        found = list(self._extend({}, dict(schema.parameters), kinds, fixed))
        found.sort(key=lambda binding: [self._rank[binding[v]] for v, _ in schema.parameters])
        return found

    def _extend(
        self, binding: dict[str, str], types: Mapping[str, str], kinds: Mapping[str, set[str]], fixed: Sequence[Literal]
    ) -> Iterator[dict[str, str]]:
        """Yield the complete bindings that extend one which satisfies all its complete preconditions.

        Args:
            binding: Parameter -> object, for the parameters that have one.
            types: Parameter -> type, for all of them.
            kinds: Parameter -> the objects of its type.
            fixed: Unchanging preconditions that may not be checked yet.
        """
        pending = [p for p in fixed if any(word in types and word not in binding for word in p.atom[1:])]
        if not all(self._holds(p, binding) for p in fixed if p not in pending):
            return
        free = [variable for variable in types if variable not in binding]
        if not free:
            yield binding
            return
        # Go on with whatever leaves the fewest possibilities: the facts of one relation, or the objects of one type.
        smallest = min(free, key=lambda variable: len(kinds[variable]))
        joins = [p.atom for p in pending if p.positive and p.atom[0] != "="]
        best = min(joins, key=lambda atom: self._estimate(atom, binding, types), default=None)
        if best is None or self._estimate(best, binding, types) > len(kinds[smallest]):
            further: Iterable[dict[str, str]] = ({**binding, smallest: o} for o in self._members[types[smallest]])
        else:
            further = self._joined(best, binding, types, kinds)
        for extended in further:
            yield from self._extend(extended, types, kinds, pending)

    def _joined(
        self, atom: Atom, binding: Mapping[str, str], types: Mapping[str, str], kinds: Mapping[str, set[str]]
    ) -> Iterator[dict[str, str]]:
        """Yield the bindings that extend one so that an atom becomes a fact."""
        for fact in self._matches(atom, binding, types):
            extended = dict(binding)
            for word, value in zip(atom[1:], fact[1:], strict=True):
                if word in types and (extended.setdefault(word, value) != value or value not in kinds[word]):
                    break
            else:
                yield extended

    def _holds(self, literal: Literal, binding: Mapping[str, str]) -> bool:
        predicate, *words = literal.atom
        arguments = [binding.get(word, word) for word in words]
        true = arguments[0] == arguments[1] if predicate == "=" else (predicate, *arguments) in self._facts
        return true == literal.positive

    def _estimate(self, atom: Atom, binding: Mapping[str, str], types: Mapping[str, str]) -> float:
        bound = sum(word in binding or word not in types for word in atom[1:])
        size = float(len(self._relations.get(atom[0], ())))
        return math.pow(size, 1 - bound / (len(atom) - 1)) if size else 0.0

    def _matches(self, atom: Atom, binding: Mapping[str, str], types: Mapping[str, str]) -> Sequence[Atom]:
        places = tuple(i for i, word in enumerate(atom) if i and (word in binding or word not in types))
        index = self._indices.get((atom[0], places))
        if index is None:
            index = self._indices[atom[0], places] = {}
            for fact in self._relations.get(atom[0], ()):
                index.setdefault(tuple(fact[i] for i in places), []).append(fact)
        return index.get(tuple(binding.get(atom[i], atom[i]) for i in places), ())
