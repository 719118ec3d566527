from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agemem_env.actions.names import allowed, meant, with_names_meant
from agemem_env.context.validity import NAME
from agemem_env.types import ToolCall, Turn

TOOLS = ("Add_memory", "Update_memory", "act", "answer")


@pytest.mark.parametrize(
    "name",
    [
        "Add_memory", "functions.Add_memory", "default_api.Add_memory", "Add_memory:0", "functions.Add_memory:12",
        " Add_memory ", "Add_memory\n", "add_memory", "ADD_MEMORY", "add-memory", "addMemory", "`Add_memory`", "Add memory",
        "Add_memory<|channel|>commentary", "functions:Add_memory", "Add_memory()",
    ],
)  # fmt: skip
def test_what_a_name_means(name: str) -> None:
    assert meant(name, TOOLS) == "Add_memory"


@pytest.mark.parametrize(
    "name", ["Add_memroy", "Add", "memory", "", "multi_tool_use.parallel", "functions.", "a" * 10**6]
)
def test_what_may_mean_anything_stays(name: str) -> None:
    assert meant(name, TOOLS) == name


def test_a_name_that_may_mean_two_tools_stays() -> None:
    assert meant("ADDMEMORY", ("Add_memory", "add_memory")) == "ADDMEMORY"


@given(st.text() | st.text(alphabet="a_-.: é", max_size=100))
def test_every_name_is_written_in_a_form_that_is_taken(name: str) -> None:
    written = allowed(name)
    assert NAME.fullmatch(written)
    assert written == name or not NAME.fullmatch(name)


def test_a_mended_name_is_counted_once() -> None:
    calls = (ToolCall("act:0", {}), ToolCall("functions.act", {}), ToolCall("fly", {}))
    turn = with_names_meant(Turn(calls), TOOLS)
    assert [call.name for call in turn.calls] == ["act", "act", "fly"]
    assert [v.kind for v in turn.violations] == ["repaired_name"]
    assert with_names_meant(Turn((ToolCall("fly", {}),)), TOOLS).violations == ()
