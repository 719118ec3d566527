"""Where the parts of a statement stand in a clause, and in which sense: order, negation, names torn apart."""

from __future__ import annotations

from collections.abc import Sequence

from agemem_env.text.clauses import COMPARED, OWNER, PLAIN, Clause, Token
from agemem_env.text.lexicon import HAVING

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
    """Return how many words negate what stands in a span: in it, right behind it, or before it without a comma."""
    start = max((joint for joint in clause.joints if joint < low), default=0)
    return sum(start <= place <= high + 2 for place in clause.negations)


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
