"""Every public class of a package has a name of its own, so that a search and the API reference find one thing."""

from __future__ import annotations

import ast
from collections import defaultdict
from importlib import import_module
from pathlib import Path

import pytest


def public_classes(folder: Path) -> dict[str, list[str]]:
    """Return the public classes at the top of the modules of a folder, with the files that define them."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(folder.rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(path.relative_to(folder).as_posix())
    return found


@pytest.mark.parametrize("package", ["agemem_env", "baselines", "benchmarks"])
def test_public_class_names_are_unique(package: str) -> None:
    (folder,) = import_module(package).__path__
    found = public_classes(Path(folder))
    assert found
    assert {name: files for name, files in found.items() if len(files) > 1} == {}
