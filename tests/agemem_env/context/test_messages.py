from __future__ import annotations

import copy
import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agemem_env.actions.parsing import parse
from agemem_env.context.context import Context
from agemem_env.context.messages import CallRef, Message, Origin, ShownMemory, ToolFormat, render
from agemem_env.context.prompts import MAX_UNREADABLE, SystemMessage, unreadable
from agemem_env.context.transcript import Transcript
from agemem_env.context.validity import problems
from agemem_env.tools import MEMORY_TOOLS, ToolBox
from agemem_env.types import Stage, ToolCall
from tests.agemem_env.context.test_context import WordCounter, incoming, turns

SYSTEM = SystemMessage("canonical text", "native text")
ADD = ToolCall("Add_memory", {"content": "mug 2 → Zürich"})
FIND = ToolCall("Retrieve_memory", {"query": "mug", "top_k": 2})
TURN = Message("agent", "I will.", (ADD, FIND), ("call_0", "call_1"), think="hm")
RESULTS = (
    Message("result", "Stored as mem_0000002a.", answers=CallRef("call_0", "Add_memory")),
    Message(
        "retrieval",
        "- mug",
        answers=CallRef("call_1", "Retrieve_memory"),
        memories=(ShownMemory("mem_0000002a", "mug"),),
    ),
)
FORMATS: tuple[ToolFormat, ToolFormat] = ("native", "tags")


class TestRender:
    def test_native_calls(self) -> None:
        assert render(TURN, "native") == {
            "role": "assistant",
            "content": "<think>hm</think>\nI will.",
            "tool_calls": [
                {
                    "id": "call_0",
                    "type": "function",
                    "function": {"name": "Add_memory", "arguments": '{"content": "mug 2 → Zürich"}'},
                },
                {
                    "id": "call_1",
                    "type": "function",
                    "function": {"name": "Retrieve_memory", "arguments": '{"query": "mug", "top_k": 2}'},
                },
            ],
        }

    def test_tags_calls(self) -> None:
        assert render(TURN, "tags") == {
            "role": "assistant",
            "content": '<think>hm</think>\nI will.\n<tool_call>[{"name": "Add_memory", "arguments": {"content": '
            '"mug 2 → Zürich"}}, {"name": "Retrieve_memory", "arguments": {"query": "mug", "top_k": 2}}]</tool_call>',
        }

    def test_calls_without_text(self) -> None:
        turn = Message("agent", "", (ADD,), ("call_0",))
        assert render(turn, "native")["content"] is None
        assert render(turn, "tags")["content"].startswith("<tool_call>")

    @pytest.mark.parametrize(
        ("message", "native", "tags"),
        [
            (
                RESULTS[0],
                {"role": "tool", "tool_call_id": "call_0", "content": "Stored as mem_0000002a."},
                {"role": "user", "content": "[Add_memory] Stored as mem_0000002a."},
            ),
            (Message("agent", "Hello."), {"role": "assistant", "content": "Hello."}, None),
            (Message("agent", "a", think="b"), {"role": "assistant", "content": "<think>b</think>\na"}, None),
            (Message("system", "Be brief."), {"role": "system", "content": "Be brief."}, None),
            *(
                (Message(origin, "x"), {"role": "user", "content": "x"}, None)
                for origin in ("fact", "distractor", "query", "observation", "retrieval", "summary", "notice")
            ),
        ],
    )
    def test_other_messages(self, message: Message, native: dict[str, Any], tags: dict[str, Any] | None) -> None:
        assert render(message, "native") == native
        assert render(message, "tags") == (tags or native)

    def test_what_is_rendered_is_read_back_as_the_same_calls(self) -> None:
        for tool_format in FORMATS:
            assert parse(render(TURN, tool_format), commands=True).calls == TURN.calls

    def test_arguments_of_the_native_form_are_json(self) -> None:
        call = ToolCall("Add_memory", {"content": '"\\\n\u2028', "metadata": {"a": [None, True, 1.5]}})
        rendered = render(Message("agent", "", (call,), ("call_0",)), "native")
        assert json.loads(rendered["tool_calls"][0]["function"]["arguments"]) == call.arguments


