"""Expressions inside a game's grammar, such as ``o.indefinite + ' ' + o.name``.

A game file is data that somebody else wrote: only names, attributes of entities, texts, ``+``, ``or`` and ``and``
are evaluated, never Python code.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from agemem_env.errors import DataError


@dataclass(frozen=True, slots=True)
class Entity:
    """What texts can say of an object: its id, type, display name and articles."""

    id: str
    type: str
    name: str
    definite: str = "the"
    indefinite: str = "a"

    def __str__(self) -> str:
        return self.name


Value = str | Entity
Evaluate = Callable[[Mapping[str, Entity]], Value]

_ATTRIBUTES: Mapping[str, Callable[[Entity], str]] = {
    "id": lambda entity: entity.id,
    "type": lambda entity: entity.type,
    "name": lambda entity: entity.name,
    "definite": lambda entity: entity.definite,
    "indefinite": lambda entity: entity.indefinite,
}


@lru_cache(maxsize=256)
def compile_expression(text: str) -> Evaluate:
    """Compile an expression.

    Args:
        text: The expression.

    Returns:
        A function from the entities by variable name to the value.

    Raises:
        DataError: If it is not made of what is allowed.

    >>> mug = Entity("mug_bar_1", "object", "mug 1")
    >>> compile_expression("o.indefinite + ' ' + o.name")({"o": mug})
    'a mug 1'
    """
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError) as error:
        raise DataError(f"the grammar has an expression that cannot be parsed: {text!r}") from error
    return _compile(tree.body, text)


def _compile(node: ast.expr, text: str) -> Evaluate:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        constant = node.value
        return lambda variables: constant
    if isinstance(node, ast.Name):
        name = node.id
        return lambda variables: _look_up(variables, name)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in _ATTRIBUTES:
        owner, attribute = node.value.id, _ATTRIBUTES[node.attr]
        return lambda variables: attribute(_look_up(variables, owner))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _compile(node.left, text), _compile(node.right, text)
        return lambda variables: str(left(variables)) + str(right(variables))
    if isinstance(node, ast.BoolOp):
        return _choice([_compile(value, text) for value in node.values], stop=isinstance(node.op, ast.Or))
    raise DataError(f"the grammar has an expression that is not allowed: {text!r}")


def _choice(parts: list[Evaluate], stop: bool) -> Evaluate:
    """Return the value of ``or`` (stop at the first that is not empty) or ``and`` (stop at the first that is)."""

    def evaluate(variables: Mapping[str, Entity]) -> Value:
        """Return the value that decides; the parts after it are not evaluated."""
        for part in parts[:-1]:
            value = part(variables)
            if bool(value) is stop:
                return value
        return parts[-1](variables)

    return evaluate


def _look_up(variables: Mapping[str, Entity], name: str) -> Entity:
    if name not in variables:
        raise DataError(f"the grammar uses {name!r} where it has no meaning")
    return variables[name]
