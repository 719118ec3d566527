"""What the page is given."""

from __future__ import annotations

from benchmarks.viewer.summaries import episode, outcome, summary
from tests.benchmarks.viewer.samples import trajectory


def test_an_episode_holds_each_version_of_an_entry_once_and_every_turn_points_to_its_own() -> None:
    value = episode(trajectory(turns=30))
    assert [entry["content"][-3:] for entry in value["entries"]] == ["(1)", "(2)"]
    contents = [[value["entries"][n]["content"][-3:] for n in turn["memory"]] for turn in value["turns"]]
    assert contents[:3] == [[], ["(1)"], ["(2)"]]
    assert all(turn == ["(2)"] for turn in contents[2:])


def test_turns_keep_their_events_and_what_was_sent() -> None:
    turn = episode(trajectory())["turns"][3]
    assert [event["kind"] for event in turn["events"]] == ["reduce", "retrieve"]
    assert turn["action"] == "<think>the mug is in cabinet 3</think>"


def test_a_summary_says_what_the_list_shows() -> None:
    shown = summary(trajectory())
    assert shown["policy"] == "tool-agent · openai:gpt"
    assert (shown["task"], shown["outcome"], shown["errors"], shown["price"]) == ("generated/7", "success", 1, 0.0125)


def test_how_an_episode_ended() -> None:
    rows = [{}, {"error": {"type": "X"}}, {"error": None, "success": True}, {"error": None, "success": False}]
    assert [outcome(row) for row in rows] == ["unfinished", "crashed", "success", "failure"]
