"""Where the parts of a statement stand in a clause, and in which sense: order, negation, names torn apart."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from agemem_env.text.clauses import COMPARED, OWNER, PLAIN, Clause, Token
from agemem_env.text.lexicon import ARTICLES, DOUBTS, HAVING

_JOINTS = frozenset({",", "and", "or"})
_ADDED = frozenset({",", "("})
_HEAP = 3
"""So many foreign words between two parts, with hardly anything that connects them, are a heap of words."""
_COPULAS = frozenset({"is", "are", "was", "were", "as"})


def places_of(clause: Clause, keys: tuple[str, ...]) -> list[int]:
    """Return where the words of a part begin, following each other."""
    first = clause.keys.get(keys[0], [])
    if len(keys) == 1:
        return first
    tokens = clause.tokens
    return [i for i in first if tuple(t.key for t in tokens[i : i + len(keys)]) == keys]


def within(keys: tuple[str, ...], heading: tuple[str, ...]) -> bool:
    """Return whether words follow each other in a heading."""
    return any(heading[i : i + len(keys)] == keys for i in range(len(heading)))


def torn(clause: Clause, keys: tuple[str, ...]) -> bool:
    """Return whether all words of a name stand in a clause, but apart: then it does not name it."""
    return len(keys) > 1 and all(key in clause.keys for key in keys)


def span(
    clause: Clause, sizes: Sequence[int], mentions: Sequence[Sequence[int]], free: Sequence[Sequence[int]]
) -> tuple[int, int]:
    """Return the positions of the first and the last word of what was found, each where it is found first.

    Args:
        clause: The clause.
        sizes: How many words each part has.
        mentions: Where each part begins, by index of the token.
        free: Where each other word stands.
    """
    firsts = [found[0] for found in (*mentions, *free) if found]
    lasts = [found[0] + size - 1 for size, found in zip(sizes, mentions, strict=True) if found]
    lasts += [found[0] for found in free]
    if not firsts:
        return 0, len(clause.words)
    return clause.tokens[min(firsts)].place, clause.tokens[min(max(lasts), len(clause.tokens) - 1)].place


def negations_in(clause: Clause, low: int, high: int) -> int:
    """Return how many words negate what stands in a span: in it, right behind it, or before it without a comma.

    What is said of a whole sentence ("It is false that …") counts wherever it stands. What is added after a comma or in
    brackets ("…, not cabinet 4") does not.
    """
    start = max((joint for joint in clause.joints if joint < low), default=0)
    added = [place for place in range(high + 1, len(clause.words)) if clause.words[place] in _ADDED]
    end = min([high + 2, *added])
    return sum(start <= place <= end or clause.words[place] in DOUBTS for place in clause.negations)


def sign_of(clause: Clause, i: int, j: int) -> int:
    """Return +1 if the token `i` comes first in the sense of the clause, -1 if `j` does, 0 if they are alike."""
    a, b = clause.tokens[i], clause.tokens[j]
    low, high = sorted((a.place, b.place))
    if a.role == b.role and (a.role != PLAIN or _coordinated(clause, a, b)):
        return 0
    between = clause.words[low + 1 : high]
    if abs(i - j) == 1 and not (a.name or b.name) and a.role == b.role == PLAIN and not _COPULAS.isdisjoint(between):
        return 0
    sign = 1 if (a.role, a.place) < (b.role, b.place) else -1
    return -sign if _turned(clause, a, b, between) else sign


def _turned(clause: Clause, a: Token, b: Token, between: Sequence[str]) -> bool:
    """Return whether words between two tokens turn their sense: "X has Y" is "Y is of X", "Y is what X made"."""
    if "what" in between:
        return True
    low, high = sorted((a.place, b.place))
    plain = a.role == b.role == PLAIN
    return not {COMPARED, OWNER} & {a.role, b.role} and any(
        low < place < high and (plain or clause.words[place] not in HAVING) for place in clause.holders
    )


def _coordinated(clause: Clause, a: Token, b: Token) -> bool:
    """Return whether two tokens belong to a list, or stand on the two sides of a colon.

    Of names, nothing but names may stand between them: in "Ann married Bob, a friend of Cid" there are two.
    """
    low, high = sorted((a.place, b.place))
    joints = [clause.words[joint] for joint in clause.joints if low < joint < high]
    if not (a.name and b.name) or ":" in joints:
        return bool(joints)
    return bool(joints) and all(t.name or t.number for t in clause.tokens if low < t.place < high)


def mixed_up(clause: Clause, i: int, j: int, own: Collection[str]) -> bool:
    """Return whether it is left open what belongs to what: both tokens stand in lists, or in a heap of words.

    In "mug 2, plate 1 in cabinet 3, drawer 2" nothing says where the mug is; in "mug 2 in cabinet 3, plate 1 in drawer
    2" and in "mug 2 and plate 1 in cabinet 3" it is said.

    Args:
        clause: The clause.
        i: A token.
        j: Another one.
        own: The words of the statement, and its words with their numbers.
    """
    first, second = sorted((i, j))
    between = [t for t in clause.tokens[first + 1 : second] if t.key not in own]
    gaps = clause.tokens[second].place - clause.tokens[first].place - (second - first)
    if len(between) >= _HEAP and gaps * _HEAP < len(between):
        return True
    inward = _listed(clause, first, 1, own), _listed(clause, second, -1, own)
    outward = _listed(clause, first, -1, own), _listed(clause, second, 1, own)
    return any(inward) and (inward[0] or outward[0]) and (inward[1] or outward[1])


def _listed(clause: Clause, i: int, step: int, own: Collection[str]) -> bool:
    """Return whether a token is joined to something foreign, before it (-1) or behind it (1)."""
    tokens, k = clause.tokens, i + step
    while 0 <= k < len(tokens) and tokens[k].key in own and tokens[k].place == tokens[k - step].place + step:
        k += step
    if not 0 <= k < len(tokens) or not _foreign(tokens, k, own):
        return False
    low, high = sorted((tokens[k - step].place, tokens[k].place))
    words = [word for word in clause.words[low + 1 : high] if word not in ARTICLES]
    return all(word in _JOINTS for word in words) and bool(words or tokens[k].number or tokens[k - step].number)


def _foreign(tokens: Sequence[Token], k: int, own: Collection[str]) -> bool:
    """Return whether a token, with its number or the word that it belongs to, is no part of the statement."""
    if tokens[k].number and k and tokens[k - 1].place == tokens[k].place - 1:
        return f"{tokens[k - 1].key} {tokens[k].key}" not in own
    if k + 1 < len(tokens) and tokens[k + 1].number and tokens[k + 1].place == tokens[k].place + 1:
        return f"{tokens[k].key} {tokens[k + 1].key}" not in own
    return tokens[k].key not in own
