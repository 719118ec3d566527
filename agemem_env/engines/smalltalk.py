"""What people say besides: remarks that no task ever asks for."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

REMARKS = (
    "the coffee was excellent this morning", "everybody is talking about the election",
    "nobody slept well because of the storm", "the neighbours have a new puppy",
    "we sang until midnight on Saturday", "the weather has been dreadful for weeks",
    "somebody has been whistling the same tune for days", "lunch came late three days running",
    "the traffic gets worse every year", "a cousin from abroad came to stay for the weekend",
    "we lost the football match by five goals", "the new choir sings better than the old one",
    "the marmalade turned out too bitter", "half of the people have caught a cold",
    "the summer holidays cannot come soon enough", "the film last night was far too long",
    "the postman always asks for a glass of water", "two swallows are nesting under the eaves",
    "we argued about politics until the soup was cold", "the bakery down the street has closed for good",
    "a famous actor is said to have lived in this street", "the concert was cancelled at the last minute",
    "everyone admired the sunset yesterday", "the birthday party was a great success",
    "we could hear the church bells all morning", "the crossword was unusually hard",
    "the tomatoes are late this year", "there was a wedding with a brass band on Friday",
    "the trains have been on strike since Monday", "the fireworks frightened every dog for miles",
    "a journalist came and asked silly questions", "someone forgot an anniversary and is in trouble",
    "the pancakes were burnt and delicious", "the chess club meets too early for most members",
    "nothing beats a walk in the rain", "the mayor cut a ribbon and made a speech",
    "we laughed about the old photographs", "the radio said that it will snow",
    "an aunt is learning to play the accordion", "the joke about the parrot made the rounds",
)  # fmt: skip
"""Remarks without things, places or numbers that a task could be about."""


def remarks(places: Sequence[str], told: int, rng: np.random.Generator) -> list[str]:
    """Return so many remarks that they make up a third of what is said.

    Args:
        places: Words for the places that stage 1 is about, such as ``"At Ashford"``; each remark begins with one.
        told: Number of the other statements.
        rng: Draws remarks and places.

    >>> remarks(["At Ashford"], 1, np.random.default_rng(0))
    ['At Ashford, the new choir sings better than the old one.']
    """
    count = min(math.ceil(told / 2), len(REMARKS))
    chosen = rng.permutation(len(REMARKS))[:count]
    return [f"{places[int(rng.integers(len(places)))]}, {REMARKS[int(i)]}." for i in chosen]


def essentials_of_remark(remark: str) -> tuple[str, ...]:
    """Return the phrases that a text must have to make a remark: its place, and the rest in its own order.

    >>> essentials_of_remark("At Ashford, the new choir sings better than the old one.")
    ('At Ashford', 'the new choir sings better than the old one')
    """
    place, _, said = remark.removesuffix(".").partition(", ")
    return place, said
