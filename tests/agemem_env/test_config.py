from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from agemem_env.config import CONFIG_FIELDS, EnvConfig, split_options
from agemem_env.env import AgeMemEnv
from agemem_env.errors import ConfigurationError
from agemem_env.memory.store import LongTermMemory
from agemem_env.services.encoders import HashingEncoder
from agemem_env.tools import MEMORY_TOOLS

TOY = "tests.toy:ToyEngine"
LTM = LongTermMemory(HashingEncoder())


def test_defaults() -> None:
    config = EnvConfig()
    assert config.stages == (1, 2, 3)
    assert config.tools == tuple(MEMORY_TOOLS)
    assert config.weights == {"task": 1 / 3, "context": 1 / 3, "memory": 1 / 3}
    assert (config.max_tokens, config.max_rounds, config.top_k, config.filter_threshold) == (8192, None, 3, None)


def test_is_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError, match="max_tokens"):
        EnvConfig().max_tokens = 3  # type: ignore[misc]


ACCEPTED: list[tuple[str, Any, Any]] = [
    ("split", "train", "train"),
    ("split", "valid", "valid"),
    ("source", "generated", "generated"),
    ("source", "official", "official"),
    ("reward", "strict", "strict"),
    ("tool_format", "tags", "tags"),
    ("memory", "lifetime", "lifetime"),
    ("memory", LTM, LTM),
    ("stages", [3], (3,)),
    ("tools", [], ()),
    ("tools", ["Filter_context", "Add_memory", "Filter_context"], ("Filter_context", "Add_memory")),
    ("max_tokens", 1, 1),
    ("max_rounds", 1, 1),
    ("filter_threshold", -1, -1),
    ("filter_threshold", 1.0, 1.0),
    ("filter_threshold", np.float64(0.5), 0.5),
    ("dense", True, True),
    ("dense", np.bool_(True), True),
    ("max_tokens", np.int64(99), 99),
    ("max_rounds", np.uint8(9), 9),
    ("top_k", np.array(4), 4),
    ("facts_per_turn", np.int32(2), 2),
    ("filter_threshold", np.float32(0.5), 0.5),
    ("stages", np.array([1, 3]), (1, 3)),
    ("stages", [np.int64(3)], (3,)),
    ("tools", np.array(["Add_memory"]), ("Add_memory",)),
    ("weights", np.array([1, 0, 0]), {"task": 1.0, "context": 0.0, "memory": 0.0}),
    ("weights", {"task": np.float32(1), "context": 0, "memory": np.int64(2)},
     {"task": 1.0, "context": 0.0, "memory": 2.0}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "kept"), ACCEPTED)
def test_accepted_values(name: str, value: Any, kept: Any) -> None:
    found = getattr(EnvConfig(**{name: value}), name)
    assert found == kept
    assert type(found) is type(kept)


