"""The embedded pipelines against the libraries that they stand for: one conversation, the same operations."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import socket
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from agemem_env.env import AgeMemEnv
from agemem_env.errors import MissingExtraError, ServiceError
from agemem_env.services.chat import ChatReply, ChatRequest
from agemem_env.types import Usage
from baselines import rollout
from baselines.memory import with_memory
from tests.baselines.memory.models import RuleModel, Steady

KITCHEN, ATTIC = "The violin hangs in the kitchen.", "The violin hangs in the attic."
BROTHER, NO_BROTHER = "Paul is the brother of Anna.", "Paul is no brother of Anna."
CONVERSATION = (f"{KITCHEN} {BROTHER}", f"It was moved: {ATTIC}", f"I was wrong: {NO_BROTHER}", "Yes, attic!", "Hi.")


def need(package: str) -> None:
    """Skip without importing: mem0 must be imported with its telemetry off."""
    if importlib.util.find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    if package == "mem0" and not metadata.version("mem0ai").startswith("1."):
        pytest.skip("mem0ai is not of series 1")


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError("a memory system tried to use the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def tell(name: str, backend: str, model: Any, **kwargs: Any) -> AgeMemEnv:
    env = AgeMemEnv("tests.toy:ToyEngine", **{"tools": (), **kwargs})
    env.reset(seed=0)
    policy = with_memory(name, Steady(), model, backend=backend)
    for message in CONVERSATION:
        policy.observe(env.desk(), message)
    return env


def changes(env: AgeMemEnv) -> list[Any]:
    """Return what was done to the store, by content, ids left out."""
    done = [event.effect for event in env.ledger.events if event.effect.kind in ("add", "update", "delete")]
    return [(e.kind, [x.content for x in e.before], [x.content for x in e.after]) for e in done]


def mem0_rule(system: str, user: str) -> Any:
    """Extract and decide as a good model would, whichever prompt asks."""
    if '"facts"' in system:
        new = user.split("user: ")[-1] if "user: " in user else user.rpartition("Message:\n")[2]
        return {"facts": [fact for fact in (KITCHEN, BROTHER, ATTIC, NO_BROTHER) if fact in new] or _known(new)}
    stored, facts = user.rsplit("```", 2)[0:2] if "```" in user else user.split("Message:\n")
    if KITCHEN in facts:
        return {"memory": [{"id": "0", "text": text, "event": "ADD"} for text in (KITCHEN, BROTHER)]}
    if NO_BROTHER in facts:
        return {"memory": [{"id": _number(stored, BROTHER), "text": BROTHER, "event": "DELETE"}]}
    if KITCHEN in stored:
        number = _number(stored, KITCHEN)
        return {"memory": [{"id": number, "text": ATTIC, "event": "UPDATE", "old_memory": KITCHEN}]}
    return {"memory": [{"id": _number(stored, ATTIC), "text": ATTIC, "event": "NONE"}]}


def _known(text: str) -> list[str]:
    return [ATTIC] if "attic" in text else []


def _number(stored: str, text: str) -> str:
    """Return the short id under which a prompt lists a memory: ``0: text`` or ``{'id': '0', 'text': 'text'}``."""
    matches = re.findall(rf"(\d+)(?:: |'?, 'text': ')(?=[^\n\}}]*{re.escape(text)})", stored)
    assert matches, f"{text!r} is not listed in {stored!r}"
    return str(matches[-1])


class TestMem0:
    @pytest.fixture(autouse=True)
    def installed(self) -> None:
        need("mem0")

    def test_both_backends_do_the_same_to_the_store(self) -> None:
        envs = {backend: tell("mem0", backend, RuleModel(mem0_rule)) for backend in ("embedded", "library")}
        assert (
            changes(envs["library"])
            == changes(envs["embedded"])
            == [
                ("add", [], [KITCHEN]),
                ("add", [], [BROTHER]),
                ("update", [KITCHEN], [ATTIC]),
                ("delete", [BROTHER], []),
            ]
        )
        for env in envs.values():
            assert env.ledger.memory_usage().calls == 9
            assert env.ledger.of("fault") == []
        assert list(envs["library"].memory) == list(envs["embedded"].memory)

    def test_equal_episodes_send_equal_prompts(self) -> None:
        first, second = RuleModel(mem0_rule), RuleModel(mem0_rule)
        tell("mem0", "library", first)
        tell("mem0", "library", second)
        assert first.requests == second.requests
        assert "Today's date" not in str(first.requests[0])

    @pytest.mark.parametrize("reply", ["", "no", "[3]", '{"facts": 3}'])
    def test_garbage_is_counted_and_asked_for_once_more(self, reply: str) -> None:
        model = RuleModel(lambda system, user: reply)
        env = tell("mem0", "library", model)
        assert len(env.memory) == 0
        assert len(env.ledger.of("fault")) == len(model.requests) == 10

    @pytest.mark.parametrize(
        ("facts", "decisions"),
        [
            ("{{'facts': ['{new}',]}}", "{{'memory': [{{'event': 'UPDATE', 'id': 0, 'text': '{new}'}},]}}"),
            ('{{"facts": [{{"fact": "{new}"}}]}}', '{{"memory": [{{"op": "update", "memory_id": "0", "memory": "{new}"}}]}}'),
            ('So:\n["{new}"]', 'So:\n```json\n[{{"UPDATE": {{"id": "0", "text": "{new}"}}}}]\n```'),
            ('{{"facts": "{new}"}}', '{{"memory": {{"DELETE": [0], "ADD": ["{new}"]}}}}'),
        ],
        ids=str,
    )  # fmt: skip
    def test_what_a_model_writes_reaches_the_library_mended(self, facts: str, decisions: str) -> None:
        env = AgeMemEnv("tests.toy:ToyEngine", tools=())
        env.reset(seed=0)
        desk = env.desk()
        desk.add(KITCHEN)
        model = RuleModel(lambda s, u: (facts if len(model.requests) == 1 else decisions).format(new=ATTIC))
        with_memory("mem0", Steady(), model, backend="library").observe(desk, ATTIC)
        assert [entry.content for entry in env.memory] == [ATTIC]
        assert (len(model.requests), env.ledger.of("fault")) == (2, [])

    def test_what_is_unclear_is_asked_for_again(self) -> None:
        unclear = {"memory": [{"event": "ADD", "text": ATTIC}, {"event": "MERGE", "id": "0"}]}
        model = RuleModel(lambda s, u: {"facts": [ATTIC]} if len(model.requests) == 1 else unclear)
        env = AgeMemEnv("tests.toy:ToyEngine", tools=())
        env.reset(seed=0)
        with_memory("mem0", Steady(), model, backend="library").observe(env.desk(), ATTIC)
        assert [entry.content for entry in env.memory] == [ATTIC]
        assert [e.arguments["kind"] for e in env.ledger.of("fault")] == ["malformed_reply"] * 2

    def test_unknown_ids_are_counted(self) -> None:
        def rule(system: str, user: str) -> Any:
            wrong = [{"id": "9", "text": "x", "event": event} for event in ("UPDATE", "DELETE")]
            return {"facts": [KITCHEN]} if '"facts"' in system else {"memory": [*wrong, {"id": "9", "event": "NONE"}]}

        env = tell("mem0", "library", RuleModel(rule))
        assert len(env.memory) == 0
        assert [e.arguments["kind"] for e in env.ledger.of("fault")] == ["skipped_operation"] * 10

    def test_a_prompt_that_does_not_fit_is_not_sent(self) -> None:
        model = RuleModel(mem0_rule)
        env = tell("mem0", "library", model, max_tokens=600)
        assert model.requests == []
        assert {e.arguments["kind"] for e in env.ledger.of("fault")} == {"no_room"}

    def test_a_silent_service_is_no_garbage(self) -> None:
        class Silent(RuleModel):
            def chat(self, request: ChatRequest) -> ChatReply:
                if len(request.messages) == 1:
                    raise ServiceError("no reply after 5 tries")
                return super().chat(request)

        with pytest.raises(ServiceError, match="no reply"):
            tell("mem0", "library", Silent(mem0_rule))

    def test_telemetry_is_off_and_nothing_is_left_behind(self) -> None:
        before = dict(os.environ)
        tell("mem0", "library", RuleModel(mem0_rule))
        from mem0.memory import setup, telemetry

        assert telemetry.MEM0_TELEMETRY is False
        assert telemetry.client_telemetry.posthog is None
        assert not Path(setup.mem0_dir).exists()
        assert dict(os.environ) == before


class LangMemModel:
    """Manages memories as a good model would: for the library with calls of its tools, else with JSON."""

    name = "rules"

    def __init__(self) -> None:
        self.requests: list[ChatRequest] = []

    def chat(self, request: ChatRequest) -> ChatReply:
        self.requests.append(request)
        prompt = "\n".join(str(message["content"]) for message in request.messages)
        operations = self.decide(prompt)
        usage = Usage(1, 100, 10)
        if not request.tools:
            return ChatReply(json.dumps({"operations": operations}), usage=usage)
        calls = [self.call(i, operation) for i, operation in enumerate(operations)]
        return ChatReply("", tool_calls=tuple(calls), usage=usage)

    def decide(self, prompt: str) -> list[dict[str, str]]:
        if f"{KITCHEN} {BROTHER}" in prompt:
            return [{"action": "insert", "content": KITCHEN}, {"action": "insert", "content": BROTHER}]
        for new, old in ((ATTIC, KITCHEN), (NO_BROTHER, BROTHER)):
            if new in prompt and old in prompt and f": {new}" in prompt:
                return [{"action": "update", "id": self.id_of(old, prompt), "content": new}]
        return []

    @staticmethod
    def id_of(content: str, prompt: str) -> str:
        return re.findall(rf"(mem_[0-9a-f]{{8}})(?=[^\n]*\n?[^\n]*{re.escape(content)})", prompt)[-1]

    @staticmethod
    def call(number: int, operation: Mapping[str, str]) -> dict[str, Any]:
        name, arguments = "Memory", {"content": operation["content"]}
        if operation["action"] == "update":
            patch = {"op": "replace", "path": "/content", "value": operation["content"]}
            name, arguments = "PatchDoc", {"json_doc_id": operation["id"], "planned_edits": "", "patches": [patch]}  # type: ignore[dict-item]
        return {"id": f"c{number}", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}


class TestLangMem:
    @pytest.fixture(autouse=True)
    def installed(self) -> None:
        need("langmem")

    def test_both_backends_do_the_same_to_the_store(self) -> None:
        envs = {backend: tell("langmem", backend, LangMemModel()) for backend in ("embedded", "library")}
        assert (
            changes(envs["library"])
            == changes(envs["embedded"])
            == [
                ("add", [], [KITCHEN]),
                ("add", [], [BROTHER]),
                ("update", [KITCHEN], [ATTIC]),
                ("update", [BROTHER], [NO_BROTHER]),
            ]
        )
        assert [env.ledger.memory_usage().calls for env in envs.values()] == [5, 5]
        assert list(envs["library"].memory) == list(envs["embedded"].memory)

    def test_equal_episodes_send_equal_prompts(self) -> None:
        first, second = LangMemModel(), LangMemModel()
        tell("langmem", "library", first)
        tell("langmem", "library", second)
        assert first.requests == second.requests

    @pytest.mark.parametrize(
        "arguments",
        [
            f'{{"content": "{ATTIC}",}}',
            f"{{'memory': '{ATTIC}'}}",
            f'{{"content": ["{ATTIC}"]}}',
            f'```{{"text": "{ATTIC}"}}```',
        ],
    )
    def test_what_a_model_writes_reaches_the_library_mended(self, arguments: str) -> None:
        class Writes(RuleModel):
            def chat(self, request: ChatRequest) -> ChatReply:
                super().chat(request)
                call = {"id": "a", "type": "function", "function": {"name": "Memory", "arguments": arguments}}
                return ChatReply("", tool_calls=(call,))

        env = AgeMemEnv("tests.toy:ToyEngine", tools=())
        env.reset(seed=0)
        model = Writes(lambda s, u: "")
        with_memory("langmem", Steady(), model, backend="library").observe(env.desk(), ATTIC)
        assert [entry.content for entry in env.memory] == [ATTIC]
        assert (len(model.requests), env.ledger.of("fault")) == (1, [])

    def test_unclear_arguments_are_asked_for_again_and_counted(self) -> None:
        class Unclear(RuleModel):
            def chat(self, request: ChatRequest) -> ChatReply:
                super().chat(request)
                texts = ('{"content": "' + ATTIC + '"}', '{"Anna": "sings"}')
                functions = [{"name": "Memory", "arguments": text} for text in texts]
                calls = [{"id": str(i), "type": "function", "function": f} for i, f in enumerate(functions)]
                return ChatReply("", tool_calls=tuple(calls))

        env = AgeMemEnv("tests.toy:ToyEngine", tools=())
        env.reset(seed=0)
        model = Unclear(lambda s, u: "")
        with_memory("langmem", Steady(), model, backend="library").observe(env.desk(), ATTIC)
        assert [entry.content for entry in env.memory] == [ATTIC]
        assert (len(model.requests), len(env.ledger.of("fault"))) == (2, 2)

    @pytest.mark.parametrize(
        "calls",
        [
            (),
            ({"id": "a", "type": "function", "function": {"name": "Memory", "arguments": "{broken"}},),
            ({"id": "a", "type": "function", "function": {"name": "Memory", "arguments": "[3]"}},),
            ({"id": "a", "type": "function", "function": {"name": "Memory", "arguments": '{"content": ""}'}},),
            ({"id": "a", "type": "function", "function": {"name": "Memory", "arguments": '{"other": 3}'}},),
            ({"id": "a", "type": "function", "function": {"name": "Nonsense", "arguments": "{}"}},),
            ({"id": "a", "type": "function", "function": {"name": "PatchDoc", "arguments": '{"json_doc_id": "x"}'}},),
            ({"id": "a", "type": "function", "function": {"name": "PatchDoc", "arguments": "{}"}},),
        ],
        ids=str,
    )
    @pytest.mark.parametrize("stored", [False, True])
    def test_garbage_stores_nothing(self, calls: tuple[Mapping[str, Any], ...], stored: bool) -> None:
        class Garbage(RuleModel):
            def chat(self, request: ChatRequest) -> ChatReply:
                super().chat(request)
                return ChatReply("Whatever.", tool_calls=calls)

        env = AgeMemEnv("tests.toy:ToyEngine", tools=())
        env.reset(seed=0)
        desk = env.desk()
        if stored:
            desk.add(KITCHEN)
        model = Garbage(lambda s, u: "")
        with_memory("langmem", Steady(), model, backend="library").observe(desk, ATTIC)
        assert [entry.content for entry in env.memory] == [KITCHEN] * stored
        assert len(model.requests) <= 2

    def test_a_prompt_that_does_not_fit_is_not_sent(self) -> None:
        model = LangMemModel()
        env = tell("langmem", "library", model, max_tokens=400)
        assert model.requests == []
        assert {e.arguments["kind"] for e in env.ledger.of("fault")} == {"no_room"}

    def test_a_silent_service_is_no_garbage(self) -> None:
        class Down:
            name = "down"

            def chat(self, request: ChatRequest) -> ChatReply:
                raise ServiceError("no reply after 5 tries")

        with pytest.raises(ServiceError, match="no reply"):
            tell("langmem", "library", Down())


@pytest.mark.parametrize(("name", "package"), [("mem0", "mem0"), ("langmem", "langmem")])
@pytest.mark.parametrize("model", [lambda: RuleModel(mem0_rule)])
def test_whole_episodes(name: str, package: str, model: Callable[[], Any]) -> None:
    need(package)
    chat = LangMemModel() if name == "langmem" else model()
    env = AgeMemEnv("HotpotQA", source="generated", tools=())
    info = rollout(env, with_memory(name, Steady(), chat, backend="library"), seed=1).info
    assert info["metrics"]["MC"] == len(chat.requests) > 0


@pytest.mark.parametrize(("name", "package"), [("mem0", "mem0ai"), ("langmem", "langmem")])
def test_a_missing_library_names_its_extra(name: str, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, f"baselines.memory.{name}.library", None)
    with pytest.raises(
        MissingExtraError, match=rf"needs the package '{package}': run `pip install 'agemem-env\[{name}\]'`"
    ):
        with_memory(name, Steady(), RuleModel(mem0_rule), backend="library")
