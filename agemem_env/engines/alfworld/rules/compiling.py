"""From the translator's output to the plain form of a game's rules: nested lists, which can be kept in a file.

`Machine` plays it. The form is an object with ``types`` (name, names of super-types), ``objects`` (id, type),
``parameters`` (action -> name, type), ``atoms`` (predicate, numbers of objects), ``held`` (numbers of atoms),
``operators`` (action, numbers of objects, guard, effects), ``axioms`` (layer, atom, guard) and ``goal`` (a guard). A
guard is two lists: atoms that must hold, and atoms that must not. An effect is an atom, 1 or 0, and a guard or None.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agemem_env.engines.alfworld.rules.sas import Literal, Sas

PlainGuard = list[list[int]]


def plain_machine(task: Any, sas: Sas) -> dict[str, Any]:
    """Put the translator's task and its grounded problem into the plain form."""
    types = {item.name: item.type_name for item in task.objects}
    objects = {name: number for number, name in enumerate(types)}
    told = {(a.predicate, *a.args) for a in task.init if type(a).__name__ == "Atom" and a.predicate != "="}
    derived = {sas.atoms[i] for i, layer in enumerate(sas.layers) if layer >= 0}
    held = (told | {sas.atoms[i] for i in sas.initial}) - derived
    atoms = sorted(held | set(sas.atoms), key=lambda atom: (atom[0], [types[x] for x in atom[1:]], atom[1:]))
    number = {atom: i for i, atom in enumerate(atoms)}
    place = [number[atom] for atom in sas.atoms]
    return {
        "types": [[t.name, list(t.supertype_names)] for t in task.types],
        "objects": [[name, kind] for name, kind in types.items()],
        "parameters": {a.name: [[p.name.strip("?"), p.type_name] for p in a.parameters] for a in task.actions},
        "atoms": [[atom[0], *(objects[x] for x in atom[1:])] for atom in atoms],
        "held": sorted(number[atom] for atom in held),
        "operators": [
            [
                operator.name[0],
                [objects[x] for x in operator.name[1:]],
                _guard(operator.condition, place),
                [
                    [place[e.literal[0]], int(e.literal[1]), _guard(e.condition, place) if e.condition else None]
                    for e in operator.effects
                ],
            ]
            for operator in sas.operators
        ],
        "axioms": [[sas.layers[a.variable], place[a.variable], _guard(a.condition, place)] for a in sas.axioms],
        "goal": _guard(sas.goal, place),
    }


def _guard(literals: Sequence[Literal], place: Sequence[int]) -> PlainGuard:
    needed: list[int] = []
    forbidden: list[int] = []
    for i, holds in literals:
        (needed if holds else forbidden).append(place[i])
    needed.sort()
    forbidden.sort()
    return [needed, forbidden]
