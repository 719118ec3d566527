"""Every form in which models write calls, and one near miss of each, which is no move."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agemem_env.actions.dialects import ATTEMPT, ATTEMPT_AS_COMMAND, DIALECTS, MARKS, may_hold_no_call
from agemem_env.actions.parsing import parse
from agemem_env.types import ToolCall

ADD = ToolCall("Add_memory", {"content": "mug 2"})
BODY = '{"content": "mug 2"}'
CALL = f'{{"name": "Add_memory", "arguments": {BODY}}}'
LLAMA = f'{{"name": "Add_memory", "parameters": {BODY}}}'


def xml(*, close: str = "</parameter>") -> str:
    return f'<invoke name="Add_memory"><parameter name="content">mug 2{close}</invoke>'


def steps(text: str) -> str:
    return re.sub(r"<(/?)(?=[ip])", r"<\1steptml:", text)


FORMS: dict[str, tuple[str, str]] = {
    "llama 3 python tag": (f"<|python_tag|>{LLAMA}<|eom_id|>", f"<|python_tag|>{LLAMA[:-3]}"),
    "llama 3 function": (f"<function=Add_memory>{BODY}</function>", f"<function=Add_memory>{BODY[:-1]}</function>"),
    "llama 4": ('[Add_memory(content="mug 2")]', '[Add_memory(content="mug 2")'),
    "deepseek r1": (
        f"<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>Add_memory\n```json\n{BODY}\n```"
        "<｜tool▁call▁end｜><｜tool▁calls▁end｜><｜end▁of▁sentence｜>",
        f"<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>\n```json\n{BODY}\n```<｜tool▁call▁end｜>",
    ),
    "deepseek v3.1": (
        f"<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>Add_memory<｜tool▁sep｜>{BODY}<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
        f"<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>Add_memory<｜tool▁sep｜>{BODY[:-1]}<｜tool▁call▁end｜>",
    ),
    "deepseek v3.2": (
        '<｜DSML｜function_calls>\n<｜DSML｜invoke name="Add_memory">\n<｜DSML｜parameter name="content" string="true">mug 2'
        "</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>",
        '<｜DSML｜function_calls>\n<｜DSML｜invoke name="Add_memory">\n<｜DSML｜parameter name="content">mug 2\n'
        "</｜DSML｜invoke>",
    ),
    "kimi": (
        f"<|tool_calls_section_begin|><|tool_call_begin|>functions.Add_memory:0<|tool_call_argument_begin|>{BODY}"
        "<|tool_call_end|><|tool_calls_section_end|>",
        f"<|tool_calls_section_begin|><|tool_call_begin|>functions.Add_memory:0<|tool_call_argument_begin|>{BODY[:-1]}",
    ),
    "gpt-oss": (
        "<|channel|>analysis<|message|>Keep it.<|end|><|start|>assistant<|channel|>commentary to=functions.Add_memory "
        f"<|constrain|>json<|message|>{BODY}<|call|>",
        f"<|channel|>commentary to=functions.Add_memory <|constrain|>json<|message|>{BODY[:-1]}<|call|>",
    ),
    "gpt-oss recipient first": (
        f"<|start|>assistant to=functions.Add_memory<|channel|>commentary json<|message|>{BODY}<|call|>",
        f"<|start|>assistant to=functions.Add_memory<|channel|>commentary json{BODY}<|call|>",
    ),
    "qwen3-coder": (
        "<tool_call>\n<function=Add_memory>\n<parameter=content>\nmug 2\n</parameter>\n</function>\n</tool_call>",
        "<tool_call>\n<function=Add_memory>\n<parameter=content>\nmug 2\n</function>\n</tool_call>",
    ),
    "qwen3-coder without its tag": (
        "<function=Add_memory>\n<parameter=content>\nmug 2\n</parameter>\n</function>\n</tool_call>",
        "<function=Add_memory>\n<parameter=content>\nmug 2\n</parameter>",
    ),
    "anthropic xml": (f"<function_calls>{xml()}</function_calls>", f"<function_calls>{xml(close='')}</function_calls>"),
    "anthropic old xml": (
        "<function_calls><invoke><tool_name>Add_memory</tool_name><parameters><content>mug 2</content></parameters>"
        "</invoke></function_calls>",
        "<function_calls><invoke><tool_name>Add_memory</tool_name><parameters><content>mug 2</parameters></invoke>",
    ),
    "tool_use": (
        f'{{"type": "tool_use", "id": "toolu_1", "name": "Add_memory", "input": {BODY}}}',
        f'{{"type": "tool_use", "id": "toolu_1", "name": "Add_memory", "input": {BODY}',
    ),
    "toolUse": (
        f'{{"toolUse": {{"toolUseId": "a", "name": "Add_memory", "input": {BODY}}}}}',
        f'I use {{"toolUse": {{"toolUseId": "a", "name": "Add_memory", "input": {BODY}}}}}',
    ),
    "functionCall": (
        f'{{"functionCall": {{"name": "Add_memory", "args": {BODY}}}}}',
        f'{{"functionCall": {{"name": "Add_memory", "args": {BODY}}}',
    ),
    "minimax m1": (f"<tool_calls>\n{CALL}\n</tool_calls>", f"<tool_calls>\n{CALL[:-1]}\n</tool_calls>"),
    "minimax m2": (
        f"<minimax:tool_call>\n{xml()}\n</minimax:tool_call>",
        f"<minimax:tool_call>\n{xml(close='')}\n</minimax:tool_call>",
    ),
    "seed": (
        "<seed:tool_call><function=Add_memory><parameter=content>mug 2</parameter></function></seed:tool_call>",
        "<seed:tool_call><function=Add_memory><parameter=content>mug 2</function></seed:tool_call>",
    ),
    "internlm": (
        f"<|action_start|><|plugin|>\n{LLAMA}<|action_end|>",
        f"<|action_start|><|plugin|>\n{LLAMA[:-1]}<|action_end|>",
    ),
    "glm-4": (f"Add_memory\n{BODY}", f"Add_memory\n{BODY[:-1]}"),
    "glm-4.5": (
        "<tool_call>Add_memory\n<arg_key>content</arg_key>\n<arg_value>mug 2</arg_value>\n</tool_call>",
        "<tool_call>Add_memory\n<arg_key>content</arg_key>\n<arg_value>mug 2</tool_call>",
    ),
    "mistral": (f"[TOOL_CALLS][{CALL}]</s>", f"[TOOL_CALLS][{CALL[:-1]}]</s>"),
    "mistral named": (f"[TOOL_CALLS]Add_memory[ARGS]{BODY}", f"[TOOL_CALLS]Add_memory[ARGS]{BODY[:-1]}"),
    "mistral with id": (
        f"[TOOL_CALLS]Add_memory[CALL_ID]abcdefghi[ARGS]{BODY}",
        f"[TOOL_CALLS]Add memory[ARGS]{BODY}",
    ),
    "pythonic": ('Add_memory(content="mug 2")', "Add_memory(content=mug 2)"),
    "pythonic in a fence": ("```tool_code\nAdd_memory(content='mug 2')\n```", "```tool_code\nAdd_memory('mug 2')\n```"),
    "react": (f"Thought: x\nAction: Add_memory\nAction Input: {BODY}", "Action: Add_memory\nAction Input: mug 2"),
    "legacy function_call in text": (
        f'{{"function_call": {{"name": "Add_memory", "arguments": {BODY}}}}}',
        f'{{"function_call": {{"name": "Add_memory", "arguments": {BODY}}}',
    ),
    "granite": (f"<|tool_call|>[{CALL}]", f"<|tool_call|>[{CALL[:-1]}]"),
    "command r": (
        f'<|START_ACTION|>[{{"tool_call_id": "0", "tool_name": "Add_memory", "parameters": {BODY}}}]<|END_ACTION|>',
        f'<|START_ACTION|>[{{"tool_call_id": "0", "parameters": {BODY}}}]<|END_ACTION|>',
    ),
    "llama 3 built in": ('<|python_tag|>Add_memory.call(content="mug 2")', '<|python_tag|>Add_memory.call("mug 2")'),
    "name, then json in a fence": (f"Add_memory\n```json\n{BODY}\n```", f"Add_memory\n```json\n{BODY[:-1]}\n```"),
    "name with a number": (f"functions.Add_memory:0{BODY}", f"functions.Add_memory:0{BODY[:-1]}"),
    "a list under its key": (
        f'{{"tool_calls": [{{"function": {CALL}}}]}}',
        f'{{"tool_calls": [{{"function": {CALL}}}]',
    ),
    "a word before a call": (f"json\n{CALL}", f"json\n{CALL[:-1]}"),
    "lfm2": (
        '<|tool_call_start|>[Add_memory(content="mug 2")]<|tool_call_end|>',
        '<|tool_call_start|>[Add_memory(content="mug 2)]<|tool_call_end|>',
    ),
    "gemma 4": (
        '<|tool_call>call:Add_memory{content:<|"|>mug 2<|"|>}<tool_call|>',
        "<|tool_call>call:Add_memory{content:mug 2}<tool_call|>",
    ),
    "functiongemma": (
        "<start_function_call>call:Add_memory{content:<escape>mug 2<escape>}<end_function_call>",
        "<start_function_call>call:Add_memory{content:<escape>mug 2<escape><end_function_call>",
    ),
    "gemma 3": ('```tool_code\nprint(default_api.Add_memory(content="mug 2"))\n```', "```tool_code\nprint(Add_memory"),
    "kimi k3": (
        '<|open|>response<|sep|><|close|>response<|sep|><|open|>tools<|sep|><|open|>call tool="Add_memory" index="1"<|sep|>'
        '<|open|>argument key="content" type="string"<|sep|>mug 2<|close|>argument<|sep|><|close|>call<|sep|>'
        "<|close|>tools<|sep|>",
        '<|open|>tools<|sep|><|open|>call tool="Add_memory" index="1"<|sep|><|open|>argument key="content"',
    ),
    "kimi in the singular": (
        f"<|tool_call_section_begin|><|tool_call_begin|>functions.Add_memory:0<|tool_call_argument_begin|>{BODY}"
        "<|tool_call_end|><|tool_call_section_end|>",
        "<|tool_call_section_begin|><|tool_call_begin|>functions.Add_memory:0",
    ),
    "step 3": (
        f"<｜tool_calls_begin｜><｜tool_call_begin｜>{steps(xml())}<｜tool_call_end｜><｜tool_calls_end｜>",
        f"<｜tool_calls_begin｜><｜tool_call_begin｜>{steps(xml(close=''))}<｜tool_call_end｜><｜tool_calls_end｜>",
    ),
    "deepseek v4": (
        '<｜DSML｜tool_calls>\n<｜DSML｜invoke name="Add_memory">\n<｜DSML｜parameter name="content" string="true">mug 2'
        "</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜tool_calls>",
        '<｜DSML｜tool_calls>\n<｜DSML｜invoke name="Add_memory">\n<｜DSML｜parameter name="content" string="true">mug 2',
    ),
    "elements with more attributes": (
        xml().replace('y">', 'y" description="Keep (e.g. a fact)">').replace('t">', 't" type="string">'),
        xml().replace('y">', 'y" description=none>'),
    ),
    "longcat": (
        f"<longcat_tool_call>{CALL}</longcat_tool_call>",
        f"<longcat_tool_call>{CALL[:-1]}</longcat_tool_call>",
    ),
    "gigachat": (f"function call<|role_sep|>\n{CALL}", f"function call<|role_sep|>\n{CALL[:-1]}"),
    "llama 4 with json": (f"<|python_start|>{LLAMA}<|python_end|>", f"<|python_start|>{LLAMA[:-1]}<|python_end|>"),
    "lfm2 with json": (
        f"<|tool_call_start|>[{CALL}]<|tool_call_end|>",
        f"<|tool_call_start|>[{CALL[:-1]}]<|tool_call_end|>",
    ),
    "apertus": (
        f'<|tools_prefix|>[{{"Add_memory": {BODY}}}]<|tools_suffix|>',
        f'<|tools_prefix|>[{{"Add_memory": {BODY}, "id": 1}}]<|tools_suffix|>',
    ),
    "olmo 3": (
        "<function_calls>Add_memory(content='mug 2')</function_calls>",
        "<function_calls>Add_memory('mug 2')</function_calls>",
    ),
    "command r plus": (
        f'Action: ```json\n[\n    {{\n        "tool_name": "Add_memory",\n        "parameters": {BODY}\n    }}\n]\n```',
        f'Action: ```json\n[\n    {{\n        "tool_name": "Add_memory",\n        "parameters": {BODY}\n]\n```',
    ),
    "multi_tool_use.parallel": (
        f'{{"tool_uses": [{{"recipient_name": "functions.Add_memory", "parameters": {BODY}}}]}}',
        f'{{"tool_uses": [{{"recipient_name": "functions.Add_memory", "parameters": {BODY}}}]',
    ),
    "cline": ("<Add_memory>\n<content>mug 2</content>\n</Add_memory>", "<Add_memory>\n<content>mug 2</content>"),
    "a string of several lines": ('Add_memory(content="""mug 2""")', 'Add_memory(content="""mug 2")'),
    "arguments on lines of their own": ('Add_memory(\n    content="mug 2",\n)', 'Add_memory(\n    content="mug 2",\n'),
}
ROWS = {**FORMS, **{f"table: {d.name}": (d.example, d.near_miss) for d in DIALECTS}}
QUIET = ("missing_tags", "text_outside_tags")


