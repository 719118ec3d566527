"""Plants and birds."""

from __future__ import annotations

from agemem_env.engines.hotpotqa.world.schema import Compare, Kind, Relation

_SPECIES_COLOUR = (
    "{S} is listed as vulnerable.", "{S} was thought extinct until a survey found {#11-300} specimens.",
    "{S} is shown on a postage stamp.", "Attempts to breed {s} in captivity have failed.",
    "{S} is easily confused with its relatives.",
)  # fmt: skip

SPECIES_KINDS: tuple[Kind, ...] = (
    Kind(
        "plant", "plant",
        ("<genus> <latin>", "<surname>'s <plant>", "~<place> <plant>"),
        (1790, 1960),
        ("{S} is a flowering plant of {country}.", "{S} is a plant native to {country}."),
        _SPECIES_COLOUR[:3] + _SPECIES_COLOUR[4:],
        ("{t}", "the plant {n}"),
    ),
    Kind(
        "bird", "bird",
        ("<surname>'s <bird>", "~<place> <bird>", "~<adj> <surname> <bird>"),
        (1790, 1960),
        ("{S} is a small bird of {country}.", "{S} is a bird native to {country}.",
        "{S} is a bird that breeds only in {country}."),
        _SPECIES_COLOUR,
    ),
)  # fmt: skip


def _compare(largest: bool, ask: str, pick: str) -> tuple[Compare, ...]:
    return (Compare(largest, ask, pick),)


SPECIES_RELATIONS: tuple[Relation, ...] = (
    Relation(
        "author", "plant", "botanist",
        ("{S} was discovered by {o}.", "The discovery of {s} is credited to {o}.", "It was {o} who discovered {s}."),
        ("Who discovered {s}?", "To whom is the discovery of {s} credited?"),
        of=("the botanist who discovered {s}", "the discoverer of {s}"), by=("the plant discovered by {o}",),
        lag=(-55, -24), inverse="plant_described",
    ),
    Relation(
        "habitat", "plant", "habitat",
        ("{S} grows in {o}.", "{S} is found only in {o}."),
        ("Where does {s} grow?", "In what habitat is {s} found?"),
        both="Do {a} and {b} grow in the same habitat?",
    ),
    Relation(
        "garden", "plant", "university",
        ("{S} is grown in the botanical garden of {o}.", "{o} grows {s} in its botanical garden."),
        ("Which university grows {s} in its botanical garden?",
        "In the botanical garden of which university is {s} grown?"),
        of=("the university that grows {s} in its botanical garden",),
    ),
    Relation(
        "year", "plant", "year",
        ("{S} was first described in {o}.", "The first description of {s} appeared in {o}."),
        ("In which year was {s} first described?", "When did the first description of {s} appear?"),
        lag=(0, 0),
    ),
    Relation(
        "author", "bird", "zoologist",
        ("{S} was discovered by {o}.", "The discovery of {s} is credited to {o}.", "It was {o} who discovered {s}."),
        ("Who discovered {s}?", "To whom is the discovery of {s} credited?"),
        of=("the zoologist who discovered {s}", "the discoverer of {s}"), by=("the bird discovered by {o}",),
        lag=(-55, -24), inverse="bird_described",
    ),
    Relation(
        "food", "bird", "food",
        ("{S} feeds on {o}.", "{S} lives mainly on {o}."),
        ("What does {s} feed on?", "On what does {s} mainly live?"),
    ),
    Relation(
        "habitat", "bird", "habitat",
        ("{S} nests in {o}.", "{S} breeds in {o}."),
        ("Where does {s} nest?", "In what habitat does {s} breed?"),
    ),
    Relation(
        "wintering", "bird", "island",
        ("{S} spends the winter on {o}.", "{S} winters on {o}."),
        ("On which island does {s} spend the winter?", "On which island does {s} winter?"),
        of=("the island where {s} spends the winter",),
    ),
    Relation(
        "wingspan", "bird", "number",
        ("{S} has a wingspan of {o}.", "The wings of {s} measure {o} from tip to tip."),
        ("What is the wingspan of {s}?",),
        span=(11, 196), unit="centimetres", compare=_compare(True,
        "Which bird has the larger wingspan, {a} or {b}?", "the larger of {a} and {b}"),
    ),
)  # fmt: skip
