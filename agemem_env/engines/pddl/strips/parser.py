"""Parses the subset of PDDL that STRIPS problems with types, constants, equality and negation use.

Everything else is refused with file and line. Argument types of predicates are not checked, because published
problems break them; parameter types of actions are what grounding goes by.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from agemem_env.engines.pddl.strips.strict import (
    check_consistent,
    check_name,
    check_once,
    check_sections_once,
    warn_of_repeated,
)
from agemem_env.engines.pddl.strips.syntax import Node, Source
from agemem_env.engines.pddl.strips.typed import typed_names

Atom = tuple[str, ...]
"""A predicate and its arguments: ``("on", "b1", "b2")``."""

REQUIREMENTS = (":strips", ":typing", ":negative-preconditions", ":equality")
"""What a domain may require."""


@dataclass(frozen=True, slots=True)
class Literal:
    """An atom, of variables or objects, or its negation; the predicate ``=`` is equality."""

    atom: Atom
    positive: bool = True


@dataclass(frozen=True, slots=True)
class Schema:
    """An action with variables; parameters are pairs of variable and type."""

    name: str
    parameters: tuple[tuple[str, str], ...]
    preconditions: tuple[Literal, ...]
    effects: tuple[Literal, ...]


@dataclass(frozen=True, eq=False)
class Domain:
    """A domain; equal only to itself.

    Attributes:
        name: Name that problems refer to.
        types: Type -> its super-type.
        constants: Object -> type.
        predicates: Predicate -> number of arguments.
        actions: Actions by name, in order.
    """

    name: str
    types: Mapping[str, str]
    constants: Mapping[str, str]
    predicates: Mapping[str, int]
    actions: Mapping[str, Schema]

    def is_a(self, kind: str, ancestor: str) -> bool:
        """Return whether a type is another one or below it."""
        while kind != ancestor and kind in self.types:
            kind = self.types[kind]
        return kind == ancestor


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem of a domain; objects are pairs of name and type, without the domain's constants."""

    name: str
    domain: str
    objects: tuple[tuple[str, str], ...]
    init: tuple[Atom, ...]
    goal: tuple[Literal, ...]


def parse_domain(text: str, name: str) -> Domain:
    """Parse a domain.

    Args:
        text: The file's text.
        name: The file's name, for errors.

    Raises:
        DataError: If something is wrong or not supported, with file and line.
    """
    source = Source(name)
    title, sections = _define(source, source.read(text), "domain")
    _check_sections(source, sections, (":requirements", ":types", ":constants", ":predicates", ":action"))
    types = _types(source, _section(sections, ":types"))
    known = {"object", *types, *types.values()}
    constants = dict(typed_names(source, _section(sections, ":constants"), known, what="constant"))
    declared = _section(sections, ":predicates")
    predicates = dict(_predicate(source, node, known) for node in declared)
    check_once(source, ((node.line, node.head) for node in declared), "predicate")
    reader = _Reader(source, predicates, constants)
    actions: dict[str, Schema] = {}
    for section in sections:
        if section.head == ":action":
            schema = _action(reader, section, known)
            if schema.name in actions:
                source.fail(section.line, f"a second action {schema.name!r}")
            actions[schema.name] = schema
    if not actions:
        source.fail(1, "the domain has no actions")
    return Domain(
        title,
        types,
        constants,
        predicates,
        actions,
    )


