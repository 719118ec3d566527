"""Generated games: what they ask for, where, and that they are the same everywhere."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from agemem_env.engines.alfworld.homes.game import Game
from agemem_env.engines.alfworld.homes.goal import STATIONS, TASK_TYPES
from agemem_env.engines.alfworld.homes.house import House, house_of
from agemem_env.engines.alfworld.making.alfworld_files import classes, floor_plan
from agemem_env.engines.alfworld.making.export import write_games
from agemem_env.engines.alfworld.making.generator import MAX_OF_A_KIND, generate, generated_game, wishes
from agemem_env.engines.alfworld.rules.simulator import Simulator
from agemem_env.errors import ConfigurationError
from agemem_env.types import SPLITS
from tests.agemem_env.engines.alfworld.games import run_python

pytest.importorskip("textworld", reason="the extra alfworld is not installed")

NUMBERS = range(18)


@pytest.fixture(scope="module", params=SPLITS)
def games(request: pytest.FixtureRequest) -> list[tuple[str, Game]]:
    return [(request.param, generated_game(request.param, number)) for number in NUMBERS]


def fulfilled(house: House, game: Game) -> bool:
    """Whether enough of the wanted things lie where they are wanted, clean or not."""
    found = Counter(
        thing.receptacle
        for thing in house.things.values()
        if thing.kind == game.goal.thing
        and thing.receptacle
        and house.receptacles[thing.receptacle].kind == game.goal.receptacle
    )
    return max(found.values(), default=0) >= game.goal.count


def test_every_split_has_all_task_types_in_its_own_homes(games: list[tuple[str, Game]]) -> None:
    assert [game.goal.task_type for _, game in games] == [*TASK_TYPES] * 3
    for split, game in games:
        assert (game.floor_plan in classes().unseen_floors) == (split == "test")
        room = next(room for room, floors in classes().floors.items() if game.floor_plan in floors)
        assert room in classes().rooms[game.goal.task_type]
    assert len({game.floor_plan for _, game in games}) > 6
    assert len({game.key for _, game in games}) == len(games)


def test_train_and_valid_are_different_games_in_the_same_homes() -> None:
    keys = {split: {generated_game(split, number).key for number in NUMBERS} for split in ("train", "valid")}
    assert not keys["train"] & keys["valid"]


def test_what_is_asked_for_is_there_but_not_done(games: list[tuple[str, Game]]) -> None:
    for _, game in games:
        house, goal = house_of(game), game.goal
        targets = [thing for thing in house.things.values() if thing.kind == goal.thing]
        assert all("pickupable" in thing.properties and thing.receptacle for thing in targets)
        assert len(targets) >= goal.count
        assert not fulfilled(house, game)
        if goal.receptacle:
            assert goal.thing in house.accepts[goal.receptacle]
        if goal.lamp:
            lamps = [thing for thing in house.things.values() if thing.kind == goal.lamp]
            assert [("toggleable" in lamp.properties, lamp.receptacle is not None) for lamp in lamps] == [(True, True)]
        if goal.task_type in STATIONS:
            station = STATIONS[goal.task_type].receptacle.lower()
            assert any(receptacle.kind == station for receptacle in house.receptacles.values())
        assert house.start not in {receptacle.place for receptacle in house.receptacles.values()}


def test_homes_are_plausible(games: list[tuple[str, Game]]) -> None:
    for _, game in games:
        house = house_of(game)
        assert len(house.receptacles) >= 5
        assert len(house.things) >= 10
        for kind, count in Counter(thing.kind for thing in house.things.values()).items():
            assert count <= MAX_OF_A_KIND, kind
        for thing in house.things.values():
            if thing.receptacle and "pickupable" in thing.properties:
                assert thing.kind in house.accepts[house.receptacles[thing.receptacle].kind]
            assert thing.receptacle or "pickupable" not in thing.properties


def test_walkthroughs_solve_their_games_and_not_before_the_end(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    simulator = Simulator()
    for number in range(len(TASK_TYPES)):
        game = generated_game("train", number)
        text = simulator.load(game)
        assert "You are in the middle of a room. Looking quickly around you, you see a" in text
        assert "Your task is to: " in text and "UNKNOWN GOAL" not in text
        won = [simulator.won] + [simulator.step(command) is None or simulator.won for command in game.walkthrough]
        assert won == [False] * len(game.walkthrough) + [True]


def test_games_are_the_same_in_every_process(tmp_path: Path) -> None:
    code = (
        "from agemem_env.engines.alfworld.making.generator import generated_game as g\n"
        "for split in ('train', 'valid', 'test'):\n"
        f"    for number in {list(NUMBERS)}:\n"
        "        game = g(split, number)\n        print(game.key, game.walkthrough)\n"
    )
    printed = [run_python(code, tmp_path, PYTHONHASHSEED=seed) for seed in ("0", "4321")]
    here = [generated_game(split, number) for split in SPLITS for number in NUMBERS]
    assert printed[0] == printed[1] == "".join(f"{game.key} {game.walkthrough}\n" for game in here)


def test_a_generator_alone_decides_the_game() -> None:
    one, same, other = (generate(np.random.default_rng(seed), "train", TASK_TYPES[0]) for seed in (3, 3, 4))
    assert one == same
    assert one.key != other.key


@pytest.mark.parametrize(
    ("split", "task_type", "message"),
    [
        ("tset", TASK_TYPES[0], r"unknown split 'tset'; did you mean 'test'\?"),
        ("test", "pick_and_place", r"unknown task type 'pick_and_place'; did you mean 'pick_and_place_simple'\?"),
    ],
)
def test_unknown_names(split: str, task_type: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        generate(np.random.default_rng(0), split, task_type)
    if split == "tset":
        with pytest.raises(ConfigurationError, match=message):
            generated_game(split, 0)
        with pytest.raises(ConfigurationError, match=message):
            list(write_games(1, split, 0, Path("nowhere")))


def test_nothing_impossible_is_asked_for() -> None:
    for number in (1, 30, 201, 305, 420):
        plan = floor_plan(number)
        there = {receptacle.kind for receptacle in plan.receptacles}
        for task_type in TASK_TYPES:
            for wish in wishes(plan, task_type):
                assert wish.target in plan.kinds
                assert not wish.receptacle or (
                    wish.receptacle in there and wish.target in classes().accepts[wish.receptacle]
                )
    assert wishes(floor_plan(420), "pick_heat_then_place_in_recep") == ()
