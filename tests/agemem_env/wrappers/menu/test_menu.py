"""What is on a menu, and how its features are made."""

from __future__ import annotations

import dataclasses
from typing import Any

import gymnasium as gym
import numpy as np
import pytest

from agemem_env.env import AgeMemEnv
from agemem_env.text.told import Told
from agemem_env.wrappers.menu.answers import answers
from agemem_env.wrappers.menu.blocks import Offers
from agemem_env.wrappers.menu.claims import States, claims, note
from agemem_env.wrappers.menu.kinds import HASHED, INDEX, KINDS, STATE, WIDTH
from agemem_env.wrappers.menu.listening import offer_ignoring, storing
from agemem_env.wrappers.menu.lookups import parts
from agemem_env.wrappers.menu.menu import Choices, Menu
from agemem_env.wrappers.menu.past import Past
from agemem_env.wrappers.menu.scene import scene
from agemem_env.wrappers.menu.sight import EXAMPLE, Memory, Sight, see
from agemem_env.wrappers.menu.squares import next_door, room_size
from agemem_env.wrappers.menu.words import names


def _env(benchmark: str, **options: Any) -> AgeMemEnv:
    env = gym.make(f"AgeMem-{benchmark}-v0", source="generated", split="train", **options).unwrapped
    assert isinstance(env, AgeMemEnv)
    return env


def _listed(env: AgeMemEnv, seed: int, until_stage: int) -> tuple[Menu, Choices, Any, dict[str, Any]]:
    """Play with a menu, storing everything, until a stage begins."""
    menu = Menu(env.memory_tools, commands=env.engine.has_commands)
    observation, info = env.reset(seed=seed)
    choices = menu.list(observation, info)
    while observation["stage"] < until_stage:
        place = (
            max(i for i, name in enumerate(choices.names) if name.startswith("add")) if observation["stage"] == 1 else 0
        )
        observation, _, _, _, info = env.step(menu.choose(place))
        choices = menu.list(observation, info)
    return menu, choices, observation, info


def test_kinds_and_features_fit_into_the_arrays() -> None:
    assert max(len(kind.features) for kind in KINDS) <= WIDTH
    assert len({kind.name for kind in KINDS}) == len(KINDS)
    env = _env("HotpotQA")
    _, choices, _, _ = _listed(env, 1, 3)
    assert choices.features.shape == (len(choices), WIDTH) and choices.state.shape == (len(STATE),)
    for kind, row in zip(choices.kinds, choices.features, strict=True):
        assert not row[len(KINDS[kind].features) :].any(), KINDS[kind].name
    assert choices.columns.max() < HASHED and choices.rows.max() < len(choices)


def test_equal_scores_mean_equal_kinds() -> None:
    _, choices, _, _ = _listed(_env("HotpotQA"), 1, 3)
    probs = np.exp(choices.prior) / np.exp(choices.prior).sum()
    by_kind = np.bincount(choices.kinds, probs)
    assert by_kind[by_kind > 0] == pytest.approx(1 / np.count_nonzero(by_kind))


def test_an_update_replaces_the_sentence_that_the_message_corrects() -> None:
    env = _env("PDDL")
    menu = Menu(env.memory_tools, commands=True)
    for seed in range(20):
        observation, info = env.reset(seed=seed)
        menu.reset()
        while observation["stage"] == 1:
            choices = menu.list(observation, info)
            if "correction" in see(observation, info).text and "update" in choices.names:
                update = choices.actions[choices.names.index("update")]
                old = next(m for m in info["shown_memories"] if m["id"] == update["arguments"]["memory_id"])
                new = update["arguments"]["content"]
                assert new != old["content"] and new.endswith(see(observation, info).text.split(": ", 1)[1])
                return
            observation, _, _, _, info = env.step(menu.choose(choices.names.index("add")))
    pytest.fail("no correction was told")


def test_look_ups_are_not_offered_twice() -> None:
    env = _env("HotpotQA")
    menu, choices, *_ = _listed(env, 1, 3)
    assert "look up the query" in choices.names and "tidy and look up" in choices.names
    observation, _, _, _, info = env.step(menu.choose(choices.names.index("look up the query")))
    names = menu.list(observation, info).names
    assert "look up the query" not in names and "tidy and look up" not in names
    assert "look up a name" in names


def test_a_filter_that_found_nothing_is_masked_until_there_is_more() -> None:
    env = _env("HotpotQA", filter_threshold=1.0)
    menu, choices, *_ = _listed(env, 1, 3)
    observation, _, _, _, info = env.step(menu.choose(choices.names.index("filter")))
    assert info["last_effect"][0]["kind"] == "none"
    assert "filter" not in menu.list(observation, info).names


def test_the_right_answer_is_mostly_on_the_menu_once_the_facts_are_found() -> None:
    env, found = _env("HotpotQA"), 0
    for task in env.tasks[:60]:
        memories = tuple(Memory("", fact.text, 0.5) for fact in task.gold_facts)
        block = answers(task.query, memories, ())
        found += any(action["arguments"]["text"] == task.answer for action in block.actions)
    assert found >= 51


def test_answers_of_the_hop_that_is_asked_for_come_first() -> None:
    memories = (
        Memory("1", "The Reeds: The Reeds was created by Radovan Drovar.", 0.7),
        Memory("2", "Radovan Drovar: Radovan Drovar was born in Oslo.", 0.6),
        Memory("3", "Ann Lee: Ann Lee was born in Rome.", 0.3),
    )
    block = answers("Where was the person born who created The Reeds?", memories, ())
    hops = {
        action["arguments"]["text"]: [int(x) for x in row[1:5]]
        for action, row in zip(block.actions, block.features, strict=True)
    }
    assert hops["Oslo"] == [0, 1, 0, 0] and hops["Rome"] == [0, 0, 0, 1]


