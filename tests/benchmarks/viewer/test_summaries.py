"""What the page is given."""

from __future__ import annotations

from benchmarks.scores.causes import cause
from benchmarks.viewer.summaries import episode, outcome, summary
from tests.benchmarks.results.made_up import make_row
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
    assert shown["policy"] == "mem0 (openai:gpt)"
    assert (shown["task"], shown["outcome"], shown["errors"], shown["price"]) == ("generated/7", "success", 1, 0.0125)


def test_how_an_episode_ended() -> None:
    rows = [{}, {"error": {"type": "X"}}, {"error": None, "success": True}, {"error": None, "success": False}]
    assert [outcome(row, "HotpotQA") for row in rows] == ["unfinished", "crashed", "success", "failure"]


def test_the_list_calls_solved_what_the_report_does_not_call_failed() -> None:
    for judged in (0.5, 1.0):
        row = make_row(success=False, metrics={"J": judged, "EM": 0.0})
        assert (outcome(row.to_dict(), row.benchmark) == "success") is (cause(row) is None), judged
