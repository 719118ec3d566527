"""What the installed package alfworld knows of homes."""

from __future__ import annotations

import pytest

from agemem_env.engines.alfworld import package
from agemem_env.engines.alfworld.making import alfworld_files
from agemem_env.engines.alfworld.making.alfworld_files import floor_plan, position
from agemem_env.errors import DataError, MissingExtraError

pytest.importorskip("textworld", reason="the extra alfworld is not installed")


def test_floor_plans_are_always_the_same() -> None:
    plan = floor_plan(5)
    alfworld_files.floor_plan.cache_clear()
    assert floor_plan(5) == plan
    ids = [receptacle.id for receptacle in plan.receptacles]
    assert len(set(ids)) == len(ids)
    with pytest.raises(DataError, match=r"alfworld has no floor plan 99"):
        floor_plan(99)


def test_positions_have_one_zero() -> None:
    assert position(-0.001, 0.0, 0.001) == "|+00.00|+00.00|+00.00"


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "find_spec", lambda name: None)
    package.alfworld_folder.cache_clear()
    alfworld_files.domain.cache_clear()
    with pytest.raises(MissingExtraError, match=r"needs the package 'alfworld': run `pip install .*\[alfworld\]'"):
        alfworld_files.domain()
