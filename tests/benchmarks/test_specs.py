from __future__ import annotations

import dataclasses
from typing import Any

import gymnasium as gym
import pytest

from agemem_env.env import AgeMemEnv
from agemem_env.errors import ConfigurationError
from benchmarks.specs import RunSpec, find_benchmark, find_benchmarks, main_score, make_env, registered
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


def test_an_engine_from_elsewhere_is_made_like_those_with_an_id() -> None:
    listed = make_env("AgeMem-HotpotQA-v0", {"source": "generated"})
    elsewhere = make_env("tests.toy:ToyEngine", {"stages": [3]})
    kinds = [[type(wrapper) for wrapper in wrappers(env)] for env in (listed, elsewhere)]
    assert kinds[0] == kinds[1]
    assert isinstance(elsewhere.unwrapped, AgeMemEnv)
    assert elsewhere.unwrapped.config.stages == (3,)
    assert len(wrappers(make_env("tests.toy:ToyEngine", {}, checker=False))) < len(kinds[1])
    assert "tests.toy:ToyEngine" not in registered()


def wrappers(env: gym.Env[Any, Any]) -> list[gym.Env[Any, Any]]:
    return [env, *wrappers(env.env)] if isinstance(env, gym.Wrapper) else [env]


def test_benchmarks_are_found_by_name_or_class_and_all_of_them_for_none() -> None:
    found = find_benchmarks(["PDDL", "tests.toy:ToyEngine", "PDDL"])
    assert found == {"PDDL": "AgeMem-PDDL-v0", "tests.toy:ToyEngine": "tests.toy:ToyEngine"}
    assert find_benchmarks([]) == registered()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("PDLD", r"unknown benchmark 'PDLD'; did you mean 'PDDL'\?.*'module:Class'"),
        ("no_such:Engine", "'no_such'"),
        ("tests.toy:Missing", "'Missing'"),
        ("tests.toy:make_task", "TaskEngine"),
        (":", "':'"),
    ],
)
def test_what_is_no_benchmark_is_said(name: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        find_benchmark(name)
