"""What a note on a laboratory has to say, however it is worded."""

from __future__ import annotations

import re

from agemem_env.engines.sciworld.house import LabThing

_FORMS = tuple(
    re.compile(form)
    for form in (
        r"the (.+ surface) has ((?:more|less) friction) than the (.+ surface)",
        r"(inclined plane .+) is (steeper|shallower) than (inclined plane .+)",
        r"the (melting point) of the (.+) is (-?[\d.]+ degrees) celsius",
        r"brought to the boxes without delay, the (.+) is ((?:above|below) -?[\d.]+) degrees celsius",
        r"the (.+?) (?:does not )?(conducts?) (electricity)",
        r"(.+) turned out to be a (dominant|recessive) trait in the (.+ plant)",
        r"of the animals outside, the (.+) (lives) the (longest|shortest)",
        r"the (recipe) for (.+?) is to mix (.+)",
    )
)
_AND = re.compile(r" and ")


def essentials_of_finding(text: str) -> tuple[str, ...]:
    """Return the phrases that a statement of a finding must have.

    Raises:
        ValueError: If it has no known form.

    >>> essentials_of_finding("the lead surface has more friction than the tin surface")
    ('lead surface', 'more friction', 'tin surface')
    """
    for form in _FORMS:
        found = form.fullmatch(text)
        if found is not None:
            return tuple(phrase for group in found.groups() for phrase in _AND.split(group))
    raise ValueError(f"a finding of an unknown form: {text!r}")


def essentials_of_place(thing: LabThing) -> tuple[str, ...]:
    """Return the phrases that a statement of a thing's place must have.

    >>> essentials_of_place(LabThing("gallium", "workshop", ("metal pot", "table"), (), False, True))
    ('gallium', 'metal pot', 'table', 'workshop')
    """
    return (thing.name, *thing.inside, thing.room)
