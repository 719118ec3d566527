"""ALFWorld's own games: where they are, and an index that makes starting quick.

A split has up to thousands of games in files of 100 kB each. They are read once; the index, one file per split, then
tells their task types and digests. It lies beside the games, or in the cache if that folder cannot be written. At each
start the sizes and times of the indexed files and folders are compared, which is some ten microseconds per game;
if anything was added, removed or changed, the index is made anew. A game that cannot be played is found here, and not
when its turn comes.
"""

from __future__ import annotations

import json
import os
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

from agemem_env.data.files import whole_file
from agemem_env.data.locate import cache_root, data_folder
from agemem_env.engines.alfworld.homes.game import GAME_FILE, TRAJECTORY_FILE, load_game, read_trajectory
from agemem_env.engines.alfworld.homes.goal import TASK_TYPES, goal_text
from agemem_env.engines.alfworld.homes.house import house_of
from agemem_env.engines.alfworld.rules.dialect import dialect_of
from agemem_env.errors import DataError, MissingDataError, unknown_name

RELEASE = "json_2.1.1"
"""Folder of the games in ALFWorld's data."""

SPLITS: Mapping[str, int] = MappingProxyType({"train": 3553, "valid_seen": 140, "valid_unseen": 134})
"""Official split -> number of its solvable games."""

OFFICIAL_NAMES: Mapping[str, str] = MappingProxyType({"train": "train", "valid": "valid_seen", "test": "valid_unseen"})
"""Split -> ALFWorld's name for it."""

_FORMAT = 2
_COMMENT = re.compile(r";.*")
_NAMED = 3
"""Broken games that an error names."""

_EXCLUDED = ("movable", "Sliced")
"""ALFWorld leaves out games with these words in their path."""


@dataclass(frozen=True, slots=True)
class OfficialGame:
    """One game of an official split.

    Attributes:
        id: Folder of the task and folder of the trial.
        path: The game file.
        task_type: One of `TASK_TYPES`.
        digest: SHA-256 of the game file.
    """

    id: str
    path: Path
    task_type: str
    digest: str


@dataclass(frozen=True)
class OfficialSplit:
    """The games of one official split that are here, in the order of their sorted paths.

    Attributes:
        name: A key of `SPLITS`.
        folder: Where they are.
        games: Those that ALFWorld plays: solvable, of the six task types.
        corrupt: Games that cannot be read or played, and why.
    """

    name: str
    folder: Path
    games: tuple[OfficialGame, ...]
    corrupt: Mapping[str, str]

    @property
    def complete(self) -> bool:
        """Whether these are as many games as the official split has."""
        return len(self.games) == SPLITS[self.name]

    def check(self) -> None:
        """Check that every game can be played.

        Raises:
            DataError: If one cannot.
        """
        if self.corrupt:
            broken = self._named([f"{path} ({reason})" for path, reason in self.corrupt.items()])
            raise DataError(
                f"broken games of {self.name} in {self.folder}: {broken}: fetch them again with "
                "`agemem data download alfworld`, or remove their folders"
            )

    @property
    def summary(self) -> str:
        """How many games there are, and which are broken."""
        counts = f"{len(self.games)} of {SPLITS[self.name]} solvable games of {self.name}"
        kind = (
            "the official split" if self.complete else "a subset" if len(self.games) < SPLITS[self.name] else "altered"
        )
        broken = f"; {len(self.corrupt)} corrupt: {self._named(list(self.corrupt))}" if self.corrupt else ""
        return f"{counts} ({kind}){broken}"

    def __str__(self) -> str:
        return f"{self.summary} in {self.folder}"

    @staticmethod
    def _named(games: list[str]) -> str:
        """Return the first few games, and how many more there are."""
        more = f" and {len(games) - _NAMED} more" if len(games) > _NAMED else ""
        return f"{'; '.join(games[:_NAMED])}{more}"


def data_folders() -> list[Path]:
    """Return the folders in which ALFWorld's data are looked for, best first."""
    chosen = os.environ.get("ALFWORLD_DATA")
    folders = [Path(chosen).expanduser()] if chosen else []
    return [*dict.fromkeys([*folders, data_folder("ALFWorld"), cache_root() / "alfworld"])]


def official_split(name: str) -> OfficialSplit:
    """Return the games of an official split that are here.

    Args:
        name: A key of `SPLITS`.

    Raises:
        ConfigurationError: If there is no such split.
        MissingDataError: If none of its games are here, not even broken ones.
    """
    if name not in SPLITS:
        raise unknown_name("official split of ALFWorld", name, SPLITS)
    for root in data_folders():
        folder = root / RELEASE / name
        if folder.is_dir():
            index = _index(folder)
            split = OfficialSplit(name, folder, _games(folder, index), _corrupt(index))
            if split.games or split.corrupt:
                return split
    places = ", ".join(str(folder / RELEASE / name) for folder in data_folders())
    raise MissingDataError(
        f"no games of {name} in {places}: run `agemem data download alfworld`, set ALFWORLD_DATA, "
        "or use source='generated'"
    )


