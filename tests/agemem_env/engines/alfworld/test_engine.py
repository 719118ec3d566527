"""The engine of ALFWorld: dialects, progress, the expert, states. Most of it is played in a home furnished by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from agemem_env.engines.alfworld.engine import ALFWorldEngine
from agemem_env.engines.alfworld.homes.game import Game
from agemem_env.engines.alfworld.homes.goal import TASK_TYPES
from agemem_env.engines.alfworld.homes.situation import Situation
from agemem_env.engines.alfworld.oracle import Expert, Step
from agemem_env.engines.alfworld.tasks import build_task
from agemem_env.errors import ConfigurationError, DataError, MissingExtraError
from agemem_env.types import EngineStep, Task
from tests.agemem_env.engines.alfworld.games import in_older_dialect
from tests.agemem_env.engines.alfworld.home import CONTENTS, home

pytest.importorskip("textworld", reason="the extra alfworld is not installed")
pytest.importorskip("fast_downward", reason="the extra alfworld is not installed")

RNG = np.random.default_rng(0)
TARGETS = {
    "pick_and_place_simple": ("Mug", "CounterTop"),
    "look_at_obj_in_light": ("Mug",),
    "pick_clean_then_place_in_recep": ("Mug", "CounterTop"),
    "pick_heat_then_place_in_recep": ("Apple", "CounterTop"),
    "pick_cool_then_place_in_recep": ("Mug", "CounterTop"),
    "pick_two_obj_and_place": ("Mug", "CounterTop"),
}


@pytest.fixture(autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


def task_of(game: Game, name: str = "home") -> Task:
    return build_task(name, "test", "generated", "agemem", game)


def start(game: Game) -> ALFWorldEngine:
    made = ALFWorldEngine(source="generated")
    made.reset(task_of(game), RNG, briefed=True)
    return made


def play(made: ALFWorldEngine, commands: Sequence[str]) -> list[EngineStep]:
    return [made.step(command) for command in commands]


def follow_the_oracle(made: ALFWorldEngine, known: Sequence[str], most: int = 60) -> tuple[list[str], EngineStep]:
    commands: list[str] = []
    step = EngineStep("", 0.0, done=False, success=False)
    while not step.done and len(commands) < most:
        call = made.oracle(known)
        assert call.name == "act", f"the expert gave up after {commands}"
        commands.append(call.arguments["command"])
        step = made.step(commands[-1])
        assert step.valid, f"{commands[-1]!r} is not possible"
    return commands, step


def gold(task: Task) -> list[str]:
    return [fact.text for fact in task.gold_facts]


@pytest.mark.parametrize("older", [False, True], ids=["new", "old"])
@pytest.mark.parametrize(
    "command",
    [
        "move mug 2 to countertop 1",
        "put mug 2 in/on countertop 1",
        "put mug 2 on countertop 1",
        "Put  mug 2 in countertop 1.",
    ],
)
def test_either_dialect_is_understood(command: str, older: bool) -> None:
    game = home("pick_and_place_simple", "Mug", "CounterTop")
    made = start(in_older_dialect(game) if older else game)
    *_, last = play(made, ["go to shelf 1", "take mug 2 from shelf 1", "go to countertop 1", command])
    expected = "You put the mug 2 in/on the countertop 1." if older else "You move the mug 2 to the countertop 1."
    assert (last.text, last.done, last.success, last.progress) == (expected, True, True, 1.0)


def test_the_admissible_commands_are_those_of_the_game() -> None:
    made = start(home("pick_and_place_simple", "Mug", "CounterTop"))
    made.step("go to shelf 1")
    listed = made.admissible()
    assert "take mug 2 from shelf 1" in listed
    assert "take mug 1 from cabinet 1" not in listed
    assert all(made.step(command).valid for command in ("examine shelf 1", "inventory", "help", "look"))


def test_what_cannot_be_done_changes_nothing() -> None:
    made = start(home("pick_and_place_simple", "Mug", "CounterTop"))
    before = made.state_hash()
    for command in ("take mug 1 from cabinet 1", "fly", "", "put mug 1 in/on desk 1"):
        step = made.step(command)
        assert (step.text, step.valid, step.done, step.progress) == ("Nothing happens.", False, False, 0.0)
    assert made.state_hash() == before


# Hand-counted shares of the sub-goals after each command.
PROGRESS = {
    "pick_and_place_simple": (
        ["go to shelf 1", "take mug 2 from shelf 1", "move mug 2 to shelf 1", "take mug 2 from shelf 1",
         "go to countertop 1", "move mug 2 to countertop 1"],
        [0, 1 / 2, 1 / 2, 1 / 2, 1 / 2, 1],
    ),
    "look_at_obj_in_light": (
        ["go to desk 1", "use desklamp 1", "go to shelf 1", "take mug 2 from shelf 1", "go to desk 1"],
        [0, 1 / 3, 1 / 3, 2 / 3, 1],
    ),
    "pick_clean_then_place_in_recep": (
        ["go to shelf 1", "take mug 2 from shelf 1", "go to sinkbasin 1", "clean mug 2 with sinkbasin 1",
         "go to countertop 1", "move mug 2 to countertop 1"],
        [0, 1 / 3, 1 / 3, 2 / 3, 2 / 3, 1],
    ),
    "pick_heat_then_place_in_recep": (
        ["go to desk 1", "take pen 1 from desk 1", "move pen 1 to desk 1", "go to fridge 1", "open fridge 1",
         "take apple 1 from fridge 1", "go to microwave 1", "heat apple 1 with microwave 1", "go to countertop 1",
         "move apple 1 to countertop 1"],
        [0, 0, 0, 0, 0, 1 / 3, 1 / 3, 2 / 3, 2 / 3, 1],
    ),
    "pick_two_obj_and_place": (
        ["go to shelf 1", "take mug 2 from shelf 1", "go to countertop 1", "move mug 2 to countertop 1",
         "take mug 2 from countertop 1", "move mug 2 to countertop 1", "go to cabinet 1", "open cabinet 1",
         "take mug 1 from cabinet 1", "go to countertop 1", "move mug 1 to countertop 1"],
        [0, 1 / 4, 1 / 4, 2 / 4, 2 / 4, 2 / 4, 2 / 4, 2 / 4, 3 / 4, 3 / 4, 1],
    ),
}  # fmt: skip


@pytest.mark.parametrize("task_type", PROGRESS)
def test_progress_counts_the_parts_of_the_task(task_type: str) -> None:
    commands, expected = PROGRESS[task_type]
    steps = play(start(home(task_type, *TARGETS[task_type])), commands)
    assert [step.progress for step in steps] == pytest.approx(expected)
    assert [step.done for step in steps] == [False] * (len(steps) - 1) + [True]
    assert steps[-1].success


def test_progress_counts_only_what_the_start_leaves_open() -> None:
    game = home("pick_two_obj_and_place", "Mug", "Shelf")
    commands = [
        "go to cabinet 1",
        "open cabinet 1",
        "take mug 1 from cabinet 1",
        "go to shelf 1",
        "move mug 1 to shelf 1",
    ]
    steps = play(start(game), commands)
    assert [step.progress for step in steps] == [0, 0, 1 / 2, 1 / 2, 1]


@pytest.mark.parametrize("older", [False, True], ids=["new", "old"])
@pytest.mark.parametrize("task_type", TASK_TYPES)
def test_the_expert_goes_straight_with_facts_and_searches_without(task_type: str, older: bool) -> None:
    game = home(task_type, *TARGETS[task_type])
    made = start(in_older_dialect(game) if older else game)
    task = task_of(game)
    setup = task.data["setup"]
    informed, end = follow_the_oracle(made, gold(task))
    assert end.success
    assert len(informed) == len(Expert(setup.house, setup.goal).plan(setup.start, setup.told(gold(task))))
    assert task.max_rounds == 2 * len(informed) + 4
    made.reset(task_of(in_older_dialect(game) if older else game), RNG, briefed=True)
    uninformed, end = follow_the_oracle(made, [])
    assert end.success
    assert len(uninformed) > len(informed)
    assert uninformed[:2] == ["go to cabinet 2", "open cabinet 2"]


def test_the_search_does_not_know_what_it_has_not_seen() -> None:
    """In two homes that differ only in where the mug is, the search begins alike."""
    runs = []
    for place in ("cabinet 1", "sinkbasin 1"):
        contents = {name: where for name, where in CONTENTS.items() if name not in ("mug 1", "mug 2")} | {
            "mug 1": place
        }
        made = start(home("pick_and_place_simple", "Mug", "CounterTop", contents))
        runs.append(follow_the_oracle(made, [])[0])
    common = runs[0].index("open cabinet 1") + 1
    assert runs[0][:common] == runs[1][:common]
    assert runs[0][common] == "take mug 1 from cabinet 1"


def test_wrong_statements_are_dropped_when_seen_to_be_wrong() -> None:
    game = home("pick_and_place_simple", "Mug", "CounterTop", {"mug 1": "desk 1", "pen 1": "shelf 1"})
    for name in map(str, range(40)):
        task = task_of(game, name)
        if task.facts[next(i for i, fact in enumerate(task.facts) if fact.gold)].text not in gold(task):
            break
    outdated = next(task.facts[i] for i in task.superseded if task.facts[i].gold)
    made = ALFWorldEngine(source="generated")
    made.reset(task, RNG, briefed=True)
    misled, end = follow_the_oracle(made, [outdated.text])
    assert end.success and "desk" not in misled[0]
    made.reset(task, RNG, briefed=True)
    corrected, end = follow_the_oracle(made, [outdated.text, *gold(task)])
    assert corrected[:2] == ["go to desk 1", "take mug 1 from desk 1"]


def test_the_expert_puts_away_what_it_does_not_want() -> None:
    game = home("pick_and_place_simple", "Mug", "CounterTop")
    made = start(game)
    play(made, ["go to desk 1", "take pen 1 from desk 1"])
    commands, end = follow_the_oracle(made, gold(task_of(game)))
    assert end.success and commands[0] == "move pen 1 to desk 1"


def test_the_expert_gives_up_when_everything_was_seen() -> None:
    setup = task_of(home("pick_and_place_simple", "Mug", "CounterTop")).data["setup"]
    nowhere = Situation(here=setup.house.start)
    expert = Expert(setup.house, setup.goal)
    everything = frozenset(setup.house.receptacles)
    assert expert.next_step(nowhere, everything) is None
    last = next(iter(everything))
    assert expert.next_step(nowhere, everything - {last}) == Step("go", last)


def test_snapshots_bring_back_another_game_too() -> None:
    first, second = (
        home("pick_and_place_simple", "Mug", "CounterTop"),
        home("pick_cool_then_place_in_recep", "Mug", "Desk"),
    )
    made = start(first)
    play(made, ["go to shelf 1", "take mug 2 from shelf 1"])
    saved, digest = made.snapshot(), made.state_hash()
    made.reset(task_of(second), RNG, briefed=True)
    assert made.state_hash() != digest
    for _ in range(2):
        made.restore(saved)
        assert made.state_hash() == digest
        steps = play(made, ["go to countertop 1", "move mug 2 to countertop 1"])
        assert [step.progress for step in steps] == [1 / 2, 1] and steps[-1].success


def test_the_state_hash_tells_what_was_seen_apart() -> None:
    made = start(home("pick_and_place_simple", "Mug", "CounterTop"))
    hashes = [made.state_hash()]
    for command in ("go to cabinet 1", "open cabinet 1", "close cabinet 1", "go to shelf 1"):
        made.step(command)
        hashes.append(made.state_hash())
    assert len(set(hashes)) == len(hashes)


def test_an_answer_ends_the_episode_as_it_stands() -> None:
    made = start(home("pick_and_place_simple", "Mug", "CounterTop"))
    play(made, ["go to shelf 1", "take mug 2 from shelf 1"])
    end = made.submit("done")
    assert (end.done, end.success, end.progress) == (True, False, 1 / 2)


def test_an_engine_can_be_closed_and_used_again() -> None:
    made = start(home("pick_and_place_simple", "Mug", "CounterTop"))
    made.close()
    made.close()
    with pytest.raises(ConfigurationError, match="no task is being played"):
        made.step("look")
    made.reset(task_of(home("pick_and_place_simple", "Mug", "CounterTop")), RNG, briefed=True)
    assert made.step("go to shelf 1").valid


@pytest.mark.parametrize("package", ["textworld", "fast_downward"])
def test_a_missing_extra_is_one_line(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def find(name: str) -> Any:
        return None if name == package else True

    monkeypatch.setattr(package, "find_spec", find)
    with pytest.raises(MissingExtraError, match=rf"'{package}': run `pip install 'agemem-env\[alfworld\]'`$"):
        ALFWorldEngine(source="generated")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda text: text.replace("(objectType ?o", "(isSliced ?o) (objectType ?o"),
            "none of ALFWorld's six types of task",
        ),
        (lambda text: text.replace("(:init", "(:start"), "no initial state"),
    ],
)
def test_a_game_that_cannot_be_played_is_named(change: Any, message: str) -> None:
    game = home("pick_and_place_simple", "Mug", "CounterTop")
    broken = Game(game.domain, change(game.problem), game.grammar)
    with pytest.raises(DataError, match=f"game broken/trial cannot be played: .*{message}"):
        build_task("broken/trial", "test", "official", "agemem", broken)


def test_an_unknown_dialect_is_named() -> None:
    game = home("pick_and_place_simple", "Mug", "CounterTop")
    broken = Game(game.domain, game.problem, game.grammar.replace('"move {o} to {r}"', '"drop {o} at {r}"'))
    with pytest.raises(DataError, match=r"unknown command for putting things down: 'drop \{o\} at \{r\}'"):
        build_task("home", "test", "official", "agemem", broken)
