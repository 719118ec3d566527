"""Which tools are offered: the paper's six by default, others by name, by class or from a module."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import pytest

from agemem_env.context.prompts import Advice
from agemem_env.env import AgeMemEnv
from agemem_env.episode.ledger import Effect
from agemem_env.errors import ConfigurationError
from agemem_env.spaces import ToolCallSpace
from agemem_env.tools import PAPER_TOOLS, Tool, ToolBox, ToolResult, ToolState, arg, memory_tools
from agemem_env.tools.long_term import AddMemory

TOY = "tests.toy:ToyEngine"
HERE = "tests.agemem_env.tools.test_choice"


@dataclass(frozen=True)
class NoteArguments:
    entry: str = arg("string", "Id of the entry.", names="memory")
    text: str = arg("string", "The note.", draw=lambda rng: f"note {int(rng.integers(3))}")
    depth: int | None = arg("integer", "How deep.", default=None, minimum=7)


class AddNote(Tool):
    """Pin a note to an entry of long-term memory."""

    name = "Add_note"
    arguments = NoteArguments
    word = "note"
    advice = (Advice(1, "Pin notes with Add_note."), Advice(2, "Read your notes."))

    def run(self, args: NoteArguments, state: ToolState) -> ToolResult:
        old = state.memory.get(args.entry)
        if old is None:
            return ToolResult("There is no such entry.")
        new = state.memory.update(old.id, f"{old.content} ({args.text})", None, state.step)
        return ToolResult("Pinned.", Effect("update", before=(old,), after=(new,)))


class AddOther(AddNote):
    """Takes the word of another tool."""

    name = "Add_other"
    word = ""


class SameName(AddMemory):
    """Takes the name of another tool."""

    word = "same"


class NoRun(Tool):
    """Cannot be run."""

    name = "No_run"
    arguments = NoteArguments


class Spaced(AddNote):
    """Has a name that no service takes."""

    name = "Add note"


class Undescribed(AddNote):
    name = "Undescribed"
    __doc__ = None


@dataclass
class Bare:
    text: str


class BareArguments(AddNote):
    """Has arguments that nothing describes."""

    name = "Bare"
    arguments = Bare


def system(env: AgeMemEnv) -> str:
    return str(env.reset(seed=0)[0]["messages"][0]["content"])


def test_the_default_is_the_papers_six() -> None:
    assert PAPER_TOOLS == (
        "Add_memory", "Update_memory", "Delete_memory", "Retrieve_memory", "Summary_context", "Filter_context",
    )  # fmt: skip
    assert AgeMemEnv(TOY).action_space.box.memory_names == PAPER_TOOLS  # type: ignore[attr-defined]


def test_a_seventh_tool_in_the_table_changes_no_prompt() -> None:
    code = (
        f"import agemem_env.tools as tools\nfrom {HERE} import AddNote, system, TOY\n"
        "tools.MEMORY_TOOLS = {**tools.MEMORY_TOOLS, 'Add_note': AddNote}\n"
        "import sys, importlib, agemem_env.config, agemem_env.env\n"
        "importlib.reload(agemem_env.config); importlib.reload(agemem_env.env)\n"
        "assert 'Add_note' in agemem_env.env.AgeMemEnv(TOY, tools=['Add_note']).action_space.box.names\n"
        "sys.stdout.buffer.write(system(agemem_env.env.AgeMemEnv(TOY, tool_format='tags')).encode())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.decode() == system(AgeMemEnv(TOY, tool_format="tags"))


@pytest.mark.parametrize("chosen", [AddNote, f"{HERE}:AddNote"])
def test_names_and_classes_mix(chosen: Any) -> None:
    env = AgeMemEnv(TOY, tools=["Add_memory", chosen, "Add_memory"])
    assert [t["function"]["name"] for t in env.action_space.tools()] == ["Add_memory", "Add_note", "act", "answer"]  # type: ignore[attr-defined]
    env.reset(seed=0)
    env.step({"name": "Add_memory", "arguments": {"content": "the mug is red"}})
    (entry,) = env.memory
    *_, info = env.step({"name": "Add_note", "arguments": {"entry": entry.id, "text": "and big"}})
    assert [e.content for e in env.memory] == ["the mug is red (and big)"]
    assert (info["tool_calls"]["Add_memory"], info["tool_calls"]["Add_note"], info["errors"]) == (1, 1, {})
    assert [event.tool for event in env.ledger.of("update")] == ["Add_note"]
    while env.desk().stage < 3:
        env.step("Noted.")
    *_, info = env.step({"name": "answer", "arguments": {"text": "x"}})
    assert info["metrics"]["TC"] == 2
    assert info["reward_components"]["memory/maintenance"] == 1.0


def test_advice_stands_in_its_stage() -> None:
    text = system(AgeMemEnv(TOY, tools=[AddNote]))
    assert "one message at a time. Afterwards the conversation will be cleared. Pin notes with Add_note. Then" in text
    assert "asked. Read your notes. At last you get the task. Solve it." in text


@pytest.mark.parametrize(
    ("order", "told"),
    [
        (("Update_memory", "Add_memory"), "time. Store what may matter later: the conversation will be cleared. When"),
        (("Filter_context", "Summary_context"), "asked. Keep them out of your context. At last"),
    ],
)
def test_advice_does_not_depend_on_the_order_of_tools_and_stands_once(order: tuple[str, ...], told: str) -> None:
    first, second = system(AgeMemEnv(TOY, tools=order)), system(AgeMemEnv(TOY, tools=order[::-1]))
    assert told in first
    assert first == second


@pytest.mark.parametrize(
    ("tools", "message"),
    [
        (["Add_memory", AddOther], "AddMemory and AddOther share the word 'add'; leave one out or set `word` in one"),
        ([AddMemory, SameName], "tools=['Add_memory', 'Add_memory'] is not allowed: AddMemory and SameName share the"),
        ([NoRun], "it is no sub-class of Tool with a method `run`"),
        ([int], "it is no sub-class of Tool with a method `run`"),
        ([AddMemory()], "unknown tool <agemem_env.tools.long_term.AddMemory object"),
        ([Spaced], "its `name` is 'Add note'; use up to 64 of the characters"),
        ([Undescribed], "it has no docstring, which the model would read"),
        ([BareArguments], "the fields of Bare must be made with `arg`"),
        (["no.such:Tool"], "tool='no.such:Tool' is not allowed: the module 'no.such' cannot be imported"),
        ([f"{HERE}:Nope"], f"the module '{HERE}' has no 'Nope'"),
        ([f"{HERE}:TOY"], "unknown tool 'tests.agemem_env.tools.test_choice:TOY'"),
    ],
)
def test_what_cannot_be_offered_is_refused_in_one_line(tools: list[Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(message)) as raised:
        AgeMemEnv(TOY, tools=tools)
    assert "\n" not in str(raised.value)


class TestSampling:
    def test_an_argument_says_how_it_is_drawn(self) -> None:
        space = ToolCallSpace([AddNote], commands=False, seed=0)
        drawn = [call["arguments"] for call in (space.sample() for _ in range(99)) if call["name"] == "Add_note"]
        assert all(re.fullmatch("mem_[0-9a-f]{8}", a["entry"]) for a in drawn)
        assert {a["text"] for a in drawn} == {"note 0", "note 1", "note 2"}
        assert {a["depth"] for a in drawn if "depth" in a} == {7}

    def test_spaces_of_other_tools_are_not_equal(self) -> None:
        space = ToolCallSpace([AddNote], commands=False)
        assert space == ToolCallSpace([f"{HERE}:AddNote"], commands=False)
        assert space != ToolCallSpace([], commands=False)
        assert space != ToolCallSpace([AddNote], commands=True)


def test_each_tool_counts_once() -> None:
    assert memory_tools(["Add_memory", AddMemory, AddNote, AddNote]) == (AddMemory, AddNote)
    assert ToolBox([], commands=True).advice() is None
