"""What judges, summarisers and encoders cost, in the ledger of the episode that asked them."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from numpy.typing import NDArray

import agemem_env  # noqa: F401 - registers the environments
from agemem_env.env import AgeMemEnv
from agemem_env.errors import ServiceError
from agemem_env.services.costs import charge, charged_to
from agemem_env.services.encoders import HashingEncoder
from agemem_env.services.judges import LexicalJudge, OpenAIJudge
from agemem_env.types import Usage
from benchmarks.speed.fake_server import OpenAIServer, failure
from tests.openai_server import server

__all__ = ["server"]

PRICES = {"m": {"input": 1.0, "output": 2.0}}
SERVICES = {kind: {"name": "openai:m", "prices": PRICES} for kind in ("judge", "summarizer", "encoder")}
ADD = {"name": "Add_memory", "arguments": {"content": "Ann keeps the violin in the attic."}}
RETRIEVE = {"name": "Retrieve_memory", "arguments": {"query": "violin"}}
SUMMARY = {"name": "Summary_context", "arguments": {"span": "all"}}


def speak(messages: Sequence[Mapping[str, Any]], tools: Any) -> str:
    return '{"notes": [1], "quality": 1}' if "a JSON object alone" in messages[0]["content"] else "0.5"


def make(**options: Any) -> AgeMemEnv:
    env = gym.make("AgeMem-HotpotQA-v0", source="generated", **options).unwrapped
    assert isinstance(env, AgeMemEnv)
    env.reset(seed=3)
    return env


def finish(env: AgeMemEnv, *actions: Any) -> dict[str, Any]:
    """Play the actions, then nothing until stage 3, and answer there."""
    info: dict[str, Any] = {"stage": 1}
    for action in actions:
        info = env.step(action)[4]
    while info["stage"] != 3:
        info = env.step("Noted.")[4]
    return env.step("<answer>unknown</answer>")[4]


def charges(env: AgeMemEnv) -> list[tuple[Any, str]]:
    return [(event.arguments["what"], event.actor) for event in env.ledger.of("charge")]


def test_every_service_is_charged_once_per_call(server: OpenAIServer) -> None:
    server.speak = speak
    env = make(**SERVICES)
    info = finish(env, ADD, RETRIEVE, SUMMARY)
    assert set(charges(env)) == {(w, "environment") for w in ("embedding", "summary", "judge")}
    usage = env.ledger.service_usage()
    assert usage.calls == len(charges(env)) == len(server.requests)
    assert usage.price == pytest.approx((usage.prompt_tokens + 2 * usage.completion_tokens) / 1e6)
    assert usage.prompt_tokens > 0
    assert env.ledger.memory_usage() == Usage()
    assert (info["metrics"]["MC"], info["metrics"]["MT"], info["metrics"]["MF"]) == (0, 0, 0)


def test_a_memory_system_pays_for_its_models_and_not_for_embeddings(server: OpenAIServer) -> None:
    env = make(encoder="openai:m")
    desk = env.desk()
    desk.add("Ann keeps the violin in the attic.")
    desk.search("violin", 1)
    desk.services.encoder.encode(["a text of its own"])
    desk.charge(Usage(1, 10, 5, 0.0), "extract")
    assert charges(env) == [*[("embedding", "environment")] * len(server.requests), ("extract", "system")]
    assert env.ledger.memory_usage() == Usage(1, 10, 5, 0.0)
    assert env.ledger.service_usage().calls == len(server.requests) > 2


def test_one_judge_in_two_environments_charges_the_one_that_asks(server: OpenAIServer) -> None:
    server.speak = speak
    judge = OpenAIJudge("m", prices=PRICES)
    first, second = make(judge=judge), make(judge=judge)
    finish(first)
    asked = len(server.requests)
    finish(second)
    assert first.ledger.service_usage().calls == asked == len(server.requests) > 0
    assert second.ledger.service_usage() == Usage(), "equal questions are asked once"


def test_what_was_paid_before_a_failure_is_kept(server: OpenAIServer) -> None:
    env = make(encoder={"name": "openai:m", "attempts": 1})
    env.step(ADD)
    env.step(RETRIEVE)
    paid = env.ledger.service_usage().calls
    server.say(failure(401, "no"))
    with pytest.raises(ServiceError):
        env.step({"name": "Retrieve_memory", "arguments": {"query": "another"}})
    assert env.ledger.service_usage().calls == paid == len(server.requests) - 1


def test_calls_outside_of_an_account_are_not_counted_and_accounts_nest() -> None:
    outer: list[Any] = []
    inner: list[Any] = []
    charge("judge", Usage(1))
    with charged_to(lambda what, usage: outer.append(what)):
        charge("a", Usage(1))
        with pytest.raises(ValueError, match="x"), charged_to(lambda what, usage: inner.append(what)):
            charge("b", Usage(1))
            raise ValueError("x")
        charge("c", Usage(1))
    charge("judge", Usage(1))
    assert (outer, inner) == (["a", "c"], ["b"])


class PaidEncoder(HashingEncoder):
    """An encoder of somebody else's that costs something."""

    name = "paid"

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        charge("embedding", Usage(1, len(texts), 0, 0.5))
        return super().encode(texts)


def test_services_of_others_work_with_and_without_costs() -> None:
    free = make(judge=LexicalJudge(), encoder=HashingEncoder())
    finish(free, ADD, RETRIEVE)
    assert free.ledger.service_usage() == Usage()
    assert not free.ledger.of("charge")
    paid = make(encoder=PaidEncoder())
    finish(paid, ADD, RETRIEVE)
    assert paid.ledger.service_usage().price == 0.5 * len(charges(paid)) > 0


def test_charges_change_neither_state_nor_snapshots() -> None:
    free, paid = make(), make(encoder=PaidEncoder())
    for env in (free, paid):
        env.step(ADD)
        kept, before = copy.deepcopy(env.snapshot()), len(charges(env))
        env.step(RETRIEVE)
        env.restore(kept)
    assert free._info(free._no_scores, None) == paid._info(paid._no_scores, None)
    assert len(charges(paid)) == before > 0, "what came after the snapshot is gone"
