from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from agemem_env.context.context import MESSAGE_OVERHEAD, Context
from agemem_env.context.messages import CallRef, Message
from agemem_env.episode.ledger import Effect
from agemem_env.errors import ConfigurationError
from agemem_env.memory.store import LongTermMemory, MemoryEntry
from agemem_env.tools import MEMORY_TOOLS, ToolBox, ToolResult, ToolState
from agemem_env.tools.short_term import MAX_TOP_K, MIN_SUMMARY_TOKENS
from agemem_env.types import Stage, ToolCall
from tests.agemem_env.context.test_context import WordCounter
from tests.toy import ToyEngine, make_task

BOX = ToolBox(MEMORY_TOOLS, commands=True)
NAMES = ("Add_memory", "Update_memory", "Delete_memory", "Retrieve_memory", "Summary_context", "Filter_context")


class TopicEncoder:
    """A text is the share of each topic's name among its words, as a unit vector."""

    name = "topics"
    dim = 3
    default_threshold = 0.5
    topics = ("cat", "dog", "fish")

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.array([[re.findall(r"\w+", t).count(topic) for topic in self.topics] for t in texts], dtype=float)
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return (rows / np.where(norms, norms, 1)).astype(np.float32)


class FirstWords:
    """Summary of a given number of words; remembers what it was asked."""

    name = "first"

    def __init__(self, words: int = 3) -> None:
        self.words = words
        self.asked: list[tuple[list[str], int]] = []

    def summarize(self, texts: Sequence[str], max_tokens: int) -> str:
        self.asked.append((list(texts), max_tokens))
        return " ".join(" ".join(texts).split()[: self.words])


@dataclass
class World:
    """One memory, context and engine; `run` executes a call on them."""

    memory: LongTermMemory
    context: Context
    engine: ToyEngine
    summarizer: FirstWords
    rng: np.random.Generator
    threshold: float = 0.5
    top_k: int = 3

    def run(self, name: str, *, stage: Stage = 3, step: int = 5, **arguments: Any) -> ToolResult:
        state = ToolState(
            memory=self.memory,
            context=self.context,
            engine=self.engine,
            encoder=TopicEncoder(),
            summarizer=self.summarizer,
            rng=self.rng,
            step=step,
            stage=stage,
            top_k=self.top_k,
            threshold=self.threshold,
        )
        return BOX.run(ToolCall(name, arguments), state)

    def state(self) -> tuple[Any, ...]:
        """Everything that a call could change."""
        drawn = json.dumps(self.rng.bit_generator.state, default=str)
        return self.memory.state(), self.context.digest(), self.context.tokens, self.engine.state_hash(), drawn


def make_world() -> World:
    engine = ToyEngine(split="test", source="generated", protocol="agemem")
    engine.reset(make_task(0), np.random.default_rng(0), briefed=True)
    context = Context(1000, WordCounter())
    context.append(Message("system", "You have a memory about cat dog fish"), protected=True)
    return World(LongTermMemory(TopicEncoder()), context, engine, FirstWords(), np.random.default_rng(0))


@pytest.fixture
def world() -> World:
    return make_world()


def entry_of(world: World, content: str = "cat", **metadata: Any) -> MemoryEntry:
    return world.memory.add(content, metadata, 1, world.rng)


def kinds(result: ToolResult) -> list[str]:
    return [v.kind for v in result.violations]


def texts(world: World) -> list[str]:
    return [m.text for m in world.context.messages()]


ARGUMENTS: dict[str, tuple[dict[str, str], list[str]]] = {
    "Add_memory": ({"content": "string", "metadata": "object", "memory_type": "string"}, ["content"]),
    "Update_memory": ({"memory_id": "string", "content": "string", "metadata": "object"}, ["memory_id", "content"]),
    "Delete_memory": ({"memory_id": "string", "confirmation": "boolean"}, ["memory_id", "confirmation"]),
    "Retrieve_memory": ({"query": "string", "top_k": "integer", "metadata_filter": "object"}, ["query"]),
    "Summary_context": ({"span": "string", "summary": "string"}, ["span"]),
    "Filter_context": ({"criteria": "string"}, ["criteria"]),
    "act": ({"command": "string"}, ["command"]),
    "answer": ({"text": "string"}, ["text"]),
}


