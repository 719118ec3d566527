"""Infos are merged as Gymnasium merges them."""

from __future__ import annotations

import pickle
from pprint import pformat
from typing import Any

import numpy as np
import pytest
from gymnasium.utils.env_checker import data_equivalence
from gymnasium.vector import VectorEnv

from agemem_env.vector.merging import join, merge, row, table

CASES: tuple[dict[int, dict[str, Any]], ...] = (
    {},
    {0: {"a": 1, "b": 0.5, "c": True, "d": "x", "e": None}, 1: {"a": 2, "b": 1.5, "c": False, "d": "y", "e": "z"}},
    {0: {"score": 0.5, "parts": {"task": 1.0, "memory": None}}, 2: {"score": None, "parts": {"task": None}}},
    {1: {"names": ["a", "b"], "pair": (1, 2)}, 2: {"names": [], "pair": (3, 4)}},
    {0: {"array": np.arange(3), "number": np.float32(2)}, 1: {"array": np.ones(3, int), "number": np.float32(3)}},
    {0: {"stage": 1}, 1: {"stage": 3, "task_id": "t", "metrics": {"SR": 1.0}}, 2: {"final_obs": {"a": 1}, "stage": 2}},
    {0: {"final_info": {"x": {"y": 1}}, "final_obs": {"a": [1]}}, 1: {"x": {"y": 2}}},
    {2: {"flag": True}, 1: {"flag": 2}},
)


@pytest.mark.parametrize("infos", CASES)
def test_it_is_what_gymnasium_makes(infos: dict[int, dict[str, Any]]) -> None:
    vector: VectorEnv[Any, Any, Any] = VectorEnv()
    vector.num_envs = 3
    expected: dict[str, Any] = {}
    for index, info in infos.items():
        expected = vector._add_info(expected, info, index)
    got = merge(infos, 3)
    assert list(got) == list(expected)
    assert repr(got) == repr(expected)
    same = data_equivalence(got, expected)
    assert same or "nan" in repr(got)


def test_what_is_merged_belongs_to_its_reader() -> None:
    got = merge({0: {"a": 1, "b": 2}, 1: {"a": 1, "b": 2}}, 2)
    got["_a"][0] = False
    assert got["_b"].all()


@pytest.mark.parametrize("infos", CASES)
def test_it_is_the_same_from_several_tables(infos: dict[int, dict[str, Any]]) -> None:
    envs = list(infos)
    for split in range(1, len(envs)):
        parts = [envs[:split], envs[split:]]
        tables = pickle.loads(pickle.dumps([table(part, [infos[env] for env in part]) for part in parts]))
        got, expected = join(tables, 3), merge(infos, 3)
        assert list(got) == list(expected)
        assert repr(got) == repr(expected)
        assert pformat([row(one, env) for one in tables for env in one.envs]) == pformat(list(infos.values()))


def test_keys_that_come_together_again_are_not_mixed_up() -> None:
    for values in ({"a": 1, "b": "x"}, {"b": "y", "a": 2}, {"a": 3}, {"a": 0.5, "b": "x"}):
        got = merge({1: values}, 2)
        assert {key: got[key][1] for key in values} == values
        assert list(got) == [key for name in values for key in (name, f"_{name}")]
