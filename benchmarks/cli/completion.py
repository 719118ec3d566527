"""What shells complete: names of benchmarks, policies and memory systems, from the tables that commands use."""

from __future__ import annotations

from collections.abc import Iterable

Completions = list[tuple[str, str]]
"""Names and what they mean."""


def benchmarks(incomplete: str) -> Completions:
    """Return the benchmarks whose names begin like this."""
    return _matching("benchmarks", incomplete)


def policies(incomplete: str) -> Completions:
    """Return the policies and models whose names begin like this."""
    return _matching("policies", incomplete)


def memories(incomplete: str) -> Completions:
    """Return the memory systems whose names begin like this."""
    return _matching("memories", incomplete)


def kinds(incomplete: str) -> Completions:
    """Return what `agemem list` lists, as far as it begins like this."""
    from benchmarks.listing import LISTS

    return _beginning(((kind, "") for kind in LISTS), incomplete)


def _matching(kind: str, incomplete: str) -> Completions:
    from benchmarks.listing import LISTS

    return _beginning(LISTS[kind]().items(), incomplete)


def _beginning(names: Iterable[tuple[str, str]], incomplete: str) -> Completions:
    found = ((name.partition("<")[0], about) for name, about in names)
    return [(name, about) for name, about in found if name.lower().startswith(incomplete.lower())]
