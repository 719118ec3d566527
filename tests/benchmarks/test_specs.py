from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from benchmarks.specs import RunSpec, main_score
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


def test_the_hash_tells_episodes_apart_but_not_spellings() -> None:
    base = RunSpec("AgeMem-HotpotQA-v0", {"a": 1, "stages": (1, 3)}, "random", 0)
    same = RunSpec("AgeMem-HotpotQA-v0", {"stages": [1, 3], "a": 1}, "random", 0)
    changes: list[dict[str, Any]] = [
        {"env_id": "AgeMem-PDDL-v0"},
        {"env_kwargs": {}},
        {"policy": "expert"},
        {"seed": 1},
        {"memory": "mem0"},
        {"model": {"temperature": 0.0}},
    ]
    others = [dataclasses.replace(base, **change) for change in changes]
    assert base.config_hash == same.config_hash
    assert len({spec.config_hash for spec in (base, *others)}) == 7
