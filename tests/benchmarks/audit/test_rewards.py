"""The audit of rewards: it finds what is planted, and the rewards hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agemem_env.rewards.profiles import PROFILES
from baselines import make, rollout
from benchmarks.audit import rewards
from benchmarks.audit.bounds import ORDER, SAME, STATES, Means, findings
from benchmarks.audit.outcomes import AUDITED, Outcome, outcomes
from benchmarks.audit.rewards import Audit, audit
from benchmarks.cli import app
from benchmarks.specs import find_benchmark, make_env

GENERATED = {"source": "generated"}
HONEST = {"expert": 0.9, "store-all-play": 0.5, "giant-play": 0.5, "expert-no-memory": 0.1}


def made(**paid: float) -> list[Outcome]:
    """Outcomes of two tasks in which honest players are paid and nobody else, but for those given."""
    wanted = HONEST | {name.replace("_", "-"): value for name, value in paid.items()}
    return [
        Outcome("Made", policy, seed, dict.fromkeys(PROFILES, wanted.get(policy, 0.0)), dict.fromkeys(PROFILES, 0.0))
        for seed in range(2)
        for policy in AUDITED
    ]


def broken(found: list[Outcome]) -> set[str]:
    return {finding.bound[:3] for finding in findings(found, "strict") if not finding.held}


def test_rewards_that_pay_the_honest_hold() -> None:
    assert not broken(made())


@pytest.mark.parametrize(
    ("paid", "letters"),
    [
        ({"cheat_hedge": 0.03}, {"(a)", "(e)"}),
        ({"idle": -1.0}, {"(b)"}),
        ({"giant_quit": 0.6}, {"(b)", "(f)"}),
        ({"cheat_prune_gold": 0.3}, {"(d)"}),
        ({"cheat_preload": 0.1}, {"(d)"}),
        ({"expert": 0.4}, {"(e)"}),
        ({"expert_no_memory": -0.4}, {"(b)", "(e)", "(f)"}),
    ],
)
def test_what_is_planted_is_found(paid: dict[str, float], letters: set[str]) -> None:
    assert broken(made(**paid)) == letters


def test_shapes_of_memory_are_compared() -> None:
    found = made()
    giant = [i for i, outcome in enumerate(found) if outcome.policy == "cheat-giant"]
    for i in giant:
        found[i] = Outcome("Made", "cheat-giant", found[i].seed, found[i].rewards, dict.fromkeys(PROFILES, 0.06))
    assert broken(found) == {"(c)"}


def test_every_policy_that_a_bound_names_is_played() -> None:
    named = {*ORDER, *SAME, *SAME.values(), *(name for names in STATES.values() for name in names)}
    assert named <= set(AUDITED)


def test_episodes_are_scored_as_the_environment_scores_them() -> None:
    policies = ("expert", "cheat-store-all", "idle")
    found = outcomes(["PDDL"], [3], policies, env_kwargs=GENERATED)
    for outcome in found:
        for profile in PROFILES:
            env = make_env(find_benchmark("PDDL"), {**GENERATED, "reward": profile})
            result = rollout(env, make(outcome.policy, env), seed=3)
            assert outcome.rewards[profile] == pytest.approx(result.reward, abs=1e-12)
            assert outcome.memory[profile] == result.info["reward_components"]["memory"]


def test_processes_change_nothing() -> None:
    one = outcomes(["HotpotQA"], range(4), ("expert", "do-nothing"), env_kwargs=GENERATED)
    assert one == outcomes(["HotpotQA"], range(4), ("expert", "do-nothing"), workers=2, env_kwargs=GENERATED)


@pytest.mark.parametrize(("benchmark", "tasks"), [("HotpotQA", 3), ("PDDL", 2), ("BabyAI", 4)])
def test_rewards_hold_on_a_few_tasks(benchmark: str, tasks: int) -> None:
    check(audit([benchmark], range(tasks), env_kwargs=GENERATED))


@pytest.mark.exhaustive
@pytest.mark.parametrize("first", [0, 1000])
@pytest.mark.parametrize("benchmark", ["HotpotQA", "PDDL", "BabyAI", "ALFWorld", "SciWorld"])
def test_rewards_hold(benchmark: str, first: int) -> None:
    check(audit([benchmark], range(first, first + 100), workers=2, env_kwargs=GENERATED))


def check(found: Audit) -> None:
    bandit = [finding for finding in found.findings if finding.bound.startswith("(f)")]
    assert len(bandit) == len(PROFILES)
    wrong = [f for f in found.findings if not f.held and (f.profile == "strict" or f in bandit)]
    assert not wrong, "\n".join(f"{f.profile} {f.bound}: {f.figures}" for f in wrong)


def test_the_command_prints_tables_and_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted(monkeypatch, made())
    file = tmp_path / "rewards.json"
    result = CliRunner().invoke(app, ["audit", "rewards", "-b", "PDDL", "--output", str(file)])
    assert result.exit_code == 0, result.output
    assert result.output.count("\nstore-all-play ") == 2 and "held: " in result.output
    figures = json.loads(file.read_text())
    assert {row["policy"] for row in figures["rewards"]} == set(AUDITED) and all(b["held"] for b in figures["bounds"])


def test_tables_fit_eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("HotpotQA", "ALFWorld", "BabyAI", "PDDL", "SciWorld")
    rows = [Outcome(name, o.policy, o.seed, o.rewards, o.memory) for name in names for o in made(idle=-0.123)]
    planted(monkeypatch, rows)
    result = CliRunner().invoke(app, ["audit", "rewards"], env={"COLUMNS": "80"})
    tables = [line.rstrip() for line in result.output.splitlines() if "±" in line or "SciWorld" in line[70:]]
    assert tables and max(map(len, tables)) <= 80


def test_a_broken_bound_is_exit_code_1(monkeypatch: pytest.MonkeyPatch) -> None:
    planted(monkeypatch, made(idle=-1.0))
    assert CliRunner().invoke(app, ["audit", "rewards", "-b", "PDDL"]).exit_code == 1


def planted(monkeypatch: pytest.MonkeyPatch, found: list[Outcome]) -> None:
    monkeypatch.setattr(rewards, "outcomes", lambda *args, **kwargs: found)


def test_means_are_over_one_benchmark() -> None:
    other = [Outcome("Other", o.policy, o.seed, dict.fromkeys(PROFILES, 7.0), o.memory) for o in made()]
    assert Means([*made(), *other], "Made", "strict").reward("expert") == pytest.approx(0.9)
