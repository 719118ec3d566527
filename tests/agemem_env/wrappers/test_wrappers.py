"""The wrappers for learners: fixed slots, masks, arrays and texts."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env
from gymnasium.vector import SyncVectorEnv

from agemem_env.errors import ConfigurationError
from agemem_env.wrappers import Features, LimitEnds, MenuActions, StopAtQuery, TextObservation
from agemem_env.wrappers.menu.kinds import KINDS, SIZE, STATE, WIDTH, first_slots

BENCHMARKS = ("HotpotQA", "PDDL")


def _plain(benchmark: str = "HotpotQA", **options: Any) -> gym.Env[Any, Any]:
    return gym.make(f"AgeMem-{benchmark}-v0", source="generated", disable_env_checker=True, **options)


def _menu(benchmark: str = "HotpotQA", **options: Any) -> MenuActions:
    return MenuActions(_plain(benchmark, **options))


def _kind_of(slot: int) -> str:
    return KINDS[int(np.searchsorted(first_slots(), slot, side="right")) - 1].name


@pytest.mark.parametrize("wrap", [MenuActions, lambda env: Features(MenuActions(env)), TextObservation, StopAtQuery])
def test_gymnasiums_checker_has_nothing_to_say(wrap: Callable[[Any], gym.Env[Any, Any]]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message=".*different from the unwrapped version.*")
        check_env(wrap(_plain().unwrapped), skip_render_check=True)


@pytest.mark.parametrize("benchmark", BENCHMARKS)
def test_every_filled_slot_is_played_without_a_mistake(benchmark: str) -> None:
    env, rng = _menu(benchmark), np.random.default_rng(0)
    kinds = set()
    for seed in range(12):
        _, info = env.reset(seed=seed)
        over = False
        while not over:
            filled = np.flatnonzero(info["action_mask"])
            assert (env.action_masks() == (info["action_mask"] == 1)).all() and len(filled) == len(env.choices)
            # Kinds are drawn alike, however many candidates they have.
            chances = np.exp(env.choices.prior)
            slot = int(rng.choice(env.slots, p=chances / chances.sum()))
            # Whatever stands in a slot is of the slot's kind.
            assert env.choices.names[list(env.slots).index(slot)] == _kind_of(slot)
            kinds.add(_kind_of(slot))
            _, _, terminated, truncated, info = env.step(slot)
            over = terminated or truncated
        assert set(info["errors"]) <= {"invalid_command"}
    assert {"add", "update", "delete", "filter at once", "look up the query"} <= kinds


def test_an_empty_slot_is_a_turn_in_which_nothing_is_done() -> None:
    env = _menu("PDDL", stages=(3,))
    env.reset(seed=1)
    empty = int(np.flatnonzero(~env.action_masks())[0])
    with pytest.raises(ConfigurationError, match=f"slot {empty} is empty"):
        env.action_of(empty)
    observation, _, _, _, info = env.step(empty)
    assert observation["round"] == 1 and info["errors"] == {"invalid_command": 1}


@pytest.mark.parametrize("action", [-1, 166, 10**9, 2.0, "2", None, [2], np.float64(2), np.array([2])])
def test_an_action_that_is_no_slot_is_refused(action: Any) -> None:
    env = _menu()
    env.reset(seed=1)
    with pytest.raises(ConfigurationError, match=r"is not allowed; use a whole number from 0 to 165$"):
        env.step(action)
    for number in (2, np.int64(2), np.int8(2), np.array(2)):
        env.reset(seed=1)
        assert env.step(number)[4]["last_effect"][0]["kind"] == "add"


def test_menus_depend_on_what_is_seen_alone() -> None:
    """The wrapper reads observation and info: with the task and the engine hidden, it lists the same."""

    class Hidden(gym.Wrapper[Any, Any, Any, Any]):
        def step(self, action: Any) -> Any:
            result = self.env.step(action)
            self.unwrapped._episode, self.kept = None, self.unwrapped._episode  # type: ignore[attr-defined]
            return result

    shown, hidden = _menu(), MenuActions(Hidden(_plain()))
    info, other = shown.reset(seed=3)[1], hidden.reset(seed=3)[1]
    for _ in range(30):
        assert (info["action_mask"] == other["action_mask"]).all()
        slot = int(np.flatnonzero(info["action_mask"])[-1])
        assert shown.action_of(slot) == hidden.action_of(slot)
        _, _, terminated, truncated, info = shown.step(slot)
        hidden.unwrapped._episode = getattr(hidden.env, "kept", hidden.unwrapped._episode)  # type: ignore[attr-defined]
        _, _, _, _, other = hidden.step(slot)
        if terminated or truncated:
            break


def test_slots_keep_their_meaning() -> None:
    env = _menu()
    env.reset(seed=1)
    names = {kind.name: slot for kind, slot in zip(KINDS, first_slots(), strict=True)}
    assert env.action_of(names["reply"]) == "Noted."
    env.step(names["add"])
    while env.choices.state[STATE.index("stage 3")] == 0:
        slot = int(np.flatnonzero(env.action_masks())[0])
        env.step(slot)
    assert env.action_of(names["look up the query"])["name"] == "Retrieve_memory"
    several = env.action_of(names["tidy and look up"])
    assert [call["name"] for call in several][:2] == ["Filter_context", "Retrieve_memory"]
    assert {call["name"] for call in env.choices.actions[-3:] if isinstance(call, dict)} == {"answer"}


def test_a_look_up_and_a_command_in_one_turn() -> None:
    env = _menu("PDDL")
    env.reset(seed=1)
    start = first_slots()[[kind.name for kind in KINDS].index("look up and command")]
    while not env.action_masks()[start]:
        env.step(int(np.flatnonzero(env.action_masks())[0]))
    names = [call["name"] for call in env.action_of(start)]
    assert names[-1] == "act" and "Retrieve_memory" in names
    _, _, _, _, info = env.step(start)
    assert not env.action_masks()[start], "there is nothing blind about a command after looking up"
    assert info["tool_calls"]["act"] == 1


def test_without_tools_the_menu_has_no_calls_of_memory() -> None:
    env = _menu("PDDL", tools=())
    _, info = env.reset(seed=1)
    kinds = set()
    over = False
    while not over:
        kinds |= set(env.choices.names)
        _, _, terminated, truncated, info = env.step(int(np.flatnonzero(info["action_mask"])[0]))
        over = terminated or truncated
    assert kinds == {"reply", "ignore", "command"}


def test_giving_up_is_on_the_menu_only_if_asked_for() -> None:
    for give_up in (False, True):
        env = MenuActions(_plain("PDDL", stages=(3,)), give_up=give_up)
        env.reset(seed=1)
        assert ("give up" in env.choices.names) == give_up


def test_giving_up_that_is_not_offered_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"give_up=True is not allowed .*; leave it out, or set offer_answer"):
        MenuActions(_plain("PDDL", offer_answer=False), give_up=True)


@pytest.mark.parametrize("wrap", [MenuActions, TextObservation, lambda env: Features(MenuActions(env))])
def test_stop_at_query_outside_of_menu_and_features_is_refused(wrap: Callable[[Any], Any]) -> None:
    with pytest.raises(ConfigurationError, match=r"StopAtQuery wraps .* are wrapped already: put it under"):
        StopAtQuery(wrap(_plain()))
    env = wrap(StopAtQuery(_plain()))
    env.reset(seed=1)
    over = False
    while not over:
        observation, _, _, over, _ = env.step(0)
    assert env.observation_space.contains(observation)


def test_features_are_arrays_of_fixed_shape() -> None:
    env = Features(_menu(), hashed=8)
    observation, info = env.reset(seed=1)
    assert observation in env.observation_space
    table = observation["candidates"]
    assert table.shape == (SIZE, WIDTH + len(KINDS) + 8)
    assert (table.any(axis=1) == (info["action_mask"] == 1)).all()
    kinds = table[:, WIDTH : WIDTH + len(KINDS)]
    assert [_kind_of(slot) for slot in np.flatnonzero(info["action_mask"])] == [
        KINDS[int(row.argmax())].name for row in kinds if row.any()
    ]
    with pytest.raises(ConfigurationError, match="Features wraps a MenuActions"):
        Features(_plain())
    with pytest.raises(ConfigurationError, match="not wrapped yet"):
        MenuActions(_menu())
    with pytest.raises(ConfigurationError, match="whose observations are those of the suite"):
        MenuActions(TextObservation(_plain()))


def test_a_snapshot_has_the_menu_and_can_be_restored_again_and_again() -> None:
    env, found = Features(_menu()), []
    observation, _ = env.reset(seed=1)
    for _ in range(3):
        observation, *_ = env.step(int(np.flatnonzero(observation["mask"])[-1]))
    start = env.get_wrapper_attr("snapshot")()
    for _ in range(2):
        restored, info = env.restore(start)
        assert all((restored[key] == value).all() for key, value in observation.items())
        assert (info["action_mask"] == observation["mask"]).all()
        seen = restored
        for _ in range(6):
            seen, *_ = env.step(int(np.flatnonzero(seen["mask"])[-1]))
        found.append(seen)
    assert all((found[0][key] == found[1][key]).all() for key in found[0])
    with pytest.raises(ConfigurationError, match="a MenuSnapshot is needed, not Snapshot"):
        env.restore(env.unwrapped.snapshot())  # type: ignore[attr-defined]
    texts = TextObservation(_plain())
    text, _ = texts.reset(seed=1)
    kept = texts.get_wrapper_attr("snapshot")()
    texts.step("Noted.")
    assert texts.restore(kept)[0] == text


def test_vector_environments_merge_features_and_masks() -> None:
    envs = SyncVectorEnv([lambda: Features(_menu())] * 2)
    observations, infos = envs.reset(seed=[1, 2])
    assert observations["candidates"].shape == (2, SIZE, WIDTH + len(KINDS) + 64)
    for _ in range(40):
        actions = [int(np.flatnonzero(mask)[-1]) for mask in observations["mask"]]
        observations, *_, infos = envs.step(np.array(actions))
    assert infos["action_mask"].shape == (2, SIZE)


def test_text_observations_hold_every_message_and_call() -> None:
    env = TextObservation(_plain())
    text, _ = env.reset(seed=1)
    assert text in env.observation_space
    text, *_ = env.step({"name": "Add_memory", "arguments": {"content": "the mug is red"}})
    assert '[assistant]\n{"name": "Add_memory", "arguments": "{\\"content\\": \\"the mug is red\\"}"}' in text
    assert text.count("[system]\n") == 1 and "[tool]\nStored as mem_" in text


def test_a_truncated_episode_ends_with_the_features_of_its_end() -> None:
    env = Features(MenuActions(gym.make("AgeMem-BabyAI-v0", source="generated", stages=(3,), max_rounds=2)))
    env.reset(seed=1)
    over, taken = False, []
    while not over:
        observation, _, terminated, truncated, _ = env.step(int(env.action_masks().argmax()))
        over = terminated or truncated
        taken.append(observation["state"][STATE.index("turns taken")])
    assert truncated and taken == pytest.approx([0.5, 1.0])
    assert ((observation["mask"] > 0) == observation["candidates"].any(axis=1)).all()


@pytest.mark.parametrize("hashed", [-1, 1.5, True])
def test_a_number_of_columns_that_is_none_is_refused(hashed: Any) -> None:
    with pytest.raises(ConfigurationError, match="hashed="):
        Features(_menu(), hashed=hashed)


@pytest.mark.parametrize("benchmark", BENCHMARKS)
def test_the_prior_makes_kinds_equally_likely_however_many_candidates_they_have(benchmark: str) -> None:
    env = Features(_menu(benchmark, stages=(3,)))
    seen, _ = env.reset(seed=1)
    assert seen in env.observation_space
    chances = np.where(seen["mask"] == 1, np.exp(seen["prior"]), 0)
    by_kind = chances @ seen["candidates"][:, WIDTH : WIDTH + len(KINDS)]
    counts = seen["candidates"][:, WIDTH : WIDTH + len(KINDS)].sum(0)
    assert counts.max() > 5 and np.allclose(by_kind, counts > 0, atol=1e-6)
    assert not seen["prior"][seen["mask"] == 0].any()


@pytest.mark.parametrize("benchmark", BENCHMARKS)
def test_stop_at_query_ends_when_the_query_comes_and_pays_for_what_memory_holds(benchmark: str) -> None:
    paid = {}
    storing = range(1, first_slots()[[kind.name for kind in KINDS].index("update")])
    for stores in (False, True):
        plain = StopAtQuery(_plain(benchmark, reward="strict", stages=(1, 3), weights=(0, 0, 1)))
        env = LimitEnds(MenuActions(plain))
        _, info = env.reset(seed=7)
        over, total, turns = False, 0.0, 0
        while not over:
            assert info["stage"] == 1
            last = max([0, *(slot for slot in storing if info["action_mask"][slot])])
            _, reward, over, truncated, info = env.step(last if stores else 0)
            total, turns = total + reward, turns + 1
            assert not truncated
        assert info["stage"] == 3 and turns > 1 and "metrics" in info
        paid[stores] = total
    assert paid[True] > paid[False] + 0.02


def test_the_limit_ends_an_episode_like_any_other_end() -> None:
    for wrap, expected in ((lambda env: env, (False, True)), (LimitEnds, (True, False))):
        env = wrap(_plain("PDDL", stages=(3,), max_rounds=2))
        env.reset(seed=1)
        env.step("look around")
        _, _, terminated, truncated, _ = env.step("look around")
        assert (terminated, truncated) == expected


def test_wrappers_of_ends_take_part_in_specs_and_refuse_what_they_cannot_end() -> None:
    env = LimitEnds(StopAtQuery(_plain()))
    assert [wrapper.name for wrapper in env.spec.additional_wrappers] == ["StopAtQuery", "LimitEnds"]  # type: ignore[union-attr]
    with pytest.raises(ConfigurationError, match="StopAtQuery wraps an environment of the suite"):
        StopAtQuery(gym.make("CartPole-v1"))
