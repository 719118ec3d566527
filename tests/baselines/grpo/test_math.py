"""The algebra of step-wise GRPO against numbers worked out by hand, and against finite differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from baselines.grpo.math import (
    Floats,
    anchored_advantages,
    answer_only,
    discounted_returns,
    group_advantages,
    log_softmax,
    objective,
    step_weights,
    to_steps,
    trajectory_weights,
)


def test_a_group_of_four_by_hand() -> None:
    # mean 0.4, deviations -0.4, -0.2, 0, 0.6; squares 0.16, 0.04, 0, 0.36: sum 0.56, divided by 3: 0.18667, root 0.43205
    found = group_advantages([0.0, 0.2, 0.4, 1.0], epsilon=0.0)
    assert found.values == pytest.approx([-0.925820, -0.462910, 0.0, 1.388730], abs=1e-6)
    assert (found.groups, found.silent) == (1, 0)


def test_trap_the_divisor_is_k_minus_one() -> None:
    rewards = np.array([1.0, 0, 0, 0, 0, 0, 0, 0])
    values = group_advantages(rewards, epsilon=0.0).values
    assert values.std(ddof=1) == pytest.approx(1.0)
    with_k = (rewards - rewards.mean()) / rewards.std()
    assert with_k[0] / values[0] == pytest.approx(np.sqrt(8 / 7))


def test_trap_normalise_before_broadcasting() -> None:
    rewards, lengths = np.array([0.95, 0.9, 0.1, 0.1, 0, 0, 0, 0]), np.array([8, 9, 25, 30, 30, 28, 30, 30])
    steps = to_steps(group_advantages(rewards).values, lengths)
    first = np.cumsum(lengths) - lengths
    assert steps[first[0]] == pytest.approx(1.67, abs=0.01) and steps[first[-1]] == pytest.approx(-0.62, abs=0.01)
    expanded = np.repeat(rewards, lengths)
    wrong = (expanded - expanded.mean()) / expanded.std(ddof=1)
    assert wrong[0] == pytest.approx(3.24, abs=0.01)
    assert steps.shape == (lengths.sum(),) and (steps[: lengths[0]] == steps[0]).all()


def test_trap_equal_rewards_contribute_nothing_and_are_counted() -> None:
    almost = [0.3, 0.3 + 1e-12, 0.3, 0.3]
    rounding = [0.1 + 0.2, 0.3, 0.1 + 0.2, 0.3]
    alive = [0.0, 0.0, 0.0, 1.0]
    found = group_advantages([*almost, *rounding, *alive], ["a"] * 4 + ["b"] * 4 + ["c"] * 4, epsilon=0.0)
    assert not found.values[:8].any() and found.values[8:].all()
    assert (found.groups, found.silent) == (3, 2)


def test_trap_a_floor_keeps_trifles_quiet() -> None:
    trifles = [0.101, 0.102, 0.1015, 0.1, 0.1008, 0.1012, 0.1003, 0.1011]
    assert np.abs(group_advantages(trifles).values).max() > 1.4
    assert np.abs(group_advantages(trifles, floor=0.1).values).max() < 0.02
    loud = [1.0, 0.0, 0.0, 0.0]
    assert group_advantages(loud, floor=0.1).values == pytest.approx(group_advantages(loud).values)


def test_a_lone_member_is_silent_and_bad_input_is_refused() -> None:
    assert group_advantages([3.0]).silent == 1 and group_advantages([3.0]).values.tolist() == [0.0]
    with pytest.raises(ValueError, match="finite"):
        group_advantages([1.0, float("nan")])
    with pytest.raises(ValueError, match="2 rewards, but 1 groups"):
        group_advantages([1.0, 0.0], ["a"])


def test_weights_of_steps_and_of_trajectories() -> None:
    assert step_weights([1, 3]) == pytest.approx([0.25] * 4)
    assert trajectory_weights([1, 3]) == pytest.approx([1 / 2, 1 / 6, 1 / 6, 1 / 6])
    # Advantages sum to 0 over trajectories, not over steps, unless each trajectory weighs the same.
    values, lengths = group_advantages([1.0, 0.0], epsilon=0.0).values, [1, 3]
    steps = to_steps(values, lengths)
    assert step_weights(lengths) @ steps == pytest.approx((0.707107 - 3 * 0.707107) / 4, abs=1e-6)
    assert trajectory_weights(lengths) @ steps == pytest.approx(0.0)


def test_no_trajectories_have_no_steps() -> None:
    assert len(to_steps([], [])) == len(step_weights([])) == len(trajectory_weights([])) == 0
    assert len(group_advantages([]).values) == len(anchored_advantages([], [], [], []).values) == 0


def test_lengths_that_are_not_those_of_the_steps_are_refused() -> None:
    with pytest.raises(ValueError, match="2 returns, but trajectories of 1 steps"):
        anchored_advantages([1.0], [1], [1.0, 2.0], ["a", "a"])


def test_groups_of_steps_that_began_in_the_same_state() -> None:
    lengths = [2, 2]
    returns = np.concatenate([discounted_returns([0, 1.0], 0.5), discounted_returns([0, 0.0], 0.5)])
    assert returns.tolist() == [0.5, 1.0, 0.0, 0.0]
    values = group_advantages([1.0, 0.0], epsilon=0.0).values
    found = anchored_advantages(values, lengths, returns, ["start", "x", "start", "y"], epsilon=0.0)
    # Two steps began at the start, with returns 0.5 and 0: +-0.7071 more; the other states were met once.
    assert found.values == pytest.approx([1.414214, 0.707107, -1.414214, -0.707107], abs=1e-6)
    assert (found.groups, found.silent) == (3, 2)


def test_answer_only_is_the_component_of_the_task() -> None:
    assert answer_only({"task": 0.5, "context": 1.0, "memory": 1.0, "penalty": -1.0}) == 0.5
    assert answer_only({"task": None}) is None


def test_log_softmax_of_steps_of_different_sizes() -> None:
    logs = log_softmax([0.0, np.log(3.0), 7.0, 1000.0, 1000.0], [0, 2, 3])
    assert np.exp(logs) == pytest.approx([0.25, 0.75, 1.0, 0.5, 0.5])


def test_objective_by_hand() -> None:
    # One step of two candidates: policy (3/4, 1/4), old (1/2, 1/2), reference (1/2, 1/2); the first was chosen.
    found = objective(np.log([0.75, 0.25]), np.log([0.5, 0.5]), [0], [0], np.log([0.5]), [2.0], [1.0], beta=0.1)
    kl = 0.75 * np.log(1.5) + 0.25 * np.log(0.5)
    assert found.ratio.tolist() == pytest.approx([1.5]) and found.kl.tolist() == pytest.approx([kl])
    assert found.value == pytest.approx(1.5 * 2.0 - 0.1 * kl)
    assert found.entropy.tolist() == pytest.approx([-(0.75 * np.log(0.75) + 0.25 * np.log(0.25))])


def _batch(rng: np.random.Generator, clip: float | None) -> tuple[Floats, dict[str, Any]]:
    counts = np.array([1, 2, 5, 3, 60, 4, 2])
    starts = np.cumsum(counts) - counts
    chosen = starts + np.array([rng.integers(n) for n in counts])
    scores, old, reference = (rng.normal(size=counts.sum()) for _ in range(3))
    values = {
        "reference": log_softmax(reference, starts),
        "starts": starts,
        "chosen": chosen,
        "behaviour": log_softmax(old, starts)[chosen],
        "advantages": rng.normal(size=len(counts)),
        "weights": step_weights([3, 4]),
        "beta": 0.1,
        "clip": clip,
    }
    return scores, values


@pytest.mark.parametrize("clip", [None, 0.2])
@pytest.mark.parametrize("seed", range(5))
def test_the_gradient_is_that_of_finite_differences(seed: int, clip: float | None) -> None:
    scores, batch = _batch(np.random.default_rng(seed), clip)

    def value(at: Floats) -> float:
        return objective(log_softmax(at, batch["starts"]), **batch).value

    found = objective(log_softmax(scores, batch["starts"]), **batch)
    h = 1e-3
    numeric = np.empty_like(scores)
    for i in range(len(scores)):
        d = np.zeros_like(scores)
        d[i] = h
        # Fourth order: the error is of the order of h^4.
        near, far = value(scores + d) - value(scores - d), value(scores + 2 * d) - value(scores - 2 * d)
        numeric[i] = (8 * near - far) / (12 * h)
    assert np.abs(found.gradient - numeric).max() <= 1e-8 * np.abs(numeric).max()
    assert found.clipped.any() == (clip is not None)


def test_clipping_is_dead_on_policy_and_alive_off_it() -> None:
    logs = np.log([0.5, 0.5])
    same = objective(logs, logs, [0], [0], logs[:1], [1.0], [1.0], beta=0.0, clip=0.2)
    assert same.gradient.tolist() == pytest.approx([0.5, -0.5]) and not same.clipped.any()
    for chosen_prob, advantage, stops in ((0.9, 1.0, True), (0.9, -1.0, False), (0.1, -1.0, True), (0.1, 1.0, False)):
        now = np.log([chosen_prob, 1 - chosen_prob])
        found = objective(now, now, [0], [0], logs[:1], [advantage], [1.0], beta=0.0, clip=0.2)
        assert bool(found.clipped[0]) == stops
        assert bool(found.gradient.any()) != stops
