"""Cheats that act once the query is known, or before its context opens, and those that combine tricks."""

from __future__ import annotations

import re
from typing import Any

from agemem_env.text.key_phrases import key_phrases
from agemem_env.text.words import content_words
from agemem_env.types import ToolCall
from baselines.base import Info, Observation
from baselines.calls import filter_messages
from baselines.cheats.base import JUNK, Cheat, said
from baselines.cheats.storing import Bag, StoreAll, add, is_correction, memory_id, stored_id

TOP = 20
"""Entries that one retrieval may ask for."""

KEPT = 3
"""Entries that pruning keeps."""

_SHOWN = re.compile(r"mem_[0-9a-f]{8}")
_CHOICE = re.compile(r"([^,?]+?) or ([^,?]+)")


class Combined(Cheat):
    """Adds junk, and in stage 3 makes it the query's text and retrieves it, with a summary in each turn (c1).

    Exploits that any update is paid (Eq. 24), any early reduction (Eq. 20), and relevance of the query to itself
    (Eq. 25).
    """

    name = "cheat-combined"

    def reset(self, info: Info) -> None:
        """Forget the last episode."""
        super().reset(info)
        self._entry = ""

    def trick(self, observation: Observation) -> Any:
        """Return the tricks of this turn."""
        if observation["round"] == 0:
            return add(JUNK)
        self._entry = self._entry or memory_id(observation)
        if observation["stage"] == 1:
            return "Noted."
        tidy = ToolCall("Summary_context", {"span": "all"})
        if observation["stage"] == 2:
            return tidy
        retrieve = ToolCall("Retrieve_memory", {"query": self._query, "top_k": 1})
        update = ToolCall("Update_memory", {"memory_id": self._entry, "content": self._query})
        return [update, retrieve, tidy]


class Prune(StoreAll):
    """Stores everything and, when the query is known, deletes all but what is closest to it (c5).

    Exploits storage that is judged after the query came.
    """

    name = "cheat-prune"
    turns_in_stage_3 = 2

    def trick(self, observation: Observation) -> Any:
        """Store, and in stage 3 look at everything once and delete what ranks low."""
        if observation["stage"] < 3:
            return super().trick(observation)
        if self._tries == 1:
            return ToolCall("Retrieve_memory", {"query": self._query, "top_k": TOP})
        shown = list(dict.fromkeys(_SHOWN.findall(said(observation))))
        return [delete(entry) for entry in shown[KEPT:]] or "Noted."


class Hedge(Cheat):
    """Answers with both candidates of an either-or question, or with all names of the query (c7).

    Exploits answers that are scored by shared words.
    """

    name = "cheat-hedge"
    turns_in_stage_3 = 0

    def trick(self, observation: Observation) -> Any:
        """Return a polite reply."""
        return "Noted."

    def answer(self, observation: Observation) -> ToolCall:
        """Return the candidates."""
        choice = _CHOICE.search(self._query)
        names = choice.groups() if choice else key_phrases(self._query)
        return ToolCall("answer", {"text": " and ".join(name.strip() for name in names) or "unknown"})


class RepeatQuery(Hedge):
    """Answers with the query itself: exploits a judge that looks for shared words (c8)."""

    name = "cheat-repeat-query"

    def answer(self, observation: Observation) -> ToolCall:
        """Return the query."""
        return ToolCall("answer", {"text": self._query or "unknown"})


class Preload(StoreAll):
    """Stores everything and retrieves it in stage 2: exploits relevance that looks at stage 3 alone (c9)."""

    name = "cheat-preload"

    def trick(self, observation: Observation) -> Any:
        """Store in stage 1, retrieve in stage 2."""
        if observation["stage"] == 2:
            return ToolCall("Retrieve_memory", {"query": said(observation), "top_k": TOP})
        return super().trick(observation)


class LateCorrection(Cheat):
    """Stores nothing until something is corrected; then the outdated statement, and in the next turn the right one.

    Exploits corrections of what was stored for the sake of being corrected.
    """

    name = "cheat-late-correction"
    turns_in_stage_3 = 0

    def reset(self, info: Info) -> None:
        """Forget the last episode."""
        super().reset(info)
        self._heard: list[str] = []
        self._right = ""

    def trick(self, observation: Observation) -> Any:
        """Return the update that is due, and what stores the outdated version of a correction."""
        calls = [ToolCall("Update_memory", {"memory_id": stored_id(observation), "content": self._right})]
        calls = calls if self._right and stored_id(observation) else []
        self._right = ""
        if observation["stage"] == 1:
            text = said(observation)
            if is_correction(text) and self._heard:
                calls.append(add(max(self._heard, key=lambda other: _common(other, text))))
                self._right = text
            self._heard.append(text)
        return calls or "Noted."


class BackAndForth(StoreAll):
    """Stores everything, and in stage 2 makes entries something else and then again what they were.

    Exploits updates that are paid one by one.
    """

    name = "cheat-back-and-forth"

    def reset(self, info: Info) -> None:
        """Forget the last episode."""
        super().reset(info)
        self._kept: dict[str, str] = {}
        self._last = ""

    def trick(self, observation: Observation) -> Any:
        """Store in stage 1, update in stage 2."""
        shown = stored_id(observation)
        if self._last and shown and shown not in self._kept:
            self._kept[shown] = self._last
        if observation["stage"] == 1:
            self._last = said(observation)
            return super().trick(observation)
        self._last = ""
        return [
            ToolCall("Update_memory", {"memory_id": entry, "content": content})
            for entry, told in list(self._kept.items())[:2]
            for content in (JUNK, told)
        ] or "Noted."


class SummaryEcho(Preload):
    """Stores and retrieves everything, and repeats what was retrieved as a summary in each turn of stage 2.

    Exploits evidence that is counted in whatever form it is shown.
    """

    name = "cheat-summary-echo"

    def trick(self, observation: Observation) -> Any:
        """Store in stage 1; retrieve and summarise in stage 2."""
        calls = super().trick(observation)
        if observation["stage"] != 2:
            return calls
        return [calls, ToolCall("Summary_context", {"span": "all"})]


class NameAll(Cheat):
    """Answers with every name that it has heard: exploits answers that are scored by what is among them."""

    name = "cheat-name-all"
    turns_in_stage_3 = 0

    def reset(self, info: Info) -> None:
        """Forget the last episode."""
        super().reset(info)
        self._names: dict[str, None] = {}

    def trick(self, observation: Observation) -> Any:
        """Remember the names of stage 1."""
        if observation["stage"] == 1:
            self._names.update(dict.fromkeys(key_phrases(said(observation))))
        return "Noted."

    def answer(self, observation: Observation) -> ToolCall:
        """Return all of them."""
        return ToolCall("answer", {"text": ", ".join(self._names) or "unknown"})


class BagAndTidy(Bag):
    """Keeps a bag of words and filters each message of stage 2: combines two parts that are paid unsolved (c15)."""

    name = "cheat-bag-tidy"

    def trick(self, observation: Observation) -> Any:
        """Store in stage 1, filter in stage 2."""
        return filter_messages([said(observation)]) if observation["stage"] == 2 else super().trick(observation)


def delete(entry: str) -> ToolCall:
    """Return the call that deletes an entry.

    >>> delete("mem_00000000").arguments
    {'memory_id': 'mem_00000000', 'confirmation': True}
    """
    return ToolCall("Delete_memory", {"memory_id": entry, "confirmation": True})


def _common(one: str, two: str) -> int:
    return len(set(content_words(one)) & set(content_words(two)))
