"""Tasks of ALFWorld: sources, splits, and that what is told is true."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agemem_env.data import data_root
from agemem_env.engines.alfworld.engine import ALFWorldEngine
from agemem_env.engines.alfworld.homes.game import Game, save_game
from agemem_env.engines.alfworld.homes.goal import TASK_TYPES
from agemem_env.engines.alfworld.homes.wording import PEOPLE
from agemem_env.engines.alfworld.making.generator import generated_game
from agemem_env.engines.alfworld.rules.simulator import Simulator
from agemem_env.engines.alfworld.tasks import OTHERS, build_task
from agemem_env.errors import ConfigurationError, DataError
from agemem_env.text.matching import states
from agemem_env.types import Task
from tests.agemem_env.engines.alfworld.home import home

pytest.importorskip("textworld", reason="the extra alfworld is not installed")
pytest.importorskip("fast_downward", reason="the extra alfworld is not installed")

pytestmark = pytest.mark.usefixtures("cache")

OFFICIAL = data_root() / "alfworld" / "json_2.1.1" / "valid_seen"


def generated(split: str = "test", count: int = 24) -> list[Task]:
    return ALFWorldEngine(split=split, source="generated").tasks[:count]


def official(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folders: tuple[str, ...]) -> Path:
    """Write games as if they were official ones."""
    for name in folders:
        save_game(home("pick_and_place_simple", "Mug", "CounterTop"), tmp_path / "alfworld" / "json_2.1.1" / name)
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path))
    monkeypatch.delenv("ALFWORLD_DATA", raising=False)
    return tmp_path / "alfworld" / "json_2.1.1"


def check_truth(task: Task, simulator: Simulator) -> Iterator[bool]:
    """Check the statements of a task in the simulator's first state; yield for each whether it was corrected later."""
    setup = task.data["setup"]
    simulator.load(setup.game)
    facts, names = simulator.facts(), simulator.names
    for index, telling in enumerate(setup.tellings):
        if not telling.thing:
            continue
        thing, receptacle = names[telling.thing], names[telling.receptacle]
        corrected = index in task.superseded
        assert (("inreceptacle", telling.thing, telling.receptacle) in facts) is not corrected, telling.text
        assert re.search(rf"\b{thing}\b.*\b(?:in|on) {receptacle}\b", telling.text), telling.text
        yield corrected


def test_statements_are_true_unless_corrected() -> None:
    simulator = Simulator()
    corrected = Counter(flag for task in generated("valid", 6) for flag in check_truth(task, simulator))
    assert corrected[True] > 0 and corrected[False] > 6


@pytest.mark.slow
@pytest.mark.parametrize("split", ["train", "valid", "test"])
def test_statements_of_many_tasks_are_true(split: str) -> None:
    simulator = Simulator()
    assert sum(len(list(check_truth(task, simulator))) for task in generated(split, 120)) > 180


def test_gold_facts_tell_where_the_needed_things_are() -> None:
    needed = {"look_at_obj_in_light": 2, "pick_two_obj_and_place": 2}
    for task in generated():
        setup = task.data["setup"]
        gold = [telling for telling in setup.tellings if telling.text in {fact.text for fact in task.gold_facts}]
        kinds = Counter(setup.house.things[telling.thing].kind for telling in gold)
        goal = setup.goal
        expected = Counter({goal.thing: goal.count}) + Counter({goal.lamp: 1} if goal.lamp else {})
        assert kinds == expected
        assert len(gold) == needed.get(goal.task_type, 1)
        assert all(telling.gold for telling in setup.tellings if telling.thing)


def test_everything_told_names_the_home_and_is_told_in_words_that_state_it() -> None:
    for task in generated():
        person = re.match(r"You are in (\w+)'s [a-z ]+\. Your task is to: ", task.query)
        assert person is not None and person[1] in PEOPLE
        assert len(task.utterances) == len(task.facts)
        told_of = {name for fact in task.facts for name in PEOPLE if name in fact.text}
        assert len(told_of) == 1 + OTHERS and person[1] in told_of
        for fact, utterance in zip(task.facts, task.utterances, strict=True):
            assert states(utterance.text, fact.text)
            assert not fact.gold or person[1] in fact.text
            assert (fact.text != utterance.text) == fact.useful


def test_distractors_state_nothing_of_what_is_needed() -> None:
    for task in generated():
        assert len(set(task.distractors)) == 4
        for distractor in task.distractors:
            assert not any(states(distractor, f.text, None, 1.0) for f in task.gold_facts), (
                distractor,
                task.gold_facts,
            )


