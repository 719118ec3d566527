from __future__ import annotations

from agemem_env.engines.alfworld.homes.names import display_names


def test_things_of_a_kind_are_numbered_backwards() -> None:
    names = display_names(["cup_bar_a", "cup_bar_b", "bathtub_bar_a", "bathtub_bar_a_bar_bathtubbasin", "agent1"])
    assert names == {
        "cup_bar_a": "cup 2",
        "cup_bar_b": "cup 1",
        "bathtub_bar_a": "bathtub 1",
        "bathtub_bar_a_bar_bathtubbasin": "bathtubbasin 1",
        "agent1": "agent1 ",
    }
