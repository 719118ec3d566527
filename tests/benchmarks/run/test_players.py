from __future__ import annotations

import pytest

from agemem_env.errors import ConfigurationError
from benchmarks.run.play import play
from benchmarks.run.players import parse_memory, players
from benchmarks.specs import PlayerSpec, RunSpec


def test_each_model_plays_with_each_memory_system_and_others_once() -> None:
    chosen = players(["random", "reader", "random", "openai:m"], ["rag", "mem0:backend=library"], {"top_p": 0.5})
    assert chosen == [
        PlayerSpec("random"),
        PlayerSpec("reader", "rag"),
        PlayerSpec("reader", "mem0:backend=library"),
        PlayerSpec("openai:m", "rag", {"top_p": 0.5}),
        PlayerSpec("openai:m", "mem0:backend=library", {"top_p": 0.5}),
    ]
    assert players(["reader"]) == [PlayerSpec("reader")]


def test_each_model_is_given_the_options_that_it_takes() -> None:
    options = {"temperature": 0.5, "tool_format": "tags", "timeout": 3.0, "dtype": "auto"}
    assert players(["reader", "openai:m", "transformers:t", "expert"], model=options) == [
        PlayerSpec("reader", None, {"tool_format": "tags"}),
        PlayerSpec("openai:m", None, {"temperature": 0.5, "tool_format": "tags", "timeout": 3.0}),
        PlayerSpec("transformers:t", None, {"temperature": 0.5, "tool_format": "tags", "dtype": "auto"}),
        PlayerSpec("expert"),
    ]


def test_an_option_that_no_model_takes_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="option 'temperature' is not allowed: reader, scripted:x takes none"):
        players(["reader", "scripted:x"], model={"temperature": 1})
    with pytest.raises(ConfigurationError, match="unknown option of reader, openai:m 'temprature'; did you mean 'temp"):
        players(["reader", "openai:m"], model={"temprature": 1})


def test_weights_have_an_option_too() -> None:
    options = {"temperature": 0.5, "sampled": True}
    assert players(["agemem-linear", "openai:m", "expert"], model=options) == [
        PlayerSpec("agemem-linear", None, {"sampled": True}),
        PlayerSpec("openai:m", None, {"temperature": 0.5}),
        PlayerSpec("expert"),
    ]
    with pytest.raises(ConfigurationError, match="unknown option of agemem-linear 'temperature'; Allowed: 'sampled'"):
        players(["agemem-linear"], model={"temperature": 1})
    drawn, best = (players(["agemem-linear"], model=model)[0] for model in ({"sampled": True}, {}))
    specs = [RunSpec("AgeMem-HotpotQA-v0", {"source": "generated"}, p.policy, 0, None, p.model) for p in (drawn, best)]
    first, second = play(specs)
    assert first.config_hash != second.config_hash and first.reward != second.reward


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("rag", ("rag", {})),
        ("mem0:backend=library", ("mem0", {"backend": "library"})),
        ("pkg.mod:Cls", ("pkg.mod:Cls", {})),
        ("pkg.mod:Cls:a=1,b=x", ("pkg.mod:Cls", {"a": 1, "b": "x"})),
    ],
)
def test_memory_systems_have_options(text: str, parsed: object) -> None:
    assert parse_memory(text) == parsed


@pytest.mark.parametrize("text", ["mem1", "mem1:backend=library", "mem1:", ":", ""])
def test_an_unknown_memory_system_is_named_with_what_is_allowed(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"unknown memory system .*Allowed: .*'module:Class'"):
        parse_memory(text)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere.at_all:Policy", "the module 'nowhere.at_all' cannot be imported"),
        ("opnai:gpt", "unknown policy 'opnai:gpt'"),
        ("agemem-linear:HotpotAQ", "did you mean 'agemem-linear:HotpotQA'"),
        ("expret", "did you mean 'expert'"),
    ],
)
def test_a_policy_that_is_not_there_is_said_for_what_it_seems_to_be(name: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        players([name])