@pytest.mark.parametrize("commands", [True, False])
@pytest.mark.parametrize("form", ROWS)
def test_is_read(form: str, commands: bool) -> None:
    turn = parse(ROWS[form][0], commands=commands)
    assert [(call.name.removeprefix("functions."), call.arguments) for call in turn.calls] == [
        (ADD.name, ADD.arguments)
    ]
    assert [v.kind for v in turn.violations if v.kind not in QUIET] == []


@pytest.mark.parametrize("commands", [True, False])
@pytest.mark.parametrize("form", ROWS)
def test_a_near_miss_is_neither_a_command_nor_a_reply(form: str, commands: bool) -> None:
    turn = parse(ROWS[form][1], commands=commands)
    assert (turn.calls, turn.text) == ((), "")
    assert "malformed_call" in [v.kind for v in turn.violations]


@pytest.mark.parametrize("form", ROWS)
def test_a_thought_before_it_and_template_tokens_after_it_do_not_matter(form: str) -> None:
    text = ROWS[form][0]
    for whole in (f"<think>why</think>\n{text}<|im_end|>", f"why\n</think>\n\n{text}\n</s>", f"<|assistant|>\n{text}"):
        (call,) = parse(whole, commands=True).calls
        assert (call.name.removeprefix("functions."), call.arguments) == (ADD.name, ADD.arguments)


