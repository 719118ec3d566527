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
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

from agemem_env.text.clauses import (
    COMPARED,
    OWNER,
    PLAIN,
    Clause,
    Token,
    key_of,
    read_clause,
    read_clauses,
    rewrite,
    title_keys,
    title_of,
)
from agemem_env.text.lexicon import ARTICLES, OPPOSITES, QUALITIES, ROOMS

SIMILAR = 0.5
"""Share of a statement's words from which another statement is so similar that the words they differ in matter."""

_NAME_LINKS = frozenset(
    [
        "of",
        "the",
        "de",
        "la",
        "del",
        "van",
        "von",
        "der",
        "den",
        "da",
        "di",
        "du",
        "le",
        "el",
        "al",
        "bin",
        "ibn",
        "y",
        "on",
        "-",
        "&",
    ]
)
_BOUND = 1000
"""Numbers below it belong to the word before them, if no other word follows."""


@dataclass(frozen=True, slots=True)
class Part:
    """Something that must be there: one word, a name of several, or a word with its number.

    Attributes:
        keys: The words of it, which must follow each other.
        source: Whether the statement names it after "from … to".
        kind: ``name``, ``number``, ``code`` or ``word`` if its role matters: it may be mistaken for another part of the
            same kind.
        count: How often it must be there.
    """

    keys: tuple[str, ...]
    source: bool = False
    kind: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True)
class DistinctStatement:
    """What a text must say to make a statement.

    Attributes:
        text: The statement.
        subject: Words of the title that it is about, which may stand in an earlier clause; empty if it names that.
        parts: All that must be there.
        free: Its other words.
        roles: Pairs of parts, by index, with +1 if the first one comes first in the statement's sense, else -1.
        negations: How many words negate in it.
        size: Words that carry content.
        length: Words in all.
        below: Whether it speaks of something below something.
        words: All its words.
        keys: All its words that carry content, those of its title among them.
    """

    text: str
    subject: tuple[str, ...]
    parts: tuple[Part, ...]
    free: frozenset[str]
    roles: tuple[tuple[int, int, int], ...]
    negations: int
    size: int
    length: int
    below: bool
    words: tuple[str, ...]
    keys: frozenset[str]

    @property
    def needed(self) -> int:
        """How many of the free words a clause must have."""
        return len(self.free) if len(self.free) < 3 else (len(self.free) + 1) // 2


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
    if subject and subject != around.topic and not _places(clause, subject):
        return False
    if clause.words == statement.words:
        return True
    mentions: list[list[int]] = []
    for part in statement.parts:
        found = [i for i in _places(clause, part.keys) if part.source or not clause.tokens[i].source]
        if len(found) < part.count and (_torn(clause, part.keys) or not _within(part.keys, around.heading)):
            return False
        mentions.append(found)
    if not all(mentions) and any(t.name and t.key not in statement.keys for t in clause.tokens):
        return False
    free = [clause.keys[key] for key in statement.free if key in clause.keys]
    if len(free) + sum(key in around.heading for key in statement.free if key not in clause.keys) < statement.needed:
        return False
    if "below" in clause.keys and not statement.below:
        return False
    low, high = _span(clause, statement.parts, mentions, free)
    if high - low > 3 * statement.length + 10 or _negations(clause, low, high) != statement.negations:
        return False
    return all(
        not (mentions[a] and mentions[b])
        or any(_sign(clause, i, j) in (sign, 0) for i in mentions[a] for j in mentions[b] if i != j)
        for a, b, sign in statement.roles
    )


def _torn(clause: Clause, keys: tuple[str, ...]) -> bool:
    """Return whether all words of a name stand in a clause, but apart: then it does not name it."""
    return len(keys) > 1 and all(key in clause.keys for key in keys)


def _within(keys: tuple[str, ...], heading: tuple[str, ...]) -> bool:
    return any(heading[i : i + len(keys)] == keys for i in range(len(heading)))


def _places(clause: Clause, keys: tuple[str, ...]) -> list[int]:
    """Return where the words of a part begin, following each other."""
    first = clause.keys.get(keys[0], [])
    if len(keys) == 1:
        return first
    tokens = clause.tokens
    return [i for i in first if tuple(t.key for t in tokens[i : i + len(keys)]) == keys]


def _span(
    clause: Clause, parts: Sequence[Part], mentions: Sequence[Sequence[int]], free: Sequence[Sequence[int]]
) -> tuple[int, int]:
    """Return the positions of the first and the last word of what was found, each where it is found first."""
    firsts = [found[0] for found in (*mentions, *free) if found]
    lasts = [found[0] + len(part.keys) - 1 for part, found in zip(parts, mentions, strict=True) if found]
    lasts += [found[0] for found in free]
    if not firsts:
        return 0, len(clause.words)
    return clause.tokens[min(firsts)].place, clause.tokens[min(max(lasts), len(clause.tokens) - 1)].place


