"""Generated games: what they ask for, where, and that they are the same everywhere."""

from __future__ import annotations

import os
from collections import Counter
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from agemem_env.engines.alfworld.homes.game import STATIONS, TASK_TYPES, Game, load_game
from agemem_env.engines.alfworld.homes.house import House, house_of
from agemem_env.engines.alfworld.making import alfworld_files
from agemem_env.engines.alfworld.making.alfworld_files import classes, floor_plan, position
from agemem_env.engines.alfworld.making.export import task_name, write_games
from agemem_env.engines.alfworld.making.generator import MAX_OF_A_KIND, generate, generated_game, wishes
from agemem_env.engines.alfworld.rules.simulator import Simulator
from agemem_env.errors import ConfigurationError, DataError, MissingExtraError
from agemem_env.types import SPLITS
from tests.agemem_env.engines.alfworld.games import run_python

pytest.importorskip("textworld", reason="the extra alfworld is not installed")

NUMBERS = range(18)


@pytest.fixture(scope="module", params=SPLITS)
def games(request: pytest.FixtureRequest) -> list[tuple[str, Game]]:
    return [(request.param, generated_game(request.param, number)) for number in NUMBERS]


def fulfilled(house: House, game: Game) -> bool:
    """Whether enough of the wanted things lie where they are wanted, clean or not."""
    assert game.goal is not None
    found = Counter(
        thing.receptacle
        for thing in house.things.values()
        if thing.kind == game.goal.target.lower()
        and thing.receptacle
        and house.receptacles[thing.receptacle].kind == game.goal.receptacle.lower()
    )
    return max(found.values(), default=0) >= (2 if game.goal.task_type == "pick_two_obj_and_place" else 1)


def test_every_split_has_all_task_types_in_its_own_homes(games: list[tuple[str, Game]]) -> None:
    assert [game.goal.task_type for _, game in games if game.goal] == [*TASK_TYPES] * 3
    for split, game in games:
        assert (game.floor_plan in classes().unseen_floors) == (split == "test")
        assert game.goal is not None
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
        assert goal is not None
        targets = [thing for thing in house.things.values() if thing.kind == goal.target.lower()]
        assert all("pickupable" in thing.properties and thing.receptacle for thing in targets)
        assert len(targets) >= (2 if goal.task_type == "pick_two_obj_and_place" else 1)
        assert not fulfilled(house, game)
        if goal.receptacle:
            assert goal.target.lower() in house.accepts[goal.receptacle.lower()]
        if goal.toggle:
            lamps = [thing for thing in house.things.values() if thing.kind == goal.toggle.lower()]
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


def test_files_are_the_same_byte_by_byte(tmp_path: Path) -> None:
    digests = []
    for folder in ("a", "b"):
        paths = [
            path for game in write_games(3, "train", 5, tmp_path / folder) for path in sorted(game.parent.iterdir())
        ]
        digests.append([(path.name, sha256(path.read_bytes()).hexdigest()) for path in paths])
    assert digests[0] == digests[1]
    assert len(digests[0]) == 6


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


def test_floor_plans_are_always_the_same() -> None:
    plan = floor_plan(5)
    alfworld_files.floor_plan.cache_clear()
    assert floor_plan(5) == plan
    ids = [receptacle.id for receptacle in plan.receptacles]
    assert len(set(ids)) == len(ids)
    with pytest.raises(DataError, match=r"alfworld has no floor plan 99"):
        floor_plan(99)


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


def test_positions_have_one_zero() -> None:
    assert position(-0.001, 0.0, 0.001) == "|+00.00|+00.00|+00.00"


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from agemem_env.engines.alfworld import package

    monkeypatch.setattr(package, "find_spec", lambda name: None)
    package.alfworld_folder.cache_clear()
    alfworld_files.domain.cache_clear()
    with pytest.raises(MissingExtraError, match=r"needs the package 'alfworld': run `pip install .*\[alfworld\]'"):
        alfworld_files.domain()


def test_alfworld_loads_and_plays_the_files(tmp_path: Path) -> None:
    paths = list(write_games(6, "test", 0, tmp_path / "data"))
    assert all(task_name(load_game(path)) == path.parent.parent.name for path in paths)
    code = f"""
import textworld.gym
from agemem_env.engines.alfworld.package import repaired_eval
from alfworld.agents.environment.alfred_tw_env import AlfredTWEnv
folder = {str(tmp_path / "data" / "json_2.1.1" / "valid_unseen")!r}
config = {{
    "env": {{"goal_desc_human_anns_prob": 0, "task_types": [1, 2, 3, 4, 5, 6], "domain_randomization": False,
             "expert_type": "handcoded"}},
    "dataset": {{"eval_ood_data_path": folder, "num_eval_games": 0}},
    "general": {{"training_method": "dqn"}}, "rl": {{"training": {{"max_nb_steps_per_episode": 50}}}},
}}
env = AlfredTWEnv(config, train_eval="eval_out_of_distribution")
assert env.num_games == 6, env.num_games
env.game_files = [file for file in env.game_files if "pick_clean" in file]
with repaired_eval():
    observations, infos = env.init_env(batch_size=1).reset()
assert "Your task is to: " in observations[0] and "look" in infos["admissible_commands"][0]
"""
    run_python(code, tmp_path, ALFWORLD_DATA=str(tmp_path / "alfworld"), PATH=os.environ["PATH"])
