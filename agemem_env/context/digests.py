"""Digests of lists that can be put together, cut and changed in the middle without looking at the whole list.

The digest of a list is a polynomial in a fixed base over the numbers of its items, modulo the prime 2^127 - 1. Whoever
keeps it keeps the length beside it. Two lists that nobody made to collide have equal digests only by accident, with a
probability of about their length in 2^127.

>>> one, two = b"1" * 16, b"2" * 16
>>> join(of([one]), of([two]), 1) == of([one, two]) != of([two, one])
True
>>> cut(of([one, two]), of([two]), 1) == of([one])
True
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

_PRIME = 2**127 - 1
_BASE = int.from_bytes(b"agemem's context", "big")


def of(items: Iterable[bytes]) -> int:
    """Return the digest of a list, given 16 bytes that identify each item."""
    digest = 0
    for item in items:
        digest = (digest * _BASE + int.from_bytes(item, "big")) % _PRIME
    return digest


def join(head: int, tail: int, size: int) -> int:
    """Return the digest of a list that is continued by another one of this size."""
    return (head * _power(size) + tail) % _PRIME


def cut(whole: int, tail: int, size: int) -> int:
    """Return the digest of a list without its last ``size`` items, whose digest is ``tail``."""
    return (whole - tail) * _power(-size) % _PRIME


def changed(whole: int, before: int, after: int, behind: int) -> int:
    """Return the digest of a list whose first part is replaced.

    Args:
        whole: Digest of the list.
        before: Digest of its first part, all but the last ``behind`` items.
        after: Digest of what stands in place of the first part.
        behind: Number of items that stay.
    """
    return (whole + (after - before) * _power(behind)) % _PRIME


@lru_cache(maxsize=16384)
def _power(exponent: int) -> int:
    return pow(_BASE, exponent, _PRIME)
