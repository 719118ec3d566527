"""The kinds of candidates: how many slots each has in a menu of fixed size, and the names of its features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

WIDTH = 28
"""Number of features of a candidate; those that a kind does not have are 0."""

HASHED = 1 << 16
"""Number of weights that crossed features share."""

CROSSED = (
    "add", "after", "aim", "answer", "claim", "claims", "delete", "flags", "form", "form, head", "from, next",
    "from, state", "go", "go, last", "go, next", "go, next, head", "go, state", "go, state, head", "goal",
    "goal, done", "hop", "keep", "name", "near", "new", "next", "next, done", "noun", "parts", "places",
    "places, state", "reply", "room noun", "room noun, next", "room noun, verb", "room verb", "room verb, next",
    "shape", "shape, head", "shape, last", "shape, last two", "shape, next", "shape, next, head", "shape, state",
    "state", "towards open", "towards open, state", "towards wanted", "towards wanted, next", "type", "update",
    "verb", "way",
)  # fmt: skip
"""Names of the crossed features, which begin what is hashed. One that is made of other parts gets another name, so that
weights of before are refused."""

STATE = (
    "bias", "stage 2", "stage 3", "turns taken", "last turn", "last but one", "tokens", "memory size", "memories shown",
    "no look-up yet", "one look-up", "two look-ups", "more look-ups", "looked up in vain", "distractors in sight",
    "tidied before", "last turn was an error",
)  # fmt: skip
"""Features of the state, which every candidate of a menu shares."""

_LISTENING = (
    "bias", "closest", "score", "novelty", "length", "sentences", "any shown", "close", "short", "numbered", "named",
    "names told before", "most alike", "led up to",
)  # fmt: skip
_ENTRY = (
    "bias", "overlap", "score", "overlap behind best", "share of the message", "share of the entry", "difference",
    "first", "little new", "a number differs", "same title", "length of the entry", "alike", "less alike than another",
    "most alike", "says it already",
)  # fmt: skip
_SENTENCES = (
    "bias", "sentences", "first", "names the title", "names something else", "numbered", "length",
    "first and names something else", "names nothing",
)  # fmt: skip
_IDLING = ("bias", "distractors in sight", "length")
_TIDYING = ("bias", "distractors in sight", "tidied before", "nothing shown")
_LOOKING_UP = ("bias", "nothing shown", "place in the list", "words not shown", "length")
_NAME = (
    "bias", "relation", "first hop", "second hop", "no hop", "is a title", "rank of the entry", "words",
    "ends sentence", "nothing else",
)  # fmt: skip
_ANSWER = (
    "bias", "first hop", "second hop", "third hop", "no hop", "relation", "focus in span", "focus in sentence",
    "a name", "a number", "lower case", "number wanted", "year wanted", "person wanted", "ends sentence", "from memory",
    "rank of the entry", "how often", "is a title", "deepest hop", "words", "yes or no wanted", "in the question",
    "no number though wanted", "title of its entry", "deepest and related", "later and related", "score of the entry",
)  # fmt: skip
_YES_NO = ("bias", "wanted", "is yes", "from memory", "wanted and from memory", "nothing else")
_COMMAND = (
    "bias", "share in goal", "verb in goal", "in a memory", "in a memory to use", "in one part of the goal",
    "in one memory", "times done", "same as last", "newly possible", "holding", "holding what is wanted",
    "share in goal, holding it", "in a memory to use, hands free", "nearer", "way known", "door passed before",
    "door of the way", "told of before", "stem of verb in goal", "nearer on a known way", "done before",
    "new and in goal", "in goal, hands free", "no argument",
)  # fmt: skip


@dataclass(frozen=True)
class SlotKind:
    """A kind of candidates.

    Attributes:
        name: Its name.
        slots: Most candidates of the kind in one menu.
        features: Names of the features of a candidate.
        tool: The memory tool that it needs, or an empty text.
    """

    name: str
    slots: int
    features: tuple[str, ...]
    tool: str = ""


_ADD, _UPDATE, _DELETE = "Add_memory", "Update_memory", "Delete_memory"
_RETRIEVE, _SUMMARY, _FILTER = "Retrieve_memory", "Summary_context", "Filter_context"

KINDS: tuple[SlotKind, ...] = (
    SlotKind("reply", 1, _LISTENING),
    SlotKind("add", 1, _LISTENING, _ADD),
    SlotKind("add sentences", 15, _SENTENCES, _ADD),
    SlotKind("update", 3, _ENTRY, _UPDATE),
    SlotKind("delete", 3, _ENTRY, _DELETE),
    SlotKind("ignore", 1, _IDLING),
    SlotKind("add a distractor", 1, _IDLING, _ADD),
    SlotKind("filter at once", 1, _IDLING, _FILTER),
    SlotKind("summarize at once", 1, _IDLING, _SUMMARY),
    SlotKind("filter", 1, _TIDYING, _FILTER),
    SlotKind("summarize", 1, _TIDYING, _SUMMARY),
    SlotKind("look up the query", 1, _LOOKING_UP, _RETRIEVE),
    SlotKind("look up a part", 4, _LOOKING_UP, _RETRIEVE),
    SlotKind("look up a name", 6, _NAME, _RETRIEVE),
    SlotKind("look up names", 1, _NAME, _RETRIEVE),
    SlotKind("tidy and look up", 1, _LOOKING_UP, _RETRIEVE),
    SlotKind("answer", 48, _ANSWER),
    SlotKind("yes or no", 3, _YES_NO),
    SlotKind("command", 64, _COMMAND),
    SlotKind("look up and command", 8, _COMMAND, _RETRIEVE),
    SlotKind("give up", 1, ("bias", "nothing shown")),
)
"""Every kind, in the order of its slots. Weights that were learned with other kinds or features do not fit."""

INDEX: Mapping[str, int] = MappingProxyType({kind.name: i for i, kind in enumerate(KINDS)})
"""Name of a kind -> its place in `KINDS`."""

SIZE = sum(kind.slots for kind in KINDS)
"""Number of slots of a menu."""


def first_slots() -> tuple[int, ...]:
    """Return the first slot of each kind.

    >>> first_slots()[:5], SIZE
    ((0, 1, 2, 17, 20), 166)
    """
    starts, start = [], 0
    for kind in KINDS:
        starts.append(start)
        start += kind.slots
    return tuple(starts)
