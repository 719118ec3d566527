"""The memory systems: what they store and show, what that costs, and what they do with useless replies."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from agemem_env.context.origins import BETWEEN
from agemem_env.env import AgeMemEnv
from agemem_env.episode.desk import MemoryDesk
from agemem_env.errors import ConfigurationError, ServiceError
from agemem_env.services.chat import ChatReply, ChatRequest
from agemem_env.services.tokens import EstimateCounter
from baselines import make, rollout
from baselines.base import Policy
from baselines.memory import MEMORY_SYSTEMS, MemoryPolicy, with_memory
from baselines.memory.mem0.reading import read_facts
from baselines.memory.mem0g import relation_of
from baselines.memory.questions import Question, ask
from tests.baselines.memory.models import RuleModel, Steady, scribe
from tests.toy import make_task

BENCHMARKS = ("HotpotQA", "PDDL", "BabyAI")
ASKING = [name for name, cls in MEMORY_SYSTEMS.items() if cls.needs_model]


def make_env(name: str, benchmark: str = "tests.toy:ToyEngine", **kwargs: Any) -> AgeMemEnv:
    if benchmark in BENCHMARKS:
        kwargs = {"source": "generated", **kwargs}
    return AgeMemEnv(benchmark, **{**MEMORY_SYSTEMS[name].env_kwargs, **kwargs})


def kinds(env: AgeMemEnv) -> list[str]:
    return [event.effect.kind for event in env.ledger.by("system")]


def contents(env: AgeMemEnv) -> list[str]:
    return [entry.content for entry in env.memory]


class TestEpisodes:
    @pytest.mark.parametrize("benchmark", BENCHMARKS)
    @pytest.mark.parametrize("name", MEMORY_SYSTEMS)
    def test_are_completed_with_everything_in_the_ledger(self, name: str, benchmark: str) -> None:
        if benchmark == "BabyAI":
            pytest.importorskip("minigrid")
        model, inner = RuleModel(scribe), Steady()
        env = make_env(name, benchmark, max_rounds=4)
        info = rollout(env, with_memory(name, inner, model), seed=3).info
        metrics = info["metrics"]
        assert metrics["MC"] == len(model.requests)
        assert metrics["MF"] == 0
        assert metrics["TC"] == 0
        assert bool(model.requests) == (name in ASKING)
        assert not info["overflow"]
        usage = env.ledger.memory_usage()
        assert usage.seconds == 0.25 * len(model.requests)
        assert metrics["MT"] == usage.prompt_tokens + usage.completion_tokens
        assert all(request.purpose == "memory" for request in model.requests)
        # What the last prompts held is what was counted.
        assert [o["tokens"] for o in inner.seen] == env.ledger.prompt_tokens

    @pytest.mark.parametrize("name", MEMORY_SYSTEMS)
    def test_equal_seeds_give_equal_episodes(self, name: str) -> None:
        def play() -> Any:
            env, inner = make_env(name), Steady()
            result = rollout(env, with_memory(name, inner, RuleModel(scribe)), seed=2)
            return result.info, inner.seen, list(env.memory)

        assert play() == play()

    @pytest.mark.parametrize("name", MEMORY_SYSTEMS)
    def test_the_plain_benchmark_is_played_too(self, name: str) -> None:
        env = make_env(name, stages=(3,))
        info = rollout(env, with_memory(name, Steady(), RuleModel(scribe)), seed=2).info
        assert info["metrics"]["MQ"] is None
        assert len(env.memory) == 0

    @pytest.mark.parametrize("name", ASKING)
    @pytest.mark.parametrize("reply", ["", "I cannot do that.", '{"facts": 3}', "[]", '{"facts": [', {"x": {"y": 1}}])
    def test_garbage_is_counted_asked_for_once_more_and_stored_never(self, name: str, reply: Any) -> None:
        model = RuleModel(lambda system, user: reply)
        env = make_env(name)
        info = rollout(env, with_memory(name, Steady(), model), seed=2).info
        assert len(env.memory) == 0
        assert info["metrics"]["MF"] == len(model.requests) > 0
        prompts = [request.messages for request in model.requests]
        assert all(again[:2] == first for first, again in zip(prompts[::2], prompts[1::2], strict=True))

    @pytest.mark.parametrize("name", ASKING)
    def test_a_second_reply_is_taken(self, name: str) -> None:
        def rule(system: str, user: str) -> Any:
            return scribe(system, user) if len(model.requests) % 2 == 0 else "Let me think."

        model = RuleModel(rule)
        env = make_env(name)
        info = rollout(env, with_memory(name, Steady(), model), seed=2).info
        assert len(env.memory) > 0
        assert info["metrics"]["MF"] == len(model.requests) / 2

    @pytest.mark.parametrize("name", ASKING)
    def test_a_silent_service_is_no_garbage(self, name: str) -> None:
        class Down:
            name = "down"

            def chat(self, request: ChatRequest) -> ChatReply:
                raise ServiceError("no reply after 5 tries")

        with pytest.raises(ServiceError, match="no reply"):
            rollout(make_env(name), with_memory(name, Steady(), Down()), seed=2)

    @pytest.mark.parametrize("name", ASKING)
    def test_prompts_keep_the_budget(self, name: str) -> None:
        model = RuleModel(scribe)
        env = make_env(name, max_tokens=600)
        env.reset(seed=0)
        policy = with_memory(name, Steady(), model)
        policy.attach(env)
        desk = env.desk()
        for i in range(8):
            desk.add(f"Anna has the number {i}, " + "and Paul knows it. " * 10)
        policy.observe(desk, "Anna and Paul met. " + "They talked for a long time about everything. " * 500)
        count = EstimateCounter().count
        sizes = [sum(count(str(m["content"])) + 4 for m in request.messages) for request in model.requests]
        assert sizes
        assert max(sizes) <= 600
        assert "Anna and Paul met." in model.requests[0].messages[1]["content"]

    def test_memories_that_do_not_fit_into_the_question_cannot_be_named(self) -> None:
        env = make_env("langmem", max_tokens=500)
        env.reset(seed=0)
        desk = env.desk()
        long = [desk.add(f"Anna has the number {i}, " + "and Paul knows it. " * 20) for i in range(4)]

        def rename(system: str, user: str) -> Any:
            operations = [{"action": "update", "id": entry.id, "content": "Gone."} for entry in long]
            shown.extend(entry.id for entry in long if entry.id in user)
            return {"operations": operations}

        shown: list[str] = []
        with_memory("langmem", Steady(), RuleModel(rename)).observe(desk, "Anna has a number.")
        assert 0 < len(shown) < 4
        assert {entry.id for entry in env.memory if entry.content == "Gone."} == set(shown)
        assert len(env.ledger.of("fault")) == 4 - len(shown)

    @pytest.mark.parametrize("name", MEMORY_SYSTEMS)
    def test_an_episode_can_be_branched(self, name: str) -> None:
        env, inner = make_env(name), Steady()
        policy = with_memory(name, inner, RuleModel(scribe))
        policy.attach(env)
        observation, info = env.reset(seed=2)
        policy.reset(info)
        while observation["stage"] < 3:
            observation, _, _, _, info = env.step(policy.act(observation, info))
        saved = env.snapshot()

        def go_on() -> Any:
            observation, info = env.restore(saved)
            over = False
            while not over:
                observation, _, over, truncated, info = env.step(policy.act(observation, info))
                over = over or truncated
            return info

        assert go_on() == go_on()

    @pytest.mark.parametrize("name", MEMORY_SYSTEMS)
    def test_acting_in_another_thread_changes_nothing(self, name: str) -> None:
        def play(choose: Callable[..., Any]) -> Any:
            env = make_env(name)
            policy = with_memory(name, Steady(), RuleModel(scribe))
            policy.attach(env)
            observation, info = env.reset(seed=2)
            policy.reset(info)
            over = False
            while not over:
                observation, _, over, truncated, info = env.step(choose(policy.act, observation, info))
                over = over or truncated
            return info

        def elsewhere(act: Callable[..., Any], *args: Any) -> Any:
            with ThreadPoolExecutor(1) as pool:
                return pool.submit(act, *args).result()

        assert play(elsewhere) == play(lambda act, *args: act(*args))

    def test_needs_to_be_attached(self) -> None:
        env = make_env("rag")
        with pytest.raises(RuntimeError, match=r"'steady \+ rag' has no environment: call attach"):
            with_memory("rag", Steady()).act(*env.reset(seed=0))


class TestSimpleSystems:
    def test_no_memory_leaves_everything_alone(self) -> None:
        env = make_env("no-memory")
        assert rollout(env, with_memory("no-memory", Steady()), seed=0).info == rollout(env, Steady(), seed=0).info
        assert "Add_memory" not in [tool["function"]["name"] for tool in env.action_space.tools()]

    def test_rag_stores_every_message_and_shows_the_closest(self) -> None:
        env, inner = make_env("rag", top_k=1), Steady()
        rollout(env, with_memory("rag", inner), seed=0, task=1)
        task = make_task(1)
        assert contents(env) == [fact.text for fact in task.facts] + list(task.distractors)
        first = next(o for o in inner.seen if o["stage"] == 3)
        shown = first["messages"][-1]["content"]
        assert "of vault 1 lies in" in shown, "the query names vault 1"
        assert len(env.ledger.of("retrieve", stage=3)) >= 1

    def test_learning_from_the_task_leaves_the_query_out(self) -> None:
        env = make_env("rag", max_rounds=3)
        rollout(env, with_memory("rag", Steady(), learn_from_task=True), seed=0, task=1)
        task = make_task(1)
        late = [e.effect.after[0].content for e in env.ledger.of("add", stage=3)]
        assert late[0] == "You see 5 boxes."
        assert "The red box is empty." in late
        assert task.query not in contents(env)

    def test_full_context_keeps_what_stage_1_told(self) -> None:
        env, inner = make_env("full-context"), Steady()
        rollout(env, with_memory("full-context", inner), seed=0, task=1)
        told = [fact.text for fact in make_task(1).facts]
        for observation in inner.seen:
            text = "\n".join(str(m["content"]) for m in observation["messages"])
            if observation["stage"] > 1:
                assert all(text.count(fact) == 1 for fact in told)
        assert len(env.memory) == 0
        assert kinds(env) == ["retrieve"]

    def test_full_context_drops_the_oldest_where_not_all_fits(self) -> None:
        env, inner = make_env("full-context", "HotpotQA", max_tokens=900), Steady()
        rollout(env, with_memory("full-context", inner), seed=0)
        facts = [m.text for m in env._current().plan if m.origin == "fact"]
        shown = env.ledger.of("retrieve")[0]
        second = next(o for o in inner.seen if o["stage"] == 2)
        text = second["messages"][1]["content"]
        assert facts[-1] in text
        assert facts[0] not in text
        assert "[cut" not in text
        assert shown.tokens_after <= 675

    def test_agemem_without_tools_on_the_context_retrieves_instead(self) -> None:
        env = make_env("agemem-norl-rag")
        names = [tool["function"]["name"] for tool in env.action_space.tools()]
        assert names == ["Add_memory", "Update_memory", "Delete_memory", "act", "answer"]

        class Adder(Steady):
            def act(self, observation: Any, info: Any) -> Any:
                if observation["stage"] > 1:
                    return super().act(observation, info)
                told = observation["messages"][-1]["content"].split(BETWEEN)[-1]
                return {"name": "Add_memory", "arguments": {"content": told}}

        inner = Adder()
        info = rollout(env, with_memory("agemem-norl-rag", inner), seed=0, task=1).info
        assert info["metrics"]["TC"] == 3.0
        assert "add" not in kinds(env)
        first = next(o for o in inner.seen if o["stage"] == 3)
        assert "of vault 1 lies in" in first["messages"][-1]["content"]


Script = Sequence[Any]


def converse(name: str, turns: Sequence[tuple[str, Script]], **options: Any) -> AgeMemEnv:
    """Tell a system messages; for each give the model's replies, each a value or a function of the user message."""
    replies: list[Any] = []

    def rule(system: str, user: str) -> Any:
        reply = replies.pop(0)
        return reply(user) if callable(reply) else reply

    env = make_env(name)
    env.reset(seed=0)
    policy = with_memory(name, Steady(), RuleModel(rule), **options)
    for message, script in turns:
        replies[:] = script
        policy.observe(env.desk(), message)
        assert replies == [], f"{len(replies)} replies were not asked for after {message!r}"
    return env


