"""Prompts that are exact to the token: what the model sampled is kept as it was, never decoded and encoded again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agemem_env.errors import ConfigurationError

Messages = Sequence[Mapping[str, Any]]


class Prompter:
    """Turns messages into text by the chat template of a tokenizer, and text into tokens.

    Args:
        tokenizer: As `transformers.AutoTokenizer` gives it.
        instructions: Stands for the content of the system message; None leaves that as it is.

    Raises:
        ConfigurationError: If the tokenizer has no chat template.
    """

    def __init__(self, tokenizer: Any, instructions: str | None = None) -> None:
        self.tokenizer, self._instructions = tokenizer, instructions
        if not tokenizer.chat_template:
            raise ConfigurationError("the model has no chat template; use an instruction-tuned model")

    def text(self, messages: Messages) -> str:
        """Return the prompt as text."""
        given = [dict(message) for message in messages]
        if self._instructions is not None and given[0]["role"] == "system":
            given[0]["content"] = self._instructions
        return str(self.tokenizer.apply_chat_template(given, tokenize=False, add_generation_prompt=True))

    def encode(self, text: str) -> list[int]:
        """Return tokens; nothing is put before or after them."""
        return [int(token) for token in self.tokenizer(text, add_special_tokens=False)["input_ids"]]

    def decode(self, tokens: Sequence[int]) -> str:
        """Return the text of a reply, without special tokens."""
        return str(self.tokenizer.decode(list(tokens), skip_special_tokens=True))


class Dialogue:
    """The prompts of one episode.

    Args:
        prompter: Writes them.
    """

    def __init__(self, prompter: Prompter) -> None:
        self._prompter = prompter
        self._text, self._tokens = "", list[int]()
        self._end = ""

    def prompt(self, messages: Messages) -> list[int]:
        """Return the tokens of a prompt: those before it with what was sampled, and the rest, where it goes on."""
        text = self._prompter.text(messages)
        rest = text[len(self._text) :]
        if self._text and text.startswith(self._text) and rest.startswith(self._end):
            self._tokens = self._tokens + self._prompter.encode(rest[len(self._end) :])
        else:
            self._tokens = self._prompter.encode(text)
        self._text = text
        return list(self._tokens)

    def take(self, tokens: Sequence[int], stop: int | None) -> str:
        """Take what was sampled, and return the reply.

        Args:
            tokens: All tokens, the stop token included.
            stop: The stop token that ended them; None if the length did.
        """
        reply = self._prompter.decode(tokens if stop is None else tokens[:-1])
        self._tokens = [*self._tokens, *tokens]
        self._text += reply
        self._end = "" if stop is None else str(self._prompter.tokenizer.decode([stop], skip_special_tokens=False))
        return reply
