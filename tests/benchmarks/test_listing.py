from __future__ import annotations

import pytest

import baselines
from agemem_env.engines import ENGINES
from agemem_env.rewards import PROFILES
from agemem_env.tools import MEMORY_TOOLS
from baselines.memory import MEMORY_SYSTEMS
from benchmarks.listing import LISTS
from tests.benchmarks.command import agemem

TABLES = {
    "benchmarks": ENGINES,
    "policies": baselines.POLICIES,
    "memories": MEMORY_SYSTEMS,
    "tools": MEMORY_TOOLS,
    "rewards": PROFILES,
}


@pytest.mark.parametrize("kind", TABLES)
def test_everything_that_has_a_name_is_listed_with_a_line(kind: str) -> None:
    listed = LISTS[kind]()
    assert set(TABLES[kind]) <= set(listed)
    assert all(about and "\n" not in about for about in listed.values())
    result = agemem("list", kind)
    assert result.exit_code == 0
    assert all(name in result.stdout for name in TABLES[kind])


def test_each_policy_says_what_it_does() -> None:
    listed = LISTS["policies"]()
    assert len({listed[name] for name in baselines.POLICIES}) == len(baselines.POLICIES)
    assert listed["giant-quit"] == "Stores as cheat-giant does, looks it up in stage 3, and then gives up."


def test_an_unknown_kind_is_one_line() -> None:
    result = agemem("list", "polices")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "unknown list 'polices'; did you mean 'policies'?" in result.stderr
