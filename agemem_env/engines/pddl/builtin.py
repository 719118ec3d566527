"""The four domains that come with the package."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from agemem_env.engines.pddl.strips.parser import Domain, parse_domain

DOMAINS = ("gripper", "blockworld", "barman", "tyreworld")
"""Names of the domains, in test order."""


@cache
def builtin_domain(name: str) -> Domain:
    """Return one of `DOMAINS`."""
    file = files("agemem_env.engines.pddl") / "domains" / f"{name}.pddl"
    return parse_domain(file.read_text(encoding="utf-8"), f"{name}.pddl")


def kind_of(domain: Domain) -> str | None:
    """Return which of `DOMAINS` a domain is, going by its name; None for any other."""
    return next((name for name in DOMAINS if builtin_domain(name).name == domain.name), None)