class TestSchemas:
    def test_one_in_full(self) -> None:
        assert MEMORY_TOOLS["Retrieve_memory"].schema() == {
            "type": "function",
            "function": {
                "name": "Retrieve_memory",
                "description": "Search long-term memory and bring the most similar entries, with their ids, into the context.",
                "parameters": {
                    "type": "object",
                    "properties": {
                        "query": {"type": "string", "description": "What to look for."},
                        "top_k": {
                            "type": "integer",
                            "description": "Number of entries wanted.",
                            "minimum": 1,
                            "maximum": 20,
                        },
                        "metadata_filter": {
                            "type": "object",
                            "description": "Only entries whose metadata has these values.",
                        },
                    },
                    "required": ["query"],
                    "additionalProperties": False,
                },
            },
        }

    def test_names_in_the_papers_order(self) -> None:
        assert tuple(MEMORY_TOOLS) == NAMES
        assert BOX.names == (*NAMES, "act", "answer")
        assert [s["function"]["name"] for s in BOX.schemas()] == list(BOX.names)

    @pytest.mark.parametrize("schema", BOX.schemas(), ids=BOX.names)
    def test_arguments(self, schema: dict[str, Any]) -> None:
        function = schema["function"]
        types, required = ARGUMENTS[function["name"]]
        parameters = function["parameters"]
        assert {name: spec["type"] for name, spec in parameters["properties"].items()} == types
        assert parameters["required"] == required

    @pytest.mark.parametrize("schema", BOX.schemas(), ids=BOX.names)
    def test_form(self, schema: dict[str, Any]) -> None:
        function = schema["function"]
        parameters = function["parameters"]
        assert set(schema) == {"type", "function"}
        assert set(function) == {"name", "description", "parameters"}
        assert set(parameters) == {"type", "properties", "required", "additionalProperties"}
        assert re.fullmatch("[a-zA-Z0-9_-]{1,64}", function["name"])
        assert len(function["description"]) > 20
        assert "\n" not in function["description"]
        for spec in parameters["properties"].values():
            assert set(spec) <= {"type", "description", "minimum", "maximum"}
            assert spec["description"].endswith(".")
        assert json.loads(json.dumps(schema)) == schema


class TestToolBox:
    def test_offers_a_selection_in_the_order_given(self) -> None:
        assert ToolBox(["Filter_context", "Add_memory"], commands=False).names == (
            "Filter_context",
            "Add_memory",
            "answer",
        )
        assert ToolBox([], commands=True).names == ("act", "answer")

    def test_unknown_tools(self) -> None:
        with pytest.raises(ConfigurationError, match="unknown tool 'Add_memroy'; did you mean 'Add_memory'"):
            ToolBox(["Add_memroy"], commands=False)

    def test_accepts_what_it_would_run(self) -> None:
        assert BOX.accepts(ToolCall("Add_memory", {"content": "x"}))
        assert BOX.accepts(ToolCall("Retrieve_memory", {"query": 3, "top_k": "4", "extra": 1}))
        assert not BOX.accepts(ToolCall("Add_memory", {}))
        assert not ToolBox([], commands=False).accepts(ToolCall("act", {"command": "x"}))


