"""The packages textworld and alfworld: used without their side effects, mended only where they are broken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agemem_env.engines.alfworld import package
from agemem_env.engines.alfworld.engine import ALFWorldEngine
from agemem_env.engines.alfworld.package import repaired_eval, translate
from agemem_env.engines.alfworld.rules.sas import read_sas
from agemem_env.errors import DataError, MissingExtraError
from tests.agemem_env.engines.alfworld.games import LOAD, PLAY, run_python
from tests.agemem_env.engines.alfworld.home import home

pytest.importorskip("textworld", reason="the extra alfworld is not installed")
pytest.importorskip("fast_downward", reason="the extra alfworld is not installed")


def test_surroundings_are_left_alone(tmp_path: Path) -> None:
    code = (
        "import os, sys\nsys.argv = ['a', 'b']\n"
        + LOAD
        + PLAY
        + "before = (dict(os.environ), sys.stdout)\ns.load(g('train', 0))\ns.step('look')\n"
        "assert (dict(os.environ), sys.stdout) == before\nassert sys.argv == ['a', 'b']\n"
        "assert not any(m.split('.')[0] == 'alfworld' for m in sys.modules)"
    )
    assert run_python(code, tmp_path) == ""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["agemem_env"]


def test_the_stock_engine_leaves_surroundings_alone(tmp_path: Path) -> None:
    code = (
        "import os, sys\nsys.argv = ['a']\n" + LOAD + "from agemem_env.engines.alfworld.package import stock_engine\n"
        "from textworld.envs.pddl.textgen import EvalSymbol\nderive = EvalSymbol.derive\n"
        "before = (dict(os.environ), sys.stdout)\n"
        "with stock_engine() as engine:\n    engine.load(g('train', 0).content())\n    engine.reset()\n"
        "assert (dict(os.environ), sys.stdout) == before\nassert sys.argv == ['a']\nassert EvalSymbol.derive is derive"
    )
    assert run_python(code, tmp_path) == ""
    assert not (tmp_path / ".cache").exists()


def test_textworld_is_mended_only_where_it_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    symbol = pytest.importorskip("textworld.envs.pddl.textgen").EvalSymbol
    original = symbol.derive
    for since, mended in (((4, 0), False), ((3, 0), True)):
        monkeypatch.setattr(package, "_REPAIRED_SINCE", since)
        with repaired_eval(), repaired_eval():
            assert (symbol.derive is not original) is mended
            if mended:
                assert str(symbol("a + b", {"variables": {"a": "x", "b": "y"}}).derive()[0]) == "xy"
        assert symbol.derive is original


@pytest.mark.parametrize("missing", ["textworld", "fast_downward"])
def test_a_missing_extra_is_one_line(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = package.find_spec

    def find(name: str) -> Any:
        return None if name == missing else found(name)

    monkeypatch.setattr(package, "find_spec", find)
    with pytest.raises(
        MissingExtraError,
        match=rf"'{missing}': run `pip install 'agemem-env\[alfworld\]'`, or in a checkout `pip install '.\[alfworld\]'`$",
    ):
        ALFWorldEngine(source="generated")


def test_the_order_of_variables_is_only_left_out_here() -> None:
    game = home("pick_and_place_simple", "Mug", "CounterTop")
    _, sas = translate(game.domain, game.problem)
    options = pytest.importorskip("fast_downward.translate.options")
    assert options.reorder_variables is True
    _, sorted_sas = pytest.importorskip("fast_downward").pddl2sas(game.domain, game.problem)
    few, many = read_sas(sas), read_sas(sorted_sas)
    assert few.atoms != many.atoms and sorted(few.atoms) == sorted(many.atoms)
    assert [operator.name for operator in few.operators] == [operator.name for operator in many.operators]
    with pytest.raises(DataError):
        translate(game.domain, "(")
    assert options.reorder_variables is True
