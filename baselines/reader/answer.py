"""Answers a question from what the reader sees, or looks up what is missing."""

from __future__ import annotations

from collections.abc import Sequence

from agemem_env.types import ToolCall
from baselines.calls import filter_messages
from baselines.reader.conversation import Conversation
from baselines.reader.lookup import Finding, Lookup, MissingFact
from baselines.reader.questions import is_plain_name, read_question
from baselines.reader.statements import read_statements

_LOOKUPS_PER_TURN = 4
"""Lookups in one turn."""


def answer_or_look_up(conversation: Conversation) -> list[ToolCall]:
    """Return the answer if what is visible gives it, else lookups that have not been tried, else a guess."""
    readings = read_question(conversation.query)
    lookup = Lookup(s for text in conversation.texts if text != conversation.query for s in read_statements(text))
    findings = [lookup.answer(reading) for reading in readings]
    answer = next((finding.answer for finding in findings if finding.answer), "")
    if not answer:
        sure = [finding for reading, finding in zip(readings, findings, strict=True) if not is_plain_name(reading)]
        queries = _next_lookups(conversation, sure or findings) if "Retrieve_memory" in conversation.tools else []
        if queries:
            return [*filter_earlier_messages(conversation), *queries]
        answer = lookup.guess(readings[0]) if readings else lookup.most_similar_subject(conversation.query)
    return [ToolCall("answer", {"text": answer})]


def filter_earlier_messages(conversation: Conversation) -> list[ToolCall]:
    """Remove what was said before the task, once, where long-term memory is what counts."""
    if conversation.calls or not conversation.before_task or "Filter_context" not in conversation.tools:
        return []
    return [filter_messages(conversation.before_task)]


def _next_lookups(conversation: Conversation, findings: Sequence[Finding]) -> list[ToolCall]:
    """Return the next lookups for what is missing: first by the words of the relation, then by name alone."""
    tried = {call.arguments.get("query") for call, _ in conversation.calls if call.name == "Retrieve_memory"}
    missing = list(dict.fromkeys(m for finding in findings for m in finding.missing))
    if not findings:
        missing = [MissingFact(conversation.query, ())]
    for step in range(len(LOOKUP_STEPS)):
        calls = {call.arguments["query"]: call for m in missing[:_LOOKUPS_PER_TURN] for call in _make_lookups(m, step)}
        new = [call for query, call in calls.items() if query not in tried]
        if new:
            return new
    return []


LOOKUP_STEPS = ("a wording of the relation", "another wording", "the name alone")
"""How something is looked up, one way after the other."""


def _make_lookups(missing: MissingFact, step: int) -> list[ToolCall]:
    wordings = missing.wordings
    if step < 2:
        texts, count = [f"{missing.name}: {w}" for w in wordings[step : step + 1]], 4
    else:
        texts, count = [missing.name], 12
    return [ToolCall("Retrieve_memory", {"query": text, "top_k": count}) for text in texts]