AVAILABLE = f"Available: {', '.join(BOX.names)}."
REFUSALS: list[tuple[str, dict[str, Any], str, str]] = [
    ("Add_memroy", {"content": "x"}, "unknown_tool", f"There is no tool 'Add_memroy'. Did you mean Add_memory? {AVAILABLE}"),
    ("add_memory", {"content": "x"}, "unknown_tool", f"There is no tool 'add_memory'. Did you mean Add_memory? {AVAILABLE}"),
    ("zzz", {}, "unknown_tool", f"There is no tool 'zzz'. {AVAILABLE}"),
    ("", {}, "unknown_tool", f"There is no tool ''. {AVAILABLE}"),
    ("z" * 5000, {}, "unknown_tool", f"There is no tool '{'z' * 40}'. {AVAILABLE}"),
    ("Add_memory", {}, "missing_argument", "Add_memory was not run: it needs content."),
    ("Add_memory", {"content": None}, "missing_argument", "Add_memory was not run: it needs content."),
    ("Update_memory", {}, "missing_argument", "Update_memory was not run: it needs memory_id, content."),
    ("Delete_memory", {"memory_id": "{id}"}, "missing_argument", "Delete_memory was not run: it needs confirmation."),
    ("act", {}, "missing_argument", "act was not run: it needs command."),
    ("Add_memory", {"content": ["x"]}, "wrong_type", "Add_memory was not run: content must be a JSON string, not list."),
    ("Add_memory", {"content": True}, "wrong_type", "Add_memory was not run: content must be a JSON string, not bool."),
    ("Add_memory", {"content": "x", "metadata": "{}"}, "wrong_type",
     "Add_memory was not run: metadata must be a JSON object, not str."),
    ("Retrieve_memory", {"query": "x", "top_k": "many"}, "wrong_type",
     "Retrieve_memory was not run: top_k must be a JSON integer, not str."),
    ("Retrieve_memory", {"query": "x", "top_k": 2.5}, "wrong_type",
     "Retrieve_memory was not run: top_k must be a JSON integer, not float."),
    ("Retrieve_memory", {"query": "x", "top_k": True}, "wrong_type",
     "Retrieve_memory was not run: top_k must be a JSON integer, not bool."),
    ("Delete_memory", {"memory_id": "{id}", "confirmation": "sure"}, "wrong_type",
     "Delete_memory was not run: confirmation must be a JSON boolean, not str."),
    ("Delete_memory", {"memory_id": "{id}", "confirmation": 1}, "wrong_type",
     "Delete_memory was not run: confirmation must be a JSON boolean, not int."),
    ("Add_memory", {"content": " \n "}, "empty_argument", "Add_memory was not run: content is empty."),
    ("Filter_context", {"criteria": ""}, "empty_argument", "Filter_context was not run: criteria is empty."),
    ("Retrieve_memory", {"query": "x", "top_k": 0}, "argument_out_of_range",
     "Retrieve_memory was not run: top_k must be from 1 to 20, not 0."),
    ("Retrieve_memory", {"query": "x", "top_k": 21}, "argument_out_of_range",
     "Retrieve_memory was not run: top_k must be from 1 to 20, not 21."),
    ("Update_memory", {"memory_id": "mem_ffffffff", "content": "x"}, "unknown_memory",
     "Update_memory was not run: there is no memory 'mem_ffffffff'. Add_memory and Retrieve_memory tell the ids."),
    ("Delete_memory", {"memory_id": "mem_ffffffff", "confirmation": True}, "unknown_memory",
     "Delete_memory was not run: there is no memory 'mem_ffffffff'. Add_memory and Retrieve_memory tell the ids."),
    ("Delete_memory", {"memory_id": "m" * 99, "confirmation": False}, "unknown_memory",
     f"Delete_memory was not run: there is no memory '{'m' * 40}…'. Add_memory and Retrieve_memory tell the ids."),
    *(("Summary_context", {"span": span}, "wrong_span",
       'Summary_context was not run: span must be "all" or a number from 1 on.')
      for span in ("0", "-1", "1.5", "some", "last 3", "٣", "²", "000")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "kind", "text"), REFUSALS)
def test_refused_calls_say_why_and_change_nothing(
    world: World, name: str, arguments: Mapping[str, Any], kind: str, text: str
) -> None:
    known = entry_of(world)
    world.context.append(Message("fact", "cat cat cat"))
    before = world.state()
    result = world.run(name, **{k: known.id if v == "{id}" else v for k, v in arguments.items()})
    assert result.text == text
    assert [(v.kind, v.message) for v in result.violations] == [(kind, text)]
    assert result.effect == Effect("none")
    assert result.origin == "result"
    assert (result.outcome, result.answer) == (None, None)
    assert world.state() == before


