from __future__ import annotations

import pytest

from benchmarks.specs import main_score
from tests.toy import ToyEngine


@pytest.mark.parametrize(
    ("benchmark", "score"),
    [
        ("HotpotQA", "J"), ("PDDL", "PR"), ("ALFWorld", "SR"), ("SciWorld", "SR"), ("BabyAI", "SR"),
        ("tests.benchmarks.test_specs:Ranked", "EM"), ("tests.toy:ToyEngine", "SR"), ("no_such:Engine", "SR"),
    ],
)  # fmt: skip
def test_each_engine_says_what_it_is_ranked_by(benchmark: str, score: str) -> None:
    assert main_score(benchmark) == score


class Ranked(ToyEngine):
    main_score = "EM"
