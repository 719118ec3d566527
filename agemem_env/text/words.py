"""Words that carry content, and sentences.

Everything here is deterministic, needs no model and takes time linear in the length of the text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


STOP_WORDS = word_set(
    """
    a an the this that these those it its itself he him his himself she her hers herself they them their
    theirs themselves i me my mine myself we us our ours ourselves you your yours yourself yourselves
    who whom whose which what when where why how whether am is are was were be been being
    do does did doing done have has had having can could will would shall should may might must
    i'm i've i'd i'll you're you've we're we've they're he's she's it's that's there's there here
    and or but nor so if then than as of at by for with about into onto in on to from while because
    also just very too such both each few more most some any other own same all
    """
)
"""English words that carry no content of their own. Negations and words such as "off" or "under" are not
among them, because they change a fact."""

# Chinese and Japanese are written without spaces: each of their characters is a word.
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_WORD = re.compile(rf"[^\W_{_CJK}]+(?:['’][^\W_{_CJK}]+)*|[{_CJK}]")

_ABBREVIATIONS = word_set(
    "mr mrs ms dr prof st sr jr gen col capt lt sgt rev hon gov sen rep messrs mt ft vs eg ie cf dept univ "
    "bros jan feb mar apr jun jul aug sep sept oct nov dec"
)
_ABBREVIATIONS_BEFORE_NUMBERS = frozenset({"no", "vol", "fig", "eq", "approx", "ca", "p", "pp"})
_STOP = re.compile(r"([.!?…]+)[\"'”’)\]]*|[。！？]+[」』”’）]*")
_SPACE = re.compile(r"\s*")


@lru_cache(maxsize=4096)
def content_words(text: str) -> tuple[str, ...]:
    """Return the words and numbers of a text that carry content, lower-cased, in order, with repetitions.

    Letters and digits of any script count; a possessive "'s" is dropped; every Chinese or Japanese
    character is a word. Negations are content.

    >>> content_words("Mug 2 is NOT in Ann's cabinet.")
    ('mug', '2', 'not', 'ann', 'cabinet')
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).replace("’", "'")
    words = _WORD.findall(text.lower())
    return tuple(w.removesuffix("'s") for w in words if w not in STOP_WORDS)


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text, stripped, in order, none of them empty.

    A line break always ends a sentence. A full stop does not after an abbreviation or an initial, nor
    before a lower-case letter.

    >>> split_sentences("Dr. Lee met J. R. Smith. They ate 2.5 pies! Good?")
    ['Dr. Lee met J. R. Smith.', 'They ate 2.5 pies!', 'Good?']
    """
    return [sentence for line in text.splitlines() for sentence in _split_line(line)]


@lru_cache(maxsize=4096)
def _split_line(line: str) -> tuple[str, ...]:
    parts: list[str] = []
    start = 0
    for stop in _STOP.finditer(line):
        if _ends_sentence(line, stop):
            parts.append(line[start : stop.end()].strip())
            start = stop.end()
    parts.append(line[start:].strip())
    return tuple(part for part in parts if part)


def _ends_sentence(line: str, stop: re.Match[str]) -> bool:
    mark = stop.group(1)
    if mark is None:
        return True
    following = _SPACE.match(line, stop.end())
    assert following is not None, "a pattern that matches nothing always matches"
    if following.end() == len(line):
        return True
    first = line[following.end()]
    if following.end() == stop.end() or first.islower():
        return False
    return mark != "." or not is_abbreviation(_word_before(line, stop.start()), first)


def _word_before(line: str, end: int) -> str:
    # No abbreviation is longer than this, and looking no further keeps the whole split linear.
    words = line[max(0, end - 24) : end].split()
    return words[-1].lstrip("([\"'“‘") if words and not line[end - 1].isspace() else ""


def is_abbreviation(word: str, following: str) -> bool:
    """Return whether a full stop after `word` belongs to the word, given the next visible character.

    >>> is_abbreviation("Dr", "L"), is_abbreviation("U.S", "A"), is_abbreviation("house", "T")
    (True, True, False)
    """
    if (len(word) == 1 and word.isupper()) or re.fullmatch(r"(?:[^\W\d_]\.)+[^\W\d_]", word):
        return word != "I"
    lower = word.lower()
    return lower in _ABBREVIATIONS or (following.isdigit() and lower in _ABBREVIATIONS_BEFORE_NUMBERS)