class TestConversions:
    @pytest.mark.parametrize("top_k", ["2", " 2 ", 2.0])
    def test_integers(self, world: World, top_k: Any) -> None:
        for _ in range(3):
            entry_of(world)
        result = world.run("Retrieve_memory", query="cat", top_k=top_k)
        assert len(result.effect.after) == 2
        assert kinds(result) == ["coerced_argument"]
        assert result.text.endswith("\nRetrieve_memory: top_k should be a JSON integer.")

    @pytest.mark.parametrize(("content", "stored"), [(3, "3"), (2.5, "2.5")])
    def test_strings(self, world: World, content: Any, stored: str) -> None:
        result = world.run("Add_memory", content=content)
        assert result.effect.after[0].content == stored
        assert kinds(result) == ["coerced_argument"]

    @pytest.mark.parametrize(("confirmation", "left"), [("true", 0), (" TRUE ", 0), ("false", 1)])
    def test_booleans(self, world: World, confirmation: str, left: int) -> None:
        known = entry_of(world)
        result = world.run("Delete_memory", memory_id=known.id, confirmation=confirmation)
        assert len(world.memory) == left
        assert kinds(result) == ["coerced_argument"]

    def test_extra_arguments_are_ignored_and_named(self, world: World) -> None:
        result = world.run("Add_memory", content="cat", tags=["a"], why=None)
        note = "Add_memory ignored {!r}; it takes: content, metadata, memory_type."
        entry = result.effect.after[0]
        assert result.text == f"Stored as {entry.id}.\n{note.format('tags')} {note.format('why')}"
        assert kinds(result) == ["extra_argument", "extra_argument"]
        assert entry.metadata == {"source": "agent", "timestamp": 5}

    def test_notes_come_with_a_refusal_too(self, world: World) -> None:
        result = world.run("Retrieve_memory", extra=1, top_k="3")
        assert kinds(result) == ["extra_argument", "coerced_argument", "missing_argument"]
        assert result.text.endswith("Retrieve_memory was not run: it needs query.")

    def test_null_stands_for_a_missing_argument(self, world: World) -> None:
        assert kinds(world.run("Add_memory", content="cat", metadata=None, memory_type=None)) == []

    def test_very_long_numbers_are_no_integers(self, world: World) -> None:
        assert kinds(world.run("Retrieve_memory", query="cat", top_k="9" * 10_000)) == ["wrong_type"]

    @given(
        st.sampled_from(BOX.names),
        st.dictionaries(
            st.sampled_from([*{a for types, _ in ARGUMENTS.values() for a in types}, "confirmed", "x"]),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
                lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
                max_leaves=4,
            ),
        ),
    )
    def test_any_arguments_are_run_or_refused_with_a_reason(self, name: str, arguments: dict[str, Any]) -> None:
        made = make_world()
        made.context.append(Message("fact", "cat"))
        before = made.state()
        result = made.run(name, **arguments)
        assert result.text
        if not BOX.accepts(ToolCall(name, arguments)):
            assert result.violations
            assert made.state() == before


class TestAdd:
    def test_stores_the_entry_under_a_drawn_id(self, world: World) -> None:
        result = world.run(
            "Add_memory", content="cat 3", metadata={"topic": "cat", "source": "user"}, memory_type="fact"
        )
        (entry,) = world.memory
        assert result == ToolResult(f"Stored as {entry.id}.", Effect("add", after=(entry,)))
        assert entry.content == "cat 3"
        assert entry.metadata == {"source": "user", "topic": "cat", "timestamp": 5, "memory_type": "fact"}
        assert (entry.created, entry.modified) == (5, None)
        drawn = int(np.random.default_rng(0).integers(1 << 32))
        assert entry.id == f"mem_{drawn:08x}"

    def test_the_time_stamp_is_not_the_agents_to_choose(self, world: World) -> None:
        result = world.run("Add_memory", content="cat", metadata={"timestamp": 99})
        assert result.effect.after[0].metadata == {"source": "agent", "timestamp": 5}


class TestUpdate:
    def test_keeps_metadata_unless_given(self, world: World) -> None:
        old = entry_of(world, "cat", source="agent", colour="red", timestamp=1)
        result = world.run("Update_memory", memory_id=old.id, content="dog")
        new = world.memory.get(old.id)
        assert new == MemoryEntry(old.id, "dog", {"source": "agent", "colour": "red", "timestamp": 5}, 1, 5)
        assert result == ToolResult(f"Updated {old.id}.", Effect("update", before=(old,), after=(new,)))

    def test_replaces_metadata_if_given(self, world: World) -> None:
        old = entry_of(world, "cat", source="agent", colour="red")
        world.run("Update_memory", memory_id=old.id, content="dog", metadata={"size": 2})
        assert [e.metadata for e in world.memory] == [{"size": 2, "timestamp": 5}]


