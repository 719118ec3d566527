from __future__ import annotations

import pytest

from benchmarks.trajectories.cost import main, measure


def test_what_a_trajectory_costs_is_told_apart_from_the_playing() -> None:
    cost = measure("HotpotQA", "do-nothing", 2)
    assert cost.playing > 0 and cost.writing > 0 and cost.size > 100


@pytest.mark.parametrize(("argument", "code"), [("--help", 0), ("HotpotAQ", 2)])
def test_the_command_says_what_it_takes(argument: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([argument])
    assert ended.value.code == code
    printed = capsys.readouterr()
    assert ("HotpotQA, PDDL, BabyAI" in printed.out) if code == 0 else printed.err.count("\n") == 1