def test_a_goal_is_looked_up_by_its_parts() -> None:
    env = _env("PDDL")
    _, _, observation, info = _listed(env, 2, 3)
    seen = see(observation, info)
    assert isinstance(seen, Sight) and seen.limit == env.snapshot().episode.max_rounds
    place = next(word for word in seen.query.split() if word.rstrip(".") in seen.query.split("Goal:")[0].split()[-2])
    assert all(place.rstrip(".") in text for text in parts(seen))


def test_the_way_leads_from_door_to_door() -> None:
    doors = frozenset({(8, 4), (15, 4), (11, 8)})
    assert room_size(doors) == 7
    assert next_door((3, 3), (18, 3), doors) == (8, 4)
    assert next_door((10, 3), (18, 3), doors) == (15, 4)
    assert next_door((3, 3), (5, 5), doors) is None, "the same room"
    assert next_door((3, 3), (18, 18), doors) is None, "no way is known"


def test_slots_are_limited_and_tools_respected() -> None:
    offers = Offers(frozenset())
    offers.add("add", {}, (1.0,))
    for number in range(100):
        offers.add("command", number, (1.0,))
    assert len(offers.block()) == KINDS[INDEX["command"]].slots


def test_each_choice_of_sentences_is_judged_by_the_sentences_in_it() -> None:
    env = _env("HotpotQA")
    menu = Menu(env.memory_tools, commands=False)
    choices = menu.list(*env.reset(seed=1))
    chosen = [i for i, name in enumerate(choices.names) if name == "add sentences"]
    assert len(chosen) in {3, 7, 15} and len({choices.actions[i]["arguments"]["content"] for i in chosen}) == len(
        chosen
    )
    crosses = [sorted(choices.columns[choices.rows == i]) for i in chosen]
    np.testing.assert_allclose(choices.features[chosen[2]][1:], choices.features[chosen[:2]].sum(axis=0)[1:], rtol=1e-6)
    assert crosses[2] == sorted(crosses[0] + crosses[1])


@pytest.mark.parametrize("benchmark", ["HotpotQA", "PDDL", "BabyAI"])
def test_a_correction_can_be_made_with_one_candidate_that_keeps_the_rest(benchmark: str) -> None:
    env = _env(benchmark)
    corrected = 0
    for task in range(12):
        menu = Menu(env.memory_tools, commands=env.engine.has_commands)
        observation, info = env.reset(seed=task, options={"task": task})
        told, turn = Told.of(env.task), 0
        said = [u.facts for u in env.task.utterances] or [(i,) for i in range(len(env.task.facts))]
        while observation["stage"] == 1:
            choices = menu.list(observation, info)
            news, turn = said[turn][0], turn + 1
            old = env.task.facts[news].supersedes
            if old is not None:
                before = {m["id"]: told.facts_in(m["content"]) for m in info["shown_memories"]}
                after = [
                    (before[a["arguments"]["memory_id"]], told.facts_in(a["arguments"]["content"]))
                    for a, name in zip(choices.actions, choices.names, strict=True)
                    if name == "update"
                ]
                assert any(was - now == {old} and news in now for was, now in after), env.task.facts[news].text
                corrected += 1
            place = max(i for i, name in enumerate(choices.names) if name.startswith("add"))
            observation, _, _, _, info = env.step(menu.choose(place))
    assert corrected >= 3


def test_goal_and_memories_are_compared_with_what_observations_say() -> None:
    states: States = {}
    note(states, "B1 stands on the table. B4 stands on b2. B3 stands on b1.")
    things = {"b1", "b2", "b3", "b4"}
    found = claims(["b3 belongs on b1", "b1 belongs on b4"], ["At Kelworth, b4 belongs on b2."], things, states)
    assert [(claim.source, claim.met) for claim in found] == [("goal", True), ("goal", False), ("way", True)]
    note(states, "The arm holds b3.")
    found = claims(["b3 belongs on b1"], ["b2 belongs on b4."], things, states)
    assert [(claim.source, claim.met) for claim in found] == [("goal", False), ("told", True)]


def test_memories_of_another_place_are_left_out_once_the_place_is_known() -> None:
    env = _env("PDDL")
    _, _, observation, info = _listed(env, 1, 3)
    seen = see(observation, info)
    place = names(seen.query[: len(seen.query) - len(seen.goal)])[0]
    here, elsewhere = Memory("a", f"At {place}, ball1 lies in attic.", 0.5), Memory("b", "At Oslo, ball1 is out.", 0.5)

    def told(*memories: Memory) -> set[str]:
        around = scene(dataclasses.replace(seen, memories=memories), Past())
        return {said.text for said in (*around.relevant, *around.others)}

    assert told(here, elsewhere) == {here.content}
    assert told(elsewhere) == {elsewhere.content}


@pytest.mark.parametrize("blank", ["", " \n"])
def test_of_a_message_that_says_nothing_there_is_nothing_to_store_or_to_mend(blank: str) -> None:
    memory = Memory("mem_1", "Ann was born in Rome. Ann sings.", 0.5)
    seen = dataclasses.replace(see(*EXAMPLE), text=blank, related=(memory,), distractors=(blank,))
    tools = frozenset(kind.tool for kind in KINDS)
    assert list(storing(seen, Past(), tools).actions) == ["Noted."]
    offers = Offers(tools)
    offer_ignoring(seen, Past(), offers)
    assert offers.actions == ["I see."]
