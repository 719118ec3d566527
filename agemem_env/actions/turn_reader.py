"""Reads the text of one turn: tags, calls, thoughts, answers and commands, mended where the meaning is clear."""

from __future__ import annotations

import re

from agemem_env.actions.attempts import STARTS, attempt_in_reply
from agemem_env.actions.calls import ARGUMENT_KEYS, call_fields, listed_calls
from agemem_env.actions.dialects import ATTEMPT, MARKS, NOISE, Found, dialect_of
from agemem_env.actions.dialects.bare import JSON_LINE, PYTHONIC
from agemem_env.actions.names import meant
from agemem_env.actions.text_state import MAX_FAILURES, TextState
from agemem_env.actions.violations import violations_of
from agemem_env.types import ToolCall, Turn

# Without ASCII, "ı" and "ſ" would match letters of the tags.
_FLAGS = re.IGNORECASE | re.ASCII
_TAGS = re.compile(r"<(/?)(think|tool_call|answer)\s*>", _FLAGS)
_COMMAND_TAGS = re.compile(r"<(/?)(think|tool_call|answer|action)\s*>", _FLAGS)
_CALL_TAG = re.compile(r"<(/?)tool_call\s*>", _FLAGS)
END_TAGS = {name: re.compile(rf"</{name}\s*>", _FLAGS) for name in ("think", "answer", "action")}
# All parts of these three are optional: they match at every position, without backtracking.
_OPENING = re.compile(r"\s*(```[\w-]*)?\s*")
_CLOSING = re.compile(r"\s*(```)?\s*(</tool_call\s*>)?", _FLAGS)
_SEPARATOR = re.compile(r"[\s,;]*")
_BRACKET = re.compile(r"[\[{]")
_FENCE = re.compile(r"```[\w-]*")
_BRACKETS = re.compile(r"[\s{\[]*")
_BLANKS = re.compile(r"\s*")
_LOOKED_AT = 400
"""Characters of a text that show whether it is code or an attempt."""


def _after_blanks(text: str, position: int) -> int:
    return _always(_BLANKS, text, position).end()


def _always(pattern: re.Pattern[str], text: str, pos: int) -> re.Match[str]:
    match = pattern.match(text, pos)
    assert match is not None, "every part of the pattern is optional"
    return match


