"""The table of everything that can be said: kinds by name, relations by the kind of their subject."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from agemem_env.engines.hotpotqa.world.arts import ART_KINDS, ART_RELATIONS
from agemem_env.engines.hotpotqa.world.groups import GROUP_KINDS, GROUP_RELATIONS
from agemem_env.engines.hotpotqa.world.institutions import INSTITUTION_KINDS, INSTITUTION_RELATIONS
from agemem_env.engines.hotpotqa.world.landscape import LANDSCAPE_KINDS, LANDSCAPE_RELATIONS
from agemem_env.engines.hotpotqa.world.people import EVERYONE, PEOPLE_KINDS
from agemem_env.engines.hotpotqa.world.professions import BY_ROLE
from agemem_env.engines.hotpotqa.world.schema import Kind, Relation
from agemem_env.engines.hotpotqa.world.screen import SCREEN_KINDS, SCREEN_RELATIONS
from agemem_env.engines.hotpotqa.world.species import SPECIES_KINDS, SPECIES_RELATIONS
from agemem_env.engines.hotpotqa.world.structures import STRUCTURE_KINDS, STRUCTURE_RELATIONS

LAST_YEAR = 2019
"""Nothing is told of later years."""

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            *PEOPLE_KINDS,
            *SCREEN_KINDS,
            *ART_KINDS,
            *GROUP_KINDS,
            *INSTITUTION_KINDS,
            *LANDSCAPE_KINDS,
            *STRUCTURE_KINDS,
            *SPECIES_KINDS,
        )
    }
)

RELATIONS: tuple[Relation, ...] = (
    *EVERYONE,
    *BY_ROLE,
    *SCREEN_RELATIONS,
    *ART_RELATIONS,
    *GROUP_RELATIONS,
    *INSTITUTION_RELATIONS,
    *LANDSCAPE_RELATIONS,
    *STRUCTURE_RELATIONS,
    *SPECIES_RELATIONS,
)


def _of_kind(kind: Kind) -> Mapping[str, Relation]:
    subjects = {kind.name, "anyone"} if kind.person else {kind.name}
    return MappingProxyType({r.name: r for r in RELATIONS if r.subject in subjects})


BY_KIND: Mapping[str, Mapping[str, Relation]] = MappingProxyType({name: _of_kind(k) for name, k in KINDS.items()})
"""Kind name -> relation name -> relation."""

BRIDGES: tuple[Relation, ...] = tuple(r for r in RELATIONS if r.of and r.object in KINDS and r.subject in KINDS)
"""First hops: the object is an entity, and a question can speak of it without its name."""

PERSONAL_BRIDGES: tuple[Relation, ...] = tuple(r for r in EVERYONE if r.of and r.object in KINDS)
"""First hops from any person."""

COMPARABLE: tuple[Relation, ...] = tuple(r for r in RELATIONS if r.compare)
"""Relations whose values have an order."""


def sayable(relation: Relation, era: int) -> bool:
    """Return whether a relation can be told of a subject that began in the year `era`."""
    starts = era + relation.lag[0] if relation.lag else era
    return era <= relation.until and starts <= LAST_YEAR
