"""The simulator beside TextWorld's own engine, and by itself."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agemem_env.engines.alfworld.homes.game import Game, load_game
from agemem_env.engines.alfworld.homes.goal import TASK_TYPES
from agemem_env.engines.alfworld.homes.house import house_of
from agemem_env.engines.alfworld.making.generator import generate, generated_game
from agemem_env.engines.alfworld.official import SPLITS, official_split
from agemem_env.engines.alfworld.package import stock_engine
from agemem_env.engines.alfworld.rules import translation
from agemem_env.engines.alfworld.rules.simulator import NOTHING_HAPPENS, Simulator
from agemem_env.errors import DataError
from tests.agemem_env.engines.alfworld.games import in_older_dialect, trace

pytest.importorskip("textworld", reason="the extra alfworld is not installed")
pytest.importorskip("fast_downward", reason="the extra alfworld is not installed")

pytestmark = pytest.mark.usefixtures("cache")


@pytest.fixture(scope="module")
def reference() -> Iterator[Any]:
    with stock_engine() as engine:
        yield engine


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


@pytest.mark.exhaustive
@pytest.mark.parametrize("number", range(12))
def test_long_walks_are_the_same_as_in_textworld(reference: Any, number: int) -> None:
    agree(reference, generated_game("test", number), 200, number)


@pytest.mark.exhaustive
@pytest.mark.parametrize("split", SPLITS)
def test_official_games_are_the_same_as_in_textworld(reference: Any, split: str) -> None:
    try:
        games = official_split(split).games[:12]
    except DataError:
        pytest.skip(f"no official games of {split} are here")
    for number, game in enumerate(games):
        agree(reference, load_game(game.path), 60, number)


@pytest.mark.exhaustive
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


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads /proc")
@pytest.mark.exhaustive
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
