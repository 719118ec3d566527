"""Reads PDDL text as nested lists that remember their lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from agemem_env.errors import DataError

_TOKEN = re.compile(r"[()]|\?[^\s()?]+|[^\s()?]+|\?")
"""A variable ends where the next one begins: published files have ``?a - level?b``."""


@dataclass(frozen=True, slots=True)
class Node:
    """A word or a parenthesised list.

    Attributes:
        line: Line of the word or of the opening parenthesis, from 1.
        word: The word in lower case; None for a list.
        items: Elements of the list; empty for a word.
    """

    line: int
    word: str | None
    items: tuple[Node, ...] = ()

    @property
    def head(self) -> str:
        """First word of a list; empty if there is none."""
        return (self.items[0].word or "") if self.items else ""


@dataclass(frozen=True, slots=True)
class Source:
    """A text and the name by which errors call it."""

    name: str

    def fail(self, line: int, message: str) -> NoReturn:
        """Raise the error for a line.

        Raises:
            DataError: Always; the message begins with file and line.
        """
        raise DataError(f"{self.name}:{line}: {message}")

    def read(self, text: str) -> Node:
        """Return the only list of a text.

        Raises:
            DataError: If parentheses do not match, or there is nothing or more than one list.
        """
        lines: list[int] = []
        stack: list[list[Node]] = [[]]
        line = 1
        for line, token in _tokens(text):
            if token == "(":
                lines.append(line)
                stack.append([])
            elif token == ")":
                if not lines:
                    self.fail(line, "this ')' closes nothing")
                items = tuple(stack.pop())
                stack[-1].append(Node(lines.pop(), None, items))
            else:
                stack[-1].append(Node(line, token))
        if lines:
            self.fail(lines[-1], "this '(' is never closed")
        if len(stack[0]) != 1 or stack[0][0].word is not None:
            self.fail(line, "expected one (define ...) and nothing else")
        return stack[0][0]

    def word(self, node: Node, what: str) -> str:
        """Return a word.

        Raises:
            DataError: If the node is a list.
        """
        if node.word is None:
            self.fail(node.line, f"expected {what}, found a list")
        return node.word


def _tokens(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.split("\n"), 1):
        for token in _TOKEN.findall(line.partition(";")[0].lower()):
            yield number, token
