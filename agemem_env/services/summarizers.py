"""Summarisers: from some messages to one text within a token budget, for the Summary tool (Eq. 14).

>>> from agemem_env.services.tokens import make_token_counter
>>> summarizer = make_summarizer("extractive", make_token_counter("estimate"))
>>> summarizer.summarize(["Hi! Mug 2 is in cabinet 3.", "mug 2 is in cabinet 3"], max_tokens=10)
'Mug 2 is in cabinet 3.'
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from agemem_env.services.base import check_service, named_options, refuse_options, split_spec
from agemem_env.services.tokens import TokenCounter
from agemem_env.text.words import content_words, split_sentences

_NUMBER_OR_NAME = re.compile(r"\d+|(?<=[\w,;:] )[^\W\d_a-z]\w+")
_INSTRUCTION = """\
You compress a part of a conversation into one note that will replace it.
Keep every fact that could still matter: names, numbers, places, states of things, what was asked, what was \
decided and why, what is intended next, and what is still open. If something was corrected, keep the latest \
version.
Leave out greetings, thanks, repetitions and filler. Add nothing that was not said.
Write plain sentences, no heading and no introduction. Use at most {words} words."""


class Summarizer(Protocol):
    """What the Summary tool needs.

    Attributes:
        name: The name to reproduce it with, for example ``"openai:gpt-4o-mini"``.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 - described by the class

    def summarize(self, texts: Sequence[str], max_tokens: int) -> str:
        """Return one text of at most `max_tokens` tokens that says what the texts, oldest first, say."""
        ...


class ExtractiveSummarizer:
    """Summary without a model: the most informative sentences, word for word, in their order.

    A sentence is worth more if its content words occur in many sentences and if it has numbers and names. Of
    sentences with the same content words the first is kept. The result is deterministic.

    Args:
        counter: Measures the budget.
    """

    name = "extractive"

    def __init__(self, counter: TokenCounter) -> None:
        self._counter = counter

    def summarize(self, texts: Sequence[str], max_tokens: int) -> str:
        """Return the best sentences that fit, one per line; the start of the best one if none fits."""
        sentences = _distinct_sentences(texts)
        worth = _worth(list(sentences.values()), list(sentences))
        ranked = sorted(range(len(worth)), key=lambda i: -worth[i])
        lines = list(sentences.values())
        chosen: list[int] = []
        left = max_tokens
        for i in ranked:
            cost = self._counter.count(lines[i] + "\n")
            if cost <= left:
                chosen.append(i)
                left -= cost
        if not chosen:
            return self._counter.truncate(lines[ranked[0]], max_tokens).strip() if ranked else ""
        text = "\n".join(lines[i] for i in sorted(chosen))
        return self._counter.truncate(text, max_tokens)  # counts of lines need not add up exactly


def _distinct_sentences(texts: Sequence[str]) -> dict[frozenset[str], str]:
    """Return the first sentence for each set of content words.

    Sentences without any are left out, and so are those with a single one ("Thanks!") unless all are such.
    """
    distinct: dict[frozenset[str], str] = {}
    for text in texts:
        for sentence in split_sentences(text):
            words = frozenset(content_words(sentence))
            if words:
                distinct.setdefault(words, sentence)
    return {words: sentence for words, sentence in distinct.items() if len(words) > 1} or distinct


def _worth(sentences: Sequence[str], word_sets: Sequence[frozenset[str]]) -> list[float]:
    """Return what each sentence is worth: mean spread of its words, plus its numbers, names and size."""
    spread = Counter(word for words in word_sets for word in words)
    worth = []
    for sentence, words in zip(sentences, word_sets, strict=True):
        central = sum(spread[word] - 1 for word in words) / (len(words) * max(1, len(sentences) - 1))
        telling = min(len(_NUMBER_OR_NAME.findall(sentence)), 2) / 4
        worth.append(central + telling + min(len(words), 8) / 16)
    return worth


class OpenAISummarizer:
    """A chat model behind an OpenAI-compatible service, told to keep facts, intentions and open questions.

    Args:
        model: Name of the model.
        counter: Measures the budget; a longer reply is cut.
        **options: See `OpenAIOptions`; unless given, ``temperature=0`` and ``max_tokens=None``.

    Raises:
        ConfigurationError: If an option is not allowed.
    """

    def __init__(self, model: str, counter: TokenCounter, **options: Any) -> None:
        self.name = f"openai:{model}"
        self._counter = counter
        from agemem_env.services.openai.client import OpenAIModel, OpenAIOptions  # loads the HTTP client

        asked = OpenAIOptions.of("summarizer", options, temperature=0, max_tokens=None)
        self._model = OpenAIModel(model, asked, "summarizer")

    def summarize(self, texts: Sequence[str], max_tokens: int) -> str:
        """Return the model's summary.

        Raises:
            ServiceError: If the service fails.
        """
        conversation = "\n\n".join(texts)
        if not conversation.strip() or max_tokens < 1:
            return ""
        instruction = _INSTRUCTION.format(words=max(1, max_tokens * 3 // 4))
        reply = self._model.say([("system", instruction), ("user", conversation)], "summary")
        return self._counter.truncate(reply, max_tokens)


def make_summarizer(spec: str | Mapping[str, Any] | Summarizer, counter: TokenCounter) -> Summarizer:
    """Return the summariser with a name, or the given one.

    Args:
        spec: ``"extractive"``, ``"openai:<model>"``, a mapping with such a ``name`` and `OpenAIOptions`, or an object
            with the members of `Summarizer`.
        counter: Measures the budget.

    Raises:
        ConfigurationError: If the name is unknown or lacks its model, or an option is not allowed.
    """
    name, options = named_options("summarizer", spec) if isinstance(spec, Mapping) else (spec, {})
    if not isinstance(name, str):
        check_service("summarizer", name, "summarize")
        return name
    _, model = split_spec("summarizer", name, ["extractive"], ["openai"])
    if model:
        return OpenAISummarizer(model, counter, **options)
    refuse_options("summarizer", name, options)
    return ExtractiveSummarizer(counter)
