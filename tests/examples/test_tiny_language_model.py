"""A tiny language model learns, where torch and transformers are installed."""

from __future__ import annotations

from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent.parent / "examples"


@pytest.fixture(autouse=True)
def _found(monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("torch", "transformers", "tokenizers"):
        pytest.importorskip(package)
    monkeypatch.syspath_prepend(str(EXAMPLES))


@pytest.mark.slow
@pytest.mark.parametrize("stages", [(3,), (1, 3)])
def test_every_part_runs(stages: tuple[int, ...]) -> None:
    from tiny_language_model import Amounts, Level, main  # type: ignore[import-not-found]

    found = main(Level(stages=stages), Amounts(episodes=4, readings=1, epochs=1, updates=1, tests=2, vocabulary=400))
    assert set(found) == {f"{who}, {way}" for who in ("cloned", "trained") for way in ("drawn", "best")}


@pytest.mark.exhaustive
def test_a_tiny_model_is_better_after_grpo_than_after_cloning() -> None:
    from tiny_language_model import Amounts, Level, main

    found = main(Level(), Amounts())
    before, after = found["cloned, drawn"], found["trained, drawn"]
    assert before.high is not None and after.low is not None
    assert after.low > before.high
