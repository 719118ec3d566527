"""Reads lists of names with types, ``a b - lamp s - switch``."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from agemem_env.engines.pddl.strips.strict import check_name, check_once
from agemem_env.engines.pddl.strips.syntax import Node, Source


def typed_names(
    source: Source,
    nodes: Sequence[Node],
    types: Collection[str] | None,
    *,
    variables: bool = False,
    what: str = "",
    constants: Mapping[str, str] = MappingProxyType({}),
) -> list[tuple[str, str]]:
    """Return the pairs of name and type in a list; a name without a type is an object.

    Args:
        source: The file.
        nodes: The words of the list.
        types: Known types; None if the types themselves are read.
        variables: Whether the names are variables.
        what: What the names are, of which none may come twice; empty if that is somebody else's concern.
        constants: Names that have a type already; published problems name them again, with the same type.

    Raises:
        DataError: If the list is not one, or has an unknown type or a name with two types.
    """
    pairs: list[tuple[str, str]] = []
    lines: list[tuple[int, str]] = []
    start = 0
    for position, node in enumerate(nodes):
        if position < start:  # the type that followed a dash
            continue
        word = source.word(node, "a name")
        if word == "-":
            kind = _type(source, node, nodes[position + 1 : position + 2], types)
            if len(pairs) == len(lines):
                source.fail(node.line, "expected a name before '-'; a name has one type")
            pairs += [(name, kind) for _, name in lines[len(pairs) :]]
            start = position + 2
        elif word.startswith("?") != variables:
            source.fail(node.line, f"expected {'a variable' if variables else 'a name'}, found {word!r}")
        else:
            check_name(source, node.line, word)
            lines.append((node.line, word))
    pairs += [(name, "object") for _, name in lines[len(pairs) :]]
    if what:
        check_once(source, lines, what)
    _check_constants(source, lines, pairs, what, constants)
    return pairs


def _check_constants(
    source: Source,
    lines: Sequence[tuple[int, str]],
    pairs: Sequence[tuple[str, str]],
    what: str,
    constants: Mapping[str, str],
) -> None:
    """Refuse a name that already has another type."""
    for (line, _), (name, kind) in zip(lines, pairs, strict=True):
        if constants.get(name, kind) != kind:
            source.fail(line, f"{what} {name!r} is a constant of type {constants[name]!r}, not of type {kind!r}")


def _type(source: Source, dash: Node, following: Sequence[Node], types: Collection[str] | None) -> str:
    """Return the type after a dash."""
    if not following:
        source.fail(dash.line, "expected a type after '-'")
    (node,) = following
    if node.word is None:
        source.fail(node.line, f"({node.head} ...) is not supported as a type")
    if types is not None and node.word not in types:
        source.fail(node.line, f"unknown type {node.word!r}")
    return node.word