def _negations(clause: Clause, low: int, high: int) -> int:
    """Return how many words negate what stands in a span: in it, right behind it, or before it without a comma."""
    start = max((joint for joint in clause.joints if joint < low), default=0)
    return sum(start <= place <= high + 2 for place in clause.negations)


def _sign(clause: Clause, i: int, j: int) -> int:
    """Return +1 if the token `i` comes first in the sense of the clause, -1 if `j` does, 0 if they are alike."""
    a, b = clause.tokens[i], clause.tokens[j]
    low, high = sorted((a.place, b.place))
    if a.role == b.role and (a.role != PLAIN or _coordinated(clause, a, b)):
        return 0
    sign = 1 if (a.role, a.place) < (b.role, b.place) else -1
    holds = any(low < place < high for place in clause.holders)
    return -sign if holds and not {COMPARED, OWNER} & {a.role, b.role} else sign


def _coordinated(clause: Clause, a: Token, b: Token) -> bool:
    """Return whether two tokens belong to a list, or stand on the two sides of a colon.

    Of names, nothing but names may stand between them: in "Ann married Bob, a friend of Cid" there are two.
    """
    low, high = sorted((a.place, b.place))
    joints = [clause.words[joint] for joint in clause.joints if low < joint < high]
    if not (a.name and b.name) or ":" in joints:
        return bool(joints)
    return bool(joints) and all(t.name or t.number for t in clause.tokens if low < t.place < high)


def _units(
    text: str, essentials: Sequence[str], title_of_clause: Callable[[str], tuple[str, ...]]
) -> Iterator[tuple[Clause, DistinctStatement]]:
    """Yield the clauses of a statement that say something, and what distinguishes each."""
    if essentials:
        title, body = title_of(rewrite(text))
        clauses = [replace(read_clause(body), title=title)]
    else:
        every = read_clauses(text)
        title, body = title_of(rewrite(text))
        clauses = [c for c in every if len(c.tokens) > 1] or [replace(read_clause(body), title=title)]
    keys: tuple[str, ...] = ()
    for clause in clauses:
        keys = title_of_clause(clause.title) or keys
        subject = keys if keys and not _places(clause, keys) else ()
        parts = _given_parts(clause, essentials) if essentials else _all_parts(clause)
        yield clause, _statement(text, subject, clause, parts, free=not essentials)


def _all_parts(clause: Clause) -> Iterator[Part]:
    """Yield what must be there of a clause; if that leaves one or two words, they must be there too, in their roles."""
    parts = list(_parts(clause))
    taken = {key for part in parts for joined in part.keys for key in joined.split()}
    rest = [Part((t.key,), t.source, "word") for t in clause.tokens if t.key not in taken]
    yield from parts
    yield from rest if len(set(rest)) < 3 else ()


def _statement(
    text: str, subject: tuple[str, ...], clause: Clause, parts: Iterable[Part], *, free: bool = True
) -> DistinctStatement:
    unique = tuple(dict.fromkeys(parts))
    taken = {key for part in unique for joined in part.keys for key in joined.split()}
    rest = frozenset(t.key for t in clause.tokens if t.key not in taken) if free else frozenset[str]()
    mentions = [_places(clause, part.keys) for part in unique]
    roles = [
        (a, b, next((_sign(clause, i, j) for i in mentions[a] for j in mentions[b] if i != j), 0))
        for a, b in combinations(range(len(unique)), 2)
        if unique[a].kind and unique[a].kind == unique[b].kind
    ]
    low, high = _span(clause, unique, mentions, [clause.keys[key] for key in rest])
    return DistinctStatement(
        text,
        subject,
        unique,
        rest,
        tuple(role for role in roles if role[2]),
        _negations(clause, low, high),
        len(clause.tokens) + len(subject),
        len(clause.words),
        "below" in clause.keys or not {"on", "above", "atop"}.intersection(clause.words),
        clause.words,
        frozenset((*(t.key for t in clause.tokens), *subject)),
    )


def _parts(clause: Clause) -> Iterator[Part]:
    """Yield the names, numbers, codes, qualities and relations of a clause."""
    tokens = clause.tokens
    i = 0
    while i < len(tokens):
        token = tokens[i]
        number = tokens[i + 1] if i + 1 < len(tokens) and tokens[i + 1].number else None
        if number is not None and number.place == token.place + 1 and _binds(clause, i):
            yield Part((f"{token.key} {number.key}",), token.source, "number")
            i += 2
            continue
        if token.name and not token.number:
            end = i + 1
            while end < len(tokens) and tokens[end].name and _linked(clause, tokens[end - 1], tokens[end]):
                end += 1
            yield Part(tuple(t.key for t in tokens[i:end]), token.source, _kind(token))
            i = end
            continue
        if token.number:
            yield Part((token.key,), token.source)
            if i + 1 < len(tokens) and tokens[i + 1].place == token.place + 1 and not tokens[i + 1].name:
                yield Part((tokens[i + 1].key,))
        elif any(map(str.isdigit, token.key)) or token.key in ROOMS or i == len(tokens) - 1:
            yield Part((token.key,), token.source, "word")
        elif token.key in QUALITIES or token.key in OPPOSITES:
            yield Part((token.key,), token.source)
        i += 1


