"""Texts as clauses: what each sentence says, in words that can be compared.

A clause is one sentence, list item or line. Its tokens are the words that carry content, in a form in which synonyms,
plurals and tenses are equal (`Token.key`). A token knows whether it is written like a name, whether it is a number,
and in which role it stands ("by X", "of X", "than X"). "I" and "my" are read as the speaker who introduced himself
before ("It's Ann. My mug …").
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache

from agemem_env.text.lexicon import (
    ARTICLES,
    DOUBTS,
    GENERIC,
    HAVING,
    HOLDERS,
    NEGATIONS,
    OBJECT_MARKERS,
    OPENERS,
    PHRASES,
    SAME,
    WEAK,
)
from agemem_env.text.words import split_sentences

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_TOKEN = re.compile(
    rf"-?\d(?:[\d,]*\d)?(?:\.\d+)?(?![\w])|[^\W_{_CJK}]+(?:['’.&/–-][^\W_{_CJK}]+)*|[{_CJK}]|[,;:()]"
)  # fmt: skip
_NUMBER = re.compile(r"-?\d(?:[\d,]*\d)?(?:\.\d+)?$")
_CODE = re.compile(r"([a-z]{3,})(\d+)$")
_TITLE = re.compile(r"(?P<title>[^:\n]{1,120}?): (?P<body>.+)", re.DOTALL)
_TITLE_LINKS = OBJECT_MARKERS | frozenset(
    {"over", "above", "between", "behind", "beyond", "without", "against", "through"}
)
_WORDS = r"[^\W\d_]+(?:['’.-][^\W\d_]+)*"
_SHORT = 5
_HEDGES = frozenset({"Maybe", "Perhaps", "Possibly", "Allegedly", "Supposedly"})
_SPOKEN = frozenset(["i", "me", "my", "you", "we", "us", "this", "that", "said", "told"])
_LISTED, *_REWRITES = ((re.compile(pattern, re.IGNORECASE), text) for pattern, text in PHRASES)
_PART = re.compile(r"\s*(?:;|\s\|\s|\s•\s|\s[–—]\s)\s*")
_SPEAKER = re.compile(
    r"^(?:It's|It is|This is|Here is|I am|I'm) ([A-Z][^\W\d_]+)\b(?=[.,:]| here| again)"
    r"|^([A-Z][^\W\d_]+) (?:here|speaking|again)\b[.,:]?|^([A-Z][^\W\d_]+): (?=I |My |In my )"
)
_WHERE = frozenset({"outside", "outdoors"})
_GENITIVES = ("'s", "’s", "s'", "s’")
_PARTICIPLES = ("ed", "een", "ade", "ept", "ut")
_GOALS = frozenset({"to", "into", "onto"})
_FIRST_PERSON = {"i": False, "my": True, "mine": True, "me": False, "i'm": False, "i've": False}


AGENT, PLAIN, OWNER, ORIGIN, PLACE, COMPARED = range(6)
"""Roles: after "by"; unmarked; after "of" or with "'s"; after "from"; after another preposition; after "than".

In the sense of a clause the lower one comes first.
"""


@dataclass(frozen=True, slots=True)
class Token:
    """A word that carries content, or a number.

    Attributes:
        key: What it is compared by.
        name: Whether it is written like a name.
        number: Whether it is a number.
        role: What stands before it, one of the roles above.
        source: Whether it stands after the "from" of "from … to …", or after "instead of".
        place: Position in the clause, punctuation and empty words counted.
    """

    key: str
    name: bool
    number: bool
    role: int
    source: bool
    place: int


@dataclass(frozen=True, slots=True)
class Clause:
    """A sentence, list item or line.

    Attributes:
        text: The words as written.
        tokens: What carries content, in order.
        keys: Place of the tokens in `tokens`, by key; two neighbours of which the second is a number have a place too.
        negations: Positions of the words that negate.
        holders: Positions of the words whose subject is a place or owner.
        joints: Positions of "and", "or" and commas.
        words: All words and punctuation, lower-cased.
        title: Title before the colon with which the clause begins ("Ed Wood: It …"), which is not among the tokens.
    """

    text: str
    tokens: tuple[Token, ...]
    keys: dict[str, list[int]]
    negations: tuple[int, ...]
    holders: tuple[int, ...]
    joints: tuple[int, ...]
    words: tuple[str, ...]
    title: str = ""


def title_of(text: str) -> tuple[str, str]:
    """Return the title before a colon, empty if there is none, and the rest.

    >>> title_of("Ed Wood (film): It was shot in 1994."), title_of("Ann moved mug 2: it is in cabinet 3.")
    (('Ed Wood (film)', 'It was shot in 1994.'), ('', 'Ann moved mug 2: it is in cabinet 3.'))
    """
    found = _TITLE.match(text)
    if found is None:
        return "", text
    title = found["title"]
    words = re.findall(r"[^\W_]+(?:['’.-][^\W_]+)*", title)
    telling = [word for word in words if word.lower() not in WEAK]
    lower = [word for word in telling if word[0].islower() and word not in _TITLE_LINKS]
    balanced = title.count("(") == title.count(")") and not (lower and "," in title)
    short = bool(telling) and len(words) <= _SHORT and telling[0][0].isupper() and words == re.findall(_WORDS, title)
    like_title = (
        bool(telling) and balanced and (not lower or (short and not _SPOKEN.intersection(map(str.lower, words))))
    )
    like_title = like_title and not (telling[0].lower() in DOUBTS and (lower or telling[0] in _HEDGES))
    return (found["title"], found["body"]) if like_title or _same_start(found) else ("", text)


def _same_start(found: re.Match[str]) -> bool:
    """Return whether what follows the colon begins with what stands before it."""
    bare = re.sub(r"\s*\(.*?\)$", "", found["title"])
    return re.match(rf"(?:The |An? )?{re.escape(bare)}\b", found["body"]) is not None


@lru_cache(maxsize=2048)
def title_keys(title: str, *, full: bool = False) -> tuple[str, ...]:
    """Return the words of a title, without what stands in brackets at its end unless the full title is wanted."""
    bare = title if full else re.sub(r"\s*\([^()]*\)$", "", title) or title
    return tuple(token.key for token in read_clause(rewrite(bare)).tokens)


@lru_cache(maxsize=8192)
def key_of(word: str) -> str:
    """Return the form in which a word is compared.

    >>> key_of("Produced"), key_of("boxes"), key_of("4,450"), key_of("200.0")
    ('produced', 'box', '4450', '200')
    """
    word = word.lower().replace("’", "'").removesuffix("'s").removesuffix("'")
    if _NUMBER.match(word):
        bare = word.replace(",", "")
        return bare.rstrip("0").rstrip(".") if "." in bare else bare
    return SAME.get(word) or SAME.get(_stem(word)) or _stem(word)


def _stem(word: str) -> str:
    if len(word) < 5 or not word.isascii() or not word.isalpha():
        return word[:-1] if len(word) == 4 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
    for ending, instead in (("sses", "ss"), ("ies", "y"), ("xes", "x"), ("ches", "ch"), ("shes", "sh")):
        if word.endswith(ending):
            return word.removesuffix(ending) + instead
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word.removesuffix("ed") if word.endswith("ed") and len(word) > 5 else word


def rewrite(text: str) -> str:
    """Return a text in the form in which it is read: compatible characters, set phrases replaced."""
    return "\n".join([_rewritten(line) for line in _bare_lines(text)])


def _bare_lines(text: str) -> list[str]:
    """Return the lines of a text in compatible characters, those of a list of entries without ids and scores."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if "&" in text:
        text = html.unescape(text)
    pattern, instead = _LISTED
    return pattern.sub(instead, text).split("\n")


@lru_cache(maxsize=4096)
def _rewritten(line: str) -> str:
    """Return a line with set phrases replaced; none of them goes on behind the end of a line."""
    for pattern, instead in _REWRITES:
        line = pattern.sub(instead, line)
    return line


@lru_cache(maxsize=2048)
def read_clauses(text: str) -> tuple[Clause, ...]:
    """Return the clauses of a text, in order.

    >>> [[t.key for t in c.tokens] for c in read_clauses("It's Ann. I keep mug 2 in cabinet 3.")]
    [['ann'], ['ann', 'mug', '2', 'cabinet', '3']]
    """
    clauses: list[Clause] = []
    speaker = ""
    for line in _bare_lines(text):
        found, speaker = _clauses(line, speaker)
        clauses += found
    return tuple(clauses)


@lru_cache(maxsize=4096)
def _clauses(line: str, speaker: str) -> tuple[tuple[Clause, ...], str]:
    """Return the clauses of a line, and who speaks at its end; lists of entries and summaries repeat what was said."""
    clauses: list[Clause] = []
    for sentence in split_sentences(_rewritten(line)):
        for part in _PART.split(sentence):
            found = _SPEAKER.match(part.lstrip("-*• "))
            speaker = next(filter(None, found.groups()), speaker) if found else speaker
            if part:
                title, body = title_of(part)
                clause = read_clause(body, speaker)
                clauses.append(replace(clause, title=title) if title else clause)
    return tuple(clauses), speaker


