"""The simulator beside TextWorld's own engine, and by itself."""

from __future__ import annotations

import gc
import io
import os
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agemem_env.engines.alfworld import package
from agemem_env.engines.alfworld.homes.game import TASK_TYPES, Game, load_game, save_game
from agemem_env.engines.alfworld.homes.house import house_of
from agemem_env.engines.alfworld.making.generator import generate, generated_game
from agemem_env.engines.alfworld.official import SPLITS, official_split
from agemem_env.engines.alfworld.package import repaired_eval, stock_engine
from agemem_env.engines.alfworld.rules import translation
from agemem_env.engines.alfworld.rules.simulator import NOTHING_HAPPENS, Simulator
from agemem_env.errors import DataError, MissingExtraError
from tests.agemem_env.engines.alfworld.games import BATHROOM, BEDROOM, in_older_dialect, run_python, trace

pytest.importorskip("textworld", reason="the extra alfworld is not installed")
pytest.importorskip("fast_downward", reason="the extra alfworld is not installed")

LOAD = "from agemem_env.engines.alfworld.making.generator import generated_game as g\n"
PLAY = "from agemem_env.engines.alfworld.rules.simulator import Simulator\ns = Simulator()\n"


@pytest.fixture(autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of this test alone, with nothing in memory."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(translation, "_machines", type(translation._machines)())
    return translation.cache_folder()


@pytest.fixture(scope="module")
def reference() -> Iterator[Any]:
    with stock_engine() as engine:
        yield engine


@pytest.fixture(scope="module")
def bathroom() -> Game:
    return generated_game(*BATHROOM)


@pytest.fixture(scope="module")
def bedroom() -> Game:
    return generated_game(*BEDROOM)


def agree(reference: Any, game: Game, steps: int, seed: int) -> None:
    """Play the walkthrough, then at random, in both engines."""
    rng, simulator = np.random.default_rng(seed), Simulator()
    reference.load(game.content())
    for scripted in (True, False):
        state, text, played = reference.reset(), simulator.load(game), 0
        while True:
            assert text == state.feedback
            assert list(simulator.admissible()) == state.admissible_commands
            assert simulator.won is bool(state["won"])
            if played == (len(game.walkthrough) if scripted else steps):
                break
            options = game.walkthrough[played:] if scripted else (*simulator.admissible(), "open sesame", " look ")
            command = options[0 if scripted else int(rng.integers(len(options)))]
            state, text, played = reference.step(command)[0], simulator.step(command), played + 1
        assert not scripted or simulator.won or not game.walkthrough


@pytest.mark.parametrize("number", range(3), ids=TASK_TYPES[:3])  # the others are played in kitchens: slow
def test_generated_games_are_the_same_as_in_textworld(reference: Any, number: int) -> None:
    agree(reference, generated_game("train", number), 15, number)


def test_the_older_dialect_is_the_same_as_in_textworld(reference: Any, bathroom: Game) -> None:
    game = in_older_dialect(bathroom)
    agree(reference, game, 40, 0)
    simulator = Simulator()
    simulator.load(game)
    shelf = next(command for command in simulator.admissible() if command.startswith("go to"))
    assert simulator.step(shelf).startswith("You arrive at loc ")


@pytest.mark.slow
@pytest.mark.parametrize("number", range(12))
def test_long_walks_are_the_same_as_in_textworld(reference: Any, number: int) -> None:
    agree(reference, generated_game("test", number), 200, number)


@pytest.mark.slow
@pytest.mark.parametrize("split", SPLITS)
def test_official_games_are_the_same_as_in_textworld(reference: Any, split: str) -> None:
    try:
        games = official_split(split).games[:12]
    except DataError:
        pytest.skip(f"no official games of {split} are here")
    for number, game in enumerate(games):
        agree(reference, load_game(game.path), 60, number)


@pytest.mark.slow
@pytest.mark.parametrize("task_type", TASK_TYPES)
def test_walkthroughs_win_in_textworld(reference: Any, task_type: str) -> None:
    rng = np.random.default_rng(TASK_TYPES.index(task_type))
    for number in range(20):
        game = generate(rng, ("train", "test")[number % 2], task_type)
        reference.load(game.content())
        won = [bool(reference.reset()["won"])]
        won += [bool(reference.step(command)[0]["won"]) for command in game.walkthrough]
        assert won == [False] * len(game.walkthrough) + [True]


def test_names_and_facts_are_those_of_the_home(bathroom: Game) -> None:
    simulator, house = Simulator(), house_of(bathroom)
    simulator.load(bathroom)
    assert house.by_name == {simulator.names[item.id]: item for item in house.by_name.values()}
    facts = simulator.facts()
    assert {(fact[1], fact[2]) for fact in facts if fact[0] == "inreceptacle"} == {
        (thing.id, thing.receptacle) for thing in house.things.values() if thing.receptacle
    }
    assert ("atlocation", "agent1", house.start) in facts
    assert not any(fact[0].startswith(("not_", "new-axiom")) for fact in facts)


def test_facts_follow_the_commands(bathroom: Game) -> None:
    simulator, house = Simulator(), house_of(bathroom)
    simulator.load(bathroom)
    take = next(i for i, command in enumerate(bathroom.walkthrough) if command.startswith("take"))
    for command in bathroom.walkthrough[: take + 1]:
        simulator.step(command)
    thing = house.by_name[bathroom.walkthrough[take].split(" from ")[0].removeprefix("take ")]
    facts = simulator.facts()
    assert ("holds", "agent1", thing.id) in facts
    assert not any(fact[:2] == ("inreceptacle", thing.id) for fact in facts)


@pytest.mark.parametrize("command", ["", "go to", "open the door", "LOOK", "take nothing from nowhere", "look around"])
def test_a_command_that_is_not_possible_changes_nothing(bathroom: Game, command: str) -> None:
    simulator = Simulator()
    simulator.load(bathroom)
    before = (simulator.digest(), simulator.admissible())
    assert simulator.step(command) == NOTHING_HAPPENS
    assert (simulator.digest(), simulator.admissible()) == before


def test_snapshots_bring_a_state_back_any_number_of_times(bathroom: Game, bedroom: Game) -> None:
    simulator = Simulator()
    simulator.load(bathroom)
    simulator.step(bathroom.walkthrough[0])
    snapshot, digest = simulator.snapshot(), simulator.digest()
    rest = bathroom.walkthrough[1:]
    for detour in (bathroom, bedroom):
        shown = [simulator.step(command) for command in rest]
        assert simulator.won
        assert simulator.digest() != digest
        trace(detour, detour.walkthrough, simulator)
        simulator.restore(snapshot)
        assert simulator.digest() == digest
        assert [simulator.step(command) for command in rest] == shown
        simulator.restore(snapshot)


def test_digests_differ_between_games(bathroom: Game) -> None:
    one, other = Simulator(), Simulator()
    one.load(bathroom)
    other.load(in_older_dialect(bathroom))
    assert one.digest() != other.digest()
    other.load(bathroom)
    assert one.digest() == other.digest()


def test_games_in_turn_are_as_games_alone(bathroom: Game, bedroom: Game) -> None:
    games = [bathroom, bedroom, in_older_dialect(bathroom), bathroom]
    alone = [trace(game, ["look", "inventory", *bathroom.walkthrough]) for game in games]
    simulators = [Simulator() for _ in games]
    shown = [trace(game, (), simulator) for game, simulator in zip(games, simulators, strict=True)]
    for command in ("look", "inventory", *bathroom.walkthrough):
        for lines, simulator in zip(shown, simulators, strict=True):
            lines += [simulator.step(command), simulator.admissible(), simulator.won, simulator.facts()]
    assert shown == alone


def test_threads_with_a_simulator_each_do_not_disturb_each_other(
    empty_cache: Path, bathroom: Game, bedroom: Game
) -> None:
    del empty_cache
    barrier = threading.Barrier(4)

    def play(game: Game) -> list[Any]:
        barrier.wait()
        return trace(game, game.walkthrough)

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(play, [bathroom, bedroom] * 2))
    assert results[:2] == results[2:] == [trace(bathroom, bathroom.walkthrough), trace(bedroom, bedroom.walkthrough)]


