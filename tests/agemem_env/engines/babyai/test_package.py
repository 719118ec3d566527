"""The optional package."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import pytest

from agemem_env.engines.babyai.package import minigrid
from agemem_env.errors import MissingExtraError
from tests.agemem_env.engines.babyai.test_engine import engine

pytestmark = pytest.mark.skipif(find_spec("minigrid") is None, reason="the extra [babyai] is not installed")


def test_without_minigrid_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    minigrid.cache_clear()
    monkeypatch.setitem(sys.modules, "minigrid", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'agemem-env\[babyai\]'"):
        engine()
    minigrid.cache_clear()


def test_playing_imports_no_pygame_and_prints_nothing() -> None:
    code = (
        "import sys; from agemem_env.engines.babyai.world import BabyAIWorld\n"
        "for seed in range(30):\n"
        "    world = BabyAIWorld('BabyAI-PutNextLocal-v0'); world.reset(seed); world.step(0)\n"
        "assert not [m for m in sys.modules if m.startswith('pygame')], 'pygame was imported'\n"
        "import pygame; assert pygame.Surface is sys.modules['minigrid.minigrid_env'].pygame.Surface\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Sampling rejected" not in result.stdout
