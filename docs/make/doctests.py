"""Lets the examples of docstrings (``>>> ``) be code in the pages: an extension of griffe, named in ``mkdocs.yml``."""

from __future__ import annotations

import re
from typing import Any

import griffe

_EXAMPLE = re.compile(r"^(?P<indent> *)>>> .*(?:\n(?P=indent)\S.*|\n(?P=indent) +\S.*)*", flags=re.M)


class Doctests(griffe.Extension):
    """Puts fences around the examples of every docstring."""

    def on_instance(self, *, obj: Any, **_: Any) -> None:
        """Change the docstring of an object that has been read."""
        if obj.docstring is not None:
            obj.docstring.value = fenced(obj.docstring.value)


def fenced(docstring: str) -> str:
    """Return a docstring whose examples are fenced."""
    return _EXAMPLE.sub(lambda match: _fence(match[0], match["indent"]), docstring)


def _fence(example: str, indent: str) -> str:
    return f"{indent}```pycon\n{example}\n{indent}```"
