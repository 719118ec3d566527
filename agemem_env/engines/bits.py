"""Sets of small numbers as integers: number ``i`` is in the set if bit ``i`` is set."""

from __future__ import annotations

from collections.abc import Iterable


def bits_of(number: int) -> list[int]:
    """Return the places of the bits that are set, lowest first.

    Args:
        number: A set; not negative.

    >>> bits_of(0b1010001)
    [0, 4, 6]
    """
    places = []
    while number:
        lowest = number & -number
        places.append(lowest.bit_length() - 1)
        number ^= lowest
    return places


def with_bits(places: Iterable[int]) -> int:
    """Return the number whose bits are set in these places.

    >>> bin(with_bits([0, 4, 6]))
    '0b1010001'
    """
    number = 0
    for place in places:
        number |= 1 << place
    return number
