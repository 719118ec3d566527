"""How the project is laid out: few modules at a root, small folders, files and functions."""

from __future__ import annotations

import ast
import statistics
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
FILES = [path for name in ("agemem_env", "baselines", "benchmarks") for path in sorted((ROOT / name).rglob("*.py"))]


def test_the_root_of_the_core_has_few_modules() -> None:
    assert len(list((ROOT / "agemem_env").glob("*.py"))) <= 8


def test_no_folder_has_more_than_fifteen_modules() -> None:
    sizes = Counter(path.parent.relative_to(ROOT).as_posix() for path in FILES)
    assert {folder for folder, size in sizes.items() if size > 15} <= {"agemem_env/engines/hotpotqa/world"}


def test_files_and_functions_are_short() -> None:
    assert statistics.median(path.read_text(encoding="utf-8").count("\n") for path in FILES) <= 150
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                assert length <= 60, f"{path.relative_to(ROOT)}: {node.name} has {length} lines"


def test_every_package_says_what_lives_in_it() -> None:
    for path in FILES:
        if path.name == "__init__.py":
            text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
            assert len(text.split()) >= 5, f"{path.parent.relative_to(ROOT)} does not say what lives in it"
