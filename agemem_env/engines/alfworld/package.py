"""The optional packages textworld and alfworld: imported where used, and without their side effects.

``import alfworld`` sets the environment variable ``ALFWORLD_DATA`` and makes a folder in the user's home; its files are
read here without importing it. Fast Downward's translator replaces ``sys.argv`` and has global options; it runs under a
lock that puts everything back.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from agemem_env.errors import DataError, MissingExtraError

EXTRA = "alfworld"
PURPOSE = "the ALFWorld benchmark"

_DATA_VARIABLE = "ALFWORLD_DATA"

_TRANSLATOR = threading.Lock()
"""Held while the translator or TextWorld's parsers run: both keep their settings in module globals."""

_REPAIRED_SINCE = (3, 13)
"""From this version on, `locals().update` in a function has no effect on `eval` (PEP 667)."""


def _import(module: str) -> ModuleType:
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        if (error.name or "").partition(".")[0] != package:
            raise
        raise MissingExtraError(package, EXTRA, PURPOSE) from error


@lru_cache(maxsize=1)
def alfworld_folder() -> Path:
    """Return the folder of the installed package alfworld, which holds the logic, the grammar and the floor plans.

    Raises:
        MissingExtraError: If it is not installed.
    """
    spec = find_spec("alfworld")
    if spec is None or spec.origin is None:
        raise MissingExtraError("alfworld", EXTRA, PURPOSE)
    return Path(spec.origin).parent


def check_installed() -> None:
    """Check that the optional packages are there, without importing them.

    Raises:
        MissingExtraError: If one is not.
    """
    alfworld_folder()
    for package in ("textworld", "fast_downward"):
        if find_spec(package) is None:
            raise MissingExtraError(package, EXTRA, PURPOSE)


def translate(domain: str, problem: str) -> tuple[Any, str]:
    """Translate a planning problem with Fast Downward, with the options of TextWorld's own engine but one.

    Variables stay in the order in which they are found: `read_sas` names them by their atoms.

    Args:
        domain: The PDDL domain.
        problem: The PDDL problem.

    Returns:
        The translator's task and the text of the grounded problem in Fast Downward's SAS format, version 3.

    Raises:
        DataError: If it is not a PDDL problem of this domain.
        MissingExtraError: If Fast Downward is not installed.
    """
    fast_downward = _import("fast_downward")
    with _TRANSLATOR, _kept_streams(), _unordered_variables():
        try:
            task, sas = fast_downward.pddl2sas(domain, problem)
        except (Exception, SystemExit) as error:  # the translator's parser raises whatever it meets, and exits too
            raise DataError(f"the PDDL problem cannot be translated ({type(error).__name__}: {error})") from error
    return task, str(sas)


@dataclass(frozen=True, slots=True)
class Translator:
    """The parts of Fast Downward's translator that are used one by one.

    Attributes:
        instantiate: Its module of this name, like the next two.
        axiom_rules: See above.
        translate: See above.
    """

    instantiate: Any
    axiom_rules: Any
    translate: Any


@contextmanager
def translator(domain: str, problem: str) -> Iterator[tuple[Translator, Any]]:
    """Parse and normalise a planning problem; its task and the translator can be used inside the block.

    Raises:
        DataError: If it is not a PDDL problem of this domain.
        MissingExtraError: If Fast Downward is not installed.
    """
    _import("fast_downward")
    with _TRANSLATOR, _kept_streams(), _unordered_variables(), redirect_stdout(io.StringIO()):
        package = "fast_downward.translate"
        options, lisp = _import(f"{package}.options"), _import(f"{package}.pddl_parser.lisp_parser")
        parsing, normalize = _import(f"{package}.pddl_parser.parsing_functions"), _import(f"{package}.normalize")
        options.add_implied_preconditions = False  # type: ignore[attr-defined]
        try:
            lists = [lisp.parse_nested_list(text.split("\n")) for text in (domain, problem)]
            task = parsing.parse_task(*lists)
            normalize.normalize(task)
        except (Exception, SystemExit) as error:  # the translator's parser raises whatever it meets, and exits too
            raise DataError(f"the PDDL problem cannot be translated ({type(error).__name__}: {error})") from error
        parts = [_import(f"{package}.{name}") for name in ("instantiate", "axiom_rules", "translate")]
        yield Translator(*parts), task


