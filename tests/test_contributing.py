"""What contributors are told is what continuous integration does."""

from __future__ import annotations

import re
from pathlib import Path

import agemem_env

ROOT = Path(__file__).parent.parent
CHECKS = (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_linters_before_a_commit_are_those_of_continuous_integration() -> None:
    hooks = re.findall(r"^        entry: (\S+(?: [a-z]+)?)", (ROOT / ".pre-commit-config.yaml").read_text(), re.M)
    section = CHECKS[CHECKS.index("== linters") : CHECKS.index("== doctests")]
    assert sorted(hooks) == sorted(re.findall(r"^(ruff \w+|codespell|mypy|lint-imports)", section, re.M))


def test_the_linters_that_contributors_are_told_to_run_are_those_too() -> None:
    told = re.search(r"^ruff check .*$", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.M)
    assert told is not None
    assert all(f"\n{command}\n" in CHECKS for command in told[0].split(" && "))


def test_the_folders_of_the_table_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text[text.index("## Where things live") :]
    named = re.findall(r"^\| `(\w+)` \|", table, re.M)
    assert {"agemem_env", "baselines", "benchmarks", "docs", "examples", "tests"} <= {*named}
    assert all((ROOT / name).is_dir() for name in named)


def test_the_version_that_is_cited_is_this_one() -> None:
    cited = re.search(r"^version: (\S+)", (ROOT / "CITATION.cff").read_text(encoding="utf-8"), re.M)
    assert cited is not None and cited[1] == agemem_env.__version__
