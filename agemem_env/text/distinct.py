"""What distinguishes a statement: its names, numbers, qualities and relations, their roles, and its negations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from agemem_env.text.clauses import Clause, Token, read_clause, read_clauses, rewrite, title_of
from agemem_env.text.lexicon import OPPOSITES, QUALITIES, ROOMS
from agemem_env.text.roles import negations_in, places_of, sign_of, span

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
        own: The same, and its words with their numbers.
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
    own: frozenset[str]

    @property
    def needed(self) -> int:
        """How many of the free words a clause must have."""
        return len(self.free) if len(self.free) < 3 else (len(self.free) + 1) // 2


def units_of(
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
        subject = keys if keys and not places_of(clause, keys) else ()
        parts = _given_parts(clause, essentials) if essentials else _all_parts(clause)
        yield clause, distinct(text, subject, clause, parts, free=not essentials)


def _all_parts(clause: Clause) -> Iterator[Part]:
    """Yield what must be there of a clause; if that leaves one or two words, they must be there too, in their roles."""
    parts = list(_parts(clause))
    taken = {key for part in parts for joined in part.keys for key in joined.split()}
    rest = [Part((t.key,), t.source, "word") for t in clause.tokens if t.key not in taken]
    yield from parts
    yield from rest if len(set(rest)) < 3 else ()


def distinct(
    text: str, subject: tuple[str, ...], clause: Clause, parts: Iterable[Part], *, free: bool = True
) -> DistinctStatement:
    """Return what must be there of a clause.

    Args:
        text: The statement that the clause belongs to.
        subject: Words of the title that it is about.
        clause: The clause.
        parts: Parts that must be there.
        free: Whether some of the other words must be there too.
    """
    unique = tuple(dict.fromkeys(parts))
    taken = {key for part in unique for joined in part.keys for key in joined.split()}
    rest = frozenset(t.key for t in clause.tokens if t.key not in taken) if free else frozenset[str]()
    mentions = [places_of(clause, part.keys) for part in unique]
    roles = [
        (a, b, next((sign_of(clause, i, j) for i in mentions[a] for j in mentions[b] if i != j), 0))
        for a, b in combinations(range(len(unique)), 2)
        if unique[a].kind and unique[a].kind == unique[b].kind
    ]
    low, high = span(clause, [len(part.keys) for part in unique], mentions, [clause.keys[key] for key in rest])
    return DistinctStatement(
        text,
        subject,
        unique,
        rest,
        tuple(role for role in roles if role[2]),
        negations_in(clause, low, high),
        len(clause.tokens) + len(subject),
        len(clause.words),
        "below" in clause.keys or not {"on", "above", "atop"}.intersection(clause.words),
        clause.words,
        frozenset((*(t.key for t in clause.tokens), *subject)),
        frozenset((*clause.keys, *subject)),
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
        for key in [tuple(run)] if places_of(clause, tuple(run) or ("",)) else [(key,) for key in run]:
            places = places_of(clause, key)
            token = clause.tokens[places[0]] if places else None
            kind = "" if token is None or token.number or relation else "number" if " " in key[0] else _kind(token)
            yield Part(key, token is not None and token.source, kind, max(1, len(places)))
