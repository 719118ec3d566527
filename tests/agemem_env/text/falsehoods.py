"""False versions of facts: another value, the opposite, other roles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agemem_env.text.clauses import title_of
from agemem_env.text.lexicon import OPENERS
from agemem_env.types import Task

_NUMBER = re.compile(r"(?<![\w.,])\d[\d,]*(?:\.\d+)?(?![\w])|(?<=[a-zA-Z])\d+\b")
_NAME = re.compile(r"\b[A-ZÀ-ÖØ-ÞŠŽČŁĖ][\w'’-]*(?: (?:of |the |de |la )?[A-ZÀ-ÖØ-ÞŠŽČŁĖ][\w'’-]*)*")
_NOT_NAMES = frozenset(word.capitalize() for word in OPENERS | {"all", "about", "records", "trams"})
_OTHER_NAMES = ("Odalrik Fenn", "Quenby", "Zarvania", "Maud Illsley")
_OTHER_WORDS = {
    "PDDL": ("honey", "soda", "rum", "tonic", "b1", "b2", "b3", "attic", "cellar", "ball1", "boot", "hub1"),
    "SciWorld": ("kitchen", "hallway", "workshop", "greenhouse", "bathroom", "foundry"),
}
_FIXED = frozenset(
    ["electricity", "below", "table", "ground", "room", "studio", "wheel", "clean", "clear", "empty", "open", "closed"]
)
_OPPOSITES = (
    ("above", "below"), ("below", "above"), ("more", "less"), ("less", "more"), ("open", "closed"), ("starts", "ends"),
    ("ends", "starts"), ("first", "last"), ("tight", "loose"), ("north-west", "south-east"), ("south", "north"),
    ("unlocked", "locked"), ("fastened", "unfastened"), (" on ", " under "), ("conducts", "does not conduct"),
)  # fmt: skip
_VERBS = (
    (" is not ", " is "), (" is ", " is not "), (" was ", " was not "), (" are ", " are not "), (" were ", " were not "),
    (" keeps ", " does not keep "), (" lies ", " does not lie "), (" left ", " never left "), (" moved ", " never moved "),
    (" has ", " has never had "), (" had ", " never had "), (" pours ", " does not pour "), (" joins ", " never joins "),
    (" produced ", " never produced "), (" starts ", " never starts "), (" ends ", " never ends "),
    (" stands ", " no longer stands "), (" belongs ", " does not belong "), (" put ", " never put "),
    (" plays ", " does not play "), (" made ", " never made "), (" wrote ", " never wrote "), (" holds ", " does not hold "),
)  # fmt: skip


def falsehoods(task: Task, text: str) -> Iterator[tuple[str, str]]:
    """Yield false versions of a fact, each with what is false in it."""
    title, body = title_of(text)
    front = f"{title}: " if title else ""
    for kind, found in (
        ("value", _other_value(task, body)),
        ("polarity", _turned(body)),
        ("opposite", _opposite(body)),
        ("swapped", _swapped(task, body)),
    ):
        if found is not None and found != body:
            yield kind, front + found


def _other_value(task: Task, body: str) -> str | None:
    """Replace the last number or name; in the worlds without names, the last word."""
    spans = [(m.start(), m.end(), "9" if m[0] != "9" else "8") for m in _NUMBER.finditer(body)]
    spans += [(*m.span(), next(n for n in _OTHER_NAMES if n not in body)) for m in _names(body)]
    if task.benchmark in _OTHER_WORDS and not (spans and task.benchmark == "SciWorld" and "degrees" in body):
        words = list(re.finditer(r"[\w-]+", body))
        last = words[-1] if words[-1][0] != "now" else words[-2]
        if last[0] not in _FIXED:
            instead = next(w for w in _OTHER_WORDS[task.benchmark] if w not in body)
            spans.append((last.start(), last.end(), instead))
    if not spans:
        return None
    start, end, instead = max(spans)
    return body[:start] + instead + body[end:]


def _names(body: str) -> list[re.Match[str]]:
    return [m for m in _NAME.finditer(body) if m[0].split()[0] not in _NOT_NAMES or " " in m[0]]


def _turned(body: str) -> str:
    if re.match(r"No ", body):
        return "One " + body[3:]
    for plain, turned in _VERBS:
        if plain in body and "never" not in body:
            return body.replace(plain, turned, 1)
    return f"It is not true that {body[0].lower()}{body[1:]}"


def _opposite(body: str) -> str | None:
    for plain, opposite in _OPPOSITES:
        if re.search(rf"(?<![\w-]){plain}(?![\w-])", body):
            return re.sub(rf"(?<![\w-]){plain}(?![\w-])", opposite, body, count=1)
    return None


def _swapped(task: Task, body: str) -> str | None:
    """Swap two things of the same kind whose roles differ: numbers behind nouns, names, arguments."""
    if task.benchmark == "HotpotQA":
        names = [m for m in _names(body) if m[0].split()[0] not in _NOT_NAMES]
        found = [m for m in names if m[0] not in ("January", "March", "August")]
        found = [m for m in found if not re.match(r" [a-z]", body[m.end() :]) or m.start() < 5]
        if len(found) < 2 or _coordinated(body, found[0], found[-1]) or re.search(r"\d+ [A-Z]", body):
            return None
        return _swap(body, found[0], found[-1])
    if task.benchmark == "PDDL":
        place = body.index(", ") + 2
        words = list(re.finditer(r"[a-z]+\d+|(?<=, )[a-z]+(?! is now)|[a-z]+(?= now\.$|\.$)", body[place - 2 :]))
        words = [word for word in words if word[0] not in ("now", "the", "gripper", "hand", "wheel")]
        if len(words) < 2 or words[0][0] == words[-1][0] or words[-1][0] in _FIXED:
            return None
        return body[: place - 2] + _swap(body[place - 2 :], words[0], words[-1])
    if "friction" in body:
        a, b = (*re.findall(r"the (\S+) surface", body)[:2], "", "")[:2]
        return re.sub(rf"\b({a}|{b})\b", lambda m: b if m[0] == a else a, body) if a and b else None
    numbers = list(re.finditer(r"(?<=[a-z] )\d+\b", body))
    if len(numbers) == 2 and numbers[0][0] != numbers[1][0]:
        return _swap(body, *numbers)
    return None


def _coordinated(body: str, a: re.Match[str], b: re.Match[str]) -> bool:
    return re.fullmatch(r",? (?:and|or) (?:the )?|, ", body[a.end() : b.start()]) is not None


def _swap(body: str, a: re.Match[str], b: re.Match[str]) -> str:
    return body[: a.start()] + b[0] + body[a.end() : b.start()] + a[0] + body[b.end() :]


def accepted(pairs: Sequence[bool]) -> float:
    """Return the share that is True."""
    return sum(pairs) / max(1, len(pairs))
