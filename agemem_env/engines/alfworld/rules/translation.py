"""From a game to the machine that plays it, kept in a file and in memory.

Translating a game takes Fast Downward and TextWorld's parsers a tenth of a second to a second; reading the result takes
some ten milliseconds and needs neither package.
"""

from __future__ import annotations

import json
import warnings
import zlib
from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import Any

from agemem_env.data.files import whole_file
from agemem_env.data.locate import cache_root
from agemem_env.engines.alfworld.homes.game import Game
from agemem_env.engines.alfworld.package import translate, translator
from agemem_env.engines.alfworld.rules.compiling import plain_machine
from agemem_env.engines.alfworld.rules.grammar import plain_grammar
from agemem_env.engines.alfworld.rules.grounding import NotProvidedError, ground
from agemem_env.engines.alfworld.rules.machine import Machine
from agemem_env.engines.alfworld.rules.sas import read_sas
from agemem_env.engines.collector import paused_collector
from agemem_env.errors import DataError

FORMAT = 1
"""Version of the files' content; one of another version is made anew."""

IN_MEMORY = 16
"""Number of machines kept in memory; one takes 1 to 6 MB."""

_LEVEL = 1
"""Of compression: the files are a third larger than with 6, and written in a third of the time."""

_machines: OrderedDict[str, Machine] = OrderedDict()
_lock = Lock()


def cache_folder() -> Path:
    """Return the folder of translated games; it need not exist. Deleting it costs nothing but time."""
    return cache_root() / "alfworld-translations"


def machine_of(game: Game) -> Machine:
    """Return the machine that plays a game: from memory, else from its file, else translated.

    Threads wait for each other here; processes do not, and may at worst do the same work twice.

    Raises:
        DataError: If the game cannot be translated or its grammar cannot be parsed.
        MissingExtraError: If it has to be translated and the extra ``alfworld`` is not installed.
    """
    with _lock:
        machine = _machines.pop(game.key, None) or read_machine(game) or make_machine(game)
        _machines[game.key] = machine
        while len(_machines) > IN_MEMORY:
            _machines.popitem(last=False)
    return machine


def read_machine(game: Game) -> Machine | None:
    """Return the machine from its file; None if that is missing, corrupt or of another version."""
    try:
        with paused_collector():
            data = json.loads(zlib.decompress(_file(game).read_bytes()))
            if data["format"] != FORMAT:
                return None
            return Machine(data["machine"], data["grammar"], data["commands"])
    except (OSError, zlib.error, ValueError, LookupError, TypeError):
        return None


def make_machine(game: Game) -> Machine:
    """Translate a game and keep the result in its file; raises what `machine_of` raises."""
    try:
        with paused_collector():
            logic, grammar = _logic(game), plain_grammar(game.domain, game.grammar)
            machine = Machine(logic, grammar, None)
    except DataError as error:
        raise DataError(f"{game.origin or 'the game'} cannot be played: {error}") from error
    commands = [operator.command for operator in machine.operators]
    _write(_file(game), {"format": FORMAT, "machine": logic, "grammar": grammar, "commands": commands})
    return machine


def _logic(game: Game) -> dict[str, Any]:
    """Return the plain form of a game's rules: grounded here if that is provided for, else by the translator alone."""
    with translator(game.domain, game.problem) as (parts, task):
        try:
            return plain_machine(task, ground(parts, task))
        except NotProvidedError:
            pass
    task, sas = translate(game.domain, game.problem)
    return plain_machine(task, read_sas(sas))


def _file(game: Game) -> Path:
    return cache_folder() / game.key[:2] / f"{game.key}.json.zz"


def _write(path: Path, data: dict[str, Any]) -> None:
    try:
        with whole_file(path) as file:
            file.write(zlib.compress(json.dumps(data, separators=(",", ":")).encode(), _LEVEL))
    except OSError as error:
        warnings.warn(f"cannot keep the translated game in {path.parent}: {error}", RuntimeWarning, stacklevel=2)
