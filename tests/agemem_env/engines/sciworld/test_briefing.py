"""Notes against the simulator."""

from __future__ import annotations

import re
from importlib.util import find_spec

import pytest

from agemem_env.engines.sciworld.engine import SciWorldEngine
from agemem_env.engines.sciworld.families import Finding
from agemem_env.engines.sciworld.simulator import SciWorldSimulator
from agemem_env.types import Task

pytestmark = pytest.mark.skipif(find_spec("scienceworld") is None, reason="the extra [sciworld] is not installed")

TOUR = (
    "hallway", "art studio", "hallway", "bedroom", "hallway", "living room", "hallway", "workshop", "hallway",
    "greenhouse", "outside", "foundry", "outside", "kitchen", "bathroom", "kitchen", "hallway",
)  # fmt: skip


PLACE = re.compile(
    r"In the (\w+) laboratory, (?:the|an?) (.+?)(?: \(shown as (.+?)\))? is(?: now)? .*?(?:in the ([a-z ]+)|outside)\.$"
)


def rooms_seen(simulator: SciWorldSimulator, task: Task) -> dict[str, str]:
    """Walk through the house, open everything, and return what was to be seen in each room."""
    spec = task.data["spec"]
    simulator.load(spec.task, spec.variation, spec.simplifications)
    seen: dict[str, str] = {}
    for room in (*TOUR, *TOUR):  # from wherever the tour is joined, all rooms are visited
        if not simulator.step(f"go to {room}").text.startswith("You move") or room in seen:
            continue
        for box in re.findall(r"The ([a-z ]+) door is closed", simulator.look()):
            simulator.step(f"open {box}")
        seen[room] = simulator.look()
    assert len(seen) == 10, f"the tour missed rooms: {sorted(seen)}"
    return seen


def named(name: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE) is not None


def test_every_useful_note_names_what_it_must_say(engine: SciWorldEngine) -> None:
    for task in engine.tasks[:100]:
        for fact in task.facts:
            assert len(fact.essentials) >= 2 and all(phrase in fact.text for phrase in fact.essentials), fact.text


@pytest.mark.slow
def test_places_told_are_true_in_the_simulator(engine: SciWorldEngine, simulator: SciWorldSimulator) -> None:
    checked = 0
    for task in engine.tasks[:60]:
        seen = rooms_seen(simulator, task)
        for index, (fact, about) in enumerate(zip(task.facts, task.data["about"], strict=True)):
            match = PLACE.match(fact.text)
            if f"the {fact.text.split(' ')[2]} laboratory" not in task.query or not fact.useful:
                assert about is None and not fact.gold
                continue
            if match is None:
                assert isinstance(about, Finding) or index in task.superseded, fact.text
                continue
            laboratory, name, room = match[1], match[3] or match[2], match[4] or "outside"
            room = room.rpartition(" in the ")[2]
            assert f"the {laboratory} laboratory" in task.query
            wrong = index in task.superseded
            assert wrong is (about is None)
            assert named(name, seen[room]) or wrong, f"{fact.text} is not true in {task.id}"
            if wrong:
                exact = re.search(rf"\b(?:an?|the|called) {re.escape(name)}(?!\w)", seen[room])
                assert exact is None, f"{fact.text} is true in {task.id}, though it is corrected later"
            checked += 1
    assert checked > 40
