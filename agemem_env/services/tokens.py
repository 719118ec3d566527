"""Token counters: how many tokens a text costs, and the longest prefix that fits a budget.

`make_token_counter` turns a name into a counter with a cache: ``"estimate"`` needs nothing else,
``"tiktoken:<encoding or model>"`` and ``"transformers:<name or path>"`` are exact.

>>> make_token_counter("estimate").count("The mug is in cabinet 3.")
8
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from agemem_env.errors import MissingExtraError, ServiceError, unknown_name
from agemem_env.services.base import LRU, check_service, split_spec

if TYPE_CHECKING:
    from tiktoken import Encoding

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
# Every repetition is bounded: a long run of garbage becomes several pieces, so that it can be cut inside.
_PIECE = re.compile(rf" ?[^\W\d_{_CJK}]{{1,32}}| ?\d{{1,3}}|[{_CJK}]| ?[^\w\s]{{1,16}}|_{{1,16}}|\s{{1,64}}")
# The same pieces of ASCII text, found in two thirds of the time.
_ASCII_PIECE = re.compile(r" ?[A-Za-z]{1,32}| ?[0-9]{1,3}| ?[^\w\s]{1,16}|_{1,16}|\s{1,64}")


class TokenCounter(Protocol):
    """What the context needs from a token counter.

    Attributes:
        name: The name to reproduce it with, for example ``"tiktoken:o200k_base"``.
        exact: Whether counts are those of a real tokenizer; False for an estimate.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 - described by the class

    @property
    def exact(self) -> bool: ...  # noqa: D102

    def count(self, text: str) -> int:
        """Return the number of tokens of a text; 0 for an empty one."""
        ...

    def truncate(self, text: str, max_tokens: int) -> str:
        """Return the longest prefix, cut between two pieces of text, that has at most `max_tokens` tokens."""
        ...