class TestDelete:
    @pytest.mark.parametrize("argument", ["confirmation", "confirmed"])
    def test_removes_a_confirmed_entry(self, world: World, argument: str) -> None:
        known, other = entry_of(world), entry_of(world, "dog")
        result = world.run("Delete_memory", memory_id=known.id, **{argument: True})
        assert result == ToolResult(f"Deleted {known.id}.", Effect("delete", before=(known,)))
        assert list(world.memory) == [other]

    @pytest.mark.parametrize("argument", ["confirmation", "confirmed"])
    def test_removes_nothing_unconfirmed(self, world: World, argument: str) -> None:
        known = entry_of(world)
        before = world.state()
        result = world.run("Delete_memory", memory_id=known.id, **{argument: False})
        assert result == ToolResult(f"{known.id} was not deleted: confirmation is false.")
        assert world.state() == before


class TestRetrieve:
    def test_lists_the_best_entries_with_ids_and_scores(self, world: World) -> None:
        cat, both, dog = entry_of(world, "cat"), entry_of(world, "cat dog"), entry_of(world, "dog")
        result = world.run("Retrieve_memory", query="cat", top_k=2)
        assert result.text == f"- {cat.id} (1.00): cat\n- {both.id} (0.71): cat dog"
        assert result.effect == Effect("retrieve", after=(cat, both))
        assert result.origin == "retrieval"
        assert dog in list(world.memory)

    @pytest.mark.parametrize(("top_k", "count"), [(None, 3), (1, 1), (MAX_TOP_K, 5)])
    def test_top_k(self, world: World, top_k: int | None, count: int) -> None:
        for _ in range(5):
            entry_of(world)
        assert len(world.run("Retrieve_memory", query="cat", top_k=top_k).effect.after) == count

    def test_the_default_number_is_the_environments(self, world: World) -> None:
        world.top_k = 4
        for _ in range(5):
            entry_of(world)
        assert len(world.run("Retrieve_memory", query="cat").effect.after) == 4

    def test_filter(self, world: World) -> None:
        entry_of(world, "cat", kind="a")
        wanted = entry_of(world, "cat dog dog", kind="b")
        result = world.run("Retrieve_memory", query="cat", metadata_filter={"kind": "b"})
        assert result.effect.after == (wanted,)
        assert len(world.run("Retrieve_memory", query="cat", metadata_filter={}).effect.after) == 2

    @pytest.mark.parametrize("metadata_filter", [None, {"kind": "c"}])
    def test_nothing_found_is_no_mistake(self, world: World, metadata_filter: Any) -> None:
        if metadata_filter:
            entry_of(world, "cat", kind="a")
        result = world.run("Retrieve_memory", query="cat", metadata_filter=metadata_filter)
        assert result == ToolResult("No entry was found.", Effect("retrieve"), origin="retrieval")

    def test_changes_neither_memory_nor_context(self, world: World) -> None:
        entry_of(world)
        before = world.state()
        world.run("Retrieve_memory", query="cat")
        assert world.state() == before


LONG = " ".join(["word"] * 30)


def turn(number: int) -> tuple[Message, Message]:
    call = ToolCall("Add_memory", {"content": LONG})
    return (
        Message("agent", f"turn {number}", (call,), (f"call_{number}",)),
        Message("result", f"Stored {number}.", answers=CallRef(f"call_{number}", "Add_memory")),
    )


