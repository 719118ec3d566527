"""The grammar of a game: how its observations are worded.

A game file brings its grammar (``twl2``). TextWorld's parser reads it once; what comes out is turned into plain nested
lists, which can be kept in a file, and from these into `Grammar`, which writes the same text as TextWorld's
``ContextSensitiveGrammar`` without parsing or copying anything per step.

A node of the plain form is ``["text", t]``, ``["symbol", name]``, ``["value", expression]``,
``["each", node, query or None]`` or ``["list", each-node]``; a query is a list of
``[predicate, [[placeholder, type], ...]]``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from agemem_env.engines.alfworld.package import parse_logic, parse_query, parse_symbols
from agemem_env.engines.alfworld.rules.expressions import Entity, Evaluate, compile_expression
from agemem_env.errors import DataError

Variable = tuple[str, str]
"""Id and type of an object."""

Placeholder = tuple[str, str]
"""Name and type of a parameter."""

Binding = Mapping[Placeholder, Variable]

Node = Callable[["Scene"], str]

_WISH = re.compile(r"(?<=Your task is to: )[A-Za-z0-9 ,.'-]+(?=\")")
"""The words of a task, as far as they mean nothing to the parser."""

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*\b(?!\s*\()")
"""Names in an expression, but for attributes."""

_PLACE = "THE TASK IN WORDS"
"""What stands for them in the grammar that is parsed."""


class Facts(Protocol):
    """What holds in a state, as the grammar sees it."""

    def matching(self, predicate: str, types: tuple[str, ...]) -> Sequence[tuple[Variable, ...]]:
        """Return the arguments of all facts of a predicate whose parameters accept these types, in order."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One predicate of a query."""

    predicate: str
    placeholders: tuple[Placeholder, ...]
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a text is written: the facts, and which objects the placeholders stand for."""

    facts: Facts
    entities: Mapping[str, Entity]
    binding: Binding

    def variables(self) -> dict[str, Entity]:
        """Return the entities by placeholder name, for expressions."""
        return {name: self.entities[variable[0]] for (name, _), variable in self.binding.items()}


def plain_grammar(domain: str, grammar: str) -> dict[str, Any]:
    """Parse a grammar into its plain form. Grammars that differ only in the words of their task are parsed once.

    Raises:
        DataError: If it cannot be parsed.
    """
    wish = _WISH.search(grammar)
    if wish is None or _PLACE in grammar:
        return _parsed(domain, grammar)
    common = _common(domain, f"{grammar[: wish.start()]}{_PLACE}{grammar[wish.end() :]}")
    filled: dict[str, Any] = json.loads(common.replace(_PLACE, wish[0]))
    return filled


@lru_cache(maxsize=4)
def _common(domain: str, grammar: str) -> str:
    return json.dumps(_parsed(domain, grammar))


def _parsed(domain: str, grammar: str) -> dict[str, Any]:
    logic = parse_logic(domain, grammar)
    rules = {
        name: [[_plain_query(rule.condition), [_plain(symbol) for symbol in rule.rhs]] for rule in alternatives]
        for name, alternatives in logic.grammar._rules.items()
    }
    actions = {
        name: [[_plain(s) for s in parse_symbols(text)] for text in (action.template, action.feedback_rule)]
        for name, action in logic.actions.items()
    }
    return {"rules": rules, "actions": actions}


def _plain(symbol: Any) -> list[Any]:
    kind = type(symbol).__name__
    if kind == "TerminalSymbol":
        return ["text", str(symbol.symbol)]
    if kind == "NonterminalSymbol":
        return ["symbol", str(symbol.symbol)]
    if kind == "EvalSymbol":
        return ["value", str(symbol.expression)]
    if kind == "ConditionalSymbol":
        return ["each", _plain(symbol.expression), _plain_query(symbol.given)]
    if kind == "ListSymbol":
        return ["list", _plain(symbol.symbol)]
    raise DataError(f"the grammar has a symbol of unknown kind {kind}")


def _plain_query(text: str | None) -> list[Any] | None:
    if not text:
        return None
    return [[p.name, [[ph.name, ph.type] for ph in p.parameters]] for p in parse_query(text)]


class Grammar:
    """Writes texts.

    Args:
        plain: The plain form.

    Raises:
        DataError: If it is not the plain form of a grammar.
    """

    def __init__(self, plain: Mapping[str, Any]) -> None:
        self._rules = {
            name: [(_conditions(query), [self._node(node) for node in nodes]) for query, nodes in alternatives]
            for name, alternatives in plain["rules"].items()
        }
        self._templates: dict[str, list[Node]] = {}
        self._mentioned: dict[str, frozenset[str]] = {}
        self._feedback: dict[str, list[Node]] = {}
        for name, (template, feedback) in plain["actions"].items():
            self._templates[name] = [self._node(node) for node in template]
            self._mentioned[name] = frozenset(word for node in template for word in _words(node))
            self._feedback[name] = [self._node(node) for node in feedback]

    def intro(self, scene: Scene) -> str:
        """Write the text with which a game begins."""
        return self._write("intro", scene)

    def command(self, action: str, scene: Scene) -> str:
        """Write the command of an action.

        Raises:
            DataError: If the grammar does not know the action.
        """
        if action not in self._templates:
            raise DataError(f"the grammar of the game has no action {action!r}, which its domain has")
        return "".join(node(scene) for node in self._templates[action])

    def mentioned(self, action: str, parameters: Sequence[str]) -> frozenset[str]:
        """Return the parameters on which the command of an action can depend; all, where it looks for other things."""
        words = self._mentioned.get(action, frozenset("*"))
        return words if words.issubset(parameters) else frozenset(parameters)

    def feedback(self, action: str, scene: Scene) -> str:
        """Write what an action is answered with."""
        return "".join(node(scene) for node in self._feedback[action])

    def _write(self, symbol: str, scene: Scene) -> str:
        """Write by the first rule of a symbol whose condition holds."""
        for query, nodes in self._rules.get(symbol, ()):
            if query is None or next(answers(query, scene), None) is not None:
                return "".join(node(scene) for node in nodes)
        raise DataError(f"the grammar of the game has no rule for {symbol!r} that applies")

    def _node(self, plain: Sequence[Any]) -> Node:
        kind, content = plain[0], plain[1]
        if kind == "text":
            return lambda scene: str(content)
        if kind == "symbol":
            return lambda scene: self._write(content, scene)
        if kind == "value":
            return _value(compile_expression(content))
        if kind == "each":
            written = self._each(plain)
            return lambda scene: "".join(written(scene))
        if kind == "list":
            return self._list(content)
        raise DataError(f"{kind!r} is not a kind of grammar node")

    def _each(self, plain: Sequence[Any]) -> Callable[[Scene], list[str]]:
        """Return what writes a node once for each answer to its query, or once if it has none."""
        _, content, plain_query = plain
        node, query = self._node(content), _conditions(plain_query)
        if query is None:
            return lambda scene: [node(scene)]
        return lambda scene: [node(found) for found in answers(query, scene)]

    def _list(self, plain: Sequence[Any]) -> Node:
        written = self._each(plain)

        def write(scene: Scene) -> str:
            """Return the items as a sentence lists them: "a, b, and c"."""
            items = written(scene)
            if not items:
                return self._write("list_empty", scene)
            if len(items) == 1:
                return items[0]
            separator = self._write("list_separator", scene)
            return separator.join(items[:-1]) + self._write("list_last_separator", scene) + items[-1]

        return write


def _words(plain: Sequence[Any]) -> Iterator[str]:
    """Yield the names that a node mentions; a star where that cannot be told."""
    kind, content = plain[0], plain[1]
    if kind == "value":
        yield from _NAME.findall(_QUOTED.sub("", content))
    elif kind == "each":
        yield from _words(content)
        yield from (placeholder for _, placeholders in plain[2] or () for placeholder, _ in placeholders)
    elif kind == "list":
        yield from _words(content)
    elif kind != "text":
        yield "*"


def _value(evaluate: Evaluate) -> Node:
    return lambda scene: str(evaluate(scene.variables()))


def _conditions(plain: Any) -> list[Condition] | None:
    if plain is None:
        return None
    return [
        Condition(name, tuple((p, t) for p, t in parameters), tuple(t for _, t in parameters))
        for name, parameters in plain
    ]


def answers(query: Sequence[Condition], scene: Scene) -> Iterator[Scene]:
    """Yield the scene with each way to bind the query's open placeholders, different ones to different objects."""
    for binding in _bindings(query, 0, dict(scene.binding), set(scene.binding.values()), scene.facts):
        yield Scene(scene.facts, scene.entities, binding)


def _bindings(
    query: Sequence[Condition], depth: int, bound: dict[Placeholder, Variable], used: set[Variable], facts: Facts
) -> Iterator[Binding]:
    if depth == len(query):
        yield dict(bound)
        return
    condition = query[depth]
    new = [placeholder for placeholder in dict.fromkeys(condition.placeholders) if placeholder not in bound]
    for arguments in facts.matching(condition.predicate, condition.types):
        if _bind(condition.placeholders, arguments, bound, used):
            yield from _bindings(query, depth + 1, bound, used, facts)
        for placeholder in new:
            variable = bound.pop(placeholder, None)
            if variable is not None:
                used.discard(variable)


def _bind(
    placeholders: Sequence[Placeholder],
    arguments: Sequence[Variable],
    bound: dict[Placeholder, Variable],
    used: set[Variable],
) -> bool:
    """Bind placeholders to arguments as far as they agree; return whether all do."""
    for placeholder, variable in zip(placeholders, arguments, strict=True):
        known = bound.get(placeholder)
        if known is None:
            if variable in used:
                return False
            bound[placeholder] = variable
            used.add(variable)
        elif known != variable:
            return False
    return True
