"""What every engine inherits: the names it accepts, its tasks, and the task being played."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np
import pytest

from agemem_env.env import AgeMemEnv
from agemem_env.errors import ConfigurationError
from tests.toy import ToyEngine, make_task


class Aliased(ToyEngine):
    split_aliases: ClassVar[Mapping[str, str]] = {"valid_seen": "valid", "valid_unseen": "test"}


def make_engine(**names: str) -> Aliased:
    return Aliased(**{"split": "test", "source": "auto", "protocol": "agemem"} | names)


def make_env(**names: str) -> Any:
    return AgeMemEnv("tests.agemem_env.engines.test_base:Aliased", **names).engine


@pytest.mark.parametrize("make", [make_engine, make_env])
@pytest.mark.parametrize(
    ("name", "split"), [("valid_seen", "valid"), ("valid_unseen", "test"), ("train", "train"), ("valid", "valid")]
)
def test_official_names_of_splits(make: Callable[..., Any], name: str, split: str) -> None:
    assert make(split=name).split == split


def test_the_configuration_holds_the_resolved_split() -> None:
    assert AgeMemEnv("tests.agemem_env.engines.test_base:Aliased", split="valid_seen").config.split == "valid"


@pytest.mark.parametrize("make", [make_engine, make_env])
@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({"split": "valid_sen"}, "unknown split 'valid_sen'; did you mean 'valid_seen'? Allowed: 'train', 'valid', "
                                 "'test', 'valid_seen', 'valid_unseen'"),
        ({"split": None}, "unknown split None; Allowed: "),
        ({"split": ["test"]}, "unknown split ['test']; "),
        ({"source": "offical"}, "unknown source 'offical'; did you mean 'official'? Allowed: 'auto', "),
        ({"protocol": "agentbord"}, "unknown protocol 'agentbord'; Allowed: 'agemem'"),
    ],
)  # fmt: skip
def test_unknown_names(make: Callable[..., Any], names: Mapping[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        make(**names)


def test_other_benchmarks_do_not_take_the_names() -> None:
    with pytest.raises(ConfigurationError, match=r"unknown split 'valid_seen'; .*Allowed: 'train', 'valid', 'test'$"):
        AgeMemEnv("tests.toy:ToyEngine", split="valid_seen")


def test_the_current_task() -> None:
    engine = make_engine()
    assert (engine.source, len(engine.tasks)) == ("generated", 20)
    with pytest.raises(ConfigurationError, match="no task is being played: call reset"):
        engine.state_hash()
    engine.reset(make_task(3), np.random.default_rng(0), briefed=True)
    assert not engine.step("open weiß box").success
