"""What a file may not say: the same thing twice, a thing and its opposite, or a name that is none.

A second statement would have to be dropped, and a file that makes one does not say what its author thinks it says.
Facts of ``:init`` that are repeated word for word are the exception: nothing is lost with them, published problems
have them, and Fast Downward takes them too, with a warning.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence

from agemem_env.engines.pddl.strips.syntax import Node, Source


def check_once(source: Source, named: Iterable[tuple[int, str]], what: str) -> None:
    """Refuse a name that comes twice.

    Args:
        source: The file.
        named: Line and name of everything of a kind, in order.
        what: What they are, for the message: ``object``, ``predicate``.

    Raises:
        DataError: If a name comes twice; the message names both lines.
    """
    first: dict[str, int] = {}
    for line, name in named:
        if name in first:
            source.fail(line, f"a second {what} {name!r}; the first is in line {first[name]}")
        first[name] = line


def check_sections_once(source: Source, sections: Sequence[Node], repeatable: Sequence[str] = ()) -> None:
    """Refuse a second section of a kind, such as two goals.

    Raises:
        DataError: If there is one; the message names both lines.
    """
    check_once(source, ((s.line, s.head) for s in sections if s.head not in repeatable), "section")


def check_consistent(source: Source, said: Sequence[tuple[int, tuple[str, ...], bool]], where: str) -> None:
    """Refuse an atom that is said to be true and to be false.

    Args:
        source: The file.
        said: Line, atom and truth of everything that is stated.
        where: The section, for the message.

    Raises:
        DataError: If there is such an atom.
    """
    truth: dict[tuple[str, ...], tuple[bool, int]] = {}
    for line, atom, positive in said:
        before, first = truth.setdefault(atom, (positive, line))
        if before != positive:
            source.fail(line, f"({' '.join(atom)}) is true and false in {where}; see line {first}")


def check_name(source: Source, line: int, word: str) -> None:
    """Refuse a word that is no name: ``-lamp`` is a type whose blank was forgotten, ``?`` a variable without a name.

    Raises:
        DataError: If it is not one.
    """
    if word.lstrip("?").startswith("-") or word == "?":
        hint = f"; write '- {word.lstrip('?-')}' for a type" if word.startswith("-") and len(word) > 1 else ""
        source.fail(line, f"{word!r} is not a name{hint}")


def warn_of_repeated(source: Source, facts: Sequence[tuple[int, tuple[str, ...]]]) -> None:
    """Warn of facts that are repeated, with file and line."""
    first: dict[tuple[str, ...], int] = {}
    for line, atom in facts:
        if atom in first:
            text = f"{source.name}:{line}: ({' '.join(atom)}) is repeated; the first is in line {first[atom]}"
            warnings.warn(text, UserWarning, stacklevel=4)
        first.setdefault(atom, line)
