"""Games made playable: what is kept, in memory and on disk, and games that cannot be played."""

from __future__ import annotations

import io
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from agemem_env.engines.alfworld.homes.game import Game, load_game, save_game
from agemem_env.engines.alfworld.making.generator import generated_game
from agemem_env.engines.alfworld.rules import grammar, translation
from agemem_env.engines.alfworld.rules.simulator import Simulator
from agemem_env.errors import DataError, MissingExtraError
from tests.agemem_env.engines.alfworld.games import LOAD, PLAY, in_older_dialect, run_python, trace

pytest.importorskip("textworld", reason="the extra alfworld is not installed")
pytest.importorskip("fast_downward", reason="the extra alfworld is not installed")

pytestmark = pytest.mark.usefixtures("cache")


def test_a_translated_game_is_played_without_the_packages(tmp_path: Path) -> None:
    code = LOAD + PLAY + "import sys\ns.load(g('train', 0))\nprint(*sorted({m.split('.')[0] for m in sys.modules}))"
    first, second = (run_python(code, tmp_path).split() for _ in range(2))
    assert {"textworld", "fast_downward"} <= set(first)
    assert not {"textworld", "fast_downward", "alfworld", "tatsu"} & set(second)


def test_output_during_translation_is_not_lost(bathroom: Game, empty_cache: Path) -> None:
    del empty_cache
    stdout, argv = sys.stdout, list(sys.argv)
    sys.stdout = io.StringIO()
    try:
        Simulator().load(bathroom)
        print("still here")
        assert sys.stdout.getvalue() == "still here\n"
    finally:
        sys.stdout = stdout
    assert sys.argv == argv


@pytest.mark.parametrize("damage", [b"", b"not compressed", None], ids=["empty", "garbage", "older format"])
def test_a_damaged_translation_is_made_anew(
    empty_cache: Path, bathroom: Game, monkeypatch: pytest.MonkeyPatch, damage: bytes | None
) -> None:
    expected = trace(bathroom, bathroom.walkthrough)
    (file,) = empty_cache.rglob("*.zz")
    if damage is None:
        monkeypatch.setattr(translation, "FORMAT", translation.FORMAT + 1)
    else:
        file.write_bytes(damage)
    assert translation.read_machine(bathroom) is None
    translation._machines.clear()
    assert trace(bathroom, bathroom.walkthrough) == expected
    assert translation.read_machine(bathroom) is not None


def test_a_kept_translation_plays_as_a_new_one(empty_cache: Path, bathroom: Game) -> None:
    expected = trace(bathroom, bathroom.walkthrough)
    translation._machines.clear()
    assert trace(bathroom, bathroom.walkthrough) == expected
    assert [path.suffix for path in empty_cache.rglob("*") if path.is_file()] == [".zz"]


def test_a_cache_that_cannot_be_written_is_said_once_and_done_without(empty_cache: Path, bathroom: Game) -> None:
    empty_cache.parent.parent.mkdir(parents=True)
    empty_cache.parent.write_text("a file where the folder should be")
    with pytest.warns(RuntimeWarning, match=r"cannot keep the translated game in .*alfworld-translations"):
        assert trace(bathroom, bathroom.walkthrough)[-2] is True


def test_memory_keeps_only_so_many_games(empty_cache: Path, bathroom: Game, monkeypatch: pytest.MonkeyPatch) -> None:
    del empty_cache
    monkeypatch.setattr(translation, "IN_MEMORY", 2)
    games = [bathroom, in_older_dialect(bathroom), generated_game("train", 6)]
    for game in games:
        translation.machine_of(game)
    assert list(translation._machines) == [game.key for game in games[1:]]
    assert translation.machine_of(games[1]) is translation.machine_of(games[1])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("(objectType ?o {target}Type)", "(objectType ?o SinkType)"), r"its goal can never be reached"),
        (("(:init", "(:initial"), r"cannot be translated|no initial state"),
        (("agent1 - agent", "agent1 - martian"), r"cannot be translated"),
    ],
)
def test_games_that_cannot_be_played(
    empty_cache: Path, bathroom: Game, change: tuple[str, str], message: str, tmp_path: Path
) -> None:
    del empty_cache
    old = change[0].format(target=bathroom.class_of(bathroom.goal.thing))
    assert old in bathroom.problem
    changed = Game(bathroom.domain, bathroom.problem.replace(old, change[1]), bathroom.grammar)
    game = load_game(save_game(changed, tmp_path))
    with pytest.raises(DataError, match=rf"{tmp_path}.*game\.tw-pddl cannot be played: .*({message})"):
        Simulator().load(game)


@pytest.mark.parametrize("grammar", ["action look {", 'grammar :: """{""";', "nonsense"])
def test_grammars_that_cannot_be_read(empty_cache: Path, bathroom: Game, grammar: str) -> None:
    del empty_cache
    with pytest.raises(DataError, match=r"the game cannot be played: the grammar cannot be parsed"):
        Simulator().load(Game(bathroom.domain, bathroom.problem, grammar))


def test_an_action_without_words(empty_cache: Path, bathroom: Game) -> None:
    del empty_cache
    assert "action OpenObject {" in bathroom.grammar
    game = Game(bathroom.domain, bathroom.problem, bathroom.grammar.replace("action OpenObject {", "action Other {"))
    with pytest.raises(DataError, match=r"cannot be played: the grammar of the game has no action 'openobject'"):
        Simulator().load(game)


def test_a_grammar_with_an_unknown_type_is_one_clear_error(bathroom: Game) -> None:
    wrong = replace(bathroom, grammar=bathroom.grammar.replace("r:receptacle", "r:recepticle"))
    assert wrong.grammar != bathroom.grammar
    with pytest.raises(DataError, match="names the type 'recepticle', which its domain has not"):
        trace(wrong, wrong.walkthrough)


@pytest.mark.parametrize("package", ["fast_downward", "textworld"])
def test_a_missing_package_is_named(
    empty_cache: Path, bathroom: Game, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    del empty_cache
    for name in [name for name in sys.modules if name.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    grammar._common.cache_clear()
    monkeypatch.setattr(sys, "meta_path", [_Hidden(package), *sys.meta_path])
    with pytest.raises(MissingExtraError, match=rf"needs the package '{package}': run `pip install .*\[alfworld\]'"):
        Simulator().load(bathroom)


class _Hidden:
    """Makes a package look as if it were not installed."""

    def __init__(self, package: str) -> None:
        self._package = package

    def find_spec(self, name: str, *args: object) -> None:
        del args
        if name.split(".")[0] == self._package:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def test_processes_that_translate_the_same_game_at_once(tmp_path: Path) -> None:
    code = LOAD + PLAY + "game = g('train', 0)\nprint(hash((s.load(game), *map(s.step, game.walkthrough))), s.won)"
    with ThreadPoolExecutor(3) as pool:
        printed = set(pool.map(lambda _: run_python(code, tmp_path, PYTHONHASHSEED="0"), range(3)))
    assert len(printed) == 1
    assert "True" in printed.pop()
    assert [path.suffix for path in tmp_path.rglob("*") if path.is_file()] == [".zz"]
