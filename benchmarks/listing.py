"""What `agemem list` prints and shells complete: what there is of each kind, by name, with one line of description."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import MappingProxyType

from rich.console import Console
from rich.table import Table
from rich.text import Text

import baselines
from agemem_env.engines import ENGINES, engine_class
from agemem_env.rewards import PROFILES
from agemem_env.tools import MEMORY_TOOLS
from baselines.base import Policy
from baselines.cheats.playing import PlayingPolicy
from baselines.grpo.policy import PREFIX, linear_names
from baselines.llm.models import MODELS
from baselines.memory import MEMORY_SYSTEMS
from benchmarks.suites.suite import read_suite, suite_names


def first_line(thing: object) -> str:
    """Return the first line of an object's description.

    >>> first_line(first_line)
    "Return the first line of an object's description."
    """
    return (inspect.getdoc(thing) or "").partition("\n")[0]


def benchmarks() -> dict[str, str]:
    """Return the benchmarks."""
    return {name: first_line(engine_class(name)) for name in ENGINES}


def policies() -> dict[str, str]:
    """Return the policies, and how models are named."""
    known = {name: _about(factory(0)) for name, factory in baselines.POLICIES.items()}
    known["expert-no-memory"] = f"{known['expert'].removesuffix('.')}, without the memory tools."
    models = {f"{kind}<model>" if kind.endswith(":") else kind: first_line(made.make) for kind, made in MODELS.items()}
    trained = dict.fromkeys(linear_names(), "Weights of the package, trained by `agemem train`.")
    trained[f"{PREFIX}<file>.npz"] = "Weights that `agemem train` wrote."
    return known | trained | models


def _about(policy: Policy) -> str:
    return policy.about if isinstance(policy, PlayingPolicy) else first_line(type(policy))


def memories() -> dict[str, str]:
    """Return the memory systems."""
    return {name: first_line(system) for name, system in MEMORY_SYSTEMS.items()}


def tools() -> dict[str, str]:
    """Return the memory tools."""
    return {name: tool().description().partition("\n")[0] for name, tool in MEMORY_TOOLS.items()}


def rewards() -> dict[str, str]:
    """Return the reward profiles with their parts."""
    return {
        name: "; ".join(f"{component}: {', '.join(parts)}" for component, parts in profile.components.items())
        for name, profile in PROFILES.items()
    }


def suites() -> dict[str, str]:
    """Return the suites."""
    return {name: read_suite(name).about for name in suite_names()}


LISTS: Mapping[str, Callable[[], dict[str, str]]] = MappingProxyType(
    {
        "benchmarks": benchmarks,
        "policies": policies,
        "memories": memories,
        "tools": tools,
        "rewards": rewards,
        "suites": suites,
    }
)
"""What can be listed -> names with descriptions."""


def show(kind: str, console: Console) -> None:
    """Print what there is of a kind in `LISTS`."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for name, about in LISTS[kind]().items():
        table.add_row(Text(name, "bold"), Text(about))
    console.print(table)