def mem0_decides(*events: dict[str, Any], of: str = "") -> Callable[[str], Any]:
    """Return decisions in which the id ``"?"`` stands for that of the stored memory that contains a text."""

    def decide(user: str) -> Any:
        found = re.search(rf"^(\d+): .*{re.escape(of)}", user, re.MULTILINE)
        return {"memory": [{**e, "id": found[1]} if e.get("id") == "?" and found else e for e in events]}

    return decide


KITCHEN, ATTIC = "The violin hangs in the kitchen.", "The violin hangs in the attic."
BROTHER = "Paul is the brother of Anna."


class TestMem0:
    def test_adds_updates_deletes_and_leaves(self) -> None:
        env = converse(
            "mem0",
            [
                (f"{KITCHEN} {BROTHER}", [
                    {"facts": [KITCHEN, BROTHER]},
                    mem0_decides({"event": "ADD", "text": KITCHEN}, {"event": "ADD", "text": BROTHER}),
                ]),
                ("They moved the violin.", [
                    {"facts": [ATTIC]}, mem0_decides({"event": "UPDATE", "id": "?", "text": ATTIC}, of=KITCHEN),
                ]),
                ("Paul is no brother of Anna.", [
                    {"facts": ["Paul is no brother of Anna."]}, mem0_decides({"event": "DELETE", "id": "?"}, of=BROTHER),
                ]),
                ("As I said, it is in the attic.", [{"facts": [ATTIC]}, mem0_decides({"event": "NONE", "id": "0"})]),
                ("Good morning!", [{"facts": []}]),
            ],
        )  # fmt: skip
        assert contents(env) == [ATTIC]
        changes = [e.effect for e in env.ledger.events if e.effect.kind in ("add", "update", "delete")]
        assert [effect.kind for effect in changes] == ["add", "add", "update", "delete"]
        assert changes[2].before[0].content == KITCHEN
        assert changes[3].before[0].content == BROTHER
        assert env.ledger.memory_usage().calls == 9
        assert env.ledger.of("fault") == []

    def test_unknown_ids_are_counted_and_ignored(self) -> None:
        events: list[dict[str, Any]] = [
            {"event": "UPDATE", "id": "7", "text": "x"}, {"event": "DELETE", "id": "mem_00000000"},
            {"event": "update", "id": 0, "text": ATTIC}, {"event": "DELETE", "id": "0"}, {"event": "DELETE", "id": "0"},
        ]  # fmt: skip
        env = converse(
            "mem0",
            [
                (KITCHEN, [{"facts": [KITCHEN]}, {"memory": [{"event": "ADD", "text": KITCHEN}]}]),
                (ATTIC, [{"facts": [ATTIC]}, {"memory": events}]),
            ],
        )
        assert contents(env) == []
        faults = [event.arguments["kind"] for event in env.ledger.of("fault")]
        assert faults == ["unknown_memory"] * 3

    def test_facts_are_compared_with_the_five_most_similar_memories(self) -> None:
        env = make_env("mem0")
        env.reset(seed=0)
        desk = env.desk()
        for i in range(8):
            desk.add(f"The violin number {i} hangs in the kitchen.")
        model = RuleModel(scribe)
        with_memory("mem0", Steady(), model).observe(desk, KITCHEN)
        listed = re.findall(r"^\d+: .*$", model.requests[1].messages[1]["content"], re.MULTILINE)
        assert [line[0] for line in listed] == list("01234")


