"""Candidates of stage 3 that look up memories and tidy the context."""

from __future__ import annotations

from typing import Any

from agemem_env.text.words import content_words
from agemem_env.wrappers.menu.blocks import Offers, call
from agemem_env.wrappers.menu.listening import filtering
from agemem_env.wrappers.menu.past import Past
from agemem_env.wrappers.menu.sight import Sight
from agemem_env.wrappers.menu.words import names, stem_of, stems

_FOR_QUERY, _FOR_PART = 5, 3
"""Entries that a look-up asks for."""


def offer_tidying(seen: Sight, past: Past, offers: Offers) -> None:
    """Offer to remove the distractors, and to summarize the context."""
    features = (1.0, len(seen.distractors) / 8, float(past.tidied > 0), float(not seen.memories))
    if seen.distractors and not past.idle("Filter_context", seen):
        offers.add("filter", filtering(seen.distractors), features)
    if not past.idle("Summary_context", seen):
        offers.add("summarize", call("Summary_context", span="all"), features)


def offer_looking_up(seen: Sight, past: Past, offers: Offers) -> None:
    """Offer to look up the query, its parts, and everything at once together with tidying."""
    nothing = float(not seen.memories)
    known = _known(seen)
    texts = [seen.query, *parts(seen)]
    for place, text in enumerate(texts):
        if text in past.looked_up:
            continue
        unknown = len(stems(text) - known) / max(1, len(stems(text)))
        features = (1.0, nothing, place / 4, unknown, len(stems(text)) / 20)
        kind, top_k = ("look up a part", _FOR_PART) if place else ("look up the query", _FOR_QUERY)
        offers.add(kind, call("Retrieve_memory", query=text, top_k=top_k), features)
    if not past.looked_up:
        offers.add("tidy and look up", preparing(seen, offers.tools), (1.0, nothing, 0.0, 1.0, len(texts) / 5))
    missing = [word for word in content_words(seen.goal) if stem_of(word) not in known]
    query = " ".join(missing)
    if seen.memories and missing and query not in past.looked_up and seen.commands:
        features = (1.0, nothing, 0.8, 1.0, len(missing) / 20)
        offers.add("look up a part", call("Retrieve_memory", query=query, top_k=_FOR_PART), features)


def parts(seen: Sight) -> list[str]:
    """Return what of the query may be looked up by itself, with the place that the query names."""
    if not seen.commands and seen.goal == seen.query:
        return list(names(seen.query)[:3])
    head = seen.query[: len(seen.query) - len(seen.goal)]
    place = " ".join(names(head)[:2])
    goals = seen.goal_parts[:4] or (seen.goal,)
    return [f"{place}: {goal}" if place else goal for goal in goals]


def preparing(seen: Sight, tools: frozenset[str]) -> list[dict[str, Any]]:
    """Return the calls of one turn that remove the distractors and look up the query and its parts."""
    calls = [filtering(seen.distractors)] if seen.distractors and "Filter_context" in tools else []
    calls.append(call("Retrieve_memory", query=seen.query, top_k=_FOR_QUERY))
    return calls + [call("Retrieve_memory", query=text, top_k=_FOR_PART) for text in parts(seen)]


def _known(seen: Sight) -> frozenset[str]:
    return frozenset().union(*(stems(memory.content) for memory in seen.memories))
