"""The expert, in a home furnished by hand."""

from __future__ import annotations

import pytest

from agemem_env.engines.alfworld.engine import ALFWorldEngine
from agemem_env.engines.alfworld.homes.goal import TASK_TYPES
from agemem_env.engines.alfworld.homes.situation import Situation
from agemem_env.engines.alfworld.oracle import Expert, Step
from tests.agemem_env.engines.alfworld.games import in_older_dialect
from tests.agemem_env.engines.alfworld.home import (
    CONTENTS,
    RNG,
    TARGETS,
    follow_the_oracle,
    gold,
    home,
    play,
    start,
    task_of,
)

pytest.importorskip("textworld", reason="the extra alfworld is not installed")
pytest.importorskip("fast_downward", reason="the extra alfworld is not installed")

pytestmark = pytest.mark.usefixtures("cache")


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
    assert task.max_rounds == -(-5 * len(informed) // 4) + 3
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