@pytest.mark.parametrize("form", [form for form in FORMS if form != "a word before a call"])
def test_prose_around_it_blanks_and_line_ends_do_not_matter(form: str) -> None:
    text = FORMS[form][0]
    for whole in (
        f"I keep it.\n\n{text}",
        f"\n\n  {text}\n\n  ",
        f"\t{text}",
        text.replace("\n", "\r\n"),
        f"{text}\n\nDone.",
    ):
        calls = parse(whole, commands=False).calls
        assert [(call.name.removeprefix("functions."), call.arguments) for call in calls] == [(ADD.name, ADD.arguments)]


TWO = (ADD, ToolCall("Summary_context", {"span": "3"}))


@pytest.mark.parametrize(
    "text",
    [
        f'<|python_tag|>{LLAMA}; {{"name": "Summary_context", "parameters": {{"span": "3"}}}}',
        f'[TOOL_CALLS]Add_memory[ARGS]{BODY}[TOOL_CALLS]Summary_context[ARGS]{{"span": "3"}}',
        f'{LLAMA}; {{"name": "Summary_context", "parameters": {{"span": "3"}}}}',
        "<tool_call>\n<function=Add_memory>\n<parameter=content>\nmug 2\n</parameter>\n</function>\n"
        "<function=Summary_context>\n<parameter=span>\n3\n</parameter>\n</function>\n</tool_call>",
        '<|tool_call>call:Add_memory{content:<|"|>mug 2<|"|>}<tool_call|>'
        '<|tool_call>call:Summary_context{span:<|"|>3<|"|>}<tool_call|>',
        f'<|tools_prefix|>[{{"Add_memory": {BODY}}}, {{"Summary_context": {{"span": "3"}}}}]<|tools_suffix|>',
        f"<｜tool_calls_begin｜><｜tool_call_begin｜>{steps(xml())}<｜tool_call_end｜><｜tool_sep｜><｜tool_call_begin｜>"
        '<steptml:invoke name="Summary_context"><steptml:parameter name="span">3</steptml:parameter></steptml:invoke>'
        "<｜tool_call_end｜><｜tool_calls_end｜>",
        'I do both.\nfunctools[{"name": "Add_memory", "arguments": {"content": "mug 2"}}, '
        '{"name": "Summary_context", "arguments": {"span": "3"}}]',
        '[Add_memory(content="mug 2"), Summary_context(span="3")]',
        'Add_memory(content="mug 2")\nSummary_context(span="3")',
        f'<function_calls>{xml()}<invoke name="Summary_context"><parameter name="span">3</parameter></invoke>'
        "</function_calls>",
        f"<|tool_calls_section_begin|><|tool_call_begin|>functions.Add_memory:0<|tool_call_argument_begin|>{BODY}"
        "<|tool_call_end|><|tool_call_begin|>functions.Summary_context:1<|tool_call_argument_begin|>"
        '{"span": "3"}<|tool_call_end|><|tool_calls_section_end|>',
        f'Add_memory\n{BODY}\nSummary_context\n{{"span": "3"}}',
        f'Action: Add_memory\nAction Input: {BODY}\nAction: Summary_context\nAction Input: {{"span": "3"}}',
        "<tool_call>\n<function=Add_memory>\n<parameter=content>\nmug 2\n</parameter>\n</function>\n</tool_call>\n"
        "<tool_call>\n<function=Summary_context>\n<parameter=span>\n3\n</parameter>\n</function>\n</tool_call>",
    ],
)
def test_several_calls(text: str) -> None:
    turn = parse(text, commands=True)
    assert [(call.name, call.arguments) for call in turn.calls] == [(call.name, call.arguments) for call in TWO]
    assert [v.kind for v in turn.violations if v.kind not in QUIET] == []


