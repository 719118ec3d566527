"""Plans and the expert's search, on hand-made laboratories: no simulator is needed."""

from __future__ import annotations

from agemem_env.engines.sciworld.plans import PlannedAct, active_only, acts, answer_only, measuring, scripted
from tests.agemem_env.engines.sciworld.laboratory import STOCK
from tests.agemem_env.engines.sciworld.test_oracle import BOIL, HALLWAY


def test_gold_paths_are_cut_to_what_matters() -> None:
    gold = acts(
        [
            "open door to kitchen", "go to kitchen", "look around", "pick up thermometer", "open cupboard", "open oven",
            "pick up metal pot", "activate stove", "examine lead", "use thermometer in inventory on lead", "wait",
            "focus on lead", "wait1",
        ],
        HALLWAY,
    )  # fmt: skip
    short = [act.command for act in active_only(gold, STOCK, timed=False, once=True)]
    assert short == ["open cupboard", "pick up metal pot", "activate stove", "focus on lead"]
    timed = [act.command for act in active_only(gold, STOCK, timed=True, once=True)]
    assert timed[3:-1] == ["wait", "wait1"], "one tick each for the two measurements, eleven for the wait"
    assert [act.command for act in answer_only(gold, STOCK)] == ["open cupboard", "pick up metal pot", "focus on lead"]
    assert "use thermometer in inventory on lead" in [act.command for act in measuring(gold, STOCK)]


def test_plants_that_water_themselves_are_watered_once() -> None:
    water = [
        PlannedAct("greenhouse", command) for command in ("activate sink", "move jug to sink", "pour jug into pot 1")
    ]
    again = [*water, *water, PlannedAct("greenhouse", "focus on apple")]
    assert len(active_only(again, (), timed=False, once=True)) == 4
    assert len(active_only(again, (), timed=False, once=False)) == 7


def test_scripts_open_what_hides_a_thing() -> None:
    script = scripted(["pick up metal pot", "move metal pot to stove"], STOCK)
    assert script == list(BOIL.acts)
    assert scripted(["focus on unicorn"], STOCK) is None