def parse_problem(text: str, name: str, domain: Domain) -> Problem:
    """Parse a problem of a domain.

    Raises:
        DataError: If something is wrong or not supported or the problem belongs to another domain.
    """
    source = Source(name)
    tree = source.read(text)
    title, sections = _define(source, tree, "problem")
    _check_sections(source, sections, (":domain", ":requirements", ":objects", ":init", ":goal"))
    for part in (":domain", ":init", ":goal"):
        if not any(section.head == part for section in sections):
            source.fail(tree.line, f"the problem has no ({part} ...)")
    _check_owner(source, _first(sections, ":domain"), domain)
    known = {"object", *domain.types, *domain.types.values()}
    objects = dict(
        typed_names(source, _section(sections, ":objects"), known, what="object", constants=domain.constants)
    )
    reader = _Reader(source, domain.predicates, {**domain.constants, **objects}, no_equality="a problem")
    facts = _section(sections, ":init")
    init = [reader.literal(node, ()) for node in facts]
    check_consistent(source, [(n.line, p.atom, p.positive) for n, p in zip(facts, init, strict=True)], ":init")
    warn_of_repeated(source, [(n.line, p.atom) for n, p in zip(facts, init, strict=True)])
    return Problem(
        title,
        domain.name,
        tuple((o, kind) for o, kind in objects.items() if o not in domain.constants),
        tuple(dict.fromkeys(literal.atom for literal in init if literal.positive)),
        _goal(reader, _first(sections, ":goal")),
    )


def _goal(reader: _Reader, section: Node) -> tuple[Literal, ...]:
    source = reader.source
    if len(section.items) != 2:
        source.fail(section.line, "expected one condition in (:goal ...)")
    stated = list(reader.stated(section.items[1], ()))
    if not stated:
        source.fail(section.line, "the goal is empty")
    check_consistent(source, [(line, p.atom, p.positive) for line, p in stated], ":goal")
    check_once(source, [(line, f"({' '.join(p.atom)})") for line, p in stated], "wish for")
    return tuple(literal for _, literal in stated)


@dataclass(frozen=True)
class _Reader:
    """Reads conditions and checks names."""

    source: Source
    predicates: Mapping[str, int]
    objects: Mapping[str, str]
    no_equality: str = ""
    """What may not speak of equality, for the message; empty where it may."""

    def conjunction(self, node: Node, variables: Collection[str]) -> tuple[Literal, ...]:
        return tuple(literal for _, literal in self.stated(node, variables))

    def stated(self, node: Node, variables: Collection[str]) -> Iterator[tuple[int, Literal]]:
        """Yield the literals of a conjunction with their lines."""
        if node.head == "and":
            for item in node.items[1:]:
                yield from self.stated(item, variables)
        elif node.word is not None or node.items:
            yield node.line, self.literal(node, variables)

    def literal(self, node: Node, variables: Collection[str]) -> Literal:
        """Return an atom, or the negation of one; anything else is an error of the file."""
        if node.head != "not":
            return Literal(self.atom(node, variables))
        if len(node.items) != 2:
            self.source.fail(node.line, "expected one condition in (not ...)")
        return Literal(self.atom(node.items[1], variables), positive=False)

    def atom(self, node: Node, variables: Collection[str]) -> Atom:
        """Return an atom of a declared predicate and known names; anything else is an error of the file."""
        if node.head in _UNSUPPORTED:
            self.source.fail(node.line, f"({node.head} ...) is not supported; allowed: and, not, = and atoms")
        if not node.items or node.items[0].word is None:
            self.source.fail(node.line, "expected an atom such as (on b1 b2)")
        if node.head == "=" and self.no_equality:
            self.source.fail(node.line, f"{self.no_equality} cannot state '=': objects are equal only to themselves")
        arity = 2 if node.head == "=" else self.predicates.get(node.head)
        if arity is None:
            self.source.fail(node.line, f"unknown predicate {node.head!r}; declared: {', '.join(self.predicates)}")
        if len(node.items) - 1 != arity:
            self.source.fail(node.line, f"{node.head!r} takes {arity} arguments, found {len(node.items) - 1}")
        words = tuple(self.source.word(item, "a name") for item in node.items)
        for word in words[1:]:
            if word not in variables and word not in self.objects:
                kind = "variable" if word.startswith("?") else "object"
                self.source.fail(node.line, f"unknown {kind} {word!r}")
        return words


_UNSUPPORTED = ("or", "imply", "forall", "exists", "when", "increase", "decrease", "assign", "either", "and", "not")