class EstimateCounter:
    """Estimate without a tokenizer: the text is cut into words, numbers, punctuation and white space.

    The cost of a piece is fitted to OpenAI's o200k_base encoding. Error of the sum over long samples:
    ALFWorld -5 %, ScienceWorld +7 %, PDDL -2 %, BabyAI +2 %, encyclopedic English -7 %, JSON 0 %,
    Markdown +2 %, code +5 %; in short samples of other languages up to 16 %. Leave a margin of a tenth.
    """

    name = "estimate"
    exact = False

    def count(self, text: str) -> int:
        """Return the estimated number of tokens, rounded up."""
        pieces = _ASCII_PIECE if text.isascii() else _PIECE
        return -(-sum(map(_piece_cost, pieces.findall(text))) // 100)

    def truncate(self, text: str, max_tokens: int) -> str:
        """Return the longest prefix, cut between two pieces, that is estimated to fit."""
        left = 100 * max_tokens
        for piece in _PIECE.finditer(text):
            left -= _piece_cost(piece[0])
            if left < 0:
                return text[: piece.start()]
        return text


@lru_cache(maxsize=65536)
def _piece_cost(piece: str) -> int:
    """Return the cost of one piece in hundredths of a token, so that sums are exact."""
    bare = piece.lstrip(" ")
    if not bare or bare.isspace():
        return 100 if len(piece) > 1 or piece in "\r\n" else 0
    if bare[0].isdigit():
        return 200 if piece != bare else 100
    if not bare[0].isalpha():
        return max(100, 40 * len(bare)) if bare.isascii() else 100 * len(bare)
    if not bare.isascii():
        return 80 if len(bare) == 1 else max(100, 33 * len(bare))
    tail = bare[1:]
    humps = 0 if tail == tail.lower() else sum(a.islower() and b.isupper() for a, b in itertools.pairwise(bare))
    return 100 + 13 * max(0, len(bare) - 9) + 70 * humps


def _longest_prefix(text: str, max_tokens: int, count: Callable[[str], int]) -> str:
    """Return the longest prefix, cut between two pieces, that an exact counter finds to fit.

    Found by bisection: a longer prefix is taken to have no fewer tokens.
    """
    if count(text) <= max_tokens:
        return text
    borders = [0, *(piece.end() for piece in _PIECE.finditer(text))]
    fits, too_long = 0, len(borders)
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        if count(text[: borders[middle]]) <= max_tokens:
            fits = middle
        else:
            too_long = middle
    return text[: borders[fits]]


class TiktokenCounter:
    """Exact counts of an OpenAI tokenizer (extra ``tiktoken``); text that looks like a special token is text.

    Args:
        name: Name of an encoding (``"o200k_base"``) or of a model (``"gpt-4o"``).

    Raises:
        MissingExtraError: If tiktoken is not installed.
        ConfigurationError: If tiktoken knows no encoding or model of this name.
        ServiceError: If the encoding is neither in tiktoken's cache nor can be downloaded.
    """

    exact = True

    def __init__(self, name: str) -> None:
        self.name = f"tiktoken:{name}"
        self._encoding = _tiktoken_encoding(name)

    def count(self, text: str) -> int:
        """Return the number of tokens."""
        return len(self._encoding.encode_ordinary(text))

    def truncate(self, text: str, max_tokens: int) -> str:
        """Return the longest prefix, cut between two pieces, that fits."""
        return _longest_prefix(text, max_tokens, self.count)


def _tiktoken_encoding(name: str) -> Encoding:
    try:
        import tiktoken
    except ImportError as error:
        raise MissingExtraError("tiktoken", "tiktoken", f"token counter 'tiktoken:{name}'") from error
    encodings = tiktoken.list_encoding_names()
    try:
        encoding = name if name in encodings else tiktoken.encoding_name_for_model(name)
    except KeyError as error:
        raise unknown_name("tiktoken encoding or model", name, encodings) from error
    try:
        return tiktoken.get_encoding(encoding)
    except Exception as error:  # tiktoken lets errors of several network and file layers through
        raise ServiceError(
            f"tiktoken cannot load {encoding!r}: it is downloaded at its first use. Without a network, set "
            f"TIKTOKEN_CACHE_DIR to a folder that holds it ({type(error).__name__})"
        ) from error


class TransformersCounter:
    """Exact counts of a Hugging Face tokenizer (extra ``local``), without special tokens.

    Args:
        model: Name or path of the tokenizer or its model.

    Raises:
        MissingExtraError: If transformers is not installed.
        ServiceError: If the tokenizer cannot be loaded.
    """

    exact = True

    def __init__(self, model: str) -> None:
        self.name = f"transformers:{model}"
        try:
            from transformers import AutoTokenizer
        except ImportError as error:
            raise MissingExtraError("transformers", "local", f"token counter {self.name!r}") from error
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(model)
        except (OSError, ValueError) as error:
            raise ServiceError(
                f"tokenizer {model!r} cannot be loaded; give the name of one that can be downloaded or the "
                f"path of one on disk ({error})"
            ) from error

    def count(self, text: str) -> int:
        """Return the number of tokens."""
        return len(self._tokenizer.encode(text, add_special_tokens=False))

    def truncate(self, text: str, max_tokens: int) -> str:
        """Return the longest prefix, cut between two pieces, that fits."""
        return _longest_prefix(text, max_tokens, self.count)


class CachedCounter:
    """A token counter that remembers the counts of the texts it saw last.

    Args:
        inner: The counter that is asked for the others.
        maxsize: Number of counts remembered.
    """

    def __init__(self, inner: TokenCounter, maxsize: int = 4096) -> None:
        self.inner = inner
        self._cache: LRU[str, int] = LRU(maxsize)

    @property
    def name(self) -> str:
        """The inner counter's name."""
        return self.inner.name

    @property
    def exact(self) -> bool:
        """Whether the inner counter is exact."""
        return self.inner.exact

    def count(self, text: str) -> int:
        """Return the number of tokens."""
        count = self._cache.get(text)
        if count is None:
            count = self.inner.count(text)
            self._cache.put(text, count)
        return count

    def truncate(self, text: str, max_tokens: int) -> str:
        """Return the longest prefix, cut between two pieces, that fits."""
        return text if self.count(text) <= max_tokens else self.inner.truncate(text, max_tokens)


def make_token_counter(spec: str | TokenCounter = "estimate") -> CachedCounter:
    """Return the token counter with a name, or the given counter, with a cache in front of it.

    Args:
        spec: ``"estimate"``, ``"tiktoken:<encoding or model>"``, ``"transformers:<name or path>"`` or an
            object with the members of `TokenCounter`.

    Raises:
        ConfigurationError: If the name is unknown or lacks its model.
        MissingExtraError: If an optional package is needed.
        ServiceError: If a tokenizer cannot be loaded.
    """
    if isinstance(spec, CachedCounter):
        return spec
    if not isinstance(spec, str):
        check_service("token counter", spec, "count")
        return CachedCounter(spec)
    kind, model = split_spec("token counter", spec, ["estimate"], ["tiktoken", "transformers"])
    if kind == "tiktoken":
        return CachedCounter(TiktokenCounter(model))
    return CachedCounter(TransformersCounter(model) if model else EstimateCounter())
