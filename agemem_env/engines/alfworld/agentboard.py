"""AgentBoard's protocol: what it does to commands and observations, and the patterns that make its progress."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agemem_env.engines.alfworld.homes.goal import Goal
from agemem_env.engines.alfworld.rules.dialect import OLD, GameDialect

ROUNDS = 30
HELP = "check valid actions"
SHOWN_BY_LOOK = ("go to ", "open ")
"""How the commands begin whose last answer ``look`` shows again."""

_LISTED = "Choose an action from these valid actions: "
_ARRIVAL = re.compile(r"^You arrive at loc \d+\. ")


def clean_command(command: str, dialect: GameDialect) -> str:
    """Return a command as AgentBoard hands it to the engine, in the game's dialect.

    >>> from agemem_env.engines.alfworld.rules.dialect import NEW
    >>> clean_command(" put mug 1 in desk 1.", OLD), clean_command("put mug 1 in/on desk 1", NEW)
    ('put mug 1 in/on desk 1', 'move mug 1 to desk 1')
    """
    bare = command.strip()
    if "put" in bare:
        word = " in " if " in " in bare else " on "
        bare = bare.replace(word, " in/on ", 1)
    bare = bare.removesuffix(".")
    match = OLD.accepted.fullmatch(bare)
    return dialect.command.format(*match.groups()) if match and " in/on " in bare else bare


def clean_reply(text: str) -> str:
    """Return an answer of the engine as AgentBoard shows it.

    >>> clean_reply("You arrive at loc 3. On the desk 1, you see a mug 1."), clean_reply("You arrive at desk 1. On")
    ('On the desk 1, you see a mug 1.', 'You arrive at desk 1. On')
    """
    return _ARRIVAL.sub("", text)


def list_commands(commands: Sequence[str]) -> str:
    """Return the answer to a request for the valid commands."""
    return _LISTED + ", ".join(commands)


def patterns(goal: Goal, dialect: GameDialect) -> tuple[re.Pattern[str], ...]:
    r"""Return the sub-goals of a task: patterns that are looked for in the observations.

    >>> from agemem_env.engines.alfworld.rules.dialect import OLD
    >>> [p.pattern for p in patterns(Goal("egg", "fridge", "clean"), OLD)][1:]
    ['You pick up the egg \\d+', 'You clean the egg \\d+']
    """
    thing = re.escape(goal.thing)
    texts = [rf"^(?=.* you see)(?=.*a {thing} \d+)", rf"You pick up the {thing} \d+"]
    if goal.lamp:
        texts.append(r"^(?=.* you see)(?=.*a desklamp)")
    elif goal.count == 2:
        texts.append(dialect.reply.format(rf"{thing} \d+", rf"{re.escape(goal.receptacle)} \d+").removesuffix("."))
    elif goal.treatment:
        using = "" if goal.treatment == "clean" else " using the"
        texts.append(rf"You {goal.treatment} the {thing} \d+{using}")
    return tuple(re.compile(text) for text in texts)
