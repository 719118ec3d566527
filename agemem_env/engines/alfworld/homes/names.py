"""What the things of a game are called, as in ALFWorld's own ``Demangler``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

_SEPARATOR = "_bar_"
_ESCAPES: Mapping[str, str] = {_SEPARATOR: "|", "_minus_": "-", "_plus_": "+", "_dot_": ".", "_comma_": ","}


def display_names(ids: Iterable[str]) -> dict[str, str]:
    """Return the display name of each id.

    The things of a kind are numbered from the last id to the first; what has no position in its id has no number, and a
    space in its place.

    >>> display_names(["mug_bar_1_bar_2", "mug_bar_3_bar_2", "sink_bar_1_bar_sinkbasin"])
    {'mug_bar_1_bar_2': 'mug 2', 'mug_bar_3_bar_2': 'mug 1', 'sink_bar_1_bar_sinkbasin': 'sinkbasin 1'}
    """
    ordered = sorted(ids)
    left = Counter(kind_of(name) for name in ordered if _SEPARATOR in name)
    names = {}
    for name in ordered:
        kind = kind_of(name)
        if _SEPARATOR in name:
            names[name] = f"{kind} {left[kind]}"
            left[kind] -= 1
        else:
            names[name] = f"{kind} "
    return names


def kind_of(name: str) -> str:
    """Return the class of an id: what stands before its position, or ``sinkbasin`` and ``bathtubbasin``.

    >>> kind_of("sink_bar__minus_04_dot_19_bar__plus_00_dot_92_bar_sinkbasin")
    'sinkbasin'
    """
    if _SEPARATOR not in name:
        for escape, character in _ESCAPES.items():
            name = name.replace(escape, character)
        return name
    return name.partition(_SEPARATOR)[0] + ("basin" if "basin" in name else "")
