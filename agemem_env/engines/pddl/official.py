"""AgentBoard's problem files, and files that the user points to.

Official problems lie under ``<AGEMEM_DATA>/pddl``: ``<domain>/problems/*.pddl``, or as in AgentBoard's own folder,
``<domain>.pddl`` beside ``<domain>/*.pddl``. An ``index.json``, a list of objects with the fields test_index, domain,
problem_index, file and difficulty, gives their order and difficulty; without one they are taken domain by domain in
lexicographic order, as AgentBoard takes them, with the difficulty that its labels give.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agemem_env.data.locate import data_root
from agemem_env.engines.agentboard_labels import LabelFiles
from agemem_env.engines.pddl.builtin import DOMAINS, builtin_domain
from agemem_env.engines.pddl.strips.parser import Domain, Problem, parse_domain, parse_problem
from agemem_env.errors import ConfigurationError, DataError

COUNTS = {"gripper": 20, "blockworld": 10, "barman": 20, "tyreworld": 10}
"""Official problems by domain."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One problem file.

    Attributes:
        id: Id of its task.
        kind: Its domain's name in `DOMAINS`.
        path: The file.
        file: The file's path below the data folder.
        number: Its place among the problems of its domain, from 0.
        difficulty: ``easy`` or ``hard``; None if unknown.
    """

    id: str
    kind: str
    path: Path
    file: str
    number: int
    difficulty: str | None


def folder() -> Path:
    """Return the folder of the official problems; it need not exist."""
    return data_root() / "pddl"


def present() -> bool:
    """Return whether official problems are there."""
    root = folder()
    return (root / "index.json").is_file() or any(_problems(root, kind) for kind in DOMAINS)


def entries() -> tuple[Entry, ...]:
    """Return the official problems in test order.

    Raises:
        DataError: If there are none, or the index is broken.
    """
    root = folder()
    if not present():
        raise DataError(
            f"no official PDDL problems in {root}: put AgentBoard's pddl folder there (AGEMEM_DATA names the folder "
            "above it), or use source='generated'"
        )
    index = root / "index.json"
    return _indexed(root, index) if index.is_file() else _listed(root)


def read_problem(path: Path, domain: Domain) -> Problem:
    """Return the problem in a file.

    Raises:
        DataError: If the file cannot be read or has something wrong in it.
    """
    return parse_problem(_read(path), str(path), domain)


def read_domain(name: str) -> Domain:
    """Return a domain: one of the four, or the one in a file.

    Raises:
        ConfigurationError: If it is neither.
        DataError: If the file has something wrong in it.
    """
    if name in DOMAINS:
        return builtin_domain(name)
    if not Path(name).is_file():
        raise ConfigurationError(f"domain={name!r} is neither one of {', '.join(DOMAINS)} nor a file")
    return parse_domain(_read(Path(name)), name)


def problem_files(path: str) -> list[Path]:
    """Return a file, or the ``.pddl`` files of a folder in lexicographic order.

    Raises:
        ConfigurationError: If there are none.
    """
    given = Path(path)
    found = [given] if given.is_file() else sorted(p for p in given.glob("*.pddl") if p.name != "domain.pddl")
    if not found:
        raise ConfigurationError(f"problem={path!r} is neither a file nor a folder with .pddl files")
    return found


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read: {error}") from error


def _indexed(root: Path, index: Path) -> tuple[Entry, ...]:
    try:
        rows = sorted(json.loads(_read(index)), key=lambda row: int(row["test_index"]))
        listed = tuple(_entry(root, row) for row in rows)
        twice = [key for key, count in Counter(entry.id for entry in listed).items() if count > 1]
        if twice:
            raise ValueError(f"two problems are {twice[0]!r}")
        return listed
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{index} is broken ({type(error).__name__}: {error}); expected a list of objects with test_index, "
            "domain, problem_index, file and difficulty"
        ) from error


def _entry(root: Path, row: dict[str, Any]) -> Entry:
    kind, file, number = row["domain"], row["file"], int(row["problem_index"])
    if kind not in DOMAINS:
        raise ValueError(f"unknown domain {kind!r}")
    return Entry(f"official-{kind}-{number:02}", kind, root / file, file, number, row.get("difficulty"))


def _listed(root: Path) -> tuple[Entry, ...]:
    found: list[Entry] = []
    known = _difficulties()
    first = 0
    for kind in DOMAINS:
        for number, path in enumerate(_problems(root, kind)):
            file = path.relative_to(root).as_posix()
            difficulty = known.get((kind, first + number))
            found.append(Entry(f"official-{kind}-{number:02}", kind, path, file, number, difficulty))
        first += COUNTS[kind]
    return tuple(found)


def _problems(root: Path, kind: str) -> list[Path]:
    """Return the problem files of a domain in either layout."""
    found = sorted((root / kind / "problems").glob("*.pddl"))
    if not found and (root / f"{kind}.pddl").is_file():
        found = sorted((root / kind).glob("*.pddl"))
    return found[: COUNTS[kind]]


def _difficulties() -> dict[tuple[str, int], str]:
    """Return what AgentBoard's labels, if there are any, say of the difficulty of a domain's problem in a row."""
    labels = LabelFiles("pddl", _label, "use source='generated'")
    return {(kind, row): difficulty for kind, row, difficulty in (labels.read() if labels.paths() else ())}


def _label(row: int, data: Mapping[str, Any]) -> tuple[str, int, str]:
    return str(data["additional_info"]["subtask"]), row, str(data["difficulty"])
