"""How the reader answers a question: from what it sees, else from what it looks up."""

from __future__ import annotations

from collections.abc import Sequence

from agemem_env.types import ToolCall
from baselines.reader.conversation import Conversation
from baselines.reader.lookup import Finding, Lookup, Missing
from baselines.reader.questions import is_guess, read_question
from baselines.reader.statements import statements

_AT_ONCE = 4
"""Lookups in one turn."""


def ask(conversation: Conversation) -> list[ToolCall]:
    """Return the answer if what is visible gives it, else lookups that have not been tried, else a guess."""
    readings = read_question(conversation.query)
    lookup = Lookup(s for text in conversation.told if text != conversation.query for s in statements(text))
    findings = [lookup.answer(reading) for reading in readings]
    answer = next((finding.answer for finding in findings if finding.answer), "")
    if not answer:
        sure = [finding for reading, finding in zip(readings, findings, strict=True) if not is_guess(reading)]
        queries = _untried(conversation, sure or findings) if "Retrieve_memory" in conversation.tools else []
        if queries:
            return [*tidy(conversation), *queries]
        answer = lookup.guess(readings[0]) if readings else lookup.closest(conversation.query)
    return [ToolCall("answer", {"text": answer})]


def tidy(conversation: Conversation) -> list[ToolCall]:
    """Remove what was said before the task, once, where long-term memory is what counts."""
    if conversation.calls or not conversation.before_task or "Filter_context" not in conversation.tools:
        return []
    criteria = " ".join(text[:CRITERION_LENGTH] for text in conversation.before_task)
    return [ToolCall("Filter_context", {"criteria": criteria})]


CRITERION_LENGTH = 80
"""Characters of each message that are quoted to have it removed."""


def _untried(conversation: Conversation, findings: Sequence[Finding]) -> list[ToolCall]:
    """Return the next lookups for what is missing: first by the words of the relation, then by name alone."""
    tried = {call.arguments.get("query") for call, _ in conversation.calls if call.name == "Retrieve_memory"}
    missing = list(dict.fromkeys(m for finding in findings for m in finding.missing))
    if not findings:
        missing = [Missing(conversation.query, ())]
    for stage in range(len(STAGES)):
        calls = {call.arguments["query"]: call for m in missing[:_AT_ONCE] for call in _queries(m, stage)}
        new = [call for query, call in calls.items() if query not in tried]
        if new:
            return new
    return []


STAGES = ("a wording of the relation", "another wording", "the name alone")
"""How something is looked up, one way after the other."""


def _queries(missing: Missing, stage: int) -> list[ToolCall]:
    wordings = missing.wordings
    if stage < 2:
        texts, count = [f"{missing.name}: {w}" for w in wordings[stage : stage + 1]], 4
    else:
        texts, count = [missing.name], 12
    return [ToolCall("Retrieve_memory", {"query": text, "top_k": count}) for text in texts]
