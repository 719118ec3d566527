"""Comparison of answers by HotpotQA's rules."""

from __future__ import annotations

import re
import string
from collections import Counter

from agemem_env.text.words import STOP_WORDS

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_CANDIDATE = 8
"""Words of a candidate at most."""

_FUNCTION_WORDS = frozenset(
    [
        "or",
        "and",
        "of",
        "in",
        "on",
        "at",
        "to",
        "was",
        "is",
        "were",
        "are",
        "did",
        "does",
        "has",
        "have",
        "who",
        "what",
        "which",
        "by",
        "for",
    ]
)
_CLOSED_ANSWERS = frozenset({"yes", "no", "noanswer"})


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


def expected_share(predicted: str, expected: str) -> float:
    """Return the share, in [0, 1], of an answer's words that are expected, stop words not counted; 1 without any.

    >>> expected_share("Ann Lee, Bob Roe", "Bob Roe"), expected_share("It is in Paris.", "Paris")
    (0.5, 1.0)
    """
    right = set(normalize_answer(expected).split())
    given = [word for word in normalize_answer(predicted).split() if word in right or word not in STOP_WORDS]
    return sum(word in right for word in given) / len(given) if given else 1.0


def names_both(question: str, predicted: str, expected: str) -> bool:
    """Return whether an answer names both candidates of an either-or question.

    >>> names_both("Which is older, Ada College or Bly Hall?", "Ada College and Bly Hall", "Bly Hall")
    True
    >>> names_both("Which is older, Ada College or Bly Hall?", "Bly Hall", "Bly Hall")
    False
    """
    asked = f" {normalize_answer(question)} "
    right = f" {normalize_answer(expected)} "
    sides = asked.split(" or ")
    if len(sides) < 2 or not right.strip():
        return False
    holding = [i for i, side in enumerate(sides) if right in f" {side} "]
    if len(holding) != 1:
        return False
    given = set(normalize_answer(predicted).split())
    other = [word for i, side in enumerate(sides) if i not in holding for word in side.split()[-_CANDIDATE:]]
    common = {word for i in holding for word in sides[i].split()} | _FUNCTION_WORDS
    return bool(given & set(right.split())) and any(word in given for word in other if word not in common)
