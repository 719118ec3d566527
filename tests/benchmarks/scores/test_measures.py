from __future__ import annotations

import pytest

from benchmarks.scores.measures import grounding, progress_after, score, seconds, tokens
from tests.benchmarks.results.made_up import make_crash, make_row


def test_grounding_is_the_share_of_valid_commands() -> None:
    assert grounding(make_row(tool_calls={"act": 8}, errors={"invalid_command": 2, "wrong_type": 5})) == 0.75
    assert grounding(make_row(tool_calls={"Add_memory": 2})) is None
    assert grounding(make_crash()) is None


@pytest.mark.parametrize(("turn", "progress"), [(1, 0.0), (2, 0.25), (9, 0.25), (10, 1.0), (50, 1.0)])
def test_progress_after_a_turn(turn: int, progress: float) -> None:
    assert progress_after(make_row(progress_by_turn={"2": 0.25, "10": 1.0}), turn) == progress


def test_older_rows_do_not_say_when_progress_was_made() -> None:
    assert progress_after(make_crash(), 3) is None


def test_tokens_are_those_of_prompts_and_of_the_memory_system() -> None:
    assert tokens(make_row(metrics={"TN": 100.0, "MT": 20.0})) == 120.0
    assert tokens(make_row(metrics={"TN": 100.0, "MT": None})) == 100.0
    assert tokens(make_row(metrics={"TN": None})) is None
    assert seconds(make_row(seconds={"env": 0.5, "policy": 0.25})) == 0.75
    assert (score(make_row(metrics={"J": 0.5})), score(make_crash())) == (0.5, None)
