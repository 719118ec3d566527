"""ALFWorld's official games (Shridhar et al. 2021, MIT licence): the release files that its own script fetches."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from agemem_env.data.download import Progress, RemoteFile, download
from agemem_env.data.files import whole_file
from agemem_env.data.locate import data_folder
from agemem_env.engines.alfworld.homes.game import GAME_FILE, TRAJECTORY_FILE
from agemem_env.engines.alfworld.official import RELEASE, SPLITS
from agemem_env.errors import DataError, unknown_name

_SITE = "https://github.com/alfworld/alfworld/releases/download/"
_GAMES = "0.4.0/json_2.1.2_tw-pddl.zip"
_TRAJECTORIES = f"0.2.2/{RELEASE}_json.zip"
_NAMES = "|".join(map(re.escape, (GAME_FILE, TRAJECTORY_FILE)))
_MEMBER = re.compile(rf"{re.escape(RELEASE)}/(?P<split>\w+)/[^/]+/[^/]+/(?P<name>{_NAMES})")
_LARGEST = 50_000_000
"""Bytes that no file of the release has."""


def download_alfworld(split: str, progress: Progress) -> list[Path]:
    """Download the official games into ``<data root>/alfworld`` and return the folders of their splits.

    Args:
        split: ``train`` (3,553 solvable games), ``valid_seen`` (140), ``valid_unseen`` (134) or ``all``.
        progress: Told of every piece that arrives.

    Raises:
        ConfigurationError: If there is no such split.
        DataError: If a download fails, or an archive is not what it should be.
    """
    if split != "all" and split not in SPLITS:
        raise unknown_name("split", split, [*SPLITS, "all"])
    splits = list(SPLITS) if split == "all" else [split]
    return fetch_games(_SITE, data_folder("ALFWorld"), splits, progress)


def fetch_games(site: str, folder: Path, splits: Sequence[str], progress: Progress) -> list[Path]:
    """Download both archives from below an address that ends in a slash, unpack some splits, remove the archives."""
    archives = [
        download(RemoteFile(site + path, path.rpartition("/")[2], 1, check_archive), folder, progress)
        for path in (_GAMES, _TRAJECTORIES)
    ]
    games, trajectories = archives
    unpack(games, folder, lambda path, name: name == GAME_FILE and path.parts[1] in splits)
    # Most trajectories have no game; they would take gigabytes.
    unpack(
        trajectories,
        folder,
        lambda path, name: name == TRAJECTORY_FILE and (folder / path).with_name(GAME_FILE).exists(),
    )
    for archive in archives:
        archive.unlink()
    return [folder / RELEASE / split for split in splits]


def check_archive(path: Path) -> None:
    """Check that a file is a zip archive with games or trajectories in it.

    Raises:
        DataError: If it is not, or has a member that would be unpacked outside of the folder.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError) as error:
        raise DataError(
            f"what was downloaded as {path.name} is not a zip archive ({error}): run the command again later"
        ) from error
    for name in names:
        if name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) or ":" in name:
            raise DataError(f"{path.name} has the member {name!r}, which would leave the folder: nothing was unpacked")
    if not any(_MEMBER.fullmatch(name) for name in names):
        raise DataError(f"{path.name} has no games of ALFWorld in it: run the command again later")


def unpack(archive: Path, folder: Path, wanted: Callable[[Path, str], bool]) -> None:
    """Unpack the games or trajectories of an archive that are wanted; other members are left alone.

    Args:
        archive: A zip archive.
        folder: Where to.
        wanted: Tells of a member's path below the folder and its file name whether to unpack it.

    Raises:
        DataError: If the archive is damaged, a member is too large, or the folder cannot be written.
    """
    try:
        with zipfile.ZipFile(archive) as source:
            for member, path in _members(source, wanted):
                _unpack(source, member, folder / path)
    except (zipfile.BadZipFile, OSError, EOFError) as error:
        raise DataError(f"cannot unpack {archive} ({error}): delete it and run the command again") from error


def _members(source: zipfile.ZipFile, wanted: Callable[[Path, str], bool]) -> Iterator[tuple[zipfile.ZipInfo, Path]]:
    for member in source.infolist():
        match = _MEMBER.fullmatch(member.filename)
        if match is None or ".." in member.filename.split("/") or not wanted(Path(member.filename), match["name"]):
            continue
        if member.file_size > _LARGEST:
            raise DataError(f"{member.filename} has {member.file_size} bytes: this is not ALFWorld's release")
        yield member, Path(member.filename)


def _unpack(source: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    """Unpack one file, unless it is there already."""
    if target.exists() and target.stat().st_size == member.file_size:
        return
    with source.open(member) as content, whole_file(target) as out:
        shutil.copyfileobj(content, out)
