"""A cache for a single test, and two small games."""

from __future__ import annotations

from pathlib import Path

import pytest

from agemem_env.engines.alfworld.homes.game import Game
from agemem_env.engines.alfworld.making.generator import generated_game
from agemem_env.engines.alfworld.rules import translation
from tests.agemem_env.engines.alfworld.games import BATHROOM, BEDROOM


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of this test alone, with nothing in memory."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(translation, "_machines", type(translation._machines)())
    return translation.cache_folder()


@pytest.fixture(scope="session")
def bathroom() -> Game:
    return generated_game(*BATHROOM)


@pytest.fixture(scope="session")
def bedroom() -> Game:
    return generated_game(*BEDROOM)