class TestLangMem:
    def test_inserts_and_updates(self) -> None:
        update = lambda user: {  # noqa: E731
            "operations": [
                {"action": "update", "id": re.findall(r"mem_\w+", user)[0], "content": ATTIC},
                {"action": "insert", "content": BROTHER},
                {"action": "update", "id": "mem_00000000", "content": "x"},
                {"action": "delete", "id": "mem_00000000"},
            ]
        }
        env = converse(
            "langmem",
            [
                (KITCHEN, [{"operations": [{"action": "insert", "content": KITCHEN}]}]),
                (ATTIC, [update]),
                ("Good morning!", [{"operations": []}]),
            ],
        )
        assert sorted(contents(env)) == sorted([ATTIC, BROTHER])
        assert [e.arguments["kind"] for e in env.ledger.of("fault")] == ["unknown_memory", "unknown_operation"]
        assert env.ledger.memory_usage().calls == 3


class TestAMem:
    CARD = {"keywords": ["violin", "kitchen"], "context": "Where the violin is.", "tags": ["places"]}  # noqa: RUF012

    def evolve(self, user: str) -> Any:
        old = re.findall(r"mem_\w+", user)[0]
        neighbour = {"id": old, "context": "Where the violin was.", "tags": ["past"]}
        return {"links": [old, "mem_00000000"], "tags": ["present"], "neighbours": [neighbour, {"id": "x"}]}

    def test_notes_link_and_evolve(self) -> None:
        env = converse("a-mem", [(KITCHEN, [self.CARD]), (ATTIC, [self.CARD, self.evolve])])
        new, old = sorted(env.memory, key=lambda entry: entry.content)
        assert old.content == f"{KITCHEN}\nContext: Where the violin was.\nKeywords: violin, kitchen\nTags: past"
        assert new.content == f"{ATTIC}\nContext: Where the violin is.\nKeywords: violin, kitchen\nTags: present"
        assert new.metadata["links"] == [old.id]
        assert old.metadata["links"] == []
        assert [e.arguments["detail"] for e in env.ledger.of("fault")] == ["mem_00000000", "x"]
        assert env.ledger.memory_usage().calls == 3

    def test_a_note_brings_those_that_it_links_to(self) -> None:
        env = converse("a-mem", [(BROTHER, [self.CARD]), (ATTIC, [self.CARD, self.evolve])])
        to_stage_2(env)
        env.config = env.config.__class__(tools=(), top_k=1)
        with_memory("a-mem", Steady(), RuleModel(scribe)).recall(env.desk(), "in the attic")
        [shown] = env.ledger.of("retrieve", stage=2)
        assert [entry.metadata["text"] for entry in shown.effect.after] == [ATTIC, BROTHER]


