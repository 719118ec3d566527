from __future__ import annotations

from typing import Any

import pytest

from agemem_env.env import AgeMemEnv
from agemem_env.tools.long_term import AddMemory, DeleteMemory
from agemem_env.tools.untyped import typed_arguments
from agemem_env.types import ToolCall


@pytest.mark.parametrize(
    ("tool", "given", "typed"),
    [
        (DeleteMemory(), {"memory_id": "m", "confirmation": "true"}, {"memory_id": "m", "confirmation": True}),
        (DeleteMemory(), {"confirmed": " False "}, {"confirmed": False}),
        (AddMemory(), {"content": "1984"}, {"content": "1984"}),
        (AddMemory(), {"metadata": '{"a": [1]}'}, {"metadata": {"a": [1]}}),
        (AddMemory(), {"metadata": "null"}, {"metadata": None}),
        (AddMemory(), {"metadata": "soon", "other": "3"}, {"metadata": "soon", "other": "3"}),
    ],
)
def test_types_come_from_the_tool(tool: Any, given: Any, typed: Any) -> None:
    assert typed_arguments(tool, ToolCall(tool.name, given, typed=False)) == typed
    assert typed_arguments(tool, ToolCall(tool.name, given)) == given


def test_numbers_in_elements_are_no_mistake() -> None:
    env = AgeMemEnv("tests.toy:ToyEngine")
    env.reset(seed=0)
    text = '<invoke name="Retrieve_memory">\n<parameter name="query">7</parameter>\n<parameter name="top_k">2</parameter>\n'
    *_, info = env.step(f"<function_calls>\n{text}</invoke>\n</function_calls>")
    assert (info["tool_calls"]["Retrieve_memory"], info["errors"]) == (1, {})
    *_, info = env.step({"name": "Retrieve_memory", "arguments": {"query": "7", "top_k": "2"}})
    assert info["errors"] == {"coerced_argument": 1}
