"""What `agemem doctor` says: which versions, benchmarks, task sources and optional packages are here."""

from __future__ import annotations

import platform
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from importlib import metadata
from types import MappingProxyType

import gymnasium as gym

from agemem_env.errors import install_hint
from benchmarks.inventory import inventory
from benchmarks.specs import registered

PACKAGE = "agemem-env"
NOT_FOR_USERS = ("dev", "test")
"""Extras that only work on the project itself needs."""

BUILD_TOOLS: Mapping[str, tuple[str, ...]] = MappingProxyType({"alfworld": ("make", "g++", "python")})
"""Extra -> commands that pip needs to build its packages."""

_REQUIREMENT = re.compile(r"^(?P<name>[\w.-]+)")
_BEFORE = re.compile(r"python_version\s*<\s*['\"]3\.(?P<minor>\d+)['\"]")
_EXTRA = re.compile(r"extra\s*==\s*['\"](?P<extra>[\w.-]+)['\"]")


def report() -> Iterator[str]:
    """Yield the lines of the report."""
    yield f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    core, extras = _requirements()
    if core:
        yield f"{PACKAGE} {metadata.version(PACKAGE)}"
        yield from _packages(core)
    else:
        yield f"{PACKAGE} is not installed, only importable from here: run `pip install -e .`"
    yield ""
    held = inventory()
    yield "Benchmarks:"
    for benchmark, env_id in registered().items():
        yield f"  {benchmark} ({env_id})"
        for source in ("generated", "official"):
            yield f"    {source}: {_source(env_id, source)}"
        yield from (f"      {holding}" for holding in held if holding.benchmark == benchmark)
    yield ""
    yield "Optional packages:"
    for extra, names in extras.items():
        missing = [name for name in names if _version(name) is None]
        hint = f"missing {', '.join(missing)}: {_tools(extra)}{install_hint(extra)}"
        yield f"  {extra}: {hint if missing else 'installed'}"


def _tools(extra: str) -> str:
    """Return what has to be done before pip can build the packages of an extra; empty if nothing."""
    lacking = [tool for tool in BUILD_TOOLS.get(extra, ()) if shutil.which(tool) is None]
    return f"first put {', '.join(lacking)} on PATH, which pip needs to compile them; then " if lacking else ""


def _packages(names: list[str]) -> Iterator[str]:
    for name in names:
        yield f"  {name} {_version(name) or 'MISSING'}"


def _source(env_id: str, source: str) -> str:
    """Try to make an environment; whatever goes wrong is what the user wants to know."""
    try:
        with closing(gym.make(env_id, source=source)) as env:
            return f"present, {len(env.get_wrapper_attr('tasks'))} test tasks"
    except Exception as error:
        return f"absent: {type(error).__name__}: {' '.join(str(error).split())}"


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _requirements() -> tuple[list[str], dict[str, list[str]]]:
    """Return the packages needed always, and by extra, from the metadata of the installed package."""
    core: list[str] = []
    extras: dict[str, list[str]] = {}
    if _version(PACKAGE) is None:
        return core, extras
    for line in metadata.requires(PACKAGE) or ():
        name, extra, before = _REQUIREMENT.match(line), _EXTRA.search(line), _BEFORE.search(line)
        if name is None or (before is not None and sys.version_info >= (3, int(before["minor"]))):
            continue
        if extra is None:
            core.append(name["name"])
        elif extra["extra"] not in NOT_FOR_USERS:
            extras.setdefault(extra["extra"], []).append(name["name"])
    return core, extras
