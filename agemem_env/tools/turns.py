"""Plays a turn, and writes it into the context: the agent's message as it was sent, as far as a chat API takes it back.

With ``history="verbatim"`` the next prompt repeats the ids, argument texts, spaces and, with ``keep_think``, thoughts
of what was sent, so that prompts extend each other. Where that would be refused (a name with other characters, an id
twice, arguments that are no JSON object, tokens of a chat template), it is mended; `Written.verbatim` tells. With
``history="canonical"`` every turn is written in the environment's own way.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from agemem_env.actions.names import allowed
from agemem_env.actions.parsing import Reading, Sent, SentCall
from agemem_env.actions.template_tokens import OPENS_A_TURN
from agemem_env.context import prompts
from agemem_env.context.messages import CallRef, History, Message, Said, SaidCall, ShownMemory, ToolFormat, render
from agemem_env.context.validity import CALL_ID, NAME, is_json_object
from agemem_env.episode.ledger import Effect
from agemem_env.text.paper_format import render_calls
from agemem_env.text.relaxed_json import valid_text
from agemem_env.tools.base import ToolResult, refuse
from agemem_env.types import ToolCall, Turn, Violation

_to_json = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True, slots=True)
class Played:
    """What became of a turn.

    Attributes:
        pairs: The calls with their results.
        mistakes: Mistakes of form, which no result tells.
    """

    pairs: tuple[tuple[ToolCall, ToolResult], ...]
    mistakes: tuple[Violation, ...]

    @property
    def results(self) -> list[ToolResult]:
        """The results, in order."""
        return [result for _, result in self.pairs]

    @property
    def violations(self) -> list[Violation]:
        """All mistakes of the turn."""
        return [*self.mistakes, *(v for result in self.results for v in result.violations)]


def play(turn: Turn, run: Callable[[ToolCall], ToolResult], *, in_task: bool) -> Played:
    """Execute the calls of a turn in order; nothing is run after a command or an answer.

    Args:
        turn: The turn.
        run: Executes one call.
        in_task: Whether plain text is a mistake, because the task has begun.
    """
    pairs: list[tuple[ToolCall, ToolResult]] = []
    ended_by = ""
    for call in turn.calls:
        if ended_by:
            text = prompts.AFTER_END_OF_TURN.format(name=allowed(call.name), last=ended_by)
            pairs.append((call, refuse("after_end_of_turn", text)))
        else:
            pairs.append((call, run(call)))
            ended_by = call.name if pairs[-1][1].outcome is not None else ""
    idle = in_task and not turn.calls and not turn.violations
    mistakes = (Violation("no_action", prompts.NO_COMMANDS),) if idle else turn.violations
    return Played(tuple(pairs), mistakes)


@dataclass(frozen=True, slots=True)
class Written:
    """The messages of a turn.

    Attributes:
        messages: What the agent said, the results of its calls, and notices.
        verbatim: Whether the first one is what was sent, letter by letter. True if no message was sent, but an object.
    """

    messages: tuple[Message, ...]
    verbatim: bool


@dataclass(frozen=True, slots=True)
class TurnWriter:
    """Writes turns into the context.

    Attributes:
        tool_format: How calls and results appear.
        history: Whether what was sent is repeated or written anew.
        keep_think: Whether thoughts are kept.
    """

    tool_format: ToolFormat
    history: History
    keep_think: bool

    def write(
        self,
        reading: Reading,
        action: object,
        played: Played,
        taken: set[str],
        reminder: str = "",
    ) -> Written:
        """Return the messages of a turn.

        Args:
            reading: The turn and what was sent.
            action: The action, for a turn that could not be understood.
            played: What became of it.
            taken: Ids of calls in this episode; those of this turn are added.
            reminder: A notice to end with, or an empty text.
        """
        turn, sent, pairs = reading.turn, reading.sent, played.pairs
        said = None
        if sent is not None and self.history == "verbatim":
            said = self._repeated(sent, turn.calls, taken)
        first = self._rewritten(reading, action, taken) if said is None else self._quoted(turn, said)
        verbatim = sent is None or (sent.exact and render(first, self.tool_format) == _as_sent(sent).to_dict())
        messages = [first]
        ids = first.call_ids or ("",) * len(pairs)
        names = [allowed(call.name) for call, _ in pairs]
        for call_id, name, (_, result) in zip(ids, names, pairs, strict=True):
            shown = _shown(result.effect) if result.origin == "retrieval" else ()
            # What the world shows after a command needs no name; in the tag format every result has one.
            named = call_id or self.tool_format == "tags" or result.origin != "observation"
            answers = CallRef(call_id, name) if named else None
            messages.append(Message(result.origin, result.text, answers=answers, memories=shown))
        notices = [*(v.message for v in played.mistakes), *filter(None, [reminder])]
        if notices:
            messages.append(Message("notice", " ".join(notices)))
        return Written(tuple(messages), verbatim)

    def _repeated(self, sent: Sent, calls: Sequence[ToolCall], taken: set[str]) -> Said | None:
        """Return what was sent as far as it is valid; None if it has to be written anew."""
        text = sent.text if self.keep_think else sent.spoken
        if text is not None and OPENS_A_TURN.search(text):
            return None
        if self.keep_think and sent.reasoning:
            text = f"<think>{sent.reasoning}</think>\n{text or ''}"
        native = [call for call in sent.calls if call.call is not None]
        if native and self.tool_format == "native":
            return Said(text, tuple(_repeated_call(*pair, taken) for pair in zip(native, calls, strict=True)))
        unread = [f"{call.name}({call.arguments})" for call in sent.calls if call.call is None]
        parts = [text if text and text.strip() else "", *unread, render_calls(calls) if native else ""]
        return Said("\n".join(filter(None, parts)) or prompts.unreadable(""))

    def _quoted(self, turn: Turn, said: Said) -> Message:
        """Return the agent's message with the words that were sent."""
        ids = tuple(call.id for call in said.calls)
        think = turn.think if self.keep_think else ""
        return Message("agent", turn.text, turn.calls, ids, think=think, said=said)

    def _rewritten(self, reading: Reading, action: object, taken: set[str]) -> Message:
        """Return the agent's message in the environment's own words, which are the same in both formats."""
        turn = reading.turn
        text = turn.text if turn.calls or turn.text else prompts.unreadable(_text_of(reading, action))
        text = OPENS_A_TURN.sub("", text) or ("" if turn.calls else prompts.unreadable(""))
        think = OPENS_A_TURN.sub("", turn.think) if self.keep_think else ""
        calls = tuple([_allowed(call) for call in turn.calls])
        return Message("agent", text, calls, tuple(_fresh(taken) for _ in calls), think=think)


