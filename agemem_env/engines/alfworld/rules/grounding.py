"""Grounds the problem of a game, with the same result as Fast Downward's translator in a fraction of its time.

The translator parses and normalises the problem: actions with conjunctions of literals, the goal as an axiom. What
can be reached is then found by joins over whole relations (`joins`) instead of one fact at a time, and the operators of
actions whose effects have no conditions are written directly. The rest (axioms, conditional effects) is left to the
translator's own functions, and so is a problem with anything in it that is not provided for here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any

from agemem_env.engines.alfworld.package import Translator
from agemem_env.engines.alfworld.rules.joins import EVERYTHING, Pattern, Row, Table, joined
from agemem_env.engines.alfworld.rules.sas import Atom, Axiom, GroundOperator, Literal, Sas, SasEffect

_Relations = dict[str, dict[Row, None]]


class NotProvidedError(Exception):
    """Something in a problem that only the translator itself can ground."""


def ground(translator: Translator, task: Any) -> Sas:
    """Ground a normalised task.

    Raises:
        NotProvidedError: If there is something in it that only the translator itself can ground.
    """
    return _Grounder(translator, task).ground()


class _Schema:
    """An action or an axiom of the task, and the rows that bind its parameters."""

    def __init__(self, item: Any, fluents: Collection[str], members: Mapping[str, Collection[str]]) -> None:
        self.item = item
        self.parameters = tuple(p.name for p in item.parameters)
        self.members = {p.name: members.get(p.type_name, ()) for p in item.parameters}
        condition = item.condition if hasattr(item, "condition") else item.precondition
        self.positive = [_pattern(part) for part in _literals(condition) if not part.negated]
        self.negative = [_pattern(part) for part in _literals(condition) if part.negated]
        self.fluent = [p for p in self.positive if p[0] in fluents]
        self._static = [p for p in self.positive if p[0] not in fluents]
        self._base: Table | None = None
        self.table = EVERYTHING

    def bind(self, relations: _Relations) -> None:
        """Find the rows for what can hold now."""
        if self._base is None:
            self._base = joined(EVERYTHING, self._static, relations, self.members)
        table = joined(self._base, self.fluent, relations, self.members)
        for name in self.parameters:
            if name not in table.variables:
                table = table.with_variable(name, self.members[name])
        self.table = table


def _pattern(literal: Any) -> Pattern:
    return literal.predicate, tuple(literal.args)


def _literals(condition: Any) -> list[Any]:
    """Return the literals of a condition."""
    kind = type(condition).__name__
    if kind in ("Atom", "NegatedAtom"):
        return [condition]
    parts = list(condition.parts) if kind in ("Conjunction", "Truth") else None
    if parts is None or any(type(part).__name__ not in ("Atom", "NegatedAtom") for part in parts):
        raise NotProvidedError(kind)
    return parts


class _Grounder:
    """Grounds one task; built once and used once."""

    def __init__(self, translator: Translator, task: Any) -> None:
        self._translator, self._task = translator, task
        fluents = {effect.literal.predicate for action in task.actions for effect in action.effects}
        derived = {axiom.name for axiom in task.axioms}
        members = self._members()
        self._fluents = fluents | derived
        self._actions = [_Schema(action, self._fluents, members) for action in task.actions]
        self._axioms = [_Schema(axiom, self._fluents, members) for axiom in task.axioms]
        used = {p[0] for schema in self._actions for p in (*schema.positive, *schema.negative)}
        used |= {literal.predicate for a in task.actions for e in a.effects for literal in _literals(e.condition)}
        if used & derived or any(axiom.num_external_parameters for axiom in task.axioms):
            raise NotProvidedError("derived predicates in actions, or with arguments")
        self._init: _Relations = {}
        for fact in task.init:
            if type(fact).__name__ == "Atom":
                self._init.setdefault(fact.predicate, {})[tuple(fact.args)] = None
        self._facts: _Relations = {predicate: dict(rows) for predicate, rows in self._init.items()}

    def ground(self) -> Sas:
        """Return what can be reached of the task, with numbers for atoms."""
        self._reach()
        atoms: list[Atom] = sorted((p, *row) for p in self._fluents for row in self._facts.get(p, ()))
        self._number: dict[str, dict[Row, int]] = {}
        for i, atom in enumerate(atoms):
            self._number.setdefault(atom[0], {})[atom[1:]] = i
        operators = tuple(operator for schema in self._actions for operator in self._operators(schema))
        axioms, layers = self._ground_axioms()
        return Sas(
            atoms=tuple(atoms),
            layers=tuple(layers.get(i, -1) for i in range(len(atoms))),
            initial=frozenset(i for i, atom in enumerate(atoms) if atom[1:] in self._init.get(atom[0], ())),
            goal=self._goal(),
            operators=operators,
            axioms=axioms,
        )

    def _members(self) -> dict[str, set[str]]:
        kinds = {kind.name: kind for kind in self._task.types}
        members: dict[str, set[str]] = {}
        for thing in self._task.objects:
            if thing.type_name not in kinds:
                raise NotProvidedError(f"the unknown type {thing.type_name!r}")
            for name in (thing.type_name, *kinds[thing.type_name].supertype_names):
                members.setdefault(name, set()).add(thing.name)
        return members

    def _reach(self) -> None:
        """Add to the facts all that can come true if no negation matters, and bind all schemas."""
        news = set(self._fluents)
        first = True
        while first or news:
            before = {predicate: len(self._facts.get(predicate, ())) for predicate in self._fluents}
            for schema in self._actions:
                if first or any(predicate in news for predicate, _ in schema.fluent):
                    schema.bind(self._facts)
                    self._add_effects(schema)
            news = {p for p, size in before.items() if len(self._facts.get(p, ())) > size}
            first = False
        for schema in self._axioms:
            schema.bind(self._facts)
            if schema.table.rows:
                self._facts.setdefault(schema.item.name, {})[()] = None

    def _add_effects(self, schema: _Schema) -> None:
        for effect in schema.item.effects:
            if effect.literal.negated:
                continue
            table = schema.table
            if effect.parameters:
                raise NotProvidedError("effects on all objects")
            positive = [_pattern(part) for part in _literals(effect.condition) if not part.negated]
            if positive:
                table = joined(table, positive, self._facts, schema.members)
            rows = dict.fromkeys(map(table.picker(effect.literal.args), table.rows))
            self._facts.setdefault(effect.literal.predicate, {}).update(rows)

    def _operators(self, schema: _Schema) -> Iterator[GroundOperator]:
        """Write the operators of an action."""
        action = schema.item
        if any(_literals(effect.condition) for effect in action.effects):
            yield from self._conditional(schema)
            return
        table = schema.table
        names = map(table.picker(schema.parameters[: action.num_external_parameters]), table.rows)
        needs = [self._numbers(table, pattern) for pattern in schema.fluent]
        forbids = [self._numbers(table, pattern) for pattern in schema.negative]
        told = [self._told(table, pattern) for pattern in schema.negative]
        effects = [self._numbers(table, _pattern(effect.literal)) for effect in action.effects]
        values = [not effect.literal.negated for effect in action.effects]
        rows = zip(
            names,
            _across(needs, table),
            _across(forbids, table),
            _across(told, table),
            _across(effects, table),
            strict=True,
        )
        for name, needed, forbidden, true, changed in rows:
            holds: dict[int, bool] = dict.fromkeys(needed, True)
            fits = True
            for number, always in zip(forbidden, true, strict=True):
                fits = fits and not (always if number is None else holds.setdefault(number, False))
            changes = _changes(holds, changed, values) if fits else ()
            if changes:
                yield GroundOperator((action.name, *name), tuple(holds.items()), changes)

    def _numbers(self, table: Table, pattern: Pattern) -> list[int | None]:
        """Return the number of an atom for each row; None where it never changes."""
        return list(map(self._number.get(pattern[0], {}).get, map(table.picker(pattern[1]), table.rows)))

    def _told(self, table: Table, pattern: Pattern) -> list[bool]:
        """Return for each row whether an atom holds at the start."""
        return list(map(self._init.get(pattern[0], {}).__contains__, map(table.picker(pattern[1]), table.rows)))

    def _conditional(self, schema: _Schema) -> Iterator[GroundOperator]:
        """Let the translator write the operators of an action with conditional effects."""
        table, task = schema.table, self._task
        dictionary = _Dictionary(self._number)
        sizes = [2] * (sum(map(len, self._number.values())))
        kinds = self._translator.instantiate.get_objects_by_type(task.objects, task.types)
        for row in table.rows:
            mapping = dict(zip(table.variables, row, strict=True))
            found = schema.item.instantiate(mapping, _Told(self._init), {}, _Told(self._number), kinds, False)
            if found is None:
                continue
            for operator in self._translator.translate.translate_strips_operator(
                found, dictionary, sizes, dictionary, sizes, {}
            ):
                yield _operator(operator)

    def _ground_axioms(self) -> tuple[tuple[Axiom, ...], dict[int, int]]:
        """Let the translator instantiate and simplify the axioms; return them and the layer of each derived atom."""
        found = []
        for schema in self._axioms:
            for row in schema.table.rows:
                mapping = dict(zip(schema.table.variables, row, strict=True))
                axiom = schema.item.instantiate(mapping, _Told(self._init), _Told(self._number))
                if axiom is not None:
                    found.append(axiom)
        axioms, layers = self._translator.axiom_rules.handle_axioms([], sorted(found), self._goals(), "min")
        if any(axiom.effect.negated for axiom in axioms):
            raise NotProvidedError("negated derived predicates")
        ground = tuple(
            Axiom(tuple(condition.items()), self._at(axiom.effect))
            for axiom in axioms
            if (condition := self._consistent(axiom.condition)) is not None
        )
        return ground, {self._at(atom): layer for atom, layer in layers.items()}

    def _goals(self) -> list[Any]:
        return _literals(self._task.goal)

    def _goal(self) -> tuple[Literal, ...]:
        for part in self._goals():
            if part.negated or tuple(part.args) not in self._facts.get(part.predicate, ()):
                raise NotProvidedError("a goal that can never be reached, or a negated one")
        goal = self._consistent([part for part in self._goals() if part.predicate in self._fluents])
        if not goal:
            raise NotProvidedError("a goal that holds from the beginning")
        return tuple(goal.items())

    def _consistent(self, literals: Iterable[Any]) -> dict[int, bool] | None:
        """Return literals by number; None if they contradict each other."""
        found: dict[int, bool] = {}
        for literal in sorted(literals, key=lambda each: bool(each.negated)):
            if found.setdefault(self._at(literal), not literal.negated) is literal.negated:
                return None
        return found

    def _at(self, literal: Any) -> int:
        return self._number[literal.predicate][tuple(literal.args)]


def _across(columns: Sequence[Sequence[Any]], table: Table) -> Iterable[tuple[Any, ...]]:
    """Return what columns have for each row."""
    return zip(*columns, strict=True) if columns else repeat((), len(table.rows))


def _changes(holds: Mapping[int, bool], numbers: Sequence[int | None], values: Sequence[bool]) -> tuple[SasEffect, ...]:
    """Return the effects that change anything, in the translator's order; an added atom is not deleted."""
    becomes: dict[int, bool] = {}
    for number, value in zip(numbers, values, strict=True):
        if number is not None:
            becomes[number] = value or becomes.get(number, False)
    return tuple([SasEffect((), item) for item in sorted(becomes.items()) if holds.get(item[0]) is not item[1]])


