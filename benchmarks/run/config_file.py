"""Options of a command in a TOML file: they stand for what the command line does not say."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agemem_env.data.files import read_text, whole_file
from agemem_env.data.ownership import real_file, reason
from agemem_env.errors import ConfigurationError, unknown_name

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # type: ignore[import-not-found,unused-ignore]

_SETTINGS = ("env", "model_option")
"""Options that are given as tables here and as ``key=value`` on the command line."""

_NOT_KEPT = ("base_url",)
"""Options that may hold a password."""


def read_config(path: Path, allowed: Mapping[str, str]) -> dict[str, Any]:
    """Return the options in a file, by the names of the command's parameters, as the command line would give them.

    Args:
        path: A TOML file. Names are those of the command's options, ``env`` and ``model-option`` are tables.
        allowed: Names of the command's options, without dashes before them, and of the parameters that they set.

    Raises:
        ConfigurationError: If the file cannot be read, is no TOML or holds an option that the command does not have.
    """
    real_file(path)  # it is read again when the run begins, which no pipe can be
    try:
        given = tomllib.loads(read_text(path))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigurationError(f"cannot read the options in {path}: {reason(error)}") from error
    options: dict[str, Any] = {}
    for key, value in given.items():
        name = allowed.get(key.replace("_", "-"))
        if name is None:
            raise unknown_name(f"option in {path}", key, allowed)
        if name in options:
            raise ConfigurationError(f"{path} gives {key} twice, by two names")
        options[name] = _as_typed(path, key, name, value)
    return options


def _as_typed(path: Path, key: str, name: str, value: Any) -> Any:
    if name in _SETTINGS and isinstance(value, Mapping):
        return [f"{inner}={json.dumps(setting, ensure_ascii=False, default=str)}" for inner, setting in value.items()]
    if name == "stages" and isinstance(value, list):
        return ",".join(map(str, value))
    if isinstance(value, Mapping):
        raise ConfigurationError(f"{key} in {path} is not allowed as a table; use a value or a list")
    return value


def keep_config(config: Path | None, run: Path) -> None:
    """Write the options of a file into the folder of the run that they were given to, as ``options.json``.

    Args:
        config: The file of options; None if the run had none.
        run: The folder.
    """
    if config is None:
        return
    given = tomllib.loads(read_text(config))
    kept = {key: value for key, value in given.items() if key.replace("-", "_") not in _NOT_KEPT}
    with whole_file(run / "options.json") as file:
        file.write(json.dumps(kept, ensure_ascii=False, indent=2, default=str).encode())