def test_no_useless_statement_passes_for_a_needed_one() -> None:
    for task in [*generated("test", 60), *generated("train", 60)]:
        useless = [fact.text for fact in task.facts if not fact.gold]
        assert useless
        for gold in task.gold_facts:
            assert not [text for text in useless if states(text, gold.text)]


def test_corrections_come_later_and_name_another_place() -> None:
    corrected = 0
    for task in generated():
        for old, new in task.superseded.items():
            assert task.facts[old].useful and task.facts[old].text != task.facts[new].text
            if not task.facts[old].gold:
                continue
            before, after = task.data["setup"].tellings[old], task.data["setup"].tellings[new]
            assert old < new and before.thing == after.thing and before.receptacle != after.receptacle
            assert before.gold == after.gold
            corrected += 1
    assert corrected > 4


def test_what_is_useful_is_told_of_every_home_and_a_third_is_small_talk() -> None:
    tasks = generated(count=60)
    useful = [fact for task in tasks for fact in task.facts if fact.useful]
    talk = sum(not fact.useful for task in tasks for fact in task.facts)
    assert 0.25 < talk / (talk + len(useful)) < 0.4
    gold = sum(fact.gold for fact in useful)
    assert 0.2 < gold / len(useful) < 0.45
    corrections = [fact.gold for fact in useful if fact.supersedes is not None]
    assert abs(sum(corrections) / len(corrections) - gold / len(useful)) < 0.2
    assert len({sum(f.supersedes is not None for f in task.facts) for task in tasks}) > 2


def test_a_lamp_is_told_of_as_often_where_it_is_not_needed() -> None:
    lamps = [fact.gold for task in generated(count=90) for fact in task.facts if "desklamp" in fact.text]
    assert 0.1 < sum(lamps) / len(lamps) < 0.6


@pytest.mark.parametrize(("split", "size"), [("train", 6000), ("valid", 200), ("test", 200)])
def test_generated_splits_have_all_types_in_turn(split: str, size: int) -> None:
    tasks = ALFWorldEngine(split=split, source="generated").tasks
    assert len(tasks) == size
    assert [task.data["setup"].goal.task_type for task in tasks[:12]] == [*TASK_TYPES, *TASK_TYPES]


def test_generated_splits_are_disjoint() -> None:
    keys = [generated_game(split, number).key for split in ("train", "valid", "test") for number in range(60)]
    assert len(set(keys)) == len(keys)


def test_a_task_is_the_same_whenever_it_is_made() -> None:
    tasks = generated("test", 3)
    again = ALFWorldEngine(split="test", source="generated").tasks
    assert [again.get(task.id) for task in tasks] == tasks
    with pytest.raises(ConfigurationError, match="unknown task 'gen-valid-000001'"):
        again.get("gen-valid-000001")


def test_official_games_are_found_by_split_and_alias(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    official(
        tmp_path,
        monkeypatch,
        ("valid_unseen/pick-A/trial_T1", "valid_unseen/pick-A/trial_T2", "valid_seen/pick-B/trial_T3"),
    )
    test, valid = ALFWorldEngine(split="valid_unseen"), ALFWorldEngine(split="valid_seen")
    assert (test.split, test.source, valid.split, valid.source) == ("test", "official", "valid", "official")
    assert [task.id for task in test.tasks] == ["pick-A/trial_T1", "pick-A/trial_T2"]
    assert test.tasks.get("pick-A/trial_T2").source == "official"
    assert [task.id for task in valid.tasks] == ["pick-B/trial_T3"]
    assert ALFWorldEngine(split="train").source == "generated"


def test_missing_official_games_are_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    official(tmp_path, monkeypatch, ())
    with pytest.raises(
        DataError, match=r"no games of valid_unseen in .*: run `agemem data download alfworld`"
    ) as caught:
        ALFWorldEngine(source="official")
    assert "\n" not in str(caught.value)


def test_a_game_that_broke_since_it_was_listed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = official(tmp_path, monkeypatch, ("valid_unseen/pick-A/trial_T1",))
    made = ALFWorldEngine(source="official")
    (root / "valid_unseen" / "pick-A" / "trial_T1" / "game.tw-pddl").write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match=r"trial_T1/game.tw-pddl is corrupt"):
        made.tasks[0]


@pytest.mark.skipif(not OFFICIAL.is_dir(), reason="AGEMEM_DATA has no ALFWorld games")
def test_official_statements_are_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path))
    shutil.copytree(OFFICIAL, tmp_path / "alfworld" / "json_2.1.1" / "valid_seen")
    simulator = Simulator()
    for task in ALFWorldEngine(split="valid", source="official").tasks[:4]:
        assert sum(not corrected for corrected in check_truth(task, simulator)) >= 4


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
