"""What distinguishes a statement from others, and which statements a text makes.

A statement is made by a clause of a text (`agemem_env.text.clauses`) if, of each other and in that one clause, the
clause says all that distinguishes it:

* every name, number, quality and relation of it, and every word in which it differs from a similar statement of the
  same task; numbers belong to the word that they follow ("mug 2"), comparisons to their number ("above 200");
* in the same roles ("b1 is on b2" is not "b2 is on b1", and "A made B" is "B was made by A");
* with the same negations;
* and at least half of its other words, all of them if there are one or two.

What a paragraph is about ("Title: …") may be named in an earlier clause of the same text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

from agemem_env.text.clauses import Clause, key_of, read_clauses, rewrite, title_keys, title_of
from agemem_env.text.distinct import DistinctStatement, Part, distinct, units_of
from agemem_env.text.lexicon import ARTICLES
from agemem_env.text.roles import mixed_up, negations_in, places_of, sign_of, span, torn, within

SIMILAR = 0.5
"""Share of a statement's words from which another statement is so similar that the words they differ in matter."""


ReadClauses = tuple[tuple[Clause, frozenset[int]], ...]
"""The clauses of a text, each with the statements that it makes."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a clause is about by what stands around it.

    Attributes:
        topic: Title that it is about.
        heading: Words of its own title and of the heading above it.
    """

    topic: tuple[str, ...] = ()
    heading: tuple[str, ...] = ()


_NOTHING = Surroundings()


def made_by(statement: DistinctStatement, clause: Clause, around: Surroundings = _NOTHING) -> bool:
    """Return whether a clause makes a statement.

    Args:
        statement: The statement.
        clause: The clause.
        around: What stands around it.
    """
    subject = statement.subject
    if subject and subject != around.topic and not places_of(clause, subject):
        return False
    if clause.words == statement.words:
        return True
    mentions: list[list[int]] = []
    for part in statement.parts:
        found = [i for i in places_of(clause, part.keys) if part.source or not clause.tokens[i].source]
        if len(found) < part.count and (torn(clause, part.keys) or not within(part.keys, around.heading)):
            return False
        mentions.append(found)
    if not all(mentions) and any(t.name and t.key not in statement.keys for t in clause.tokens):
        return False
    free = [clause.keys[key] for key in statement.free if key in clause.keys]
    if len(free) + sum(key in around.heading for key in statement.free if key not in clause.keys) < statement.needed:
        return False
    if "below" in clause.keys and not statement.below:
        return False
    low, high = span(clause, [len(part.keys) for part in statement.parts], mentions, free)
    if high - low > 3 * statement.length + 10 or negations_in(clause, low, high) != statement.negations:
        return False
    if any(
        mentions[a]
        and mentions[b]
        and not any(sign_of(clause, i, j) in (sign, 0) for i in mentions[a] for j in mentions[b] if i != j)
        for a, b, sign in statement.roles
    ):
        return False
    return not any(
        all(mixed_up(clause, i, j, statement.own) for i in one for j in other if i != j)
        for one, other in combinations(filter(None, mentions), 2)
        if len({*one, *other}) > 1
    )


def _at_colon(clause: Clause, start: int, size: int) -> bool:
    """Return whether so many tokens stand right before or behind a colon, articles not counted."""
    first, last = clause.tokens[start].place, clause.tokens[start + size - 1].place
    before = [word for word in clause.words[:first] if word not in ARTICLES]
    return before[-1:] == [":"] or clause.words[last + 1 : last + 2] == (":",)