class TestMem0g:
    @staticmethod
    def graph(*triplets: tuple[str, str, str]) -> list[Any]:
        names = dict.fromkeys(name for source, _, target in triplets for name in (source, target))
        return [
            {"entities": [{"name": name, "type": "thing"} for name in names]},
            {"relations": [{"source": s, "relation": r, "target": t} for s, r, t in triplets]},
        ]

    def conversation(self) -> AgeMemEnv:
        obsolete = lambda user: {"obsolete": [re.findall(r"(mem_\w+): .*kitchen", user)[0], "mem_00000000"]}  # noqa: E731
        return converse(
            "mem0g",
            [
                (KITCHEN, self.graph(("violin", "hangs_in", "kitchen"), ("Paul", "plays", "violin"))),
                (ATTIC, [*self.graph(("violin", "hangs_in", "attic")), obsolete]),
                (ATTIC, self.graph(("The violin", "hangs_in", "attic"))),
                ("Good morning!", [{"entities": []}]),
            ],
        )

    def test_contradicted_relations_are_kept_but_no_longer_valid(self) -> None:
        env = self.conversation()
        valid = {entry.content: entry.metadata["valid"] for entry in env.memory}
        assert valid == {"violin hangs in kitchen": False, "Paul plays violin": True, "violin hangs in attic": True}
        assert [e.arguments["kind"] for e in env.ledger.of("fault")] == ["unknown_memory"]
        assert env.ledger.memory_usage().calls == 8
        assert [e.metadata["types"] for e in env.memory] == [["thing", "thing"]] * 3

    def test_recall_goes_along_the_entities_and_leaves_out_what_is_no_longer_valid(self) -> None:
        env = self.conversation()
        to_stage_2(env)
        model = RuleModel(lambda system, user: {"entities": [{"name": "Paul", "type": "person"}]})
        with_memory("mem0g", Steady(), model).recall(env.desk(), "What is in the kitchen with Paul?")
        [shown] = env.ledger.of("retrieve", stage=2)
        assert relation_of(shown.effect.after[0]).source == "Paul"
        assert "violin hangs in kitchen" not in [entry.content for entry in shown.effect.after]
        assert len(model.requests) == 1