class TestSummary:
    @pytest.fixture
    def talk(self, world: World) -> World:
        """System, fact 0, a turn with a call, fact 1, the protected query, an observation."""
        world.context.append(Message("fact", f"zero {LONG}"))
        world.context.append(*turn(0))
        world.context.append(Message("fact", f"one {LONG}"))
        world.context.append(Message("query", "Where?"), protected=True)
        world.context.append(Message("observation", f"two {LONG}"))
        return world

    @pytest.mark.parametrize("span", ["all", "full", " ALL ", "Full", "6", "99", "9" * 300, 99])
    def test_all_but_the_protected(self, talk: World, span: Any) -> None:
        listed = list(talk.context.messages())
        before = talk.context.tokens
        result = talk.run("Summary_context", span=span)
        assert [m.origin for m in talk.context.messages()] == ["system", "summary", "query"]
        assert texts(talk)[1] == "Summary of earlier messages: zero word word"
        replaced = (*listed[1:5], listed[6])
        assert result.effect == Effect("reduce", removed=replaced)
        assert list(talk.context.messages())[1].sources == replaced
        own = 7 + MESSAGE_OVERHEAD
        gone = before - talk.context.tokens + own
        assert result.text.startswith(f"Replaced 5 messages ({gone} tokens) by a summary ({own} tokens).")

    @pytest.mark.parametrize(
        ("span", "left"),
        [
            ("1", ["system", "fact", "agent", "result", "fact", "query", "summary"]),
            ("2", ["system", "fact", "agent", "result", "fact", "query", "summary"]),  # the query counts and stays
            ("3", ["system", "fact", "agent", "result", "summary", "query"]),
            ("4", ["system", "fact", "summary", "query"]),  # a result takes its call along
            ("5", ["system", "fact", "summary", "query"]),
            ("6", ["system", "summary", "query"]),
        ],
    )
    def test_n_counts_messages_and_takes_units_whole(self, talk: World, span: str, left: list[str]) -> None:
        assert kinds(talk.run("Summary_context", span=span)) == []
        assert [m.origin for m in talk.context.messages()] == left

    def test_a_policys_own_summary_is_kept_word_for_word(self, talk: World) -> None:
        talk.run("Summary_context", span="all", summary="Zürich: 黒 box.")
        assert texts(talk)[1] == "Summary of earlier messages: Zürich: 黒 box."
        assert talk.summarizer.asked == []

    def test_the_summarizer_gets_the_texts_and_a_quarter_of_their_size(self, talk: World) -> None:
        listed = list(talk.context.messages())
        size = sum(talk.context.units[i].tokens for i in (1, 2, 3, 5))
        talk.run("Summary_context", span="all")
        ((given_texts, budget),) = talk.summarizer.asked
        assert given_texts == [m.full_text for m in (*listed[1:5], listed[6])]
        assert budget == size // 4 > MIN_SUMMARY_TOKENS

    def test_the_budget_has_a_minimum(self, world: World) -> None:
        world.context.append(Message("fact", LONG))
        world.run("Summary_context", span="all")
        assert world.summarizer.asked == [([LONG], MIN_SUMMARY_TOKENS)]

    def test_is_refused_if_not_shorter(self, world: World) -> None:
        world.context.append(Message("fact", "one two three four five six"))
        before = world.state()
        result = world.run("Summary_context", span="all", summary="a b")
        assert result == ToolResult("Nothing was replaced: the summary (10 tokens) is not shorter (10).")
        assert world.state() == before
        assert world.run("Summary_context", span="all", summary="a").effect.kind == "reduce"

    def test_nothing_to_summarise(self, world: World) -> None:
        world.context.append(Message("query", "Where?"), protected=True)
        before = world.state()
        assert world.run("Summary_context", span="all") == ToolResult("There is nothing to summarise.")
        assert world.run("Summary_context", span="1") == ToolResult("There is nothing to summarise.")
        assert world.state() == before
        assert world.summarizer.asked == []

    def test_summaries_of_summaries_stand_for_the_first_messages(self, talk: World) -> None:
        listed = list(talk.context.messages())
        talk.run("Summary_context", span="all", summary=LONG)
        talk.context.append(Message("fact", f"three {LONG}"))
        result = talk.run("Summary_context", span="all", summary="all of it")
        (summary,) = [m for m in talk.context.messages() if m.origin == "summary"]
        assert [m.text for m in summary.sources] == [m.text for m in (*listed[1:5], listed[6])] + [f"three {LONG}"]
        assert not any(source.sources for source in summary.sources)
        assert [m.origin for m in result.effect.removed] == ["summary", "fact"]