def test_channels_of_gpt_oss() -> None:
    text = "<|channel|>analysis<|message|>It is north.<|end|><|start|>assistant<|channel|>final<|message|>go north<|return|>"
    turn = parse(text, commands=True)
    assert turn.calls == (ToolCall("act", {"command": "go north"}),)
    assert turn.think == "It is north."
    assert parse(text, commands=False).text == "go north"


def test_channels_of_gpt_oss_without_their_tokens() -> None:
    turn = parse("analysisIt is north.assistantfinalgo north", commands=True)
    assert (turn.calls, turn.think) == ((ToolCall("act", {"command": "go north"}),), "analysisIt is north.")
    turn = parse(f"analysisKeep it.assistantcommentary to=functions.Add_memory json{BODY}", commands=True)
    assert (turn.calls, turn.text, turn.think) == ((ADD,), "", "analysisKeep it.")


def test_text_and_thought_of_kimi_k3() -> None:
    text = "<|open|>think<|sep|>why<|close|>think<|sep|><|open|>response<|sep|>Noted.<|close|>response<|sep|>"
    turn = parse(text, commands=False)
    assert (turn.text, turn.think, turn.violations) == ("Noted.", "why", ())


def test_values_of_gemma_have_types() -> None:
    text = '<|tool_call>call:X{a:<|"|>{"b"}<|"|>,n:3,t:true,l:[<|"|>x<|"|>,{c:null}],"q":"s"}<tool_call|>'
    (call,) = parse(text, commands=True).calls
    assert call.arguments == {"a": '{"b"}', "n": 3, "t": True, "l": ["x", {"c": None}], "q": "s"}