def play_or_scribe(system: str, user: str) -> Any:
    """Play the toy benchmark by tags, or answer a memory system."""
    return "Noted." if "Reply with one JSON object" not in system else scribe(system, user)


def to_stage_2(env: AgeMemEnv) -> None:
    while env.desk().stage < 2:
        env.step("Noted.")


class TestFactory:
    def test_has_the_ten_systems(self) -> None:
        assert list(MEMORY_SYSTEMS) == [
            "no-memory", "full-context", "rag", "langmem", "a-mem", "mem0", "mem0g",
            "agemem-norl", "agemem-norl-rag", "agemem",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("build", "message"),
        [
            (functools.partial(with_memory, "mem1", Steady()), "unknown memory system 'mem1'; did you mean 'mem0'"),
            (functools.partial(with_memory, "mem0", Steady()), "'mem0' asks a model: pass llm="),
            (
                functools.partial(with_memory, "mem0", Steady(), RuleModel(scribe), backend="librar"),
                "unknown backend of mem0 'librar'; did you mean 'library'",
            ),
            (
                functools.partial(with_memory, "langmem", Steady(), RuleModel(scribe), backend="x"),
                "unknown backend of langmem 'x'",
            ),
            (functools.partial(with_memory, "rag", Steady(), backend="library"), "unknown option of rag 'backend'"),
        ],
    )
    def test_mistakes_are_told(self, build: Callable[[], Any], message: str) -> None:
        with pytest.raises(ConfigurationError, match=message):
            build()

    @pytest.mark.parametrize("name", MEMORY_SYSTEMS)
    def test_make_puts_a_system_around_a_language_model(self, name: str) -> None:
        model = RuleModel(play_or_scribe)
        policy = make(name, llm=model, tool_format="tags")
        assert policy.env_kwargs == {"tool_format": "tags", **MEMORY_SYSTEMS[name].env_kwargs}
        env = AgeMemEnv("tests.toy:ToyEngine", **policy.env_kwargs)
        info = rollout(env, policy, seed=1).info
        asked = [request for request in model.requests if request.purpose == "memory"]
        assert info["metrics"]["MC"] == len(asked)
        assert policy.usage.calls == len(model.requests) - len(asked)

    def test_options_are_the_keywords_of_the_constructor(self) -> None:
        options = {name: cls.options for name, cls in MEMORY_SYSTEMS.items()}
        assert options["mem0"] == options["langmem"] == ("backend", "learn_from_task")
        assert options["rag"] == options["a-mem"] == options["mem0g"] == ("learn_from_task",)
        assert options["no-memory"] == options["full-context"] == options["agemem-norl-rag"] == ()

        class Forgetful(MemoryPolicy):
            system = "forgetful"

            def __init__(self, inner: Policy, model: Any = None, *, after: int = 3) -> None:
                super().__init__(inner, model)

        assert Forgetful.options == ("after",)

    @pytest.mark.parametrize(
        ("name", "options", "message"),
        [
            ("mem0", {}, "memory system 'mem0' needs a model"),
            ("mem0", {"llm": ["x"], "backnd": "library"}, "unknown option of mem0 'backnd'; did you mean 'backend'"),
            ("agemem", {"llm": ["x"], "backend": "library"}, "unknown option of agemem 'backend'"),
        ],
    )
    def test_make_tells_mistakes(self, name: str, options: dict[str, Any], message: str) -> None:
        with pytest.raises(ConfigurationError, match=message):
            make(name, **options)

    def test_names_tell_policy_and_system(self) -> None:
        assert with_memory("rag", Steady()).name == "steady + rag"