@pytest.mark.parametrize(
    ("origin", "answered", "role"),
    [
        ("system", False, "system"),
        ("agent", False, "assistant"),
        ("result", True, "tool"),
        ("retrieval", True, "tool"),
        ("retrieval", False, "user"),
        ("notice", False, "user"),
    ],
)
def test_roles(origin: Origin, answered: bool, role: str) -> None:
    assert Message(origin, "x", answers=CallRef("call_0", "a") if answered else None).role == role


class TestFullText:
    def test_is_thought_text_and_calls(self) -> None:
        assert TURN.full_text == (
            'hm\nI will.\n[{"name": "Add_memory", "arguments": {"content": "mug 2 → Zürich"}}, '
            '{"name": "Retrieve_memory", "arguments": {"query": "mug", "top_k": 2}}]'
        )

    def test_leaves_out_empty_parts(self) -> None:
        assert Message("agent", "", think="hm").full_text == "hm"
        assert Message("agent", "", (ADD,), ("call_0",)).full_text.startswith("[{")
        assert Message("fact", "").full_text == ""


def grown(*units: tuple[Message, ...], limit: int = 10_000) -> Context:
    made = Context(limit, WordCounter())
    made.append(Message("system", SYSTEM.canonical), protected=True)
    for unit in units:
        made.append(*unit)
    return made


class TestTranscript:
    @pytest.mark.parametrize(("tool_format", "text"), [("native", "native text"), ("tags", "canonical text")])
    def test_system_message_by_format(self, tool_format: ToolFormat, text: str) -> None:
        shown = Transcript(tool_format, SYSTEM).messages(grown())
        assert shown == ({"role": "system", "content": text},)

    @pytest.mark.parametrize("tool_format", FORMATS)
    def test_results_may_be_changed_by_the_caller(self, tool_format: ToolFormat) -> None:
        transcript, made = Transcript(tool_format, SYSTEM), grown((TURN, *RESULTS))
        first = transcript.messages(made)
        kept = copy.deepcopy(first)
        for message in first:
            for call in message.get("tool_calls", ()):
                call["function"]["arguments"] = call["function"]["name"] = call["id"] = "changed"
            message.get("tool_calls", []).clear()
            message["content"] = "changed"
        assert transcript.messages(made) == kept
        made.append(Message("agent", "Noted."))
        assert transcript.messages(made) == (*kept, {"role": "assistant", "content": "Noted."})

    def test_a_removal_is_seen_once_marked(self) -> None:
        transcript, made = Transcript("native", SYSTEM), grown((Message("fact", "a"),), (Message("fact", "b"),))
        made.mark()
        transcript.messages(made)
        made.remove([1])
        made.append(Message("fact", "c"))
        expected = ["native text", "b\n\nc"]
        assert [m["content"] for m in transcript.messages(made)] == expected
        assert [m["content"] for m in transcript.messages(made)] == expected
        made.mark()
        assert [m["content"] for m in transcript.messages(made)] == expected

    def test_another_context_starts_over(self) -> None:
        transcript = Transcript("native", SYSTEM)
        first = grown((Message("fact", "a"),))
        transcript.messages(first)
        assert [m["content"] for m in transcript.messages(grown((Message("fact", "b"),)))] == ["native text", "b"]
        twin = first.copy()
        twin.append(Message("fact", "c"))
        first.append(Message("fact", "d"))
        assert transcript.messages(twin)[-1]["content"] == "a\n\nc"
        assert transcript.messages(first)[-1]["content"] == "a\n\nd"


units = turns() | incoming.map(lambda message: (message,))
operations = st.lists(
    st.tuples(st.sampled_from(["append", "join", "remove", "summary", "step", "step"]), units, st.integers(0, 9)),
    max_size=20,
)