def _games(folder: Path, index: Mapping[str, Any]) -> tuple[OfficialGame, ...]:
    return tuple(
        OfficialGame(path.rpartition("/")[0], folder / path, entry["task_type"], entry["digest"])
        for path, entry in sorted(index["games"].items())
        if entry["playable"]
    )


def _corrupt(index: Mapping[str, Any]) -> Mapping[str, str]:
    return {path: entry["error"] for path, entry in sorted(index["games"].items()) if entry["error"]}


def _index(folder: Path) -> Mapping[str, Any]:
    """Return the index of a split's folder: as it was kept if it still fits, else made anew."""
    for file in _index_files(folder):
        index = _kept(file)
        if index is not None and _stamps(folder, index["stamps"]) == index["stamps"]:
            return index
    index = _scan(folder)
    for file in _index_files(folder):
        if _write(file, index):
            return index
    warnings.warn(f"cannot keep an index of {folder}: each start reads all its games", RuntimeWarning, stacklevel=3)
    return index


def _index_files(folder: Path) -> list[Path]:
    name = f".agemem-index-{folder.name}.json"
    digest = sha256(str(folder.resolve()).encode()).hexdigest()[:16]
    return [folder.parent / name, cache_root() / "alfworld-index" / f"{digest}{name}"]


def _kept(file: Path) -> dict[str, Any] | None:
    try:
        index = json.loads(file.read_bytes())
        known = index["format"] == _FORMAT and isinstance(index["stamps"], dict) and isinstance(index["games"], dict)
        return index if known else None
    except (OSError, ValueError, LookupError, TypeError):
        return None


def _stamps(folder: Path, paths: Mapping[str, Any]) -> dict[str, Any]:
    """Return size and time of files and folders; those of a folder change when something in it comes or goes."""
    return {path: _stamp(os.path.join(folder, path)) for path in paths}


def _stamp(path: str | Path) -> list[int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return [status.st_size, status.st_mtime_ns]


def _scan(folder: Path) -> dict[str, Any]:
    """Read all games of a folder."""
    stamps: dict[str, Any] = {}
    games = {}
    for place, folders, files in os.walk(folder):
        names = {*folders, *files}  # a folder in place of a file is a broken game
        here = Path(place).relative_to(folder)
        stamps[str(here)] = _stamp(Path(place))
        for name in (GAME_FILE, TRAJECTORY_FILE):
            if name in names:
                stamps[str(here / name)] = _stamp(Path(place, name))
        if GAME_FILE in names:
            games[str(here / GAME_FILE)] = _entry(Path(place), str(here))
    return {"format": _FORMAT, "stamps": stamps, "games": games}


def _entry(place: Path, relative: str) -> dict[str, Any]:
    """Return what the index says of one game."""
    entry = {"task_type": "", "digest": "", "playable": False, "error": ""}
    try:
        content = (place / GAME_FILE).read_bytes()
        entry["digest"] = sha256(content).hexdigest()
        told = read_trajectory(place / GAME_FILE).get("task_type", "")
        if not isinstance(told, str):
            raise DataError(f"{TRAJECTORY_FILE} is corrupt (its task_type is {told!r:.40}, not a text)")
        entry["task_type"] = told
        if not entry["task_type"]:
            raise DataError(f"neither a {TRAJECTORY_FILE} nor the folder {place.parent.name} tells its type of task")
        playable = entry["task_type"] in TASK_TYPES and not any(word in relative for word in _EXCLUDED)
        game = json.loads(content)
        if not isinstance(game, dict):
            raise DataError(f"{GAME_FILE} is corrupt (not a JSON object)")
        if not playable or not game.get("solvable", False):
            return entry
        check_game(place)
    except (OSError, ValueError, AttributeError) as error:
        return entry | {"error": f"{type(error).__name__}: {error}"}
    except DataError as error:
        return entry | {"error": " ".join(str(error).replace(f"{place}{os.sep}", "").split())}
    return entry | {"playable": True}


def check_game(path: Path) -> None:
    """Check what can be checked of a game without translating it.

    Args:
        path: The folder of its trial.

    Raises:
        DataError: If it cannot be played.
    """
    game = load_game(path)
    for name, text in (("domain", game.domain), ("problem", game.problem)):
        bare = _COMMENT.sub("", text)
        if bare.count("(") != bare.count(")"):
            raise DataError(f"the brackets of its PDDL {name} do not match")
    try:
        house_of(game), game.goal, dialect_of(game.grammar), goal_text(game.grammar)
    except (KeyError, IndexError, ValueError) as error:
        raise DataError(f"its PDDL problem is not one of ALFWorld's ({type(error).__name__}: {error})") from error


def _write(file: Path, index: Mapping[str, Any]) -> bool:
    """Write an index; return whether it could be written."""
    try:
        with whole_file(file) as out:
            out.write(json.dumps(index).encode())
    except OSError:
        return False
    return True
