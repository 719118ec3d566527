"""Tools on the context: Retrieve, Summary, Filter (Eq. 8, 9, 14, 15)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from agemem_env.context.context import Context
from agemem_env.context.messages import Message
from agemem_env.context.prompts import Advice
from agemem_env.episode.ledger import Effect
from agemem_env.memory.store import list_hits
from agemem_env.tools.arguments import arg
from agemem_env.tools.base import Tool, ToolResult, ToolState, refuse

MAX_TOP_K = 20
MIN_SUMMARY_TOKENS = 32

_TIDY = (Advice(2, "Keep them out of your context."),)


@dataclass(frozen=True, slots=True)
class RetrieveArguments:
    """Arguments of `RetrieveMemory`."""

    query: str = arg("string", "What to look for.")
    top_k: int | None = arg("integer", "Number of entries wanted.", default=None, minimum=1, maximum=MAX_TOP_K)
    metadata_filter: Mapping[str, Any] | None = arg(
        "object", "Only entries whose metadata has these values.", default=None
    )


class RetrieveMemory(Tool):
    """Search long-term memory and bring the most similar entries, with their ids, into the context."""

    name = "Retrieve_memory"
    arguments = RetrieveArguments
    advice = (Advice(3, "Look up what you need in long-term memory, then solve it.", concludes=True),)

    def run(self, args: RetrieveArguments, state: ToolState) -> ToolResult:
        """Search and list the entries found."""
        k = state.top_k if args.top_k is None else args.top_k
        hits = state.memory.search(args.query, k, args.metadata_filter)
        found, scores = tuple(hit.entry for hit in hits), tuple(hit.score for hit in hits)
        effect = Effect("retrieve", after=found, scores=scores)
        text = list_hits(hits) if hits else "No entry was found."
        return ToolResult(text, effect, origin="retrieval")


def _random_span(rng: np.random.Generator) -> str:
    return "all" if rng.random() < 0.5 else str(int(rng.integers(1, 6)))


@dataclass(frozen=True, slots=True)
class SummaryArguments:
    """Arguments of `SummaryContext`."""

    span: str = arg(
        "string",
        'What to summarise: "all", or a number N for the last N messages.',
        draw=_random_span,
        when_left_out="all",
    )
    summary: str | None = arg("string", "Your own summary; left out, one is written for you.", default=None)


class SummaryContext(Tool):
    """Replace earlier messages of the context by one short summary, to save space."""

    name = "Summary_context"
    arguments = SummaryArguments
    advice = _TIDY

    def run(self, args: SummaryArguments, state: ToolState) -> ToolResult:
        """Replace the span by a summary if that makes the context shorter."""
        span = args.span.strip().lower().lstrip("0")
        if span not in ("all", "full") and not (span.isascii() and span.isdecimal() and int(span[:9]) > 0):
            text = 'Summary_context was not run: span must be "all" or a number from 1 on.'
            return refuse("wrong_span", text)
        indices = _span(state.context, None if span in ("all", "full") else int(span[:9]))
        if not indices:
            return ToolResult("There is nothing to summarise.")
        replaced = [m for i in indices for m in state.context.units[i].messages]
        before = sum(state.context.units[i].tokens for i in indices)
        written = args.summary
        if written is None:
            budget = max(MIN_SUMMARY_TOKENS, before // 4)
            written = state.summarizer.summarize([m.full_text for m in replaced], budget)
        sources = tuple(s for m in replaced for s in (m.sources or (m,)))
        summary = Message("summary", f"Summary of earlier messages: {written}", sources=sources)
        after = state.context.size([summary])
        if after >= before:
            return ToolResult(f"Nothing was replaced: the summary ({after} tokens) is not shorter ({before}).")
        state.context.substitute(indices, summary)
        text = f"Replaced {len(replaced)} messages ({before} tokens) by a summary ({after} tokens)."
        return ToolResult(text, Effect("reduce", removed=tuple(replaced)))


@dataclass(frozen=True, slots=True)
class FilterArguments:
    """Arguments of `FilterContext`."""

    criteria: str = arg("string", "Describes what to remove.")


class FilterContext(Tool):
    """Remove the messages that are similar to the criteria from the context, to get rid of irrelevant ones."""

    name = "Filter_context"
    arguments = FilterArguments
    advice = _TIDY

    def run(self, args: FilterArguments, state: ToolState) -> ToolResult:
        """Remove every unprotected unit whose similarity to the criteria reaches the threshold."""
        units = [(i, unit) for i, unit in enumerate(state.context.units) if not unit.protected]
        if not units:
            return ToolResult("There is nothing to remove.")
        vectors = state.encoder.encode([args.criteria, *(unit.text for _, unit in units)])
        similar = np.flatnonzero(vectors[1:] @ vectors[0] >= state.threshold)
        gone = [units[int(j)][0] for j in similar]
        if not gone:
            return ToolResult("No message matches the criteria.")
        tokens = state.context.tokens
        removed = state.context.remove(gone)
        text = f"Removed {len(removed)} messages ({tokens - state.context.tokens} tokens)."
        return ToolResult(text, Effect("reduce", removed=tuple(removed)))


def _span(context: Context, count: int | None) -> list[int]:
    """Return the positions of the unprotected units that hold the last ``count`` messages (None: all).

    A unit is never split: one that is reached is taken whole.
    """
    taken: list[int] = []
    messages = 0
    for i in range(len(context.units) - 1, -1, -1):
        unit = context.units[i]
        if count is not None and messages >= count:
            break
        if not unit.protected:
            taken.append(i)
        if not any(m.origin == "system" for m in unit.messages):
            messages += len(unit.messages)
    return taken[::-1]
