"""The key phrases of a query: names, quoted titles, numbers and dates."""

from __future__ import annotations

import re
from functools import lru_cache

from agemem_env.text.words import STOP_WORDS, is_abbreviation, word_set

_QUOTED = re.compile(r"""["“”«]([^"“”«»\n]{1,100})["”»]|(?<!\w)['‘]([^'‘’\n]{1,100})['’](?!\w)""")
_TOKEN = re.compile(r"[$€£]?[^\W_]+(?:(?:[.'’&/–-]|(?<=\d),(?=\d))[^\W_]+)*%?")
_CONNECTORS = word_set("of the de la del van von der den di da du le el al bin ibn y")
_ARTICLES_OF_NAMES = frozenset({"The", "A", "An"})
_DETERMINERS = word_set("a an the this that these those some any all each every my your his her their")
_OPENERS = word_set(
    """
    name find give list tell show put get go pick take bring fetch place move open close unlock look examine
    inspect heat cool clean wash cook boil melt freeze grow turn use make let please say state identify
    first second third then next last finally afterwards goal task note hint warning your you
    focus explain describe determine according given during before after although though since among between under
    within besides another notable not never no yes one two three many much every
    """
)
_NUMBERED = re.compile(r"(?<![\w.,-])([a-z]{3,}) \d{1,3}(?![\w.,]*\d)(?! [a-z]{3,}|[\w%])")
_SQUARE = re.compile(r"[A-Z]\d{1,2}")
_UNITS = word_set("number numbers least most about around exactly only than over under until since before after")
_SENTENCE_ENDS = frozenset(".!?…:;。！？")


# One sign per word of a query: N name, 9 number, A article that may begin a name, c connecting word,
# o anything else, | a break. Each repetition needs a core word, so that the search stays linear.
_NAME = re.compile(r"A?[N9](?:[N9]|(?<=N)[cA]+[N9])*")


@lru_cache(maxsize=256)
def key_phrases(query: str) -> tuple[str, ...]:
    """Return the key phrases ``K_q`` of a query (Eq. 21): names, quoted titles, numbers and dates.

    A name is a run of capitalised words of any script, with connecting words ("of", "the", "van") inside it.
    A word that is capitalised only because it opens a sentence is none, and neither is a label ("Goal:", "Task:"), a
    single letter, a square such as "R12" or a number of one digit. A number that stands next to a name belongs to it
    ("Apollo 11", "3 March 1966"), and so does one behind the thing that it numbers ("cabinet 3"). Phrases come in the
    order of their places, each once whatever its case; a query without any gives an empty tuple. Numbers are short:
    look for whole words.

    >>> key_phrases('Who directed "The Mummy" at the University of Oxford in 1999?')
    ('The Mummy', 'University of Oxford', '1999')
    >>> key_phrases("Put a clean mug in cabinet 3.")
    ('cabinet 3',)
    >>> key_phrases("You start on square R12. First, go to Martadale. Goal: open it.")
    ('Martadale',)
    """
    found = [(m.start(), (m[1] or m[2]).strip()) for m in _QUOTED.finditer(query)]
    # Bars of equal length keep the places and keep the words on the two sides of a title apart.
    bare = _QUOTED.sub(lambda m: "|" * len(m[0]), query)
    numbered = [(m.start(), m[0]) for m in _NUMBERED.finditer(bare) if m[1] not in STOP_WORDS and m[1] not in _UNITS]
    taken = {place + len(phrase) for place, phrase in numbered}
    named = [(place, phrase) for place, phrase in _names(bare) if place + len(phrase) not in taken]
    found += [*numbered, *((place, phrase) for place, phrase in named if _tells(bare, place, phrase))]
    unique: dict[str, str] = {}
    for _, phrase in sorted(found):
        unique.setdefault(phrase.lower(), phrase)
    return tuple(phrase for phrase in unique.values() if phrase)


def _tells(text: str, place: int, phrase: str) -> bool:
    """Return whether what is written like a name or number is one: no label, letter, square or digit."""
    if _SQUARE.fullmatch(phrase) or len(phrase) == 1:
        return False
    return " " in phrase or any(map(str.isdigit, phrase)) or not text[place + len(phrase) :].startswith(":")


def _names(text: str) -> list[tuple[int, str]]:
    tokens = list(_TOKEN.finditer(text))
    classes = []
    places: list[re.Match[str]] = []
    for i, token in enumerate(tokens):
        gap = text[tokens[i - 1].end() if i else 0 : token.start()]
        joined = i > 0 and _joins(gap, tokens[i - 1][0], token[0])
        opens = i == 0 or (not joined and (gap.isspace() or gap.strip()[-1] in _SENTENCE_ENDS))
        following = tokens[i + 1][0].lower() if opens and i + 1 < len(tokens) else ""
        classes.append(("" if joined else "|") + _word_class(token[0], opens, following))
        places += [token] * len(classes[-1])
    spans = [(places[m.start()], places[m.end() - 1]) for m in _NAME.finditer("".join(classes))]
    return [(a.start(), re.sub(r"['’]s$", "", text[a.start() : b.end()])) for a, b in spans]


def _joins(gap: str, before: str, after: str) -> bool:
    """Return whether two words with this gap between them can belong to one name or date."""
    if gap == ", ":  # as in "March 3, 1966"
        return before.isdigit() and after.isdigit() and len(after) == 4
    if gap == ". ":
        return is_abbreviation(before, after[0])
    return gap.strip() in ("", "&") and "\n" not in gap


def _word_class(word: str, opens: bool, following: str) -> str:
    lower = word.lower()
    if word.isalpha() and word.islower():
        return "c" if lower in _CONNECTORS else "o"
    if any(map(str.isupper, word)) and lower not in STOP_WORDS:
        # "Heat some water": a verb that stands before a determiner is no name.
        verb = opens and (lower in _OPENERS or (following in _DETERMINERS and word[1:].islower()))
        return "o" if verb else "N"
    if any(map(str.isdigit, word)):
        return "9"
    if word in _ARTICLES_OF_NAMES and not opens:
        return "A"
    return "c" if lower in _CONNECTORS or not word.islower() else "o"
