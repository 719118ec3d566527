"""Crossed features have names, which weights carry."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import agemem_env.wrappers.menu as package
from agemem_env.wrappers.menu.blocks import crossed
from agemem_env.wrappers.menu.kinds import CROSSED

NAMING = {"crossed", "_asked_and_said"}
"""Functions whose first argument is the name of a crossed feature, if it is written out there."""


def _named() -> set[str]:
    found = set()
    for file in Path(package.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in NAMING:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found.add(first.value)
                else:
                    assert isinstance(first, ast.Name) and first.id == "what", f"{file}:{node.lineno} names no feature"
    return found


def test_the_names_of_crossed_features_are_those_that_are_used() -> None:
    assert sorted(_named()) == sorted(set(CROSSED)) == list(CROSSED)


def test_a_crossed_feature_without_a_name_is_refused() -> None:
    with pytest.raises(ValueError, match="'no such cross' is not among the names"):
        crossed("no such cross", 1)
