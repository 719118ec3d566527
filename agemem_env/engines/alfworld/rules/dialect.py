"""The two dialects in which the same games were published, as data, and the mapping between them.

Which one a game speaks is written in its own grammar: games of alfworld 0.4 and later say "move X to Y", older ones
"put X in/on Y". Everything else about putting, and how an arrival is told, goes with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from agemem_env.errors import DataError

ARRIVAL = re.compile(r"^You arrive at (?:loc \d+|[a-z]+ \d+)\. ")
"""How an arrival is told: with a number of the floor that only the older games know, or with the place."""

HELP = "help"
"""A command of the newer games alone."""

_PUT_TEMPLATE = re.compile(r'\baction\s+PutObject\s*\{\s*template\s*::\s*"([^"]*)"')


@dataclass(frozen=True, slots=True)
class GameDialect:
    """How putting something somewhere is worded.

    Attributes:
        name: ``old`` or ``new``.
        command: Form of the command.
        exact: That command.
        accepted: What is understood as that command.
        reply: Form of the answer.
        replied: What is understood as that answer.
        has_help: Whether `HELP` is a command.
    """

    name: str
    command: str
    exact: re.Pattern[str]
    accepted: re.Pattern[str]
    reply: str
    replied: re.Pattern[str]
    has_help: bool


OLD = GameDialect(
    name="old",
    command="put {} in/on {}",
    exact=re.compile(r"put (.+?) in/on (.+)"),
    accepted=re.compile(r"put (.+?) (?:in/on|in|on) (.+)"),
    reply="You put the {} in/on the {}.",
    replied=re.compile(r"You put the (.+?) in/on the (.+?)\."),
    has_help=False,
)
NEW = GameDialect(
    name="new",
    command="move {} to {}",
    exact=re.compile(r"move (.+?) to (.+)"),
    accepted=re.compile(r"move (.+?) to (.+)"),
    reply="You move the {} to the {}.",
    replied=re.compile(r"You move the (.+?) to the (.+?)\."),
    has_help=True,
)
DIALECTS = (OLD, NEW)


def dialect_of(grammar: str) -> GameDialect:
    """Return the dialect of a game's grammar.

    Raises:
        DataError: If it is neither.

    >>> dialect_of('action PutObject { template :: "move {o} to {r}"; }').name
    'new'
    """
    match = _PUT_TEMPLATE.search(grammar)
    template = match[1] if match else ""
    for dialect in DIALECTS:
        if template == dialect.command.format("{o}", "{r}"):
            return dialect
    raise DataError(f"the grammar of this game has an unknown command for putting things down: {template!r}")


def translate(command: str, source: GameDialect, target: GameDialect) -> str | None:
    """Return what a command of one dialect is in another; None if it is no command of its own dialect.

    >>> translate("put mug 1 in/on desk 1", OLD, NEW), translate("move mug 1 to desk 1", OLD, NEW)
    ('move mug 1 to desk 1', None)
    """
    if command == HELP:
        return command if source.has_help else None
    match = source.exact.fullmatch(command)
    if match or source is target:
        return target.command.format(*match.groups()) if match else command
    return None if target.exact.fullmatch(command) else command


def in_dialect(command: str, dialect: GameDialect) -> str:
    """Return a command, with putting something somewhere in the words of a dialect.

    >>> in_dialect("put mug 1 on desk 1", NEW), in_dialect("move mug 1 to desk 1", OLD), in_dialect("look", OLD)
    ('move mug 1 to desk 1', 'put mug 1 in/on desk 1', 'look')
    """
    for known in DIALECTS:
        match = known.accepted.fullmatch(command)
        if match:
            return dialect.command.format(*match.groups())
    return command


def reply_in_dialect(text: str, dialect: GameDialect) -> str:
    """Return an answer of the engine in the words of a dialect; arrivals stay as they are.

    >>> reply_in_dialect("You put the mug 1 in/on the desk 1.", NEW)
    'You move the mug 1 to the desk 1.'
    """
    for known in DIALECTS:
        match = known.replied.fullmatch(text)
        if match:
            return dialect.reply.format(*match.groups())
    return text
