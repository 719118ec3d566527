"""Answers the questions of a memory system: JSON in the form that the instruction asks for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agemem_env.services.chat import ChatRequest
from agemem_env.text.words import content_words
from baselines.reader.corrections import repeats_or_corrects, to_triplet
from baselines.reader.statements import Statement, normal_name, read_statements

_KEY = re.compile(r'"(\w+)":')
_STORED = re.compile(r"^(?P<id>mem_\w+|\d+): (?P<text>.+)$", re.MULTILINE)
_PARTS = re.compile(r"Stored memories:\n(?P<stored>.*?)\n\nMessage:\n(?P<message>.*)", re.DOTALL)

KEYWORDS = 12
"""Words with which a message is described at most."""


@dataclass(frozen=True, slots=True)
class _MemoryQuestion:
    """A question of a memory system: the memories that it shows, by id, and the text that it is about."""

    stored: Mapping[str, str]
    text: str

    @property
    def statements(self) -> tuple[Statement, ...]:
        """What the text states."""
        return read_statements(self.text)

    def find_outdated(self, text: str) -> str | None:
        """Return the id of the memory that a text replaces."""
        return next(
            (key for key, known in self.stored.items() if known != text and repeats_or_corrects(known, text)), None
        )


def answer_memory_system(request: ChatRequest) -> str:
    """Return the reply to a question of a memory system; an empty object if it asks for something unknown."""
    instruction = "\n".join(_content(m) for m in request.messages if m["role"] == "system")
    question = _read_question("\n".join(_content(m) for m in request.messages if m["role"] == "user"))
    for key in _KEY.findall(instruction):
        if key in _REPLIES:
            return json.dumps(_REPLIES[key](question), ensure_ascii=False)
    return "{}"


def _content(message: Mapping[str, Any]) -> str:
    return message.get("content") or ""


def _read_question(text: str) -> _MemoryQuestion:
    parts = _PARTS.search(text)
    if parts is None:
        return _MemoryQuestion({}, text)
    return _MemoryQuestion({m["id"]: m["text"] for m in _STORED.finditer(parts["stored"])}, parts["message"])


def _reply_facts(question: _MemoryQuestion) -> dict[str, Any]:
    return {"facts": [s.standalone for s in question.statements]}


def _reply_decisions(question: _MemoryQuestion) -> dict[str, Any]:
    decisions = []
    for fact in question.text.splitlines():
        outdated = question.find_outdated(fact)
        if fact in question.stored.values():
            decisions.append({"event": "NONE"})
        elif outdated is None:
            decisions.append({"event": "ADD", "text": fact})
        else:
            decisions.append({"event": "UPDATE", "id": outdated, "text": fact})
    return {"memory": decisions}


def _reply_operations(question: _MemoryQuestion) -> dict[str, Any]:
    operations = []
    for statement in question.statements:
        text = statement.standalone
        outdated = question.find_outdated(text)
        if outdated is not None:
            operations.append({"action": "update", "id": outdated, "content": text})
        elif text not in question.stored.values():
            operations.append({"action": "insert", "content": text})
    return {"operations": operations}


def _reply_card(question: _MemoryQuestion) -> dict[str, Any]:
    words = list(dict.fromkeys(content_words(question.text)))[:KEYWORDS]
    subjects = _subjects_of(question.statements)
    return {"keywords": words, "context": f"About {', '.join(subjects) or 'something'}.", "tags": subjects}


def _reply_evolution(question: _MemoryQuestion) -> dict[str, Any]:
    subjects = _subjects_of(question.statements)
    linked = [key for key, text in question.stored.items() if any(normal_name(s) in text.casefold() for s in subjects)]
    return {"links": linked, "tags": subjects, "neighbours": []}


def _reply_entities(question: _MemoryQuestion) -> dict[str, Any]:
    names = [name for s in question.statements for name in to_triplet(s)[::2]]
    names = names or re.findall(r"(?:[^\W\d_a-z]\w*)(?: (?:of |the |and )*[^\W\d_a-z]\w*)*", question.text)
    return {"entities": [{"name": name, "type": "thing"} for name in dict.fromkeys(names)]}


def _reply_relations(question: _MemoryQuestion) -> dict[str, Any]:
    keys = ("source", "relation", "target")
    return {"relations": [dict(zip(keys, to_triplet(s), strict=True)) for s in question.statements]}


def _reply_obsolete(question: _MemoryQuestion) -> dict[str, Any]:
    new = question.text.splitlines()
    return {
        "obsolete": [
            k for k, text in question.stored.items() if any(repeats_or_corrects(text, n) for n in new if n != text)
        ]
    }


def _subjects_of(known: Sequence[Statement]) -> list[str]:
    return list(dict.fromkeys(s.subject for s in known if s.subject))


_REPLIES: Mapping[str, Callable[[_MemoryQuestion], dict[str, Any]]] = {
    "facts": _reply_facts,
    "memory": _reply_decisions,
    "operations": _reply_operations,
    "keywords": _reply_card,
    "links": _reply_evolution,
    "entities": _reply_entities,
    "relations": _reply_relations,
    "obsolete": _reply_obsolete,
}
"""First key of the JSON that an instruction asks for -> what is replied."""
