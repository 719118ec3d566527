"""Which statements are about the same fact, so that the newer one corrects the older, and statements as triplets."""

from __future__ import annotations

import re
from functools import cache, lru_cache

from agemem_env.text.words import content_words
from baselines.reader.patterns import WordingPattern, patterns_of
from baselines.reader.statements import Statement, normal_name, read_statements, says_correction, stands_for
from baselines.reader.world import RELATIONS, Relation

SHARED_WORDS = 0.5
"""Share of the words of a text that says "now" which an older text about the same matter has."""

_VERB = re.compile(
    r"(?P<s>.+?) (?P<v>(?:is|are|was|were|has|had|can|\w+s)\b(?: (?:in|on|at|with|by|of|to))?) (?P<o>.+?)\.?"
)
_SHAPE = re.compile(r"\{S\} (?P<verb>[^{}]+) \{o\}\.")


@lru_cache(maxsize=8192)
def repeats_or_corrects(old: str, new: str) -> bool:
    """Return whether a text says again, differently, what an older one says: the same of the same subject.

    >>> repeats_or_corrects("Salt Harbour: It was directed by Ida Brekke.", "Salt Harbour: It was directed by Ann Lee.")
    True
    >>> repeats_or_corrects("Salt Harbour: It was directed by Ida Brekke.", "Salt Harbour: It runs for 90 minutes.")
    False
    """
    before, after = read_statements(old), read_statements(new)
    if len(before) != 1 or len(after) != 1:
        return False
    subjects = {normal_name(s.subject) for s in (*before, *after) if s.subject}
    if len(subjects) > 1:
        return False
    if _matched_wordings(before[0]) & _matched_wordings(after[0]):
        return True
    words = set(content_words(new)) - {"now"}
    return (
        says_correction(new) and bool(words) and len(words.intersection(content_words(old))) / len(words) > SHARED_WORDS
    )


@lru_cache(maxsize=8192)
def to_triplet(statement: Statement) -> tuple[str, str, str]:
    """Return what a statement says as source, relation and target.

    >>> to_triplet(Statement("Salt Harbour", "The film was shot in Tolm."))
    ('Salt Harbour', 'was shot in', 'Tolm')
    """
    for form, relation in _patterns_by_certainty():
        slots = form.read(statement.text)
        if slots and "o" in slots and (shown := slots.get("s", statement.subject)):
            source = statement.subject if statement.subject and stands_for(shown, statement.subject) else shown
            return source, _verb_phrase(relation), slots["o"]
    match = _VERB.fullmatch(statement.text)
    if match is None:
        return statement.subject or statement.text, "is described:", statement.text.rstrip(".")
    return (statement.subject or match["s"]), match["v"], match["o"]


@lru_cache(maxsize=8192)
def _matched_wordings(statement: Statement) -> frozenset[tuple[str, str]]:
    """Return subject and wording of every known form that a statement has."""
    found = set()
    for form, _ in _patterns_by_certainty():
        slots = form.read(statement.text)
        if slots:
            found.add((normal_name(statement.subject or slots.get("s", "")), form.pattern.pattern))
    return frozenset(found)


@cache
def _patterns_by_certainty() -> tuple[tuple[WordingPattern, Relation], ...]:
    """Every wording with its relation, the surest first."""
    forms = [(form, relation) for relation in RELATIONS for form in patterns_of(relation).says if relation.says]
    return tuple(sorted(forms, key=lambda pair: -pair[0].literal_length))


@cache
def _verb_phrase(relation: Relation) -> str:
    """Return the words between subject and object, of a wording that begins with the one and ends with the other."""
    shapes = [match["verb"] for wording in relation.says if (match := _SHAPE.fullmatch(wording))]
    return shapes[0] if shapes else relation.name.replace("_", " ")
