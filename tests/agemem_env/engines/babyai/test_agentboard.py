from __future__ import annotations

from agemem_env.engines.babyai.agentboard import BabyAISubGoals, matches


def test_one_observation_reaches_one_subgoal() -> None:
    goals = BabyAISubGoals.of(["There is a red ball **", "You are carrying a red key."], ["There is a red box **"])
    text = "There is a red ball 1 right in front of you 1 steps away.  You are carrying a red key."
    first = goals.after(text)
    assert (first.progress, first.open) == (0.5, (1,))
    assert first.after(text).progress == 1.0
    assert goals.after("There is a red box 2 ").open == (1,)
    assert goals.after("nothing") is goals


def test_the_pieces_of_a_pattern_must_be_in_one_sentence() -> None:
    pattern = "There is a red ball ** 1 steps away."
    assert not matches(pattern, "There is a red ball 1 5 steps in front of you.  There is a key 1 steps away.")
