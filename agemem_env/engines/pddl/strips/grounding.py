"""Grounds action schemas once, by joining over the facts that no action changes.

Names play no part in it: problems with as many objects of the same types and the same unchanging facts between them
have the same actions, which are therefore found once and named for each problem.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter

from agemem_env.engines.bits import with_bits
from agemem_env.engines.pddl.strips.parser import Atom, Domain, Literal, Problem, Schema

_Word = int | str
_RankedAtom = tuple[_Word, ...]
"""An atom with ranks in the place of objects; what is no object keeps its name."""

_Part = tuple[int, ...]

_SHAPES = 64
"""Shapes that are kept; one takes some 100 kB."""


@dataclass(frozen=True, slots=True)
class Instance:
    """An action with objects in the place of variables; additions win over deletions.

    Attributes:
        name: The schema's name.
        arguments: Ranks of the objects.
        parts: Numbers of the atoms that it needs, forbids, adds and deletes.
        masks: The same as sets of bits.
    """

    name: str
    arguments: tuple[int, ...]
    parts: tuple[_Part, ...]
    masks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Grounded:
    """The actions of a problem.

    Attributes:
        objects: Names by rank.
        atoms: The atoms of all instances, by number.
        instances: The actions that could become applicable, in the order of schemas and objects.
    """

    objects: tuple[str, ...]
    atoms: list[Atom]
    instances: list[Instance]


def ground(domain: Domain, problem: Problem, assumed: Iterable[Atom] = (), *, distinct: bool = False) -> Grounded:
    """Return every action that could become applicable, in the order of schemas and objects.

    Actions that could never change a state are left out.

    Args:
        domain: The domain.
        problem: One of its problems.
        assumed: Atoms that may hold at the start beside the initial ones.
        distinct: Leave out actions that have the same object for two parameters.
    """
    assumed = tuple(assumed)
    changing = {literal.atom[0] for schema in domain.actions.values() for literal in schema.effects}
    changing |= {atom[0] for atom in assumed}
    objects = dict([*domain.constants.items(), *problem.objects])
    names, rank = tuple(objects), {name: i for i, name in enumerate(objects)}
    facts = frozenset([_ranked(atom, rank) for atom in problem.init if atom[0] not in changing])
    shape = _shape(domain, tuple(objects.values()), facts, frozenset(changing), distinct)
    atoms = [(str(a[0]), *[names[w] if isinstance(w, int) else w for w in a[1:]]) for a in shape.atoms]
    given = {*problem.init, *assumed}
    possible = with_bits([i for i, atom in enumerate(atoms) if atom in given])
    return Grounded(names, atoms, _reachable(shape.instances, possible))


@dataclass(frozen=True, slots=True)
class _Shape:
    """The actions of all problems that differ in names and changing facts alone."""

    atoms: tuple[_RankedAtom, ...]
    instances: tuple[Instance, ...]


@lru_cache(maxsize=_SHAPES)
def _shape(
    domain: Domain, kinds: tuple[str, ...], facts: frozenset[_RankedAtom], changing: frozenset[str], distinct: bool
) -> _Shape:
    """Ground a domain for objects of these types, by rank."""
    constants = {name: i for i, name in enumerate(domain.constants)}
    join, numbers = _Join(domain, kinds, facts, constants), dict[_RankedAtom, int]()
    instances = [
        instance
        for schema in domain.actions.values()
        for outline in (_Outline.of(schema, changing),)
        for binding in join.bindings(schema, changing)
        if not (distinct and len(set(binding.values())) < len(binding))
        if (instance := outline.instance({**constants, **binding}, numbers)) is not None
    ]
    return _Shape(tuple(numbers), tuple(instances))


def _ranked(atom: Sequence[str], rank: Mapping[str, int]) -> _RankedAtom:
    return (atom[0], *[rank.get(word, word) for word in atom[1:]])


@dataclass(frozen=True, slots=True)
class _Outline:
    """What of a schema changes: the atoms that its actions need, forbid, add and delete, with variables."""

    schema: Schema
    parts: tuple[list[Atom], ...]

    @classmethod
    def of(cls, schema: Schema, changing: Collection[str]) -> _Outline:
        """Return the outline of a schema, given the predicates that change."""
        sides = ((schema.preconditions, True), (schema.preconditions, False), (schema.effects, True))
        parts = [
            [p.atom for p in literals if p.positive == positive and p.atom[0] in changing]
            for literals, positive in (*sides, (schema.effects, False))
        ]
        return cls(schema, tuple(parts))

    def instance(self, binding: Mapping[str, int], numbers: dict[_RankedAtom, int]) -> Instance | None:
        """Return the action, or None if it never changes anything; its atoms are numbered."""
        ranks = binding.get
        needs, forbids, adds, deletes = [
            {(atom[0], *[ranks(word, word) for word in atom[1:]]) for atom in part} for part in self.parts
        ]
        deletes -= adds
        if needs & forbids or (adds <= needs and deletes <= forbids):
            return None
        parts = [
            tuple([numbers.setdefault(atom, len(numbers)) for atom in part]) for part in (needs, forbids, adds, deletes)
        ]
        arguments = tuple([binding[v] for v, _ in self.schema.parameters])
        masks = [with_bits(part) for part in parts]
        return Instance(self.schema.name, arguments, tuple(parts), tuple(masks))


def _reachable(instances: Sequence[Instance], possible: int) -> list[Instance]:
    """Return the actions whose positive preconditions can come true if nothing is ever deleted."""
    kept: list[tuple[int, Instance]] = []
    waiting, missing, before = list(enumerate(instances)), ~possible, -1
    while len(kept) > before:
        before, closed = len(kept), []
        for each in waiting:
            needs, _, adds, _ = each[1].masks
            if needs & missing:
                closed.append(each)
            else:
                kept.append(each)
                missing &= ~adds
        waiting = closed
    kept.sort(key=itemgetter(0))
    return [instance for _, instance in kept]


class _Join:
    """Finds the bindings of a schema's parameters that its unchanging preconditions allow."""

    def __init__(
        self, domain: Domain, kinds: Sequence[str], facts: frozenset[_RankedAtom], constants: Mapping[str, int]
    ) -> None:
        types = {"object", *domain.types, *domain.types.values()}
        self._members = {
            kind: [o for o, k in enumerate(kinds) if kind == "object" or domain.is_a(k, kind)] for kind in types
        }
        self._facts, self._constants = facts, constants
        self._relations: dict[str, list[_RankedAtom]] = {}
        for atom in facts:
            self._relations.setdefault(str(atom[0]), []).append(atom)
        self._indices: dict[tuple[str, tuple[int, ...]], dict[_RankedAtom, list[_RankedAtom]]] = {}

    def bindings(self, schema: Schema, changing: Collection[str]) -> list[dict[str, int]]:
        """Return the bindings in the order of objects, parameter by parameter."""
        fixed = [p for p in schema.preconditions if p.atom[0] not in changing]
        kinds = {variable: set(self._members[kind]) for variable, kind in schema.parameters}
        found = list(self._extend({}, dict(schema.parameters), kinds, fixed))
        found.sort(key=lambda binding: [binding[v] for v, _ in schema.parameters])
        return found

    def _extend(
        self, binding: dict[str, int], types: Mapping[str, str], kinds: Mapping[str, set[int]], fixed: Sequence[Literal]
    ) -> Iterator[dict[str, int]]:
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
            further: Iterable[dict[str, int]] = ({**binding, smallest: o} for o in self._members[types[smallest]])
        else:
            further = self._joined(best, binding, types, kinds)
        for extended in further:
            yield from self._extend(extended, types, kinds, pending)

    def _joined(
        self, atom: Atom, binding: Mapping[str, int], types: Mapping[str, str], kinds: Mapping[str, set[int]]
    ) -> Iterator[dict[str, int]]:
        """Yield the bindings that extend one so that an atom becomes a fact."""
        for fact in self._matches(atom, binding, types):
            extended = dict(binding)
            for word, value in zip(atom[1:], fact[1:], strict=True):
                if word not in types:
                    continue
                if not isinstance(value, int) or extended.setdefault(word, value) != value or value not in kinds[word]:
                    break
            else:
                yield extended

    def _holds(self, literal: Literal, binding: Mapping[str, int]) -> bool:
        predicate, *words = literal.atom
        arguments = [self._value(word, binding) for word in words]
        true = arguments[0] == arguments[1] if predicate == "=" else (predicate, *arguments) in self._facts
        return true == literal.positive

    def _value(self, word: str, binding: Mapping[str, int]) -> _Word:
        return binding[word] if word in binding else self._constants.get(word, word)

    def _estimate(self, atom: Atom, binding: Mapping[str, int], types: Mapping[str, str]) -> float:
        bound = sum(word in binding or word not in types for word in atom[1:])
        size = float(len(self._relations.get(atom[0], ())))
        return math.pow(size, 1 - bound / (len(atom) - 1)) if size else 0.0

    def _matches(self, atom: Atom, binding: Mapping[str, int], types: Mapping[str, str]) -> Sequence[_RankedAtom]:
        places = tuple(i for i, word in enumerate(atom) if i and (word in binding or word not in types))
        index = self._indices.get((atom[0], places))
        if index is None:
            index = self._indices[atom[0], places] = {}
            for fact in self._relations.get(atom[0], ()):
                index.setdefault(tuple(fact[i] for i in places), []).append(fact)
        return index.get(tuple(self._value(atom[i], binding) for i in places), ())
