"""Expressions of the grammar; no extra is needed."""

from __future__ import annotations

import pytest

from agemem_env.engines.alfworld.rules.expressions import Entity, compile_expression
from agemem_env.errors import DataError


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("o", "mug 1"),
        ("o.id", "mug_bar_1"),
        ("o.definite + ' ' + o.name", "the mug 1"),
        ("o.name or o.id", "mug 1"),
        ("o.name and o.id", "mug_bar_1"),
        (" 'x' ", "x"),
    ],
)
def test_expressions(expression: str, value: str) -> None:
    assert str(compile_expression(expression)({"o": Entity("mug_bar_1", "object", "mug 1")})) == value


@pytest.mark.parametrize(
    "expression", ["__import__('os').getcwd()", "o.__class__", "o.name.title()", "1", "o - o", "(lambda: o)()", "[o]"]
)
def test_expressions_run_no_code(expression: str) -> None:
    with pytest.raises(DataError, match=r"an expression that is not allowed"):
        compile_expression(expression)


def test_expressions_with_errors() -> None:
    with pytest.raises(DataError, match=r"cannot be parsed: 'o \+'"):
        compile_expression("o +")
    with pytest.raises(DataError, match=r"uses 'p' where it has no meaning"):
        compile_expression("p.name")({})