class StatementIndex:
    """Statements that are told apart from each other, and which of them a text makes.

    A statement of several clauses is made if all of them are.

    Args:
        texts: The statements.
        essentials: For each of them what must be there; empty lets it be found.

    Example:
        >>> index = StatementIndex(["Mug 2 is in cabinet 3.", "Mug 3 is in cabinet 2."])
        >>> sorted(index.made("I saw that cabinet 3 has mug 2 in it; mug 3 is gone."))
        [0]
    """

    def __init__(self, texts: Sequence[str], essentials: Sequence[Sequence[str]] = ()) -> None:
        given = [*essentials, *[()] * (len(texts) - len(essentials))]
        titles = {title_of(text)[0] for text in map(rewrite, texts)}
        self._ambiguous = {keys for keys, count in Counter(map(title_keys, titles)).items() if count > 1}
        self._exact = {text.strip(): owner for owner, text in enumerate(texts)}
        self._clauses: list[Clause] = []
        self._owners: list[int] = []
        alone: list[DistinctStatement] = []
        for owner, (text, found) in enumerate(zip(texts, given, strict=True)):
            for clause, statement in units_of(text, found, self._title):
                self._clauses.append(clause)
                self._owners.append(owner)
                alone.append(statement)
        self._given = [bool(given[owner]) for owner in self._owners]
        self.statements = tuple(self._told_apart(i, alone) for i in range(len(alone)))
        self._sizes = Counter(self._owners)
        self._title_starts: dict[str, list[tuple[str, ...]]] = {}
        for keys in sorted({self._title(c.title) for c in self._clauses}, key=len, reverse=True):
            self._title_starts.setdefault(keys[0] if keys else "", []).append(keys)
        self._cache: dict[str, tuple[ReadClauses, frozenset[int]]] = {}

    def made(self, text: str) -> frozenset[int]:
        """Return the indices of the statements that a text makes."""
        return self._once(text)[1]

    def _title(self, title: str) -> tuple[str, ...]:
        """Return the words of a title, with what stands in brackets if another one has the same words before."""
        keys = title_keys(title) if title else ()
        return title_keys(title, full=True) if keys in self._ambiguous else keys

    def whole(self, units: Iterable[int]) -> frozenset[int]:
        """Return the indices of the statements of which all clauses are among these."""
        counts = Counter(self._owners[unit] for unit in units)
        return frozenset(owner for owner, count in counts.items() if count == self._sizes[owner])

    def owner(self, unit: int) -> int:
        """Return the index of the statement that a clause belongs to."""
        return self._owners[unit]

    def by_clause(self, text: str) -> ReadClauses:
        """Return the clauses of a text, each with the indices in `statements` of those that it makes."""
        return self._once(text)[0]

    def _once(self, text: str) -> tuple[ReadClauses, frozenset[int]]:
        """Return what `by_clause` and `made` return."""
        known = self._cache.get(text)
        if known is None:
            found = tuple(self._read(text))
            if text.strip() in self._exact and found:
                owner = self._exact[text.strip()]
                units = frozenset(i for i, other in enumerate(self._owners) if other == owner)
                found = (*found[:-1], (found[-1][0], found[-1][1] | units))
            known = self._cache[text] = found, self.whole(frozenset[int]().union(*(units for _, units in found)))
        return known

    @cached_property
    def _openings(self) -> dict[tuple[str, ...], tuple[str, ...]]:
        """The clauses that name their title in other words ("Christopher Edward Nolan …"), with their title."""
        found: dict[tuple[str, ...], set[tuple[str, ...]]] = {}
        for clause, statement in zip(self._clauses, self.statements, strict=True):
            if statement.subject and not clause.keys.keys().isdisjoint(statement.subject):
                found.setdefault(clause.words, set()).add(statement.subject)
        return {words: next(iter(titles)) for words, titles in found.items() if len(titles) == 1}

    @cached_property
    def _anchors(self) -> dict[str, list[int]]:
        """The statements by their rarest necessary word."""
        counts = Counter(key for s in self.statements for part in s.parts for key in part.keys)
        anchors: dict[str, list[int]] = {}
        for i, statement in enumerate(self.statements):
            keys = [key for part in statement.parts for key in part.keys]
            anchors.setdefault(min(keys, key=counts.__getitem__) if keys else "", []).append(i)
        return anchors

    def _read(self, text: str) -> Iterator[tuple[Clause, frozenset[int]]]:
        topic: tuple[str, ...] = ()
        header: tuple[str, ...] = ()
        for clause in read_clauses(text):
            if clause.text.endswith(":"):
                header = tuple(token.key for token in clause.tokens)
            candidates = [i for key in self._words(clause, header) for i in self._anchors.get(key, ())]
            named = self._opening(clause.words) or self._topic(clause, topic)
            around = Surroundings(named or topic, self._title(clause.title) + header)
            found = frozenset(i for i in candidates if made_by(self.statements[i], clause, around))
            topic = named or (topic if found else self._mentioned(clause)) or topic
            yield clause, found

    def _opening(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """Return the title of a clause that names it in other words, with or without an introduction."""
        said = words[words.index(":") + 1 :] if ":" in words else words
        return self._openings.get(words, ()) or self._openings.get(said, ())

    @staticmethod
    def _words(clause: Clause, header: tuple[str, ...]) -> set[str]:
        return {*clause.keys, *header, *(title_keys(clause.title) if clause.title else ()), ""}

    def _topic(self, clause: Clause, topic: tuple[str, ...]) -> tuple[str, ...]:
        """Return the title with which a clause begins; empty if there is none or it is a part of the present one."""
        if clause.title:
            return self._title(clause.title)
        for i, token in enumerate(clause.tokens):
            for keys in self._title_starts.get(token.key, ()):
                if i in places_of(clause, keys) and (i == 0 or _at_colon(clause, i, len(keys))):
                    return () if within(keys, topic) else keys
        return ()

    def _mentioned(self, clause: Clause) -> tuple[str, ...]:
        """Return the title that a short clause mentions ("I was reading about …"); empty if there is none."""
        for token in clause.tokens:
            for keys in self._title_starts.get(token.key, ()):
                if places_of(clause, keys) and len(clause.tokens) <= len(keys) + 4:
                    return keys
        return ()

    def _told_apart(self, i: int, alone: Sequence[DistinctStatement]) -> DistinctStatement:
        """Return a statement with the words that tell it from similar ones among what must be there."""
        statement, clause = alone[i], self._clauses[i]
        if self._given[i]:
            return statement
        own = Counter(t.key for t in clause.tokens)
        parts, like = [*statement.parts], False
        for j, other in enumerate(self._clauses):
            if j == i or other.words == clause.words or len(own & other.keys.keys()) < SIMILAR * len(own):
                continue
            there = {key: len(places) for key, places in other.keys.items()}
            different = sorted(key for key, count in own.items() if count > there.get(key, 0))
            parts += [Part((key,), count=own[key]) for key in different if key in statement.free or own[key] > 1]
            like = like or (not different and made_by(statement, other, Surroundings(statement.subject)))
        if like:
            words = [Part((t.key,), t.source, "word") for t in clause.tokens if t.key in statement.free]
            parts = [replace(part, kind=part.kind or "word") for part in parts] + words
        return (
            statement
            if len(parts) == len(statement.parts) and not like
            else distinct(statement.text, statement.subject, clause, parts)
        )


def same_word(a: str, b: str) -> bool:
    """Return whether two words count as the same.

    >>> same_word("author", "wrote"), same_word("above", "below")
    (True, False)
    """
    return key_of(a) == key_of(b)
