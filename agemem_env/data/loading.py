"""What users bring by the name ``module:Name``: a benchmark, a tool, a reward profile, a policy, a memory system."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from agemem_env.errors import ConfigurationError, MissingExtraError


def names_object(text: object) -> bool:
    """Whether a text has the form ``module:Name``.

    >>> names_object("my_package.tools:Note"), names_object("openai:gpt-4o-mini"), names_object("expert")
    (True, False, False)
    """
    module, colon, name = text.partition(":") if isinstance(text, str) else ("", "", "")
    return bool(colon) and name.isidentifier() and all(part.isidentifier() for part in module.split("."))


def is_found(text: object) -> bool:
    """Whether a text has the form ``module:Name`` and there is such a top-level module; nothing is imported.

    >>> is_found("agemem_env.env:AgeMemEnv"), is_found("opnai:gpt4")
    (True, False)
    """
    if not names_object(text):
        return False
    package = str(text).partition(":")[0].partition(".")[0]
    return package in sys.modules or find_spec(package) is not None


def load(kind: str, spec: str) -> Any:
    """Import a module and return what ``module:Name`` names in it.

    Args:
        kind: The argument that was given, for messages.
        spec: The module, which must be importable, and the name.

    Raises:
        ConfigurationError: If the module cannot be imported or has no such name.
        MissingExtraError: If the module needs a package of this suite that is not installed.

    >>> load("tool", "agemem_env.tools.long_term:AddMemory").name
    'Add_memory'
    """
    module, _, name = spec.partition(":")
    try:
        imported = import_module(module)
    except MissingExtraError:
        raise
    except Exception as error:  # a module of somebody else's may fail in any way
        kind_of_error = "" if isinstance(error, ImportError) else f"{type(error).__name__}: "
        reason = " ".join(f"{kind_of_error}{error}".split())
        raise ConfigurationError(
            f"{kind}={spec!r} is not allowed: the module {module!r} cannot be imported ({reason})"
        ) from error
    try:
        return getattr(imported, name)
    except AttributeError:
        raise ConfigurationError(f"{kind}={spec!r} is not allowed: the module {module!r} has no {name!r}") from None
