"""Games are grounded as Fast Downward's translator grounds them, to the last bit, and played with the same texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

pytest.importorskip("fast_downward")
pytest.importorskip("alfworld")

from agemem_env.engines.alfworld.homes.game import Game, load_game
from agemem_env.engines.alfworld.making.generator import generated_game
from agemem_env.engines.alfworld.official import data_folders
from agemem_env.engines.alfworld.package import translate, translator
from agemem_env.engines.alfworld.rules import translation
from agemem_env.engines.alfworld.rules.atoms import View
from agemem_env.engines.alfworld.rules.compiling import plain_machine
from agemem_env.engines.alfworld.rules.grammar import plain_grammar
from agemem_env.engines.alfworld.rules.grounding import NotProvidedError, ground
from agemem_env.engines.alfworld.rules.machine import Machine
from agemem_env.engines.alfworld.rules.sas import read_sas

STEPS = 100


def official_games() -> list[Game]:
    return [load_game(file) for root in data_folders() for file in sorted(root.rglob("game.tw-pddl"))]


def reference(game: Game) -> dict[str, Any]:
    task, sas = translate(game.domain, game.problem)
    return plain_machine(task, read_sas(sas))


def quick(game: Game) -> dict[str, Any]:
    with translator(game.domain, game.problem) as (parts, task):
        return plain_machine(task, ground(parts, task))


def sorted_lists(plain: dict[str, Any]) -> dict[str, Any]:
    return {**plain, "operators": sorted(plain["operators"], key=repr), "axioms": sorted(plain["axioms"], key=repr)}


def played(machine: Machine, seed: int) -> list[Any]:
    """Return texts and commands of random play, with commands that are not possible in between."""
    rng, state, every = np.random.default_rng(seed), machine.initial, sorted(machine.by_command)
    shown: list[Any] = [machine.intro()]
    for _ in range(STEPS):
        possible = sorted({operator.command for operator in machine.applicable(state)})
        choice: Sequence[str] = possible if rng.random() < 0.9 else every
        command = choice[int(rng.integers(len(choice)))]
        for operator in machine.by_command[command]:
            if operator.guard.holds(state.true):
                state = machine.apply(operator, state)
                shown.append(machine.feedback(operator, state))
                break
        shown.append((command, possible, machine.won(state), machine.facts(state)))
    return shown


def check(game: Game, seed: int) -> None:
    new, old, grammar = quick(game), reference(game), plain_grammar(game.domain, game.grammar)
    assert sorted_lists(new) == sorted_lists(old)
    assert played(Machine(new, grammar, None), seed) == played(Machine(old, grammar, None), seed)


@pytest.mark.parametrize("number", range(6))
def test_generated_games(number: int) -> None:
    check(generated_game("valid", number), number)


@pytest.mark.slow
def test_two_hundred_generated_games() -> None:
    for number in range(200):
        check(generated_game("train", number), number)


@pytest.mark.slow
def test_official_games() -> None:
    games = official_games()
    if not games:
        pytest.skip("there are no official games")
    for number, game in enumerate(games):
        check(game, number)


def test_commands_are_those_written_one_by_one() -> None:
    game = generated_game("valid", 3)
    machine = Machine(quick(game), plain_grammar(game.domain, game.grammar), None)
    view = View(machine._atoms, machine.initial)
    for operator in machine.operators:
        everything = range(len(machine._parameters[operator.action]))
        assert operator.command == machine._command(view, operator.action, operator.arguments, everything)


def test_what_is_not_provided_for_is_left_to_the_translator(monkeypatch: pytest.MonkeyPatch) -> None:
    game = generated_game("valid", 0)

    def refuse(*_: Any) -> None:
        raise NotProvidedError("for a test")

    monkeypatch.setattr(translation, "ground", refuse)
    assert sorted_lists(translation._logic(game)) == sorted_lists(reference(game))


def test_the_translator_alone_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise AssertionError("the slow way is taken")

    monkeypatch.setattr(translation, "translate", refuse)
    for number in range(6):
        translation._logic(generated_game("valid", number))
