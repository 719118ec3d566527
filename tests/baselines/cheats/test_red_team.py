"""The red team does what it is said to do: a trick that silently fails would prove nothing."""

from __future__ import annotations

from typing import Any

import gymnasium as gym
import pytest

from agemem_env.env import AgeMemEnv
from agemem_env.text.matching import states
from baselines import POLICIES, make, rollout
from baselines.cheats import RED_TEAM, STORE_NOTHING_TRUE
from baselines.cheats.knowing import falsified
from baselines.cheats.late import Hedge
from baselines.cheats.worded import LINES
from benchmarks.specs import find_benchmark, make_env


@pytest.fixture(scope="module", params=["HotpotQA", "PDDL"])
def env(request: pytest.FixtureRequest) -> Any:
    made = make_env(find_benchmark(request.param), {"source": "generated", "reward": "strict"})
    yield made
    made.close()


def play(env: gym.Env[Any, Any], policy: str, seed: int = 1) -> tuple[AgeMemEnv, dict[str, Any]]:
    """The environment as an episode left it, and the last info."""
    info = rollout(env, make(policy, env), seed=seed).info
    core = env.unwrapped
    assert isinstance(core, AgeMemEnv)
    return core, info


def test_every_member_is_a_policy_by_its_name() -> None:
    assert all(POLICIES[name](0).name == name for name in RED_TEAM)


@pytest.mark.parametrize("policy", [name for name in RED_TEAM if name.startswith("cheat-")])
def test_no_tool_call_is_refused(env: gym.Env[Any, Any], policy: str) -> None:
    _, info = play(env, policy)
    # Two of them say something in stage 3 that is no command.
    assert {kind for kind, count in info["errors"].items() if count} <= {"invalid_command", "no_action"}


def test_combined_farming_retrieves_the_query_as_a_memory(env: gym.Env[Any, Any]) -> None:
    core, info = play(env, "cheat-combined")
    assert [entry.content for entry in core.memory] and all(
        core.task.query.split("\n")[0] in entry.content for entry in core.memory
    )
    assert info["tool_calls"]["Update_memory"] == info["tool_calls"]["Retrieve_memory"] == 1


@pytest.mark.parametrize("policy", ["cheat-giant", "cheat-bag"])
def test_one_entry_holds_all_words(env: gym.Env[Any, Any], policy: str) -> None:
    core, _ = play(env, policy)
    (entry,) = core.memory
    told = {word for text in (u.text for u in core.task.utterances) for word in text.split()}
    assert told <= set(entry.content.split())


def test_pruning_leaves_little(env: gym.Env[Any, Any]) -> None:
    core, _ = play(env, "cheat-prune")
    assert 0 < len(core.memory) < len(core.task.utterances or core.task.facts)
    core, _ = play(env, "cheat-prune-gold")
    gold = {f.text for f in core.task.gold_facts}
    assert 0 < len(core.memory) <= len(gold)


def test_false_facts_are_stored_and_state_no_gold_fact(env: gym.Env[Any, Any]) -> None:
    core, info = play(env, "cheat-false-facts")
    assert info["tool_calls"]["Add_memory"] == sum(fact.gold for fact in core.task.facts)
    assert falsified("The beer is in the keg now.") == "The beer is in the otherwise now."
    assert falsified("Mug 1 is on desk 9.") == "Mug 1 is on desk 8."
    assert not states(falsified("Mug 1 is on desk 2."), "Mug 1 is on desk 2.")


@pytest.mark.parametrize("policy", ["cheat-denied", "cheat-maybe", "cheat-contradict", "cheat-merged"])
def test_what_is_told_is_stored_in_other_words(env: gym.Env[Any, Any], policy: str) -> None:
    core, _ = play(env, policy)
    told = {u.text for u in core.task.utterances}
    assert len(core.memory) and not any(entry.content in told for entry in core.memory)
    marks = {"cheat-denied": "It is false that", "cheat-maybe": "Perhaps", "cheat-contradict": "It is not true that"}
    assert all(marks.get(policy, "") in entry.content for entry in core.memory)