def _allowed(call: ToolCall) -> ToolCall:
    name = allowed(call.name)
    return call if name == call.name else replace(call, name=name)


def _shown(effect: Effect) -> tuple[ShownMemory, ...]:
    """Return the memories that the result of a retrieval shows."""
    pairs = zip_longest(effect.after, effect.scores[: len(effect.after)])
    return tuple(ShownMemory(entry.id, entry.content, score) for entry, score in pairs)


def _text_of(reading: Reading, action: object) -> object:
    return reading.sent.spoken if reading.sent is not None else action


def _repeated_call(sent: SentCall, call: ToolCall, taken: set[str]) -> SaidCall:
    """Return a call as it was sent, mended where an API would refuse it, given what was understood."""
    call_id = sent.id
    if CALL_ID.fullmatch(call_id) and call_id not in taken:
        taken.add(call_id)
    else:
        call_id = _fresh(taken)
    name = sent.name if NAME.fullmatch(sent.name) else allowed(call.name)
    arguments = sent.arguments if is_json_object(sent.arguments) else _to_json(call.arguments)
    return SaidCall(call_id, name, valid_text(arguments))


def _fresh(taken: set[str]) -> str:
    """Return an id that no call in the episode has: of nine letters and digits, as Mistral's templates want them."""
    number = len(taken)
    while (call_id := f"call{number:05d}") in taken:
        number += 1
    taken.add(call_id)
    return call_id


def _as_sent(sent: Sent) -> Said:
    return Said(sent.text, tuple(SaidCall(call.id, call.name, call.arguments) for call in sent.calls))