def test_every_system_has_a_page() -> None:
    folder = Path(__file__).parents[3] / "docs" / "baselines"
    assert {page.stem for page in folder.glob("*.md")} == {"README", *MEMORY_SYSTEMS}
    table = (folder / "README.md").read_text(encoding="utf-8")
    for name in MEMORY_SYSTEMS:
        assert f"| `{name}` |" in table
        assert (folder / f"{name}.md").read_text(encoding="utf-8").startswith(f"# {name}\n")


def test_an_instruction_without_room_is_not_sent() -> None:
    model = RuleModel(scribe)
    env = make_env("mem0", max_tokens=400)
    env.reset(seed=0)
    assert ask(model, env.desk(), Question("extract", "word " * 400, KITCHEN), read_facts) is None
    assert model.requests == []
    assert [e.arguments["kind"] for e in env.ledger.of("fault")] == ["no_room"]


def test_a_question_is_plain_json_for_any_chat_api() -> None:
    model = RuleModel(scribe)
    env = make_env("mem0")
    env.reset(seed=0)
    desk: MemoryDesk = env.desk()
    with_memory("mem0", Steady(), model).observe(desk, KITCHEN)
    request = model.requests[0]
    assert [m["role"] for m in request.messages] == ["system", "user"]
    assert request.json_reply
    json.dumps(list(request.messages))
