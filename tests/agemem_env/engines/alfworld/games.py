"""Games for the tests of ALFWorld, and what is compared in them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from agemem_env.engines.alfworld.homes.game import Game
from agemem_env.engines.alfworld.rules.simulator import Simulator

# Small homes, so that translating them takes little time: a bathroom and a bedroom.
BATHROOM = ("train", 0)
BEDROOM = ("train", 1)

LOAD = "from agemem_env.engines.alfworld.making.generator import generated_game as g\n"
PLAY = "from agemem_env.engines.alfworld.rules.simulator import Simulator\ns = Simulator()\n"
"""What code for a new process begins with."""

OLDER = (
    ('"move {o} to {r}"', '"put {o} in/on {r}"'),
    ("You move the {o.name} to the {r.name}.", "You put the {o.name} in/on the {r.name}."),
    ("You arrive at {r.name}.", "You arrive at {lend.name}."),
)
"""What ALFWorld's grammar said before version 0.4."""


def in_older_dialect(game: Game) -> Game:
    """Return the game with the texts of ALFWorld before version 0.4; the walkthrough is left out."""
    text = game.grammar
    for new, old in OLDER:
        assert new in text
        text = text.replace(new, old)
    return replace(game, grammar=text, walkthrough=())


def trace(game: Game, commands: Iterable[str], simulator: Simulator | None = None) -> list[Any]:
    """Return everything that the simulator shows along some commands."""
    simulator = simulator or Simulator()
    shown: list[Any] = [simulator.load(game), simulator.admissible(), simulator.won, simulator.facts()]
    for command in commands:
        shown += [simulator.step(command), simulator.admissible(), simulator.won, simulator.facts()]
    return shown


def run_python(code: str, cache: Path, **environment: str) -> str:
    """Run code in a new process with an empty environment but for these variables, and return what it prints."""
    result = subprocess.run(
        [sys.executable, "-W", "error::RuntimeWarning", "-c", code],
        env={"XDG_CACHE_HOME": str(cache), "HOME": str(cache), "PATH": "", **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout
