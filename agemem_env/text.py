"""Pure functions on text: answer comparison, content words, sentences and key phrases.

Everything here is deterministic, needs no model and takes time linear in the length of the text.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from functools import lru_cache


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


STOP_WORDS = _words(
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

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_CLOSED_ANSWERS = frozenset({"yes", "no", "noanswer"})

# Chinese and Japanese are written without spaces: each of their characters is a word.
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_WORD = re.compile(rf"[^\W_{_CJK}]+(?:['’][^\W_{_CJK}]+)*|[{_CJK}]")

_ABBREVIATIONS = _words(
    "mr mrs ms dr prof st sr jr gen col capt lt sgt rev hon gov sen rep messrs mt ft vs eg ie cf dept univ "
    "bros jan feb mar apr jun jul aug sep sept oct nov dec"
)
_ABBREVIATIONS_BEFORE_NUMBERS = frozenset({"no", "vol", "fig", "eq", "approx", "ca", "p", "pp"})
_STOP = re.compile(r"([.!?…]+)[\"'”’)\]]*|[。！？]+[」』”’）]*")
_SPACE = re.compile(r"\s*")


def normalize_answer(text: str) -> str:
    """Return an answer in HotpotQA's normal form: lower case, no punctuation, no articles, single spaces.

    >>> normalize_answer("The  Eiffel Tower!")
    'eiffel tower'
    """
    bare = text.lower().translate(_PUNCTUATION)
    return " ".join(_ARTICLES.sub(" ", bare).split())


def exact_match(predicted: str, expected: str) -> bool:
    """Return whether two answers are equal in HotpotQA's normal form.

    >>> exact_match("the Beatles.", "Beatles")
    True
    """
    return normalize_answer(predicted) == normalize_answer(expected)


def answer_f1(predicted: str, expected: str) -> float:
    """Return the F1 score, in [0, 1], of an answer's words by HotpotQA's rule.

    A yes, no or noanswer on either side counts only if both sides are equal. Without a common word the
    score is 0, also if both sides are empty.

    >>> answer_f1("Paris, France", "Paris")
    0.6666666666666666
    >>> answer_f1("yes it is", "yes")
    0.0
    """
    precision, recall = answer_precision_recall(predicted, expected)
    return 2 * precision * recall / (precision + recall) if precision else 0.0


def answer_precision_recall(predicted: str, expected: str) -> tuple[float, float]:
    """Return the precision and recall, in [0, 1], that `answer_f1` combines.

    >>> answer_precision_recall("Paris, France", "Paris")
    (0.5, 1.0)
    """
    left, right = normalize_answer(predicted), normalize_answer(expected)
    if left != right and not _CLOSED_ANSWERS.isdisjoint((left, right)):
        return 0.0, 0.0
    left_words, right_words = left.split(), right.split()
    common = sum((Counter(left_words) & Counter(right_words)).values())
    return common / max(1, len(left_words)), common / max(1, len(right_words))


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


def _split_line(line: str) -> list[str]:
    parts: list[str] = []
    start = 0
    for stop in _STOP.finditer(line):
        if _ends_sentence(line, stop):
            parts.append(line[start : stop.end()].strip())
            start = stop.end()
    parts.append(line[start:].strip())
    return [part for part in parts if part]


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


_QUOTED = re.compile(r"""["“”«]([^"“”«»\n]{1,100})["”»]|(?<!\w)['‘]([^'‘’\n]{1,100})['’](?!\w)""")
_TOKEN = re.compile(r"[$€£]?[^\W_]+(?:(?:[.'’&/–-]|(?<=\d),(?=\d))[^\W_]+)*%?")
_CONNECTORS = _words("of the de la del van von der den di da du le el al bin ibn y")
_ARTICLES_OF_NAMES = frozenset({"The", "A", "An"})
_DETERMINERS = _words("a an the this that these those some any all each every my your his her their")
_OPENERS = _words(
    """
    name find give list tell show put get go pick take bring fetch place move open close unlock look examine
    inspect heat cool clean wash cook boil melt freeze grow turn use make let please say state identify
    explain describe determine according given during before after although though since among between under
    within besides another notable not never no yes one two three many much every
    """
)
_SENTENCE_ENDS = frozenset(".!?…:;。！？")


# One sign per word of a query: N name, 9 number, A article that may begin a name, c connecting word,
# o anything else, | a break. Each repetition needs a core word, so that the search stays linear.
_NAME = re.compile(r"A?[N9](?:[N9]|(?<=N)[cA]+[N9])*")


def key_phrases(query: str) -> tuple[str, ...]:
    """Return the key phrases ``K_q`` of a query (Eq. 21): names, quoted titles, numbers and dates.

    A name is a run of capitalised words of any script, with connecting words ("of", "the", "van") inside it.
    A word that is capitalised only because it opens a sentence is none. A number that stands next to a name
    belongs to it ("Apollo 11", "3 March 1966"). Phrases come in the order of their places, each once
    whatever its case; a query without any gives an empty tuple. Numbers are short: look for whole words.

    >>> key_phrases('Who directed "The Mummy" at the University of Oxford in 1999?')
    ('The Mummy', 'University of Oxford', '1999')
    >>> key_phrases("Put a clean mug in cabinet 3.")
    ('3',)
    """
    found = [(m.start(), (m[1] or m[2]).strip()) for m in _QUOTED.finditer(query)]
    # Bars of equal length keep the places and keep the words on the two sides of a title apart.
    found += _names(_QUOTED.sub(lambda m: "|" * len(m[0]), query))
    unique: dict[str, str] = {}
    for _, phrase in sorted(found):
        unique.setdefault(phrase.lower(), phrase)
    return tuple(phrase for phrase in unique.values() if phrase)


def _names(text: str) -> list[tuple[int, str]]:
    tokens = list(_TOKEN.finditer(text))
    classes = []
    places: list[re.Match[str]] = []
    for i, token in enumerate(tokens):
        gap = text[tokens[i - 1].end() if i else 0 : token.start()]
        joined = i > 0 and _joins(gap, tokens[i - 1][0], token[0])
        opens = i == 0 or (not joined and (gap.isspace() or gap.strip()[-1] in _SENTENCE_ENDS))
        following = tokens[i + 1][0].lower() if i + 1 < len(tokens) else ""
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
    if any(map(str.isupper, word)) and lower not in STOP_WORDS:
        # "Heat some water": a verb that stands before a determiner is no name.
        verb = opens and (lower in _OPENERS or (following in _DETERMINERS and word[1:].islower()))
        return "o" if verb else "N"
    if any(map(str.isdigit, word)):
        return "9"
    if word in _ARTICLES_OF_NAMES and not opens:
        return "A"
    return "c" if lower in _CONNECTORS or not word.islower() else "o"