POSITIVE = "use an integer from 1 on"
REFUSED: list[tuple[str, Any, str]] = [
    ("split", "tset", "unknown split 'tset'; did you mean 'test'? Allowed: 'train', 'valid', 'test'"),
    ("split", None, "unknown split None; Allowed: 'train', 'valid', 'test'"),
    ("split", ["test"], "unknown split ['test']; "),
    ("source", "offical", "unknown source 'offical'; did you mean 'official'? Allowed: 'auto', 'official', "),
    ("reward", "stric", "unknown reward 'stric'; did you mean 'strict'? Allowed: 'paper', 'strict'"),
    ("tool_format", "tag", "unknown tool_format 'tag'; did you mean 'tags'? Allowed: 'native', 'tags'"),
    ("memory", "episodes", "unknown memory 'episodes'; did you mean 'episode'? Allowed: 'episode', 'lifetime'"),
    ("memory", None, "unknown memory None; Allowed: 'episode', 'lifetime'"),
    ("tools", "Add_memory", "tools='Add_memory' is not allowed; use a list of tool names"),
    ("tools", None, "tools=None is not allowed; use a list of tool names"),
    ("tools", {"Add_memory"}, "tools={'Add_memory'} is not allowed; use a list of tool names"),
    ("tools", ["Add_memroy"], "unknown tool 'Add_memroy'; did you mean 'Add_memory'? Allowed: 'Add_memory', "),
    ("tools", [3], "unknown tool 3; Allowed: 'Add_memory', "),
    ("tools", ["act"], "unknown tool 'act'; Allowed: 'Add_memory', "),
    ("stages", (1, 2), "stages=(1, 2) is not allowed; use one of (1, 2, 3), (1, 3), (2, 3), (3,)"),
    ("weights", (0, 0, 0), "weights=(0, 0, 0) is not allowed: every reward would be 0; use one above 0"),
    ("weights", np.array([1, np.nan, 0]), "weights=[1.0, nan, 0.0] is not allowed; use three numbers from 0 on"),
    ("top_k", np.array([3]), "top_k=[3] is not allowed"),
    ("top_k", np.bool_(True), "top_k=True is not allowed"),
    ("stages", 3, "stages=3 is not allowed; use one of (1, 2, 3)"),
    ("filter_threshold", 1.01, "filter_threshold=1.01 is not allowed; use -1 to 1"),
    ("filter_threshold", float("nan"), "filter_threshold=nan is not allowed; use -1 to 1"),
    ("filter_threshold", "0.5", "filter_threshold='0.5' is not allowed; use -1 to 1"),
    ("filter_threshold", True, "filter_threshold=True is not allowed; use -1 to 1"),
    *((name, value, f"{name}={value!r} is not allowed; {POSITIVE}")
      for name in ("max_tokens", "max_rounds", "facts_per_turn", "top_k") for value in (0, -1, 1.0, "1", True)),
    *((name, None, f"{name}=None is not allowed; {POSITIVE}") for name in ("max_tokens", "facts_per_turn", "top_k")),
    *((name, value, f"{name}={value!r} is not allowed; use True or False")
      for name in ("dense", "answer_ends_stage", "keep_think") for value in (1, None, "yes")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "message"), REFUSED)
