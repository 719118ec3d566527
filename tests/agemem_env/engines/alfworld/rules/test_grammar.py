"""The plain form of a grammar: what differs between games is put in, the rest is parsed once."""

from __future__ import annotations

from typing import Any

import pytest

from agemem_env.engines.alfworld.homes.game import Game
from agemem_env.engines.alfworld.rules import grammar
from agemem_env.engines.alfworld.rules.grammar import plain_grammar
from tests.agemem_env.engines.alfworld.home import home

pytest.importorskip("textworld", reason="the extra alfworld is not installed")

GAME: Game = home("pick_and_place_simple", "Mug", "CounterTop")
WISH = "Your task is to: put a mug in countertop."


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The grammars that are parsed."""
    seen: list[str] = []
    parse = grammar._parsed

    def noted(domain: str, text: str) -> dict[str, Any]:
        seen.append(text)
        return parse(domain, text)

    grammar._common.cache_clear()
    monkeypatch.setattr(grammar, "_parsed", noted)
    return seen


def worded(wish: str) -> str:
    assert GAME.grammar.count(WISH) == 1
    return GAME.grammar.replace(WISH, f"Your task is to: {wish}")


@pytest.mark.parametrize("wish", ["put a mug in countertop.", "heat some egg, and put it on Bob's side-table 2."])
def test_what_is_put_in_is_what_is_parsed(wish: str) -> None:
    text = worded(wish)
    assert plain_grammar(GAME.domain, text) == grammar._parsed(GAME.domain, text)
    assert plain_grammar(GAME.domain, text) != plain_grammar(GAME.domain, worded("look."))


def test_games_with_other_wishes_are_parsed_once(parsed: list[str]) -> None:
    for wish in ("put a mug in desk.", "clean some cloth.", "put a mug in desk."):
        plain_grammar(GAME.domain, worded(wish))
    assert len(parsed) == 1
    plain_grammar(GAME.domain, worded("put a mug in desk.").replace("You arrive at", "You come to"))
    assert len(parsed) == 2


def test_a_wish_that_means_something_to_the_parser_is_parsed(parsed: list[str]) -> None:
    text = worded("put {o.name} in #list_separator# desk.")
    assert plain_grammar(GAME.domain, text) == grammar._parsed(GAME.domain, text)
    assert parsed == [text, text]


def test_what_a_game_is_given_is_its_own() -> None:
    first = plain_grammar(GAME.domain, GAME.grammar)
    first["rules"].clear()
    assert plain_grammar(GAME.domain, GAME.grammar)["rules"]