class TextReader(TextState):
    """Reads one text from left to right.

    JSON is read by position, so tags inside its strings mean nothing. Searches are remembered and failed
    attempts are limited, which keeps the time linear.
    """

    @property
    def tags(self) -> re.Pattern[str]:
        """What the tags are."""
        return _COMMAND_TAGS if self.commands else _TAGS

    def turn(self) -> Turn:
        """Read the whole text."""
        while self.pos < len(self.text):
            start = self.pos
            if self.untagged(_always(_OPENING, self.text, start).end(), need_end=False):
                continue
            tag = self.find(self.tags)
            mark = self.mark_before(tag)
            if mark is not None and (tag is None or mark.start() <= tag.start()):
                self.leave(start, mark.start())
                self.dialect(mark)
                continue
            self.leave(start, tag.start() if tag else len(self.text))
            if tag is None:
                break
            self.pos = tag.end()
            if tag[1]:
                self.stray_end(tag, start)
            elif tag[2].lower() == "tool_call":
                self.tagged()
            else:
                self.element(tag)
        calls, text = self.outcome()
        think = "\n".join(filter(None, map(str.strip, self.thoughts)))
        return Turn(calls, text, think, violations_of(self.kinds))

    def mark_before(self, tag: re.Match[str] | None) -> re.Match[str] | None:
        """Return the next mark of a dialect, or None if there is none before a tag."""
        if self.is_plain:
            return None
        if tag is not None and not self.text[self.pos : tag.start()].strip():
            return MARKS.match(self.text, tag.start())
        return self.find(MARKS)

    def outcome(self) -> tuple[tuple[ToolCall, ...], str]:
        """Return the calls to execute and the text beside them."""
        acts = bool(self.calls or self.answers)
        pieces = [NOISE.sub("", piece) for piece in self.outside] if acts else self.outside
        text = "\n".join(piece for piece in map(str.strip, pieces) if self.is_prose(piece, acts))
        if acts:
            self.kinds += ["text_outside_tags"] if text else []
            return self.calls_or_answer(), text
        if "malformed_call" in self.kinds or "empty_action" in self.kinds:
            return (), ""
        if not text and not self.kinds:
            self.kinds.append("empty_action")
        if text and self.commands:
            text = self.command_text(text)
        return tuple(self.calls), text

    def calls_or_answer(self) -> tuple[ToolCall, ...]:
        """Return the calls, or the answer if there are none."""
        if any(answer != self.answers[0] for answer in self.answers):
            self.kinds.append("several_answers")
        if not self.answers:
            return tuple(self.calls)
        # A failed call counts here too: the agent wanted its result before it answered.
        if self.calls or self.call_tag:
            self.kinds.append("call_and_answer")
            return tuple(self.calls)
        return (ToolCall("answer", {"text": self.answers[0]}),)

    def is_prose(self, piece: str, acts: bool) -> bool:
        """Whether a stripped piece of text is more than the rest of a code fence or an unreadable call."""
        if not piece or (acts and _FENCE.fullmatch(piece)):
            return False
        # Beside a call or answer, "[note] ..." is only a note.
        attempt = ATTEMPT.search(piece) if acts else not self.commands and attempt_in_reply(piece, self.tools)
        if attempt or (not acts and self.commands and piece.startswith(STARTS)):
            self.kinds.append("malformed_call")
            return False
        return True

    def element(self, tag: re.Match[str]) -> None:
        """Read a thought, answer or action up to its closing tag; without one, up to the next tag."""
        name = tag[2].lower()
        end = self.find(END_TAGS[name])
        closed = end is not None
        if end is None:
            self.kinds.append("unbalanced_tags")
            end = self.find(self.tags)
        body = self.text[self.pos : end.start() if end else None].strip()
        self.pos = len(self.text) if end is None else end.end() if closed else end.start()
        if name == "think" or (self.thought_cut and not closed):
            # An unfinished thought may speak of tags: only complete elements after it count.
            self.thoughts.append(body)
            self.thought_spans.append((tag.start(), self.pos))
            self.thought_end = self.pos
            self.thought_cut = not closed
        elif name == "answer":
            self.answers.append(body)
        else:
            self.act(body)

    def tagged(self) -> None:
        """Read the calls after an opening tag."""
        self.call_tag = True
        opening = _always(_OPENING, self.text, self.pos)
        found = self.decode(opening.end())
        if found is None and self.foreign(opening.end()):
            return
        if found is None:
            self.kinds.append("malformed_call")
            tag = self.find(_CALL_TAG)
            self.pos = len(self.text) if tag is None else tag.end() if tag[1] else tag.start()
            return
        if opening[1]:
            self.kinds.append("repaired_json")
        self.add(found)
        while (found := self.decode(_always(_SEPARATOR, self.text, self.pos).end())) is not None:
            self.kinds.append("repaired_json")
            self.add(found)
        self.close()

    def dialect(self, mark: re.Match[str], *, tagged: bool = False) -> bool:
        """Read what a mark of a dialect announces; return whether it could be read."""
        found = dialect_of(mark).read(self.text, mark.start()) if self.failures < MAX_FAILURES else None
        if found is not None and found.end <= mark.start():
            found = None
        if not (dialect_of(mark).own_mark or self.commands or tagged) and self.is_data(mark, found):
            end = self.text.find("\n", mark.end() if found is None else found.end)
            self.pos = len(self.text) if end < 0 else end
            self.leave(mark.start(), self.pos)
            return True
        if found is None:
            self.failures += 1
            self.kinds.append("malformed_call")
            # What is left of it must not be taken for a call without tags.
            self.pos = _always(_BRACKETS, self.text, mark.end()).end()
            return False
        if found.after_thought and not (self.thought_end and (self.calls or self.answers)):
            self.all_thought(mark.start(), mark.start() if found.calls else found.end)
        self.calls += found.calls
        self.outside.append(found.text)
        self.thoughts.append(found.think)
        if found.think and not (found.calls or found.text):
            self.thought_spans.append((mark.start(), found.end))
            self.thought_end = found.end
        self.kinds += found.kinds
        self.pos = found.end
        return True

    def is_data(self, mark: re.Match[str], found: Found | None) -> bool:
        """Whether what a mark without a sign of its own announces is code or data in a reply, and no attempt."""
        if found is None:
            return not attempt_in_reply(self.text[mark.start() : mark.start() + _LOOKED_AT], self.tools)
        if any(meant(call.name, self.tools) in self.tools or "_" in call.name for call in found.calls):
            return False
        beside = (*self.outside, self.text[found.end :])
        return any(piece.strip(" \t\r\n`") for piece in beside)

    def foreign(self, start: int) -> bool:
        """Read what stands in place of JSON after an opening tag: elements, or names and JSON."""
        mark = MARKS.match(self.text, start)
        if mark is None or dialect_of(mark) in (PYTHONIC, JSON_LINE):
            return False
        read = self.dialect(mark, tagged=True)
        while read and (mark := MARKS.match(self.text, _after_blanks(self.text, self.pos))) is not None:
            read = self.dialect(mark, tagged=True)
        if read and not self.text[max(start, self.pos - 99) : self.pos].rstrip().endswith("</tool_call>"):
            self.close()
        return True

    def close(self) -> None:
        """Go on after the closing tag of calls that have been read."""
        end = _always(_CLOSING, self.text, self.pos)
        tag = None if end[2] else self.find(self.tags)
        if end[2]:
            self.pos = end.end()
        elif tag is not None and tag[1] and tag[2].lower() == "tool_call":
            rest = _BRACKET.search(self.text, self.pos, tag.start())
            self.kinds.append("malformed_call" if rest else "repaired_json")
            self.pos = tag.end()
        else:
            self.kinds.append("unbalanced_tags")

    def untagged(self, start: int, *, need_end: bool) -> bool:
        """Read calls that begin at `start` without an opening tag, if there are any."""
        found = self.decode(start)
        if found is None:
            return False
        end = _always(_CLOSING, self.text, found.end)
        items = listed_calls(found.value)
        if not any(map(self.is_call, items)) or (need_end and not end[2]):
            self.failures += 1
            return False
        self.add(found)
        while not end[2] and (found := self.decode(_always(_SEPARATOR, self.text, found.end).end())) is not None:
            if not any(map(self.is_call, listed_calls(found.value))):
                break
            self.add(found)
            end = _always(_CLOSING, self.text, found.end)
        self.kinds.append("unbalanced_tags" if end[2] else "missing_tags")
        self.pos = end.end()
        return True

    def is_call(self, item: object) -> bool:
        """Whether an object without tags is a call: in a reply, one that says only a name may be a fact."""
        fields = call_fields(item)
        if fields is None or self.commands:
            return fields is not None
        return any(key in fields[1] for key in ARGUMENT_KEYS) or meant(fields[0], self.tools) in self.tools

    def stray_end(self, tag: re.Match[str], start: int) -> None:
        """Handle a closing tag that nothing has opened; `start` is where the text before it begins."""
        name = tag[2].lower()
        if name == "think" and not (self.thought_end and (self.calls or self.answers)):
            # The chat template opened it, or the thought holds a closing tag.
            self.all_thought(tag.start(), tag.end())
            return
        if name == "tool_call":
            bracket = _BRACKET.search(self.text, start, tag.start())
            if bracket and self.untagged(bracket.start(), need_end=True):
                self.outside[-1] = self.outside[-1].removesuffix(self.text[bracket.start() : tag.start()])
                return
        harmless = self.calls or self.answers or name in ("think", "action")
        self.kinds.append("unbalanced_tags" if harmless else "malformed_call")
