from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from agemem_env.types import ToolCall
from tests.baselines.language_model.conftest import make

torch = pytest.importorskip("torch")

Build = Callable[..., Any]


def test_the_teacher_stores_what_matters_looks_it_up_and_earns(build: Build) -> None:
    from baselines.language_model.cloning import demonstrate

    policy, env = build(), make("train", {"stages": (1, 3)})
    tokenizer, stop = policy.prompter.tokenizer, min(policy.stops)
    shown = demonstrate(env, seed=3)
    rows = shown.rows(policy.prompter, stop)
    assert env.unwrapped.ledger.calls["Add_memory"] > 0
    spoken = [tokenizer.decode([t for t, m in zip(r.response_ids, r.mask, strict=True) if m]) for r in rows]
    assert "Add_memory" in "".join(spoken) and "Retrieve_memory" in "".join(spoken)
    assert shown.success and all(text.endswith("<|end|>") for text in spoken)
    assert "<|system|>Act.<|user|>" in tokenizer.decode(rows[0].prompt_ids)


def test_a_teacher_s_episode_ends_before_a_stage_that_is_not_wanted() -> None:
    from baselines.language_model.cloning import demonstrate

    env = make("train", {"stages": (1, 3)})
    demonstrate(env, seed=3, last_stage=2)
    assert env.unwrapped.ledger.calls["Retrieve_memory"] == 0


def test_turns_are_written_as_the_environment_reads_them() -> None:
    from baselines.language_model.cloning import said

    assert said("Noted.") == "Noted."
    assert said(ToolCall("act", {"command": "turn left"})) == "turn left"
    assert said([ToolCall("Retrieve_memory", {"query": "x"})]).startswith("<tool_call>")


def test_what_was_said_is_learned(build: Build) -> None:
    from baselines.language_model.cloning import clone, demonstrate

    policy, env = build(), make("train", {"stages": (3,)})
    rows = [row for seed in range(3) for row in demonstrate(env, seed=seed).rows(policy.prompter, min(policy.stops))]
    curve = clone(policy, rows, epochs=25, batch=3, rate=1e-2)
    assert curve[-1] < 0.5 * curve[0]
