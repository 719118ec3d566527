"""What the reader replies to a memory system: JSON in the form that the instruction asks for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agemem_env.services.chat import ChatRequest
from agemem_env.text.words import content_words
from baselines.reader.corrections import same_matter, triplet
from baselines.reader.statements import Statement, bare, statements

_KEY = re.compile(r'"(\w+)":')
_STORED = re.compile(r"^(?P<id>mem_\w+|\d+): (?P<text>.+)$", re.MULTILINE)
_PARTS = re.compile(r"Stored memories:\n(?P<stored>.*?)\n\nMessage:\n(?P<message>.*)", re.DOTALL)

KEYWORDS = 12
"""Words with which a message is described at most."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a memory system shows: memories by id, and the text that the question is about."""

    stored: Mapping[str, str]
    text: str

    @property
    def statements(self) -> tuple[Statement, ...]:
        return statements(self.text)

    def outdated(self, text: str) -> str | None:
        """Return the id of the memory that a text replaces."""
        return next((key for key, known in self.stored.items() if known != text and same_matter(known, text)), None)


def note(request: ChatRequest) -> str:
    """Return the reply to a question of a memory system; an empty object if it asks for something unknown."""
    instruction = "\n".join(_text(m) for m in request.messages if m["role"] == "system")
    asked = _asked("\n".join(_text(m) for m in request.messages if m["role"] == "user"))
    for key in _KEY.findall(instruction):
        if key in _REPLIES:
            return json.dumps(_REPLIES[key](asked), ensure_ascii=False)
    return "{}"


def _text(message: Mapping[str, Any]) -> str:
    return message.get("content") or ""


def _asked(text: str) -> _Asked:
    parts = _PARTS.search(text)
    if parts is None:
        return _Asked({}, text)
    return _Asked({m["id"]: m["text"] for m in _STORED.finditer(parts["stored"])}, parts["message"])


def _facts(asked: _Asked) -> dict[str, Any]:
    return {"facts": [s.standalone for s in asked.statements]}


def _decisions(asked: _Asked) -> dict[str, Any]:
    decisions = []
    for fact in asked.text.splitlines():
        outdated = asked.outdated(fact)
        if fact in asked.stored.values():
            decisions.append({"event": "NONE"})
        elif outdated is None:
            decisions.append({"event": "ADD", "text": fact})
        else:
            decisions.append({"event": "UPDATE", "id": outdated, "text": fact})
    return {"memory": decisions}


def _operations(asked: _Asked) -> dict[str, Any]:
    operations = []
    for statement in asked.statements:
        text = statement.standalone
        outdated = asked.outdated(text)
        if outdated is not None:
            operations.append({"action": "update", "id": outdated, "content": text})
        elif text not in asked.stored.values():
            operations.append({"action": "insert", "content": text})
    return {"operations": operations}


def _card(asked: _Asked) -> dict[str, Any]:
    words = list(dict.fromkeys(content_words(asked.text)))[:KEYWORDS]
    subjects = _subjects(asked.statements)
    return {"keywords": words, "context": f"About {', '.join(subjects) or 'something'}.", "tags": subjects}


def _evolution(asked: _Asked) -> dict[str, Any]:
    subjects = _subjects(asked.statements)
    linked = [key for key, text in asked.stored.items() if any(bare(s) in text.casefold() for s in subjects)]
    return {"links": linked, "tags": subjects, "neighbours": []}


def _entities(asked: _Asked) -> dict[str, Any]:
    names = [name for s in asked.statements for name in triplet(s)[::2]]
    names = names or re.findall(r"(?:[^\W\d_a-z]\w*)(?: (?:of |the |and )*[^\W\d_a-z]\w*)*", asked.text)
    return {"entities": [{"name": name, "type": "thing"} for name in dict.fromkeys(names)]}


def _relations(asked: _Asked) -> dict[str, Any]:
    keys = ("source", "relation", "target")
    return {"relations": [dict(zip(keys, triplet(s), strict=True)) for s in asked.statements]}


def _obsolete(asked: _Asked) -> dict[str, Any]:
    new = asked.text.splitlines()
    return {"obsolete": [k for k, text in asked.stored.items() if any(same_matter(text, n) for n in new if n != text)]}


def _subjects(told: Sequence[Statement]) -> list[str]:
    return list(dict.fromkeys(s.subject for s in told if s.subject))


_REPLIES: Mapping[str, Callable[[_Asked], dict[str, Any]]] = {
    "facts": _facts,
    "memory": _decisions,
    "operations": _operations,
    "keywords": _card,
    "links": _evolution,
    "entities": _entities,
    "relations": _relations,
    "obsolete": _obsolete,
}
"""First key of the JSON that an instruction asks for -> what is replied."""
