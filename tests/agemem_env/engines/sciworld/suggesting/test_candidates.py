"""Commands about what was mentioned; no simulator is needed."""

from __future__ import annotations

from collections.abc import Sequence

from agemem_env.engines.sciworld.suggesting.candidates import MOST, candidates
from agemem_env.engines.sciworld.suggesting.mentions import Laboratory, MentionedPlace, holding, mentioned

KITCHEN = """This room is called the kitchen. In it, you see:
\tthe agent
\ta substance called air
\ta cupboard. The cupboard door is open. In the cupboard is: a ceramic cup (containing nothing), a drawer.
\ta freezer. The freezer door is closed.
\ta glass jar (containing a substance called sodium chloride)
\ta sink, which is turned off. In the sink is: nothing.
\ta stove, which is turned off. On the stove is: nothing.
You also see:
\tA door to the hallway (that is open)"""


def look(shown: Sequence[str]) -> MentionedPlace:
    return Laboratory().look(shown)


def suggested(query: str, notes: Sequence[str], shown: Sequence[str]) -> list[str]:
    return candidates(query, notes, look(shown))


BOIL = "You work in the Corby laboratory. Your task is to boil water. First, focus on the substance."
BOX = "Your task is to find a(n) animal. First, focus on the thing. Then, move it to the red box in the bathroom."


def test_a_pot_is_filled_and_heated() -> None:
    shown = [KITCHEN, "You move the metal pot to the inventory."]
    found = suggested(BOIL, ["In the Corby laboratory, the metal pot is in the cupboard in the kitchen."], shown)
    for command in ("move metal pot to sink", "activate sink", "move metal pot to stove", "activate stove", "wait"):
        assert command in found
    assert "go to hallway" in found and "go to greenhouse" not in found
    shown += ["You move the metal pot to the sink.", "The sink is now activated."]
    assert "deactivate sink" in suggested(BOIL, [], shown)


def test_animals_are_called_by_their_stage_of_life_once_it_was_seen() -> None:
    note = "In the Corby laboratory, the wolf is outside."
    blind = suggested(BOX, [note], ["You move to the outside."])
    assert {"focus on wolf", "focus on baby baby wolf", "focus on egg wolf"} <= set(blind)
    seen = suggested(BOX, [note], ["This outside location is called the outside. Here you see:\n\ta baby wolf"])
    assert "focus on baby baby wolf" in seen and "focus on egg wolf" not in seen
    taken = suggested(BOX, [note], ["You move to the outside.", "You move the wolf to the inventory."])
    assert "move baby baby wolf in inventory to red box" in taken


def test_a_question_is_answered_by_its_numbers_first() -> None:
    asked = "Ambiguous request: Please enter the number for the action you intended:\n0:\tmove a\n1:\tmove b\n"
    assert suggested(BOIL, [], [KITCHEN, asked])[:2] == ["0", "1"]


def test_nothing_that_was_not_mentioned_is_suggested() -> None:
    found = suggested(BOIL, [], [KITCHEN])
    assert not any("metal pot" in command or "box" in command for command in found)


def test_there_are_never_many() -> None:
    note = " ".join(f"In the Corby laboratory, the thing{i} cup is in the kitchen." for i in range(60))
    assert len(suggested(BOX, [note], [KITCHEN])) == MOST


def test_things_are_read_out_of_texts() -> None:
    assert mentioned("In the Corby laboratory, the orange juice is in the wood cup in the fridge in the kitchen.") == (
        "orange juice",
        "wood cup",
        "fridge",
    )
    assert ("glass jar", "sodium chloride") in holding(KITCHEN)


def test_rooms_are_remembered_and_what_was_put_down_is_not_held() -> None:
    place = look([KITCHEN, "You move to the hallway.", "You move to the kitchen."])
    assert place.room == "kitchen" and "sink" in place.things
    moved = [
        "You move the jug to the inventory.",
        "You move the jug to the sink.",
        "You move the cup to the inventory.",
    ]
    assert look(moved).taken == ("cup",)


def test_what_is_shown_step_by_step_is_read_as_if_it_were_shown_at_once() -> None:
    texts = [KITCHEN, "You move to the hallway.", "This room is called the hallway. In it, you see: a key", "No."]
    texts += ["You move the jug to the inventory.", "You move to the kitchen.", "No.", KITCHEN, "The jug is empty."]
    laboratory = Laboratory()
    for count in range(len(texts) + 1):
        assert laboratory.look(texts[:count]) == look(texts[:count])
    assert laboratory.look(["No."]) == look(["No."])
