"""The optional package minigrid, imported when an engine is made, without pygame and without a word on stdout."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterator
from functools import lru_cache
from importlib import import_module
from types import ModuleType
from typing import Any

import gymnasium as gym

from agemem_env.errors import MissingExtraError, unknown_name


class _OnDemand(ModuleType):
    """Stands for a package that is imported when something of it is used."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        package = import_module(self.__name__)
        with contextlib.suppress(ModuleNotFoundError):
            import_module(f"{self.__name__}.{name}")
        return getattr(package, name)


@contextlib.contextmanager
def _pygame_on_demand() -> Iterator[None]:
    """Keep pygame from being imported by minigrid, which needs it for its window alone."""
    names = ("pygame", "pygame.freetype")
    if "pygame" in sys.modules:
        yield
        return
    stand_ins = {name: _OnDemand(name) for name in names}
    sys.modules.update(stand_ins)
    try:
        yield
    finally:
        for name, stand_in in stand_ins.items():
            if sys.modules.get(name) is stand_in:
                del sys.modules[name]


@lru_cache(maxsize=1)
def minigrid() -> ModuleType:
    """Import minigrid and return it.

    Raises:
        MissingExtraError: If it is not installed.
    """
    try:
        with _pygame_on_demand():
            package = import_module("minigrid")
            import_module("minigrid.minigrid_env")
    except ModuleNotFoundError as error:
        if error.name != "minigrid":
            raise
        raise MissingExtraError("minigrid", "babyai", "the BabyAI benchmark") from error
    return package


@lru_cache(maxsize=1)
def registered_levels() -> dict[str, str]:
    """Return all BabyAI levels: name, mapped to the registered id.

    Names have the form ``BabyAI-<level>-v0`` whatever version is registered.
    """
    minigrid()
    ids = [name for name in gym.registry if name.startswith("BabyAI-")]
    return {f"{name.rpartition('-v')[0]}-v0": name for name in ids}


def check_level(level: object) -> str:
    """Return the name of a level; any version number will do.

    Raises:
        ConfigurationError: If minigrid has no such level.
    """
    levels = registered_levels()
    name = f"{level.rpartition('-v')[0]}-v0" if isinstance(level, str) else ""
    if name not in levels:
        raise unknown_name("BabyAI level", level, levels)
    return name


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Hide what minigrid's level generators print."""
    with contextlib.redirect_stdout(io.StringIO()):
        yield


def make_level(level: str) -> Any:
    """Return minigrid's environment of a level, without wrappers.

    Raises:
        ConfigurationError: If there is no such level.
    """
    with quietly():
        return gym.make(registered_levels()[check_level(level)], disable_env_checker=True).unwrapped