def test_refused_values_name_what_is_allowed(name: str, value: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        EnvConfig(**{name: value})


SERVICES: list[tuple[str, Any, str]] = [
    ("encoder", "hash", "unknown encoder 'hash'; did you mean 'hashing'? Allowed: 'hashing', 'openai:<model>'"),
    ("encoder", None, "encoder must be a name or an object with a method `encode`, but got None"),
    ("encoder", "openai:", "encoder 'openai:' names no model; write 'openai:<model>'"),
    ("token_counter", "estimated", "unknown token counter 'estimated'; did you mean 'estimate'?"),
    ("summarizer", "extract", "unknown summarizer 'extract'; did you mean 'extractive'?"),
    ("judge", "lexicla", "unknown judge 'lexicla'; did you mean 'lexical'? Allowed: 'lexical', 'openai:<model>'"),
    ("protocol", "agentbord", "unknown protocol 'agentbord'; Allowed: 'agemem'"),
    ("render_mode", "human", "unknown render_mode 'human'; Allowed: 'ansi'"),
]


@pytest.mark.parametrize(("name", "value", "message"), SERVICES)
def test_refused_services_and_protocols(name: str, value: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        AgeMemEnv(TOY, **{name: value})


class TestWeights:
    @pytest.mark.parametrize(
        "given",
        [(1, 0.5, 0), [1, 0.5, 0], {"memory": 0, "task": 1, "context": 0.5}, (np.float64(1), 0.5, 0)],
    )
    def test_forms(self, given: Any) -> None:
        weights: Mapping[str, float] = EnvConfig(weights=given).weights
        assert weights == {"task": 1.0, "context": 0.5, "memory": 0.0}
        assert list(weights) == ["task", "context", "memory"]
        assert {type(w) for w in weights.values()} == {float}

    @pytest.mark.parametrize(
        "given",
        [
            (1, 2), (1, 2, 3, 4), (), "abc", "111", 1, None, {1, 2, 3}, (1, 2, -0.1), (1, 2, "3"), (1, None, 1),
            (1, 2, float("nan")), (1, 2, float("inf")), (True, 1, 1), {"task": 1, "context": 1},
            {"task": 1, "context": 1, "memory": 1, "other": 1}, {"task": 1, "context": 1, "memroy": 1}, (1, 2, 10**400),
        ],
    )  # fmt: skip
    def test_other_forms_are_refused(self, given: Any) -> None:
        message = f"weights={given!r} is not allowed; use three numbers from 0 on, for task, context, memory"
        with pytest.raises(ConfigurationError, match=re.escape(message)):
            EnvConfig(weights=given)


class TestSplitOptions:
    def test_divides_between_environment_and_engine(self) -> None:
        config, rest = split_options({"max_tokens": 99, "boxes": 3, "stages": (3,)}, ("boxes",))
        assert (config.max_tokens, config.stages, rest) == (99, (3,), {"boxes": 3})

    def test_unknown_names_are_refused_with_the_nearest(self) -> None:
        with pytest.raises(ConfigurationError, match="unknown argument 'max_token'; did you mean 'max_tokens'"):
            split_options({"max_token": 99}, ())

    def test_engine_options_are_among_the_names_allowed(self) -> None:
        with pytest.raises(
            ConfigurationError, match=r"unknown argument 'boxs'; did you mean 'boxes'.*'keep_think', 'boxes'"
        ):
            split_options({"boxs": 99}, ("boxes",))

    def test_fields_are_the_arguments(self) -> None:
        assert CONFIG_FIELDS[:3] == ("split", "source", "protocol")
        assert set(CONFIG_FIELDS) == {f.name for f in dataclasses.fields(EnvConfig)}


class TestEnvironment:
    def test_passes_options_to_the_engine(self) -> None:
        env = AgeMemEnv(TOY, boxes=2, stages=(3,))
        env.reset(seed=0)
        assert list(env.admissible_commands()) == ["open red box", "open green box"]

    def test_refuses_options_of_other_engines(self) -> None:
        with pytest.raises(ConfigurationError, match=r"unknown argument 'boxes'; .*Allowed: 'split', "):
            AgeMemEnv("HotpotQA", source="generated", boxes=2)

    def test_the_budget_must_hold_system_message_and_query(self) -> None:
        env = AgeMemEnv(TOY, max_tokens=20)
        with pytest.raises(
            ConfigurationError, match=r"max_tokens=20 is too small: .* task 'toy-3' alone take \d+ tokens"
        ):
            env.reset(options={"task": "toy-3"})

    @pytest.mark.parametrize("task", ["toy-99", 20, -1, ""])
    def test_unknown_tasks(self, task: Any) -> None:
        env = AgeMemEnv(TOY)
        message = f"unknown task {task!r}; allowed: an index from 0 to 19 or an id such as 'toy-0'"
        with pytest.raises(ConfigurationError, match=re.escape(message)):
            env.reset(options={"task": task})

    def test_unknown_reset_options(self) -> None:
        env = AgeMemEnv(TOY)
        with pytest.raises(ConfigurationError, match="unknown reset option 'tasks'; did you mean 'task'"):
            env.reset(options={"tasks": 3})


BENCHMARKS: list[tuple[Any, str]] = [
    ("HotPotQA", "unknown benchmark 'HotPotQA'; did you mean 'HotpotQA'? Allowed: 'HotpotQA', "),
    ("", "unknown benchmark ''; Allowed: 'HotpotQA', "),
    (None, "unknown benchmark None; Allowed: 'HotpotQA', "),
    (3, "unknown benchmark 3; Allowed: 'HotpotQA', "),
    (["HotpotQA"], "unknown benchmark ['HotpotQA']; "),
    ("no_such_module:X", "benchmark='no_such_module:X' is not allowed: the module 'no_such_module' cannot be imported"),
    ("tests.no_such:X", "the module 'tests.no_such' cannot be imported (No module named 'tests.no_such')"),
    (":X", "benchmark=':X' is not allowed: the module '' cannot be imported"),
    (".toy:X", "benchmark='.toy:X' is not allowed: the module '.toy' cannot be imported"),
    ("tests.toy:Nope", "benchmark='tests.toy:Nope' is not allowed: the module 'tests.toy' has no 'Nope'"),
    ("tests.toy:", "is not allowed: the module 'tests.toy' has no ''"),
    ("tests.toy:make_task", "'make_task' in 'tests.toy' is not a complete TaskEngine"),
    ("tests.toy:Task", "'Task' in 'tests.toy' is not a complete TaskEngine"),
    ("tests.toy:TaskEngine", "'TaskEngine' in 'tests.toy' is not a complete TaskEngine"),
    ("tests.toy:ToyEngine:x", "is not allowed: the module 'tests.toy' has no 'ToyEngine:x'"),
]


@pytest.mark.parametrize(("benchmark", "message"), BENCHMARKS)
def test_benchmarks_that_are_none(benchmark: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        AgeMemEnv(benchmark)
