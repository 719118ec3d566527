"""A model that plays a list of replies: for tests, for demonstrations and to play a recorded conversation again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agemem_env.data.files import read_text
from agemem_env.data.ownership import reason
from agemem_env.errors import ConfigurationError, ServiceError
from agemem_env.services.chat import ChatReply, ChatRequest
from agemem_env.services.openai.wire import read_reply
from agemem_env.text.lines import split_lines
from agemem_env.types import Usage

ScriptedReply = str | Mapping[str, Any] | ChatReply
"""A text, an assistant message, or a reply."""


class ScriptedModel:
    """Gives one reply after the other, whatever it is asked. Use a new one for each episode.

    Args:
        replies: The replies.
        name: Its name in tables.

    >>> ScriptedModel(["Noted."]).chat(ChatRequest([{"role": "user", "content": "Hi"}])).text
    'Noted.'
    """

    def __init__(self, replies: Sequence[ScriptedReply], name: str = "scripted") -> None:
        self.name = name
        self.requests: list[ChatRequest] = []
        self._replies = [_reply(said) for said in replies]

    @classmethod
    def read(cls, path: str) -> ScriptedModel:
        """Return the model of a file.

        Args:
            path: A ``.txt`` file has one text per line, a ``.jsonl`` file one JSON text or assistant message per line.

        Raises:
            ConfigurationError: If the file cannot be read or is of another form.
        """
        if not path.endswith((".txt", ".jsonl")):
            raise ConfigurationError(f"script {path!r} must be a .txt file or a .jsonl file")
        try:
            lines = split_lines(read_text(Path(path)))
            said = [json.loads(line) for line in lines if line.strip()] if path.endswith(".jsonl") else lines
            return cls(said, f"scripted:{path}")
        except (OSError, ValueError, RecursionError) as error:
            raise ConfigurationError(f"cannot read the script {path!r}: {reason(error)}") from error

    def chat(self, request: ChatRequest) -> ChatReply:
        """Return the next reply.

        Raises:
            ServiceError: If there is none left.
        """
        self.requests.append(request)
        if len(self.requests) > len(self._replies):
            raise ServiceError(
                f"model {self.name!r} has {len(self._replies)} replies and was asked for one more; use a new one for "
                "each episode"
            )
        return self._replies[len(self.requests) - 1]


def _reply(said: ScriptedReply) -> ChatReply:
    if isinstance(said, ChatReply):
        return said
    message = {"role": "assistant", "content": said} if isinstance(said, str) else said
    if not isinstance(message, Mapping):
        raise ConfigurationError(f"a scripted reply must be a text or an assistant message, not {said!r}")
    body = json.dumps({"choices": [{"message": message}]}).encode()
    read, _ = read_reply(body)
    return ChatReply(read.text, read.tool_calls, read.reasoning, read.finish_reason, Usage(1))
