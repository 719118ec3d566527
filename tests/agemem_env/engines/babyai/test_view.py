from __future__ import annotations

import numpy as np

from agemem_env.engines.babyai.view import describe, read_view
from tests.agemem_env.engines.babyai.scenes import UNSEEN, WALL, scene, thing


def test_things_are_listed_by_distance_and_numbered_by_name() -> None:
    text = describe(scene({(3, 1): thing("ball", "red"), (1, -1): thing("ball", "red"), (2, 0): thing("key", "blue")}))
    assert text == (
        "In front of you in this room, you can see several objects: "
        "There is a blue key 1 right in front of you 2 steps away.  "
        "There is a red ball 1 1 steps in front of you and 1 steps to your left.  "
        "There is a red ball 2 3 steps in front of you and 1 steps to your right.  "
        "The room has walls around you. You are not carrying anything."
    )


def test_equal_distances_keep_the_order_far_to_near_and_left_to_right() -> None:
    things = {(1, 1): thing("ball", "red"), (1, -1): thing("key", "red"), (2, 0): thing("box", "red")}
    assert [item.name for item in scene(things).items] == ["red box", "red key", "red ball"]


def test_the_nearest_wall_or_box_ahead_is_what_the_agent_faces() -> None:
    seen = scene({(4, 0): WALL, (2, 0): thing("box", "grey")}, carrying=("red", "key"))
    assert describe(seen).endswith("You are facing a box 2 steps away. You are carrying a red key.")


def test_an_empty_view_says_so() -> None:
    assert describe(scene({}, ground=UNSEEN)).startswith("You cannot see any objects within sight.")


def test_cells_outside_the_grid_are_not_seen() -> None:
    seen = scene({(3, 0): thing("ball", "red")}, position=(5, 2), direction=3)
    assert seen.items == () and seen.blocked == frozenset()


def test_the_view_is_read_from_numpy_lists() -> None:
    image = np.ones((7, 7, 3), dtype=np.uint8).tolist()
    assert read_view(image, (9, 9), 0, None).items == ()