@contextmanager
def _parsing() -> Iterator[None]:
    """Let one thread parse at a time, and give every failure one form."""
    with _TRANSLATOR:
        try:
            yield
        except Exception as error:  # tatsu, json and the converter each have their own
            raise DataError(f"the grammar cannot be parsed ({type(error).__name__}: {error})") from error


def parse_logic(domain: str, grammar: str) -> Any:
    """Parse the grammar of a game (``twl2``) with TextWorld's parser.

    Returns:
        TextWorld's ``GameLogic``: ``actions`` by name, and ``grammar``.

    Raises:
        DataError: If it is no such grammar.
        MissingExtraError: If textworld is not installed.
    """
    logic = _import("textworld.envs.pddl.logic")
    with _parsing():
        return logic.GameLogic(domain=domain, grammar=grammar)


def parse_symbols(text: str) -> Any:
    """Parse one right-hand side of a grammar rule into TextWorld's symbols.

    Raises:
        DataError: If it is none.
    """
    textgen = _import("textworld.envs.pddl.textgen")
    with _parsing():
        return textgen._parse_and_convert(text, rule_name="symbols")


def parse_query(text: str) -> Any:
    """Parse a condition such as ``openable(r:receptacle) & opened(r:receptacle)`` into TextWorld's predicates.

    Raises:
        DataError: If it is none.
    """
    logic = _import("textworld.logic")
    with _parsing():
        return logic.Rule.parse_conjunctive_query(text).preconditions


@contextmanager
def _unordered_variables() -> Iterator[None]:
    """Keep the translator from sorting variables for a search, which takes a tenth of its time."""
    sys.argv = ["translate", "domain", "task"]  # read when the options are imported for the first time
    options: Any = _import("fast_downward.translate.options")
    before = options.reorder_variables
    options.reorder_variables = False
    try:
        yield
    finally:
        options.reorder_variables = before


@contextmanager
def _kept_streams() -> Iterator[None]:
    argv, stdout = sys.argv, sys.stdout
    try:
        yield
    finally:
        sys.argv, sys.stdout = argv, stdout


@contextmanager
def stock_engine() -> Iterator[Any]:
    """Give the engine of TextWorld under ALFWorld's wrapper that names things: the reference for `Simulator`.

    Inside the block its bug with Python 3.13 and later is mended; outside of it TextWorld is as installed.

    Yields:
        An environment with ``load``, ``reset`` and ``step``, which gives ``feedback``, ``admissible_commands`` and
        ``won``. Its copy of Fast Downward's library stays loaded for as long as the process, since unloading crashes.

    Raises:
        MissingExtraError: If the extra ``alfworld`` is not installed.
    """
    textworld, pddl = _import("textworld"), _import("textworld.envs.pddl.pddl")
    with _without_new_folder():
        wrappers = _import("alfworld.agents.environment.alfred_tw_env")
    with repaired_eval(), _kept_streams():
        yield wrappers.AlfredDemangler(pddl.PddlEnv(textworld.EnvInfos(won=True, admissible_commands=True)))


@contextmanager
def _without_new_folder() -> Iterator[None]:
    """Let alfworld be imported without making its data folder and without leaving its environment variable."""
    before = os.environ.get(_DATA_VARIABLE)
    os.environ[_DATA_VARIABLE] = before or tempfile.gettempdir()
    try:
        yield
    finally:
        if before is None:
            del os.environ[_DATA_VARIABLE]


@contextmanager
def repaired_eval() -> Iterator[None]:
    """Make TextWorld's grammar evaluate expressions on Python 3.13 and later; nothing is changed before."""
    if sys.version_info < _REPAIRED_SINCE:
        yield
        return
    symbol = _import("textworld.envs.pddl.textgen").EvalSymbol
    terminal = _import("textworld.envs.pddl.textgen").TerminalSymbol

    def derive(self: Any, context: Any = None) -> list[Any]:
        return [terminal(eval(self.expression, {}, (context or self.context)["variables"]))]

    original = symbol.derive
    symbol.derive = derive
    try:
        yield
    finally:
        symbol.derive = original