def _predicate(source: Source, node: Node, types: Collection[str]) -> tuple[str, int]:
    if not node.head:
        source.fail(node.line, "expected a predicate such as (on ?x ?y)")
    if node.head in (*_UNSUPPORTED, "="):
        source.fail(node.line, f"{node.head!r} is a word of the language and cannot be a predicate")
    check_name(source, node.line, node.head)
    return node.head, len(typed_names(source, node.items[1:], types, variables=True))


def _define(source: Source, tree: Node, kind: str) -> tuple[str, Sequence[Node]]:
    if tree.head != "define" or len(tree.items) < 2 or tree.items[1].head != kind or len(tree.items[1].items) != 2:
        source.fail(tree.line, f"expected (define ({kind} NAME) ...)")
    return source.word(tree.items[1].items[1], "a name"), tree.items[2:]


def _check_sections(source: Source, sections: Sequence[Node], allowed: Sequence[str]) -> None:
    check_sections_once(source, sections, repeatable=(":action",))
    for section in sections:
        if section.head not in allowed:
            source.fail(section.line, f"unsupported section {section.head!r}; allowed: {', '.join(allowed)}")
        if section.head == ":requirements":
            for item in section.items[1:]:
                if item.word not in REQUIREMENTS:
                    source.fail(item.line, f"unsupported requirement {item.word!r}; allowed: {', '.join(REQUIREMENTS)}")


def _check_owner(source: Source, owner: Node, domain: Domain) -> None:
    """Refuse a problem of another domain."""
    if [item.word for item in owner.items[1:]] != [domain.name]:
        named = " ".join(item.word or "" for item in owner.items[1:])
        source.fail(owner.line, f"a problem of domain {named!r}; expected domain {domain.name!r}")


def _first(sections: Sequence[Node], head: str) -> Node:
    return next(section for section in sections if section.head == head)


def _section(sections: Sequence[Node], head: str) -> list[Node]:
    return [item for section in sections if section.head == head for item in section.items[1:]]


def _types(source: Source, nodes: Sequence[Node]) -> dict[str, str]:
    types = dict(typed_names(source, nodes, None, what="type"))
    if types.pop("object", "object") != "object":
        source.fail(nodes[0].line, "type 'object' is above all others and has no super-type")
    for start in types:
        seen, kind = {start}, types[start]
        while kind in types:
            if kind in seen:
                source.fail(nodes[0].line, f"type {start!r} is its own super-type")
            seen.add(kind)
            kind = types[kind]
    return types


def _action(reader: _Reader, section: Node, types: Collection[str]) -> Schema:
    """Read an action's parameters, precondition and effect."""
    source, items = reader.source, section.items
    name = source.word(items[1], "the action's name") if len(items) > 1 else ""
    if not name or len(items) % 2:
        source.fail(section.line, "expected (:action NAME :parameters (...) :precondition (...) :effect (...))")
    check_name(source, section.line, name)
    fields: dict[str, Node] = {}
    for key, value in zip(items[2::2], items[3::2], strict=True):
        if key.word not in (":parameters", ":precondition", ":effect"):
            source.fail(key.line, f"unsupported part {key.word or 'list'!r} of action {name!r}")
        if key.word in fields:
            source.fail(key.line, f"a second {key.word} of action {name!r}")
        fields[key.word] = value
    if ":effect" not in fields:
        source.fail(section.line, f"action {name!r} has no :effect")
    empty = Node(section.line, None)
    parameters = typed_names(source, fields.get(":parameters", empty).items, types, variables=True)
    variables = [variable for variable, _ in parameters]
    if len(set(variables)) < len(variables):
        source.fail(section.line, f"action {name!r} names a parameter twice")
    needs = list(reader.stated(fields.get(":precondition", empty), variables))
    check_consistent(source, [(line, p.atom, p.positive) for line, p in needs], f"the precondition of {name!r}")
    effects = replace(reader, no_equality="an effect").conjunction(fields[":effect"], variables)
    return Schema(name, tuple(parameters), tuple(literal for _, literal in needs), effects)