@settings(max_examples=150, deadline=None)
@given(operations, st.sampled_from([30, 60, 10_000]), st.sampled_from(FORMATS))
def test_incremental_rendering_is_full_rendering(
    steps: list[tuple[str, tuple[Message, ...], int]], limit: int, tool_format: ToolFormat
) -> None:
    made = grown(limit=limit)
    made.append(Message("query", "Where is it?"), protected=True)
    transcript = Transcript(tool_format, SYSTEM)
    calls = 0
    for operation, unit, number in steps:
        free = [i for i, u in enumerate(made.units) if not u.protected]
        if operation == "append":
            made.append(*unique(unit, calls))
            calls += 3
        elif operation == "join":
            made.append(Message("agent", unit[0].text), join=True)
        elif operation == "step":
            shown = transcript.messages(made)
            assert shown == Transcript(tool_format, SYSTEM).messages(made) == transcript.messages(made)
            assert [p for p in problems(shown, tool_format) if "directly after" not in p] == []
            assert not any(a["role"] == b["role"] == "user" for a, b in pairwise(shown))
            made.mark()
        elif free and operation == "remove":
            made.remove({free[number % len(free)], free[-1]})
        elif free:
            made.substitute(free[: number + 1], Message("summary", unit[0].text))


def unique(unit: tuple[Message, ...], first: int) -> tuple[Message, ...]:
    """Give the calls of a turn ids of their own."""
    turn, *results = unit
    names = {old: f"call_{first + i}" for i, old in enumerate(turn.call_ids)}
    if not names:
        return unit
    told = [
        Message(r.origin, r.text, answers=CallRef(names[r.answers.id], r.answers.name)) for r in results if r.answers
    ]
    return Message("agent", turn.text, turn.calls, tuple(names.values()), think=turn.think), *told


class TestPrompts:
    schemas = ToolBox(["Add_memory"], commands=False).schemas()

    def test_only_the_canonical_form_describes_tools_and_tags(self) -> None:
        message = SystemMessage.of("Play well.", (1, 2, 3), self.schemas)
        for schema in self.schemas:
            assert json.dumps(schema["function"]) in message.canonical
        assert "<tool_call>" in message.canonical
        assert "Add_memory" not in message.native
        assert "<tool_call>" not in message.native
        assert "Play well." in message.canonical
        assert "Play well." in message.native

    @pytest.mark.parametrize(
        ("stages", "told"),
        [
            ((1, 2, 3), (True, True, True)),
            ((1, 3), (True, False, True)),
            ((2, 3), (False, True, True)),
            ((3,), (False,) * 3),
        ],
    )
    def test_tells_the_stages_that_are_played(self, stages: tuple[Stage, ...], told: tuple[bool, ...]) -> None:
        message = SystemMessage.of("", stages, self.schemas)
        marks = ("First somebody tells you things", "Then come messages", "At last you get the task")
        for text in (message.native, message.canonical):
            assert tuple(mark in text for mark in marks) == told
            assert "\n\n\n" not in text

    @pytest.mark.parametrize("offered", [(), ("Add_memory", "Update_memory", "Delete_memory"), tuple(MEMORY_TOOLS)])
    def test_gives_advice_for_the_tools_that_are_offered(self, offered: tuple[str, ...]) -> None:
        box = ToolBox(offered, commands=True)
        text = SystemMessage.of("", (1, 2, 3), box.schemas(), box.advice()).native
        assert ("long-term memory that outlives" in text) == bool(offered)
        assert ("Store what may matter" in text) == ("Add_memory" in offered)
        assert ("update or delete it" in text) == ("Update_memory" in offered)
        assert ("Keep them out of your context" in text) == ("Filter_context" in offered)
        assert ("Look up what you need" in text) == ("Retrieve_memory" in offered)
        assert "  " not in text

    @pytest.mark.parametrize(
        ("action", "kept"),
        [
            ("{broken", "{broken"),
            ("  x  ", "x"),
            ("", "(no text)"),
            (" \n ", "(no text)"),
            (None, "(no text)"),
            (b"x", "(no text)"),
            ({"a": 1}, "(no text)"),
            ("a\ud800b", "a?b"),
            ("x" * 5000, "x" * MAX_UNREADABLE),
        ],
    )
    def test_unreadable(self, action: object, kept: str) -> None:
        assert unreadable(action) == kept
