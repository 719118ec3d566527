"""``agemem compare alfworld``: the simulator beside TextWorld's ``PddlEnv``, command by command, on the same games.

Each game is played with the commands that solve it, and on from there at random, now and then with a command that is
not possible. Compared are every text, every list of possible commands, its order, and whether the game is won. Both
engines are timed in the same run; figures depend on the machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import numpy as np
import typer

from agemem_env.engines.alfworld.homes.game import Game, load_game
from agemem_env.engines.alfworld.homes.goal import TASK_TYPES
from agemem_env.engines.alfworld.making.export import write_games
from agemem_env.engines.alfworld.official import SPLITS, official_split
from agemem_env.engines.alfworld.package import stock_engine
from agemem_env.engines.alfworld.rules.simulator import Simulator
from agemem_env.engines.alfworld.rules.translation import make_machine, read_machine
from agemem_env.errors import DataError
from benchmarks.compare.side_by_side import SideBySide

BAD_COMMANDS = ("open the window", "LOOK", "go to", "take nothing from nowhere", "")
"""What a player may type that no game understands."""

BAD_SHARE = 0.05
"""Share of such commands in random play."""

app = typer.Typer(pretty_exceptions_enable=False)


@dataclass
class ALFWorldComparison(SideBySide):
    """What was seen; the solutions are the walkthroughs.

    Attributes:
        games: Number of games played.
    """

    other = "TextWorld"

    games: int = 0


@app.command()
def main(
    steps: Annotated[int, typer.Option(min=1, help="Commands in all, shared out among the games.")] = 5000,
    games: Annotated[int, typer.Option(min=0, help="Generated games of each task type.")] = 2,
    split: Annotated[str, typer.Option(help="Split of the generated games: train, valid or test.")] = "test",
    official: Annotated[bool, typer.Option(help="Play the official games that are here, too.")] = True,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the random play.")] = 0,
) -> None:
    """Compare the simulator with TextWorld's engine; fail if anything differs."""
    with TemporaryDirectory() as folder:
        files = [*write_games(games * len(TASK_TYPES), split, 0, Path(folder)), *(_official() if official else ())]
        result = compare(files, steps, np.random.default_rng(seed), lambda line: typer.echo(line, err=True))
    result.conclude(lines(result))


def _official() -> Iterator[Path]:
    """Yield the official games that are here."""
    for name in SPLITS:
        try:
            yield from (game.path for game in official_split(name).games)
        except DataError:
            typer.echo(f"no official games of {name} are here", err=True)


def compare(
    files: Sequence[Path], steps: int, rng: np.random.Generator, say: Callable[[str], None] = lambda line: None
) -> ALFWorldComparison:
    """Play games in both engines.

    Args:
        files: ``game.tw-pddl`` files.
        steps: Commands in all.
        rng: Source of the random play.
        say: Told of every game that was played.

    Raises:
        MissingExtraError: If the extra ``alfworld`` is not installed.
    """
    result = ALFWorldComparison()
    with stock_engine() as reference:
        for number, file in enumerate(files):
            quota = steps * (number + 1) // len(files) - result.steps
            _Pair(result, reference, load_game(file), file).play(rng, quota)
            say(f"{number + 1}/{len(files)} games, {result.steps} commands, {len(result.differences)} differences")
    return result


class _Pair:
    """One game in both engines."""

    def __init__(self, result: ALFWorldComparison, reference: Any, game: Game, file: Path) -> None:
        self._result = result
        self._reference = reference
        self._game = game
        self._where = f"{file.parent.parent.name}/{file.parent.name}"
        self._simulator = Simulator()
        result.games += 1
        result.timed("simulator", "load, first time", lambda: make_machine(game))
        result.timed("simulator", "load, kept", lambda: read_machine(game))
        result.timed("TextWorld", "load, first time", lambda: reference.load(game.content()))
        self._simulator.load(game)

    def play(self, rng: np.random.Generator, steps: int) -> None:
        """Play the walkthrough, and on from there at random."""
        ours = self._result.timed("simulator", "reset", lambda: self._simulator.load(self._game))
        self._result.timed("TextWorld", "reset", self._reference.reset)
        self._check("start", ours)
        walkthrough = self._game.walkthrough[:steps]
        for command in walkthrough:
            self._step(command)
        self._result.solved += self._simulator.won and bool(self._reference.state["won"])
        for _ in range(steps - len(walkthrough)):
            possible = self._simulator.admissible()
            options = BAD_COMMANDS if rng.random() < BAD_SHARE else possible
            self._step(options[int(rng.integers(len(options)))])
        self._simulator.close()

    def _step(self, command: str) -> None:
        self._result.steps += 1
        ours = self._result.timed("simulator", "step with commands", lambda: self._played(command))
        self._result.timed("TextWorld", "step with commands", lambda: self._reference.step(command))
        self._check(f"step {self._result.steps} {command!r}", ours)

    def _played(self, command: str) -> str:
        """Step, and list the possible commands, as the other engine does at each step."""
        text = self._simulator.step(command)
        self._simulator.admissible()
        return text

    def _check(self, moment: str, text: str) -> None:
        where, state = f"{self._where}, {moment}", self._reference.state
        self._result.same(f"{where}, text", text, state.feedback)
        self._result.same(f"{where}, commands", list(self._simulator.admissible()), state.admissible_commands)
        self._result.same(f"{where}, won", self._simulator.won, bool(state["won"]))


def lines(result: ALFWorldComparison) -> Iterator[str]:
    """Yield the report."""
    yield f"{result.games} games, {result.steps} commands, {len(result.differences)} differences"
    yield f"{result.solved} games solved by their walkthroughs in both engines"
    yield from result.table()
