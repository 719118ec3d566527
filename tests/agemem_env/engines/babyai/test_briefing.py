from __future__ import annotations

from agemem_env.engines.babyai.briefing import HOUSES, Place, house_name, told_cells


def test_houses_have_different_names() -> None:
    assert len({house_name(i) for i in range(HOUSES)}) == HOUSES


def test_statements_are_turned_back_into_cells_of_their_house_only() -> None:
    door = Place("a locked red door", "door", ((7, 2),), ("west room", "middle room"))
    opening = Place("", "opening", ((5, 1), (5, 2), (5, 3)), ("west room", "east room"))
    texts = [
        door.statement("Marlow"),
        opening.statement("Marlow"),
        "In the house Marlowton, a red key is on square C3.",
    ]
    assert told_cells("Marlow", texts) == {(7, 2), (5, 1), (5, 2), (5, 3)}
    assert told_cells("marlow", [" ".join(texts).upper()]) == {(7, 2), (5, 1), (5, 2), (5, 3)}
    assert told_cells("Marlow", ["Marlow has a red ball somewhere.", "", "square"]) == frozenset()
