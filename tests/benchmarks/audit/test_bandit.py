"""The bandit follows what is paid."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.audit.bandit import CONVERGED, FLOOR, RATE, play_probability


def chance(give_up: list[float], play_on: list[float], floor: float = 0.0) -> float:
    return play_probability(give_up, play_on, np.random.default_rng(0), floor=floor)


def test_it_learns_to_play_on_where_that_pays() -> None:
    assert chance([0.0], [0.0, 0.4]) >= CONVERGED


def test_it_learns_to_give_up_where_the_limit_is_charged() -> None:
    # Solved in four of ten episodes, charged in the others: playing on loses on average.
    assert chance([0.0], [0.46] * 4 + [-1.0] * 6) <= 1 - CONVERGED


def test_it_learns_nothing_from_equal_rewards() -> None:
    assert chance([0.3], [0.3]) == 0.5


def test_a_floor_makes_small_differences_quiet() -> None:
    rarely_solved = [0.082] * 9 + [0.4]
    assert chance([0.09], rarely_solved) < 0.1 and chance([0.09], rarely_solved, FLOOR) >= CONVERGED


def test_advantages_have_the_sample_deviation() -> None:
    # One update by hand: two episodes, one of each arm, rewards 0 and 1: advantages are 1/sqrt(2) of each sign.
    class Draws:
        def random(self, k: int) -> np.ndarray:
            return np.array([0.1, 0.9])

        def integers(self, n: int) -> int:
            return 0

    found = play_probability([0.0], [1.0], Draws(), k=2, updates=1)  # type: ignore[arg-type]
    logit = RATE * np.mean([(1 - 0.5) / np.sqrt(2), (0 - 0.5) * -1 / np.sqrt(2)])
    assert found == pytest.approx(1 / (1 + np.exp(-logit)))
