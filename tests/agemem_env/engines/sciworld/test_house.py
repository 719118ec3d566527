from __future__ import annotations

import pytest

from agemem_env.engines.sciworld.house import DOORS, LabThing, first_room, named_in, things, way


def node(
    name: str, contents: dict[str, object], *, open_: bool | None = None, made_of: str = "wood"
) -> dict[str, object]:
    return {
        "name": name,
        "contents": contents,
        "propContainer": None if open_ is None else {"isOpen": open_},
        "propMaterial": {"substanceName": made_of},
        "propMoveable": {"isMovable": True},
        "propLife": None,
    }


def test_doors_lead_both_ways() -> None:
    assert all(room in DOORS[other] for room, others in DOORS.items() for other in others)
    assert all(way(a, b)[-1] == b for a in DOORS for b in DOORS if a != b)
    assert way("workshop", "kitchen") == ["hallway", "kitchen"]
    assert way("kitchen", "kitchen") == []


def test_an_observation_without_a_room_is_an_error() -> None:
    with pytest.raises(ValueError, match="names no room: 'Nothing here'"):
        first_room("Nothing here")


def test_the_object_tree_becomes_things() -> None:
    salt = node("salt", {})
    jar = node("glass jar", {"s": salt}, open_=False, made_of="glass")
    pot = node("metal pot", {}, open_=True)
    tree = node("universe", {"k": node("kitchen", {"j": jar, "c": node("cupboard", {"p": pot}, open_=False)})})
    found = {thing.name: thing for thing in things(tree)}
    assert found["salt"].closed == (), "glass hides nothing"
    assert (found["metal pot"].closed, found["metal pot"].where) == (("cupboard",), "in the cupboard in the kitchen")


def test_a_name_within_a_longer_name_is_not_named() -> None:
    orange, box = (
        LabThing("orange", "kitchen", (), (), False, True),
        LabThing("orange box", "bedroom", (), (), False, True),
    )
    assert named_in("focus on orange box", [orange, box]) == [box]
    assert named_in("move orange to orange box", [orange, box]) == [orange, box]
