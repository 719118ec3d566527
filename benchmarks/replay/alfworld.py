"""Replay of ALFWorld recordings, in either dialect of the games and against either one.

Recordings show the texts of TextWorld's engine, or those of AgentBoard's protocol. Where recording and game speak
different dialects, commands and answers are translated; only how an arrival is told cannot be known then, since the
older games count spots on the floor ("You arrive at loc 4."). Some harnesses leave that sentence out. In both cases
observations are the same without it, though not word for word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from agemem_env.engines.alfworld.engine import ALFWorldEngine
from agemem_env.engines.alfworld.homes.game import GAME_FILE, Game, load_game
from agemem_env.engines.alfworld.homes.goal import goal_text
from agemem_env.engines.alfworld.official import RELEASE, data_folders
from agemem_env.engines.alfworld.rules.dialect import (
    ARRIVAL,
    DIALECTS,
    HELP,
    NEW,
    OLD,
    dialect_of,
    reply_in_dialect,
    translate,
)
from agemem_env.engines.alfworld.rules.dialect import GameDialect as Words
from agemem_env.engines.alfworld.rules.simulator import NOTHING_HAPPENS, Simulator
from agemem_env.engines.alfworld.tasks import build_task
from agemem_env.errors import DataError
from agemem_env.types import EngineStep
from benchmarks.replay.dialect import Dialect
from benchmarks.replay.records import Record
from benchmarks.replay.replay import Played, ReplayAdapter

_RECORDED = Dialect(
    name="TextWorld",
    thoughts=("OK.", "Ok. But you should not think too much!"),
    outcome_rewards=True,
    ignored_rewards=(-1.0,),
    outcome_total=True,
)
_AGENTBOARD = Dialect(name="AgentBoard", thoughts=_RECORDED.thoughts)
_LISTED = "Choose an action from these valid actions: "
_LOOKS = ("You are facing the ", "You are in the middle of a room. Looking quickly around you, you see nothing.")
_WISH = "Your task is to:"
_NAMING = ("game", "gamefile", "game_file", "game_name", "game_path", "task", "task_id", "name", "file", "path")
"""Keys under which recordings name their games, likeliest first; any other key with a text will do too."""

_TRIAL = re.compile(r"(?:([^/\\\s]+)[/\\])?(trial_\w+)")


class RawGame:
    """A game as TextWorld's engine plays it, in the words of a recording.

    Args:
        simulator: Plays the game.
        game: The game.
        words: The dialect of the recording.
        mended: Forms of commands that the harness put into the recording's dialect before the engine saw them.
    """

    def __init__(self, simulator: Simulator, game: Game, words: Words, mended: Sequence[re.Pattern[str]]) -> None:
        self._simulator, self._words, self._own = simulator, words, dialect_of(game.grammar)
        self._mended = mended
        self.opening = simulator.load(game)

    @property
    def is_native(self) -> bool:
        """Whether recording and game speak the same dialect."""
        return self._words is self._own

    def step(self, command: str) -> EngineStep:
        """Execute a command."""
        said = command.strip()
        for form in self._mended:
            match = form.fullmatch(said.removesuffix("."))
            said = self._words.command.format(*match.groups()) if match else said
        known = translate(said, self._words, self._own)
        text = NOTHING_HAPPENS if known is None else self._simulator.step(known)
        won = self._simulator.won
        return EngineStep(reply_in_dialect(text, self._words), float(won), done=won, success=won)

    def admissible(self) -> list[str]:
        """Return the commands that are possible now."""
        own, words = self._own, self._words
        listed = {translate(command, own, words) or command for command in self._simulator.admissible()}
        return sorted(listed | {HELP} if words.has_help else listed - {HELP})


class ALFWorldReplay(ReplayAdapter):
    """Finds games by whatever text of the record names one: a path, or the folders of task and trial."""

    def __init__(self) -> None:
        self._simulator = Simulator()
        self._engine: ALFWorldEngine | None = None
        self._raw: RawGame | None = None

    def start(self, record: Record) -> tuple[Played, str]:
        """Return the game at the start of the recorded episode."""
        game = load_game(_find(record))
        self._raw = None
        if self.dialect(record) is not _AGENTBOARD:
            words = _words(record)
            self._raw = RawGame(self._simulator, game, words, _mended(record, words))
            return self._raw, self._raw.opening
        if self._engine is None:
            self._engine = ALFWorldEngine(source="generated", protocol="agentboard")
        task = build_task("recorded", "test", "official", "agentboard", game)
        opening = self._engine.reset(task, np.random.default_rng(0), briefed=False)
        told = _WISH in (record.get("initial_observation") or "")
        return self._engine, f"{opening}\n{_WISH} {goal_text(game.grammar)}" if told else opening

    def dialect(self, record: Record) -> Dialect:
        """Return whether a record shows TextWorld's texts or AgentBoard's."""
        return _AGENTBOARD if any(map(_is_agentboard, record["steps"])) else _RECORDED

    def same(self, action: str, recorded: str, played: str) -> bool:
        """Return whether two observations are equal, but for an arrival that is told as the game cannot tell it."""
        if recorded.strip() == played.strip():
            return True
        told = ARRIVAL.match(recorded.strip()) is not None
        if told and (self._raw is None or self._raw.is_native):
            return False
        return ARRIVAL.sub("", recorded.strip()) == ARRIVAL.sub("", played.strip())

    def same_opening(self, record: Record, played: str, dialect: Dialect) -> bool:
        """Return whether a first observation shows the room and, if it has a task, the task."""
        recorded = record["initial_observation"]
        parts = [part.strip() for part in played.splitlines() if part.startswith(("You are ", _WISH))]
        return all(part in recorded or (part.startswith(_WISH) and _WISH not in recorded) for part in parts)

    def rest(self, recorded: Record, result: EngineStep | None) -> Iterator[tuple[str, Any, Any]]:
        """Yield admissible commands and win flags, as far as they were recorded."""
        listed = next((recorded[key] for key in _ADMISSIBLE if isinstance(recorded.get(key), list)), None)
        if listed is not None and self._raw is not None:
            yield "admissible commands", sorted(listed), self._raw.admissible()
        if result is None:
            return
        if recorded.get("won") is not None:
            yield "win flags", bool(recorded["won"]), result.success
        if recorded.get("score") is not None:
            yield "scores", float(recorded["score"]), float(result.success)
        if result.success and recorded.get("done") is not None:
            yield "ends", bool(recorded["done"]), True  # without a win, a limit may have ended the recording


_ADMISSIBLE = ("admissible", "admissible_commands", "initial_admissible")


def _is_agentboard(step: Record) -> bool:
    """Return whether a step was answered as only AgentBoard does."""
    text, action = step["observation"], step["action"].strip().lower()
    asked = action == "look" and text != NOTHING_HAPPENS and not text.startswith(_LOOKS)
    return asked or text.startswith(_LISTED)


def _words(record: Record) -> Words:
    """Return the dialect of a record; only games of the newer one tell arrivals at a place by its name."""
    texts = [step["observation"] for step in record["steps"]]
    arrivals = [text for text in texts if text.startswith("You arrive at ")]
    if arrivals:
        return OLD if arrivals[0].startswith("You arrive at loc ") else NEW
    return NEW if any(NEW.replied.fullmatch(text) for text in texts) else OLD


def _mended(record: Record, words: Words) -> list[re.Pattern[str]]:
    """Return the forms of commands with which something was put down though the engine does not know them."""
    done = [
        action
        for step in record["steps"]
        if words.replied.fullmatch(step["observation"]) and not words.exact.fullmatch(action := step["action"].strip())
    ]
    return [known.accepted for known in DIALECTS if any(known.accepted.fullmatch(a.removesuffix(".")) for a in done)]


def _find(record: Record) -> Path:
    """Return the game file of a record.

    Raises:
        DataError: If it names none that is there.
    """
    named = list(_texts(record))
    for text in named:
        found = _located(text)
        if found is not None:
            return found
    places = ", ".join(str(folder / RELEASE) for folder in data_folders())
    shown = next((text for text in named if "trial_" in text), named[0] if named else "(no name)")
    raise DataError(f"game {shown} of the recording is not in {places}: run `agemem data download alfworld`")


def _texts(record: Record) -> Iterator[str]:
    """Yield the texts of a record that may name its game."""
    keys = sorted(record, key=lambda key: _NAMING.index(key) if key in _NAMING else len(_NAMING))
    for key in keys:
        value = record[key]
        if isinstance(value, Mapping):
            yield from _texts(value)
        elif isinstance(value, str) and key != "initial_observation":
            yield value


@lru_cache(maxsize=8)
def _trials(folder: Path) -> Mapping[str, tuple[Path, ...]]:
    """Return the games under a folder by the name of their trial."""
    found: dict[str, tuple[Path, ...]] = {}
    for path in sorted(folder.glob(f"*/*/*/{GAME_FILE}")):
        found[path.parent.name] = (*found.get(path.parent.name, ()), path)
    return found


def _located(text: str) -> Path | None:
    """Return the game file that a text names, if it is there."""
    if len(text) > _LONGEST or "\n" in text or "\0" in text:
        return None
    for place in (Path(text), Path(text) / GAME_FILE):
        if place.name == GAME_FILE and place.is_file():
            return place
    trial = _TRIAL.search(text)
    if trial is None:
        return None
    for root in data_folders():
        paths = _trials(root / RELEASE).get(trial[2], ())
        matching = [path for path in paths if path.parent.parent.name == trial[1]] or list(paths)
        if matching:
            return matching[0]
    return None


_LONGEST = 500
"""Characters of a text that may be a path."""
