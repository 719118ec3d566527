"""Candidates of stages 1 and 2: what to do with a message that is told."""

from __future__ import annotations

from agemem_env.wrappers.menu.blocks import Offers, call, crossed
from agemem_env.wrappers.menu.past import Past
from agemem_env.wrappers.menu.sight import Memory, Sight
from agemem_env.wrappers.menu.words import corrected, cues, names, sentences, stems, title

_QUOTED = 80
"""Characters of each message that a filter quotes."""


def offer_storing(seen: Sight, past: Past, offers: Offers) -> None:
    """Offer to reply, to store the message, or to mend one of the memories shown with it."""
    text, own, told = seen.text, stems(seen.text), sentences(seen.text)
    overlaps = [_overlap(own, stems(memory.content)) for memory in seen.related]
    closest = max(overlaps, default=0.0)
    known = set(names(text))
    features = (
        1.0, closest, max((memory.score for memory in seen.related), default=0.0), 1 - closest, len(own) / 30,
        len(told) / 5, float(bool(seen.related)), float(closest > 0.5), float(len(told) <= 2),
        float(any(map(str.isdigit, text))), min(len(known), 4) / 4, len(known & past.told) / max(1, len(known)),
    )  # fmt: skip
    signs = sorted(cues(text))
    offers.add("reply", "Noted.", features, [crossed("reply", sign) for sign in signs])
    offers.add("add", call("Add_memory", content=text), features, [crossed("add", sign) for sign in signs])
    if len(told) > 1:
        calls = [call("Add_memory", content=_alone(sentence, title(text))) for sentence in told if sentence[-1] != "?"]
        offers.add("add each sentence", calls, features, [crossed("each", sign) for sign in signs])
    for memory, overlap in zip(seen.related, overlaps, strict=True):
        _offer_mending(seen, memory, overlap - closest, memory is seen.related[0], offers)


def offer_ignoring(seen: Sight, past: Past, offers: Offers) -> None:
    """Offer to reply to a distractor, to store it, or to remove it and those before it."""
    features = (1.0, len(seen.distractors) / 8, len(stems(seen.text)) / 30)
    offers.add("ignore", "I see.", features)
    offers.add("add a distractor", call("Add_memory", content=seen.text), features)
    offers.add("filter at once", filtering(seen.distractors), features)
    if not past.idle("Summary_context", seen):
        offers.add("summarize at once", call("Summary_context", span="all"), features)


def filtering(texts: tuple[str, ...]) -> dict[str, object]:
    """Return the call that removes messages from the context."""
    return call("Filter_context", criteria=" ".join(text[:_QUOTED] for text in texts))


def _offer_mending(seen: Sight, memory: Memory, behind: float, first: bool, offers: Offers) -> None:
    """Offer to update a memory with the message, and to delete it."""
    own, its = stems(seen.text), stems(memory.content)
    new, difference, both = own - its, own ^ its, len(own & its)
    features = (
        1.0, _overlap(own, its), memory.score, behind, both / max(1, len(own)), both / max(1, len(its)),
        len(difference) / 10, float(first), float(len(new) <= 2),
        float(any(any(map(str.isdigit, word)) for word in difference)),
        float(title(memory.content) == title(seen.text)), len(sentences(memory.content)) / 5,
    )  # fmt: skip
    signs = sorted(cues(seen.text))
    content = corrected(memory.content, seen.text)
    offers.add(
        "update",
        call("Update_memory", memory_id=memory.id, content=content),
        features,
        [crossed("update", sign) for sign in signs],
    )
    offers.add(
        "delete",
        call("Delete_memory", memory_id=memory.id, confirmation=True),
        features,
        [crossed("delete", sign) for sign in signs],
    )


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, len(one | other))


def _alone(sentence: str, about: str) -> str:
    """Return a sentence that says by itself what it is about."""
    return sentence if not about or about in sentence else f"{about}: {sentence}"
