"""Chat models and policies for the tests of memory systems: rules in place of a language model."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from agemem_env.services.chat import ChatReply, ChatRequest
from agemem_env.text.words import split_sentences
from agemem_env.types import Usage
from baselines.base import Info, Observation, Policy

Rule = Callable[[str, str], "Any"]
"""From system message and user message to a reply: a JSON value, or a text as it is."""


class RuleModel:
    """Answers by a rule and keeps what it was asked."""

    name = "rules"

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self.requests: list[ChatRequest] = []

    def chat(self, request: ChatRequest) -> ChatReply:
        self.requests.append(request)
        texts = [str(message["content"]) for message in request.messages]
        reply = self._rule(texts[0], texts[1] if len(texts) > 1 else texts[0])
        text = reply if isinstance(reply, str) else json.dumps(reply)
        return ChatReply(text, usage=Usage(1, sum(map(len, texts)) // 4, len(text) // 4, None, 0.25))


class Steady(Policy):
    """Acknowledges what it is told, takes the first command allowed, or answers."""

    name = "steady"

    def __init__(self) -> None:
        self.seen: list[Observation] = []

    def act(self, observation: Observation, info: Info) -> Any:
        self.seen.append(observation)
        if observation["stage"] < 3:
            return "Noted."
        commands = info.get("admissible_commands")
        return {"name": "act", "arguments": {"command": commands[0]}} if commands else "<answer>unknown</answer>"


def scribe(system: str, user: str) -> Any:
    """Do what each system asks for in the plainest way: every sentence is a fact, words with capitals are entities."""
    message = user.rpartition("Message:\n")[2]
    sentences = split_sentences(message)
    ids = re.findall(r"mem_[0-9a-f]{8}", user)
    names = list(dict.fromkeys(re.findall(r"[A-Z]\w+", message)))
    replies: Mapping[str, Any] = {
        '"facts"': {"facts": sentences},
        '"memory"': {"memory": [{"event": "ADD", "text": s} for s in sentences]},
        '"operations"': {"operations": [{"action": "insert", "content": s} for s in sentences]},
        '"keywords"': {"keywords": names, "context": f"About {', '.join(names)}.", "tags": ["talk"]},
        '"links"': {"links": ids[:1], "tags": ["talk"], "neighbours": [{"id": i, "tags": ["old"]} for i in ids[:1]]},
        '"entities"': {"entities": [{"name": name, "type": "thing"} for name in names]},
        '"relations"': {"relations": [{"source": n, "relation": "is_in", "target": "talk"} for n in names]},
        '"obsolete"': {"obsolete": ids[:1]},
    }
    return next(reply for form, reply in replies.items() if form in system)