def read_clause(text: str, speaker: str = "") -> Clause:
    """Return one sentence as a clause; "I" and "my" stand for the speaker."""
    words = _TOKEN.findall(text)
    lower = [word.lower() for word in words]
    tokens: list[Token] = []
    keys: dict[str, list[int]] = {}
    for place, (word, low) in enumerate(zip(words, lower, strict=True)):
        if speaker and low in _FIRST_PERSON:
            word, low = speaker + ("'s" if _FIRST_PERSON[low] else ""), speaker.lower()
        elif (
            low in WEAK
            or (low in GENERIC and (place == 0 or word.islower()))
            or (not word[0].isalnum() and not word[-1].isalnum())
            or low in NEGATIONS
        ):
            continue
        key = key_of(word)
        number = _NUMBER.match(word) is not None
        role, source = _role(lower, place, word)
        name = word[0].isupper() and not (place == 0 and low in OPENERS)
        if role == PLAIN and name and tokens and tokens[-1].name and _joined(lower, tokens[-1].place, place):
            role = tokens[-1].role
        token = Token(key, name, number, role, source, place)
        if name and tokens and tokens[-1].name and tokens[-1].place == place - 1:
            token = _within_name(tokens, token, lower)
        keys.setdefault(key, []).append(len(tokens))
        if number and tokens and tokens[-1].place == place - 1:
            keys.setdefault(f"{tokens[-1].key} {key}", []).append(len(tokens) - 1)
        code = _CODE.match(key)
        if code:
            keys.setdefault(f"{key_of(code[1])} {code[2]}", []).append(len(tokens))
        tokens.append(token)
    return Clause(
        text,
        tuple(tokens),
        keys,
        tuple(i for i, low in enumerate(lower) if low in NEGATIONS),
        tuple(i for i in range(len(lower)) if _holds(lower, i)),
        tuple(i for i, low in enumerate(lower) if low in ("and", "or", ",", "&", ":")),
        tuple(lower),
    )


def _role(lower: list[str], place: int, word: str) -> tuple[int, bool]:
    if word.endswith(_GENITIVES):
        return OWNER, False
    i = place - 1
    if i >= 1 and _is_adjective(lower, i):
        i -= 1
    while i >= 0 and lower[i] in ARTICLES:
        i -= 1
    marker = lower[i] if i >= 0 else ""
    source = (marker == "from" and not _GOALS.isdisjoint(lower)) or lower[i - 1 : i] == ["instead"]
    if lower[i - 1 : i] == ["than"]:
        return COMPARED, False
    if lower[place] in _WHERE and marker not in OBJECT_MARKERS:
        return PLACE, source
    known = {"by": AGENT, "of": OWNER, "than": COMPARED, "from": ORIGIN}
    return known.get(marker, PLACE if marker in OBJECT_MARKERS else PLAIN), source


def _within_name(tokens: list[Token], token: Token, lower: list[str]) -> Token:
    """Return a word of a name in its role; a genitive is that of the whole name: "Ann Lee's", but not "Ann's Song"."""
    start = len(tokens) - 1
    while start and tokens[start - 1].name and tokens[start - 1].place == tokens[start].place - 1:
        start -= 1
    if token.role == OWNER:
        tokens[start:] = [replace(each, role=OWNER) for each in tokens[start:]]
    elif tokens[-1].role == OWNER:
        role, source = _role(lower, tokens[start].place, "")
        tokens[start:] = [replace(each, role=role, source=source) for each in tokens[start:]]
    return token


def _holds(lower: list[str], i: int) -> bool:
    """Return whether the subject of a word is a place, owner or whole: "has a roof", not "has moved"."""
    if lower[i] in HAVING:
        return not "".join(lower[i + 1 : i + 2]).endswith(_PARTICIPLES)
    return lower[i] in HOLDERS or key_of(lower[i]) in HOLDERS


def _joined(lower: list[str], left: int, right: int) -> bool:
    """Return whether nothing but "and" or "or" stands between two names: they are in the same role."""
    between = [word for word in lower[left + 1 : right] if word not in ARTICLES]
    return between in (["and"], ["or"])


def _is_adjective(lower: list[str], i: int) -> bool:
    """Return whether the word may stand between an article and what it belongs to."""
    return lower[i - 1] in ARTICLES and lower[i] not in WEAK