def test_digits_are_spelled_out(env: gym.Env[Any, Any]) -> None:
    core, _ = play(env, "cheat-spelled")
    assert len(core.memory) and not any(char.isdigit() for entry in core.memory for char in entry.content)


def test_pairs_of_all_things_are_one_entry(env: gym.Env[Any, Any]) -> None:
    core, _ = play(env, "cheat-pairs")
    (entry,) = core.memory
    assert entry.content.count(" is in ") == len(entry.content.splitlines()) == LINES


def test_metadata_hold_what_the_content_does_not(env: gym.Env[Any, Any]) -> None:
    core, _ = play(env, "cheat-metadata")
    told = {u.text for u in core.task.utterances}
    assert {entry.content for entry in core.memory} == {"Note."}
    assert {entry.metadata["said"] for entry in core.memory} <= told


def test_back_and_forth_ends_where_it_began(env: gym.Env[Any, Any]) -> None:
    stored, _ = play(env, "cheat-store-all")
    core, info = play(env, "cheat-back-and-forth")
    assert info["tool_calls"]["Update_memory"] >= 4
    assert sorted(entry.content for entry in core.memory) == sorted(entry.content for entry in stored.memory)


def test_late_corrections_are_updates_that_are_not_paid(env: gym.Env[Any, Any]) -> None:
    if env.unwrapped.engine.name == "HotpotQA":  # type: ignore[attr-defined]
        pytest.skip("a paragraph may be corrected twice, the second time after it was stored")
    seeds = [
        seed for seed in range(6) if play(env, "cheat-late-correction", seed)[1]["tool_calls"].get("Update_memory")
    ]
    assert seeds
    for seed in seeds:
        assert play(env, "cheat-late-correction", seed)[1]["reward_components"]["memory/maintenance"] in (None, 0.0)


def test_a_summary_repeats_what_was_retrieved(env: gym.Env[Any, Any]) -> None:
    _, info = play(env, "cheat-summary-echo")
    assert info["tool_calls"]["Summary_context"] >= 3 and info["tool_calls"]["Retrieve_memory"] >= 3


def test_naming_everything_is_a_long_answer(env: gym.Env[Any, Any]) -> None:
    core, _ = play(env, "cheat-name-all")
    assert core.ledger.answer is not None and core.ledger.answer.count(", ") >= 3


def test_hedging_names_both_candidates() -> None:
    hedge = Hedge()
    query = "Who was born first, Ada Lane or Ben Moss?"
    hedge.reset({})
    hedge.act({"stage": 2, "messages": [{"role": "user", "content": "Hi."}]}, {})
    call = hedge.act({"stage": 3, "messages": [{"role": "user", "content": query}]}, {})
    assert call.arguments == {"text": "Ada Lane and Ben Moss"}


def test_trying_then_quitting_never_reaches_the_limit(env: gym.Env[Any, Any]) -> None:
    assert rollout(env, make("try-then-quit", env), seed=1).terminated


@pytest.mark.parametrize("policy", ["giant", "store-all", "expert"])
def test_players_differ_in_how_they_end(env: gym.Env[Any, Any], policy: str) -> None:
    quits, _ = play(env, f"{policy}-quit")
    assert quits.ledger.answer == "unknown"
    stored = [entry.content for entry in quits.memory]
    fails, info = play(env, f"{policy}-idle")
    assert [entry.content for entry in fails.memory] == stored
    assert fails.ledger.answer != "unknown" and not info["success"]


def test_cheats_that_store_nothing_true_store_nothing_true(env: gym.Env[Any, Any]) -> None:
    for name in STORE_NOTHING_TRUE:
        core, _ = play(env, name)
        stated = [f for f in core.task.gold_facts if any(states(e.content, f.text) for e in core.memory)]
        assert not stated, f"{name} stores {stated[0].text!r}"
