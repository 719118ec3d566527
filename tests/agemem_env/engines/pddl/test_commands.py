from __future__ import annotations

import pytest

from agemem_env.engines.pddl.commands import parse_command


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("right grasp shot1", ("grasp", "right", "shot1")),
        ("Grasp(right, shot1).", ("grasp", "right", "shot1")),
        ("grasp shot1, shot2 and left!", ("grasp", "shot1", "shot2")),
        ("grasp shot1", None),
        ("put grasp-shot1 left right", None),
        ("leave left shot1", None),
    ],
)
def test_words_become_an_action(text: str, parsed: tuple[str, ...] | None) -> None:
    assert parse_command(text, {"grasp": 2}, {"right", "left", "shot1", "shot2"}) == parsed