def test_without_a_game_nothing_can_be_played(bathroom: Game) -> None:
    simulator = Simulator()
    simulator.load(bathroom)
    simulator.close()
    simulator.close()
    for use in (lambda: simulator.step("look"), simulator.admissible, simulator.snapshot, simulator.digest):
        with pytest.raises(RuntimeError, match=r"no game is loaded: call load\(game\) first"):
            use()
    assert simulator.load(bathroom).startswith("-= Welcome to TextWorld, ALFRED! =-")


def test_a_translated_game_is_played_without_the_packages(tmp_path: Path) -> None:
    code = LOAD + PLAY + "import sys\ns.load(g('train', 0))\nprint(*sorted({m.split('.')[0] for m in sys.modules}))"
    first, second = (run_python(code, tmp_path).split() for _ in range(2))
    assert {"textworld", "fast_downward"} <= set(first)
    assert not {"textworld", "fast_downward", "alfworld", "tatsu"} & set(second)


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
    assert bathroom.goal is not None
    old = change[0].format(target=bathroom.goal.target)
    assert old in bathroom.problem
    changed = Game(bathroom.domain, bathroom.problem.replace(old, change[1]), bathroom.grammar, bathroom.goal)
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


@pytest.mark.parametrize("package", ["fast_downward", "textworld"])
def test_a_missing_package_is_named(
    empty_cache: Path, bathroom: Game, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    del empty_cache
    for name in [name for name in sys.modules if name.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
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


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads /proc")
@pytest.mark.slow
def test_memory_stays_flat(bathroom: Game, bedroom: Game) -> None:
    def resident_kb() -> int:
        gc.collect()
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024

    simulator, games = Simulator(), [bathroom, bedroom]
    for round_number in range(2_200):
        trace(games[round_number % 2], ["look"], simulator)
        if round_number == 200:
            before = resident_kb()
    assert resident_kb() - before < 2_000
    for round_number in range(120):
        translation._machines.clear()
        simulator.close()
        simulator.load(games[round_number % 2])
        if round_number == 20:
            before = resident_kb()
    assert resident_kb() - before < 4_000


def test_a_grammar_with_an_unknown_type_is_one_clear_error(bathroom: Game) -> None:
    wrong = replace(bathroom, grammar=bathroom.grammar.replace("r:receptacle", "r:recepticle"))
    assert wrong.grammar != bathroom.grammar
    with pytest.raises(DataError, match="names the type 'recepticle', which its domain has not"):
        trace(wrong, wrong.walkthrough)