class _Told:
    """Relations as the set of the translator's atoms."""

    def __init__(self, relations: Mapping[str, Collection[Row]]) -> None:
        self._relations = relations

    def __contains__(self, atom: Any) -> bool:
        return tuple(atom.args) in self._relations.get(atom.predicate, ())


class _Dictionary:
    """Numbers of atoms as the translator's dictionary of variables and values."""

    def __init__(self, number: Mapping[str, Mapping[Row, int]]) -> None:
        self._number = number

    def get(self, atom: Any, default: Any = None) -> Any:
        number = self._number.get(atom.predicate, {}).get(tuple(atom.args))
        return default if number is None else [(number, 0)]

    def __getitem__(self, atom: Any) -> Any:
        return [(self._number[atom.predicate][tuple(atom.args)], 0)]


def _operator(operator: Any) -> GroundOperator:
    """Return an operator of the translator in the form in which `sas` reads one."""
    condition = [(variable, value == 0) for variable, value in operator.prevail]
    effects = []
    for variable, before, after, given in operator.pre_post:
        if before != -1:
            condition.append((variable, before == 0))
        effects.append(SasEffect(tuple((v, value == 0) for v, value in given), (variable, after == 0)))
    return GroundOperator(tuple(operator.name[1:-1].split()), tuple(condition), tuple(effects))