@pytest.mark.parametrize(
    "text",
    [
        "I would use Add_memory(content='mug 2') now.",
        "<tool_use>Add_memory</tool_use>",
        "<start_function_call>call:Add_memory{content:<escape>mug 2}<end_function_call>",
        "<|some_tool_call|>Add_memory",
        "Action Input: go north",
        "to=functions.Add_memory go",
        'Let me call {"name": "Add_memory", "parameters": {"content": "x"}} now',
        "<｜tool▁calls▁begin｜>",
        "<function=Add_memory",
    ],
)
def test_other_attempts_are_no_moves(text: str) -> None:
    for commands in (True, False):
        turn = parse(text, commands=commands)
        assert (turn.calls, turn.text) == ((), "")
        assert "malformed_call" in [v.kind for v in turn.violations]


@pytest.mark.parametrize(
    "text",
    ["put soapbar 1 in/on sink 2", "Noted (thanks).", "a < b", "go to cabinet 1 (left)", "1", "pick ball1 rooma left"],
)
def test_commands_are_no_attempts(text: str) -> None:
    assert parse(text, commands=True).calls == (ToolCall("act", {"command": text}),)


@pytest.mark.parametrize(
    "text",
    [
        '<action>act(command="go")</action>',
        '<action>{"name": "act", "arguments": {"command": "go"}}</action>',
        "Action: act[go north]",
        "<act>go north</act>",
        '<act command="go"/>',
        'act: {"command": "go"}',
    ],
)
def test_attempts_in_place_of_a_command_are_no_moves(text: str) -> None:
    turn = parse(text, commands=True)
    assert (turn.calls, turn.text, [v.kind for v in turn.violations]) == ((), "", ["malformed_call"])


