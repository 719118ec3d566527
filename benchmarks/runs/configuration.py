"""What a run plays, as plain data: the part of `run.json` that makes it this run and no other."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from benchmarks.specs import RunSpec, canonical

_SHOWN = 4
"""Differences that are shown; of more there is only the number."""


@dataclass(frozen=True)
class RunConfiguration:
    """What a run plays.

    Attributes:
        suite: Name of the suite; None if the episodes were chosen one option at a time.
        version: Version of agemem_env.
        parts: Episodes that differ in nothing but seed and task: ``env_id``, ``env_kwargs``, ``policy``, ``memory``,
            ``model``, ``seeds``, and ``tasks`` where tasks are named.
    """

    suite: str | None
    version: str
    parts: tuple[Mapping[str, Any], ...]

    @classmethod
    def of(cls, specs: Sequence[RunSpec], version: str, suite: str | None = None) -> RunConfiguration:
        """Return the configuration of a run of these episodes."""
        return cls(suite, version, tuple(_part(list(group)) for _, group in groupby(specs, key=_setting)))

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> RunConfiguration:
        """Return what `to_dict` returned.

        Raises:
            KeyError: If something is missing.
            TypeError: If something is of the wrong type.
        """
        return cls(values["suite"], values["version"], tuple(dict(part) for part in values["parts"]))

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return {"suite": self.suite, "version": self.version, "parts": list(self.parts)}

    @property
    def digest(self) -> str:
        """16 hex digits that are equal for equal configurations."""
        return hashlib.blake2b(canonical(self.to_dict()).encode(), digest_size=8).hexdigest()

    def episodes(self) -> set[str]:
        """Return a text for each episode; equal texts are equal episodes."""
        return {
            canonical([_fixed(part), seed, task])
            for part in self.parts
            for seed, task in zip(part["seeds"], part.get("tasks") or [None] * len(part["seeds"]), strict=True)
        }

    def conflicts(self, later: RunConfiguration) -> list[str]:
        """Return how a later configuration contradicts this one, a line each; none if it has all of its episodes.

        >>> spec = RunSpec("AgeMem-PDDL-v0", {"top_k": 3}, "expert", 0)
        >>> old = RunConfiguration.of([spec], "1.0")
        >>> old.conflicts(RunConfiguration.of([RunSpec("AgeMem-PDDL-v0", {"top_k": 5}, "expert", 0)], "1.0"))
        ['env_kwargs.top_k is 3 there, 5 here']
        >>> old.conflicts(RunConfiguration.of([spec, RunSpec("AgeMem-PDDL-v0", {"top_k": 3}, "expert", 1)], "1.0"))
        []
        """
        found: dict[str, None] = {}
        if self.version != later.version:
            found[f"the version of agemem_env is {self.version} there, {later.version} here"] = None
        if not self.episodes() <= later.episodes():
            lines = [line for part in self.parts for line in _against(part, later.parts)]
            found.update(dict.fromkeys(lines))
        told = list(found)
        return told if len(told) <= _SHOWN else [*told[:_SHOWN], f"and {len(told) - _SHOWN} more differences"]


def _setting(spec: RunSpec) -> str:
    return spec.group


def _part(specs: Sequence[RunSpec]) -> dict[str, Any]:
    first = specs[0]
    part: dict[str, Any] = {
        "env_id": first.env_id,
        "env_kwargs": dict(first.env_kwargs),
        "policy": first.policy,
        "memory": first.memory,
        "model": dict(first.model),
        "seeds": [spec.seed for spec in specs],
    }
    if any(spec.task is not None for spec in specs):
        part["tasks"] = [spec.task for spec in specs]
    return part


def _fixed(part: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in part.items() if name not in ("seeds", "tasks")}


def _flat(part: Mapping[str, Any]) -> dict[str, Any]:
    """Return a part with its tables taken apart."""
    flat: dict[str, Any] = {}
    for name, value in part.items():
        if isinstance(value, Mapping):
            flat |= {f"{name}.{inner}": setting for inner, setting in value.items()}
        else:
            flat[name] = value
    return flat


def _against(part: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield how a part differs from the one among others that is most like it."""
    mine = _flat(part)
    flat = [_flat(other) for other in others]
    like = max(flat, key=lambda other: sum(mine.get(n) == v for n, v in other.items() if n != "seeds"), default={})
    for name in {**mine, **like}:
        there, here = mine.get(name), like.get(name)
        if name in ("seeds", "tasks"):
            lost = [value for value in there or () if value not in (here or ())]
            if lost:
                yield f"{name} there have {_listed(lost)}, which are not here"
        elif there != here:
            yield f"{name} is {_shown(there)} there, {_shown(here)} here"


def _shown(value: Any) -> str:
    return "not set" if value is None else f"{canonical(value):.80}"


def _listed(values: Sequence[Any]) -> str:
    """Return values as a short text.

    >>> _listed([4, 5, 6, 7, 8]), _listed(["a", "b"])
    ('4, 5, 6, …', 'a, b')
    """
    return ", ".join(map(str, values[:3])) + (", …" if len(values) > 3 else "")