class TestFilter:
    @pytest.fixture
    def zoo(self, world: World) -> World:
        world.context.append(Message("fact", "cat"))
        world.context.append(Message("distractor", "cat dog"), Message("agent", "Noted."))
        world.context.append(Message("distractor", "dog"))
        world.context.append(Message("distractor", "nothing"))
        world.context.append(Message("query", "cat"), protected=True)
        return world

    @pytest.mark.parametrize(
        ("threshold", "gone"),
        [
            (1.0, ["cat"]),
            (0.72, ["cat"]),
            (0.7, ["cat", "cat dog", "Noted."]),
            (0.01, ["cat", "cat dog", "Noted."]),
            (0.0, ["cat", "cat dog", "Noted.", "dog", "nothing"]),
            (-1.0, ["cat", "cat dog", "Noted.", "dog", "nothing"]),
        ],
    )
    def test_removes_exactly_the_similar_unprotected_units(self, zoo: World, threshold: float, gone: list[str]) -> None:
        zoo.threshold = threshold
        before = texts(zoo)
        tokens = zoo.context.tokens
        result = zoo.run("Filter_context", criteria="cat")
        assert [m.text for m in result.effect.removed] == gone
        assert result.effect.kind == "reduce"
        kept = before.copy()
        for text in gone:
            kept.remove(text)
        assert texts(zoo) == kept
        assert result.text == f"Removed {len(gone)} messages ({tokens - zoo.context.tokens} tokens)."

    def test_no_match_changes_nothing(self, zoo: World) -> None:
        before = zoo.state()
        assert zoo.run("Filter_context", criteria="fish") == ToolResult("No message matches the criteria.")
        assert zoo.state() == before

    def test_protected_units_alone(self, world: World) -> None:
        world.threshold = -1
        assert world.run("Filter_context", criteria="cat") == ToolResult("There is nothing to remove.")
        assert len(texts(world)) == 1

    def test_a_call_is_compared_with_its_arguments_and_results(self, world: World) -> None:
        call = ToolCall("Add_memory", {"content": "fish"})
        world.context.append(
            Message("agent", "", (call,), ("call_0",)),
            Message("result", "Stored.", answers=CallRef("call_0", "Add_memory")),
        )
        assert len(world.run("Filter_context", criteria="fish").effect.removed) == 2


class TestTask:
    def test_act(self, world: World) -> None:
        result = world.run("act", command="open red box")
        assert result.outcome is not None
        assert (result.text, result.origin, result.effect.kind) == ("The red box is empty.", "observation", "command")
        assert result.violations == ()
        assert world.engine.state_hash() == "toy-0:red"

    def test_a_command_that_is_not_admissible(self, world: World) -> None:
        result = world.run("act", command="fly")
        assert [(v.kind, v.message) for v in result.violations] == [("invalid_command", "Nothing happens.")]
        assert result.outcome is not None
        assert result.effect.kind == "command"

    @pytest.mark.parametrize("argument", ["text", "answer"])
    def test_answer(self, world: World, argument: str) -> None:
        result = world.run("answer", **{argument: "Paris"})
        assert result.outcome is not None
        assert result.outcome.done
        assert (result.text, result.answer, result.effect.kind) == ("Finished.", "Paris", "answer")

    def test_an_empty_answer_is_an_answer(self, world: World) -> None:
        assert world.run("answer", text="").answer == ""

    @pytest.mark.parametrize("stage", [1, 2])
    def test_act_before_the_task(self, world: World, stage: Stage) -> None:
        before = world.state()
        result = world.run("act", stage=stage, command="open red box")
        text = "act was not run: the task has not begun yet."
        assert (result.text, kinds(result), result.outcome) == (text, ["wrong_stage"], None)
        assert world.state() == before

    @pytest.mark.parametrize("stage", [1, 2])
    def test_an_answer_before_the_task_is_a_polite_reply(self, world: World, stage: Stage) -> None:
        before = world.state()
        assert world.run("answer", stage=stage, text="x") == ToolResult(
            "Noted. The question comes later.", Effect("answer")
        )
        assert world.state() == before

    @pytest.mark.parametrize("stage", [1, 2, 3])
    def test_memory_tools_work_in_every_stage(self, world: World, stage: Stage) -> None:
        assert world.run("Add_memory", stage=stage, content="cat").effect.kind == "add"