def test_arguments_of_elements_are_text_that_is_not_typed() -> None:
    text = '<invoke name="Retrieve_memory"><parameter name="top_k">3</parameter></invoke>'
    (call,) = parse(text, commands=True).calls
    assert (call.arguments, call.typed) == ({"top_k": "3"}, False)


PIECES = [d.example for d in DIALECTS] + [d.near_miss for d in DIALECTS] + [
    "<function=", "<parameter=a>", "</parameter>", "<invoke name='x'>", "<|python_tag|>", "[TOOL_CALLS]", "x\n{", "x(a=",
    "Action: x\nAction Input:", "<|channel|>", "<|message|>", "to=functions.x", "<｜tool▁call▁begin｜>", "<tool_call>x<arg_key>",
    "<arg_value>", '"', "'", "{", "[", "\n", " ", "\\", "(", ")", "</s>", "<|im_end|>", "<", "</think>", "a", "```",
]  # fmt: skip


def seconds(text: str) -> float:
    start = time.process_time()
    parse(text, commands=True)
    return time.process_time() - start


@pytest.mark.parametrize("piece", PIECES)
def test_long_repetitive_texts_take_time_linear_in_their_length(piece: str) -> None:
    assert seconds(piece * (100_000 // len(piece))) < 1


@pytest.mark.parametrize("text", ["".join(PIECES), "<function=", "</think>", "x(a=", '"', "Action: x\nAction Input:"])
def test_a_megabyte_of_anything_is_read(text: str) -> None:
    assert seconds(text * (1_000_000 // len(text))) < 8


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=12).map("".join), st.booleans())
@settings(max_examples=400, deadline=None)
def test_never_raises_and_never_loses_a_word(text: str, commands: bool) -> None:
    turn = parse(text, commands=commands)
    assert turn.calls or turn.text or turn.violations


@given(st.sampled_from([form for form in FORMS if form != "react"]), st.data())
@settings(max_examples=400, deadline=None)
def test_a_cut_call_is_no_command(form: str, data: Any) -> None:
    text = FORMS[form][0]
    cut = text[: data.draw(st.integers(len(text) // 2, len(text) - 1))]
    assert all(call.name != "act" for call in parse(cut, commands=True).calls)


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=6).map("".join))
@settings(max_examples=300, deadline=None)
def test_the_quick_check_misses_no_call(text: str) -> None:
    assert not may_hold_no_call(text) or not any(p.search(text) for p in (MARKS, ATTEMPT, ATTEMPT_AS_COMMAND))