def _kind(token: Token) -> str:
    """Return the kind of a part that begins with a token: squares ("B14") are written like names, but are none."""
    if token.name:
        return "code" if any(map(str.isdigit, token.key)) else "name"
    return "word"


def _binds(clause: Clause, i: int) -> bool:
    """Return whether the number behind a token belongs to it."""
    token, number = clause.tokens[i], clause.tokens[i + 1]
    if token.number or (token.name and token.place > 0):
        return False
    if token.key in ("above", "below"):
        return True
    after = clause.tokens[i + 2] if i + 2 < len(clause.tokens) else None
    follows = after is not None and after.place == number.place + 1
    return number.key.isdigit() and int(number.key) < _BOUND and not follows


def _linked(clause: Clause, left: Token, right: Token) -> bool:
    between = clause.words[left.place + 1 : right.place]
    return all(word in _NAME_LINKS for word in between)


def _at_colon(clause: Clause, start: int, size: int) -> bool:
    """Return whether so many tokens stand right before or behind a colon, articles not counted."""
    first, last = clause.tokens[start].place, clause.tokens[start + size - 1].place
    before = [word for word in clause.words[:first] if word not in ARTICLES]
    return before[-1:] == [":"] or clause.words[last + 1 : last + 2] == (":",)


def _given_parts(clause: Clause, essentials: Sequence[str]) -> Iterator[Part]:
    for phrase in essentials:
        relation = phrase.split()[0].lower() in QUALITIES | OPPOSITES.keys()
        tokens = read_clause(rewrite(phrase)).tokens
        i = 0
        run: list[str] = []
        while i < len(tokens):
            joined = i + 1 < len(tokens) and tokens[i + 1].number and tokens[i + 1].place == tokens[i].place + 1
            run.append(f"{tokens[i].key} {tokens[i + 1].key}" if joined else tokens[i].key)
            i += 2 if joined else 1
        for key in [tuple(run)] if _places(clause, tuple(run) or ("",)) else [(key,) for key in run]:
            places = _places(clause, key)
            token = clause.tokens[places[0]] if places else None
            kind = "" if token is None or relation else "number" if " " in key[0] else _kind(token)
            yield Part(key, token is not None and token.source, kind, max(1, len(places)))


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
            for clause, statement in _units(text, found, self._title):
                self._clauses.append(clause)
                self._owners.append(owner)
                alone.append(statement)
        self._given = [bool(given[owner]) for owner in self._owners]
        self.statements = tuple(self._told_apart(i, alone) for i in range(len(alone)))
        self._sizes = Counter(self._owners)
        self._title_starts: dict[str, list[tuple[str, ...]]] = {}
        for keys in sorted({self._title(c.title) for c in self._clauses}, key=len, reverse=True):
            self._title_starts.setdefault(keys[0] if keys else "", []).append(keys)
        self._cache: dict[str, tuple[tuple[Clause, frozenset[int]], ...]] = {}

    def made(self, text: str) -> frozenset[int]:
        """Return the indices of the statements that a text makes."""
        return self.whole(frozenset[int]().union(*(found for _, found in self.by_clause(text))))

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

    def by_clause(self, text: str) -> tuple[tuple[Clause, frozenset[int]], ...]:
        """Return the clauses of a text, each with the indices in `statements` of those that it makes."""
        found = self._cache.get(text)
        if found is None:
            found = self._cache[text] = tuple(self._read(text))
            if text.strip() in self._exact and found:
                owner = self._exact[text.strip()]
                units = frozenset(i for i, other in enumerate(self._owners) if other == owner)
                found = self._cache[text] = (*found[:-1], (found[-1][0], found[-1][1] | units))
        return found

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
                if i in _places(clause, keys) and (i == 0 or _at_colon(clause, i, len(keys))):
                    return () if _within(keys, topic) else keys
        return ()

    def _mentioned(self, clause: Clause) -> tuple[str, ...]:
        """Return the title that a short clause mentions ("I was reading about …"); empty if there is none."""
        for token in clause.tokens:
            for keys in self._title_starts.get(token.key, ()):
                if _places(clause, keys) and len(clause.tokens) <= len(keys) + 4:
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
            else _statement(statement.text, statement.subject, clause, parts)
        )


def same_word(a: str, b: str) -> bool:
    """Return whether two words count as the same.

    >>> same_word("author", "wrote"), same_word("above", "below")
    (True, False)
    """
    return key_of(a) == key_of(b)
