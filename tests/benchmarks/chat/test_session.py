"""A person plays: what is shown, and whole episodes from injected lines."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from rich.console import Console

from agemem_env.env import AgeMemEnv
from benchmarks.chat.session import chat


def lines(given: Iterable[str]) -> Callable[[], str]:
    left = iter(given)

    def read() -> str:
        try:
            return next(left)
        except StopIteration:
            raise EOFError from None

    return read


def play(env: AgeMemEnv, given: Iterable[str]) -> tuple[Any, str]:
    shown = io.StringIO()
    result = chat(env, Console(file=shown, width=100), lines(given), seed=3)
    return result, shown.getvalue()


def test_an_episode_is_played_to_its_end() -> None:
    env = AgeMemEnv("tests.toy:ToyEngine")
    env.reset(seed=3)
    facts, box = [fact.text for fact in env.task.gold_facts], env.task.data["box"]
    replies = ["ok"] * (len(env.task.facts) - len(facts) + len(env.task.distractors))
    talk = [*(f"/add {fact}" for fact in facts), *replies]
    result, shown = play(env, [*talk, "/retrieve key", "/foo", "/memory", f"open {box} box"])
    assert result is not None and result.info["success"]
    assert result.steps == len(talk) + 2  # neither /foo nor /memory takes a turn
    called = {name: count for name, count in result.info["tool_calls"].items() if count}
    assert called == {"Add_memory": len(facts), "Retrieve_memory": 1, "act": 1}
    for text in ("stage 1", "stage 2", "stage 3", "The context was changed", "You found the key.", "There is no /foo",
                 "The task is solved; progress 100%.", "reward", "storage", "SR", "tokens", "mem_"):  # fmt: skip
        assert text in shown


def test_texts_are_shown_as_they_are() -> None:
    _, shown = play(AgeMemEnv("tests.toy:ToyEngine"), ["/add [bold]東京[/bold] \ud800 [/]", "/quit"])
    assert "[bold]東京[/bold] \ufffd [/]" in shown


@pytest.mark.parametrize("given", [["/quit"], [], ["hello"]])
def test_who_leaves_is_not_scored(given: list[str]) -> None:
    result, shown = play(AgeMemEnv("tests.toy:ToyEngine"), given)
    assert result is None
    assert shown.splitlines()[-1] == "You left the episode; nothing was scored."
