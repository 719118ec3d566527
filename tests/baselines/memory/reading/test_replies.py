"""What memory systems read from the replies of models: every form that can mean one thing, and none that cannot."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import pytest

from agemem_env.env import AgeMemEnv
from agemem_env.memory.store import MemoryEntry
from baselines.memory import with_memory
from tests.baselines.memory.models import RuleModel, Steady

VIOLIN, PAUL, OLD = "The violin hangs in the attic.", "Paul is the brother of Anna.", "The violin hangs in the kitchen."


def observe(name: str, replies: Sequence[Any], *, stored: Sequence[Any] = ()) -> tuple[AgeMemEnv, RuleModel]:
    """Tell a system one message; the last reply is given again if it asks more often.

    In replies ``mem_a`` stands for the id of the first stored entry.
    """
    env = AgeMemEnv("tests.toy:ToyEngine", tools=())
    env.reset(seed=0)
    ids = [env.desk().add(*entry).id for entry in stored]

    def rule(system: str, user: str) -> str:
        reply = replies[min(len(model.requests), len(replies)) - 1]
        text = reply if isinstance(reply, str) else json.dumps(reply)
        return text.replace("mem_a", ids[0]) if ids else text

    model = RuleModel(rule)
    with_memory(name, Steady(), model).observe(env.desk(), "The violin was moved. Paul is a brother.")
    return env, model


def faults(env: AgeMemEnv) -> list[str]:
    return [event.arguments["kind"] for event in env.ledger.of("fault")]


def contents(env: AgeMemEnv) -> list[str]:
    return sorted(entry.content for entry in env.memory)


FACTS: list[Any] = [
    {"facts": [VIOLIN, PAUL]},
    {"facts": [{"fact": VIOLIN}, {"fact": PAUL}]},
    {"facts": [{"text": VIOLIN, "confidence": 0.9}, {"content": PAUL, "type": "family", "id": 2}]},
    {"facts": [[VIOLIN], [PAUL]]},
    {"facts": [[VIOLIN, PAUL], None, ""]},
    {"facts": [[{"Fact": VIOLIN}, {"FACT": [PAUL]}]]},
    {"facts": {"1": VIOLIN, "2": PAUL}},
    {"fact1": VIOLIN, "fact2": PAUL},
    {"facts": [{"fact 1": VIOLIN, "fact 2": PAUL}]},
    {"facts": {"items": [VIOLIN, PAUL], "count": 2}},
    {"facts": {"fact_1": VIOLIN, "fact_2": {"text": PAUL}}},
    {"Facts": [VIOLIN, PAUL]},
    {"memories": [VIOLIN, PAUL]},
    {"new_facts": [VIOLIN, PAUL], "old_facts": []},
    {"reasoning": "Both may matter.", "extracted_facts": [VIOLIN, PAUL]},
    {"result": {"facts": [VIOLIN, PAUL]}},
    {"facts": json.dumps([VIOLIN, PAUL])},
    {"facts": f"- {VIOLIN}\n- {PAUL}"},
    [VIOLIN, PAUL],
    [{"fact": VIOLIN}, {"fact": PAUL}],
    json.dumps(json.dumps({"facts": [VIOLIN, PAUL]})),
    f'```json\n{{"facts": ["{VIOLIN}", "{PAUL}",]}}\n```',
    f"Here [1] is what I noted {{as asked}}:\n{{'facts': ['{VIOLIN}', '{PAUL}']}}\nI hope it helps.",
    f'<think>Perhaps {{"facts": ["x"]}}?</think>{{"facts": ["{VIOLIN}", "{PAUL}"]}}',
    f'{{"fact": "{VIOLIN}"}}\n{{"fact": "{PAUL}"}}',
]

NO_FACTS: list[Any] = [
    {"facts": []},
    {"facts": None},
    {"facts": [None, " "]},
    {"facts": "None."},
    {"facts": {}},
    {"notes": []},
]

UNCLEAR_FACTS: list[Any] = [
    {"facts": [3]},
    {"facts": [{"Anna": "sings"}]},
    {"facts": [{"subject": "Anna", "fact": "sings"}]},
    {"facts": [{"fact": "Anna sings.", "text": "Anna dances."}]},
    {"facts": {"Anna": "sings"}},
    {"facts": True},
    {"facts": "Anna sings\nin Oslo"},
    {"about Anna": ["She sings."], "about Paul": ["He paints."]},
    {"fact": "Anna sings.", "facts": ["Anna dances."]},
    {"facts": [{"fact": "Anna sings.", "Fact": "Anna dances."}]},
    '{"facts": ["Anna sings."]} or {"facts": ["Anna dances."]}',
    '{"facts": [{"fact": "Anna sings."}, {"fact": "Anna da',
    {"facts": None, "new_facts": ["Anna sings."]},
    {"facts": {}, "memories": ["Anna sings."]},
    {},
    [],
]  # fmt: skip


class TestFacts:
    @pytest.mark.parametrize("reply", FACTS, ids=str)
    def test_are_read_in_every_form(self, reply: Any) -> None:
        adds = {"memory": [{"event": "ADD", "text": text} for text in (VIOLIN, PAUL)]}
        env, model = observe("mem0", [reply, adds])
        assert model.requests[1].messages[1]["content"].endswith(f"Message:\n{VIOLIN}\n{PAUL}")
        assert contents(env) == sorted([VIOLIN, PAUL])
        assert faults(env) == []

    def test_one_text_is_one_fact(self) -> None:
        for reply in ({"facts": VIOLIN}, {"fact": VIOLIN}, {"facts": {"fact": VIOLIN}}):
            _, model = observe("mem0", [reply, {"memory": []}])
            assert model.requests[1].messages[1]["content"].endswith(f"Message:\n{VIOLIN}")

    @pytest.mark.parametrize("reply", NO_FACTS, ids=str)
    def test_may_be_none(self, reply: Any) -> None:
        env, model = observe("mem0", [reply])
        assert (len(model.requests), faults(env)) == (1, [])

    @pytest.mark.parametrize("reply", UNCLEAR_FACTS, ids=str)
    def test_that_are_unclear_are_asked_for_again_and_counted(self, reply: Any) -> None:
        env, model = observe("mem0", [reply])
        assert len(model.requests) == 2
        assert model.requests[1].messages[2]["content"].startswith("Your last reply")
        assert faults(env) == ["malformed_reply"] * 2
        assert contents(env) == []

    def test_of_a_list_that_stays_unclear_the_clear_ones_count(self) -> None:
        unclear = {"facts": [VIOLIN, {"Anna": "sings"}]}
        env, _ = observe("mem0", [unclear, unclear, {"memory": [{"event": "ADD", "text": VIOLIN}]}])
        assert contents(env) == [VIOLIN]
        assert faults(env) == ["malformed_reply"] * 2


def operations(key: str, text: str, identity: str) -> list[Any]:
    """Return forms of: add PAUL, update the stored memory to VIOLIN."""
    return [
        {key: [{"event": "ADD", text: PAUL}, {"event": "UPDATE", "id": identity, text: VIOLIN}]},
        {key: [{"action": "add", text: PAUL}, {"action": "update", "memory_id": identity, text: VIOLIN}]},
        {key: [{"op": "Insert", "content": PAUL}, {"op": "Modify", "memoryId": identity, "content": VIOLIN}]},
        {key: [{"type": "CREATE", "memory": PAUL}, {"type": "EDIT", "Memory_ID": identity, "new_text": VIOLIN, "text": OLD}]},
        {key: [{"operation": "add", "fact": {"text": PAUL}}, {"operation": "update", "id": [identity], "text": [VIOLIN]}]},
        {key: [[{"event": "ADD", text: PAUL}], [{"event": "UPDATE", "id": identity, text: VIOLIN}], {"event": "NONE"}]},
        {key: [{"ADD": PAUL}, {"UPDATE": {"id": identity, "text": VIOLIN}}]},
        {key: {"add": [PAUL], "update": [{"id": identity, "content": VIOLIN}], "delete": []}},
        {key: {"ADD": [{"text": PAUL}], "UPDATE": {identity: VIOLIN}, "NONE": None}},
        {key: {"0": {"event": "ADD", "text": PAUL}, "1": {"event": "UPDATE", "id": identity, "text": VIOLIN}}},
        {"updates": [{"event": "ADD", text: PAUL}, {"event": "UPDATE", "id": identity, text: VIOLIN}]},
        {"add": [PAUL], "update": [{"id": identity, "text": VIOLIN}]},
        {key: [f"ADD: {PAUL}", f"UPDATE {identity}: {VIOLIN}"]},
        {key: [{"event": ["ADD"], "texts": [PAUL]}, {"event": "UPDATE", "memory": {"id": identity, "text": VIOLIN}}]},
        [{"event": "ADD", text: PAUL}, {"event": "UPDATE", "id": f"[{identity}]", text: VIOLIN}],
        {key: [{"name": "insert", "arguments": {"content": PAUL}}, {"name": "update", "args": {"id": identity, text: VIOLIN}}]},
        f'{{"event": "ADD", "text": "{PAUL}"}}\n{{"event": "UPDATE", "id": "{identity}", "text": "{VIOLIN}"}}',
        f'So:\n```JSON\n{{"{key}": [{{"event": "ADD", "text": "{PAUL}"}}, '
        f'{{"event": "UPDATE", "id": "{identity}: {OLD}", "text": "{VIOLIN}"}},]}}```',
    ]  # fmt: skip


UNCLEAR_OPERATIONS: list[Any] = [
    [{"event": "MERGE", "text": PAUL}],
    [{"text": PAUL}],
    [PAUL],
    ["ADD"],
    ["UPDATE 0"],
    ["UPDATE: text"],
    ["ADD 0: text"],
    [["ADD", PAUL]],
    [{"event": "ADD", "text": ["Anna sings.", "Anna dances."]}],
    [{"event": "ADD"}],
    [{"event": "ADD", "text": [3]}],
    [{"event": "ADD", "text": "Anna sings.", "memory": "Anna dances."}],
    [{"event": "UPDATE", "text": VIOLIN}],
    [{"event": "UPDATE", "id": "0"}],
    [{"event": "UPDATE", "id": "0", "memory_id": "1", "text": VIOLIN}],
    [{"event": "UPDATE", "id": ["0", "1"], "text": VIOLIN}],
    [{"event": "DELETE"}],
    [{"event": "ADD", "action": "delete", "id": "0", "text": PAUL}],
    {"0": {"event": "UPDATE", "text": VIOLIN}},
    {"ADD": 3},
    7,
]


class TestOperations:
    @pytest.mark.parametrize("reply", operations("memory", "text", "0"), ids=str)
    def test_of_mem0_are_read_in_every_form(self, reply: Any) -> None:
        env, _ = observe("mem0", [{"facts": [VIOLIN, PAUL]}, reply], stored=[(OLD,)])
        assert contents(env) == sorted([VIOLIN, PAUL])
        assert faults(env) == []

    @pytest.mark.parametrize("reply", operations("operations", "content", "mem_a"), ids=str)
    def test_of_langmem_are_read_in_every_form(self, reply: Any) -> None:
        env, _ = observe("langmem", [reply], stored=[(OLD,)])
        assert contents(env) == sorted([VIOLIN, PAUL])
        assert faults(env) == []

    @pytest.mark.parametrize(
        "reply",
        [
            [{"event": "DELETE", "id": 0}],
            [{"event": "delete", "id": 0.0, "text": OLD}],
            [{"event": "REMOVE", "memory": "0"}],
            [{"DELETE": "0"}],
            ["DELETE 0"],
            ["delete: 0"],
            {"DELETE": [0]},
            {"delete": {"0": "It was moved."}},
            {"event": "DELETE", "ids": ["0"]},
            [{"event": "DELETE", "id": f"0: {OLD}"}, None, {"event": "NOOP"}, "NONE"],
        ],
        ids=str,
    )
    def test_deletions_are_read_in_every_form(self, reply: Any) -> None:
        env, _ = observe("mem0", [{"facts": [VIOLIN]}, {"memory": reply}], stored=[(OLD,)])
        assert contents(env) == []
        assert faults(env) == []

    @pytest.mark.parametrize("reply", [[], None, "NONE", {}, [{"event": "NONE"}], {"NONE": [PAUL]}], ids=str)
    @pytest.mark.parametrize(("name", "key"), [("mem0", "memory"), ("langmem", "operations")])
    def test_may_be_none(self, name: str, key: str, reply: Any) -> None:
        before = [{"facts": [VIOLIN]}] if name == "mem0" else []
        env, model = observe(name, [*before, {key: reply}], stored=[(OLD,)])
        assert len(model.requests) == len(before) + 1
        assert (contents(env), faults(env)) == ([OLD], [])

    @pytest.mark.parametrize("reply", UNCLEAR_OPERATIONS, ids=str)
    @pytest.mark.parametrize(("name", "key"), [("mem0", "memory"), ("langmem", "operations")])
    def test_that_are_unclear_are_asked_for_again_and_counted(self, name: str, key: str, reply: Any) -> None:
        before = [{"facts": [VIOLIN]}] if name == "mem0" else []
        env, model = observe(name, [*before, {key: reply}], stored=[(OLD,)])
        assert len(model.requests) == len(before) + 2
        assert (contents(env), faults(env)) == ([OLD], ["malformed_reply"] * 2)


NAMES = ["Paul", "Anna"]
ENTITIES: list[Any] = [
    {"entities": [{"name": name, "type": "person"} for name in NAMES]},
    {"entities": NAMES},
    {"entities": [NAMES[:1], NAMES[1:]]},
    {"entities": [{"entity": name, "entity_type": "person"} for name in NAMES]},
    {"entities": [[{"Name": [name]} for name in NAMES]]},
    {"entities": dict.fromkeys(NAMES, "person")},
    {"entities": {"person": NAMES, "place": []}},
    {"entities": {name: {"type": "person"} for name in NAMES}},
    {"entities": [{"person": NAMES}]},
    {"Entity": NAMES},
    {"nodes": NAMES},
    NAMES,
]
RELATIONS: list[Any] = [
    {"relations": [{"source": "Paul", "relation": "is the brother of", "target": "Anna"}]},
    {"relations": [{"source": "Paul", "relationship": "is_the_brother_of", "destination": "Anna"}]},
    {"relations": [{"subject": "Paul", "predicate": "is the brother of", "object": {"name": "Anna"}}]},
    {"relations": [{"Head": "Paul", "type": "is the brother of", "Tail": ["Anna"]}]},
    {"relations": [{"from": "Paul", "relation": "is the brother of", "to": "Anna", "type": "family"}]},
    {"relations": [["Paul", "is the brother of", "Anna"]]},
    {"relations": ["Paul", "is the brother of", "Anna"]},
    {"relations": [{"triplet": ["Paul", "is the brother of", "Anna"]}]},
    {"relations": ["(Paul, is the brother of, Anna)"]},
    {"relations": "Paul -> is the brother of -> Anna"},
    {"relations": {"source": "Paul", "relation": "is the brother of", "target": "Anna"}},
    {"relationships": [{"source": "Paul", "relation": "is the brother of", "target": "Anna"}]},
    {"source": "Paul", "relation": "is the brother of", "target": "Anna"},
    [["Paul", "is the brother of", "Anna"]],
]
OBSOLETE: list[Any] = [
    {"obsolete": ["mem_a"]},
    {"obsolete": "mem_a"},
    {"obsolete": [["mem_a"]]},
    {"obsolete": [{"id": "mem_a", "reason": "Paul is a brother."}]},
    {"obsolete": [{"memory_id": "mem_a"}]},
    {"obsolete": {"mem_a": "Paul is a brother."}},
    {"obsolete": {"mem_a": True}},
    {"obsolete": [{"relation": "mem_a", "verdict": "wrong"}]},
    {"obsolete": ["mem_a: Paul is no brother of Anna"]},
    {"contradicted": ["[mem_a]"]},
    ["mem_a", None],
]
STORED = ("Paul is no brother of Anna", {"from": "Paul", "relation": "is no brother of", "to": "Anna", "valid": True})


class TestGraph:
    @staticmethod
    def graph(entities: Any = ENTITIES[0], relations: Any = RELATIONS[0], obsolete: Any = OBSOLETE[0]) -> Any:
        env, model = observe("mem0g", [entities, relations, obsolete], stored=[STORED])
        return [(e.content, e.metadata["valid"]) for e in env.memory], faults(env), model

    RIGHT = [("Paul is no brother of Anna", False), ("Paul is the brother of Anna", True)]  # noqa: RUF012

    @pytest.mark.parametrize("reply", ENTITIES, ids=str)
    def test_entities_are_read_in_every_form(self, reply: Any) -> None:
        entries, wrong, model = self.graph(entities=reply)
        assert "Paul\nAnna" in model.requests[1].messages[1]["content"]
        assert (entries, wrong) == (self.RIGHT, [])

    @pytest.mark.parametrize("reply", RELATIONS, ids=str)
    def test_relations_are_read_in_every_form(self, reply: Any) -> None:
        entries, wrong, _ = self.graph(relations=reply)
        assert (entries, wrong) == (self.RIGHT, [])

    @pytest.mark.parametrize("reply", OBSOLETE, ids=str)
    def test_obsolete_ids_are_read_in_every_form(self, reply: Any) -> None:
        entries, wrong, _ = self.graph(obsolete=reply)
        assert (entries, wrong) == (self.RIGHT, [])

    @pytest.mark.parametrize("reply", [None, [], "none", "None of them.", {"mem_a": False}], ids=str)
    def test_nothing_may_be_obsolete(self, reply: Any) -> None:
        entries, wrong, _ = self.graph(obsolete={"obsolete": reply})
        assert ([valid for _, valid in entries], wrong) == ([True, True], [])

    @pytest.mark.parametrize(
        ("at", "reply"),
        [
            (0, {"entities": "Paul, Anna"}),
            (0, {"entities": [NAMES]}),
            (0, {"entities": [[{"type": "person"}]]}),
            (0, {"entities": [{"name": "Paul", "entity": "Anna"}]}),
            (0, {"entities": True}),
            (0, {"answer": "Paul"}),
            (0, {"people": ["Paul"], "places": ["Oslo"]}),
            (1, {"relations": [{"source": "Paul", "relation": "is the brother of"}]}),
            (1, {"relations": [{"source": "Paul", "relation": "is the brother of", "target": None}]}),
            (1, {"relations": [{"source": "Paul", "relation": "has", "target": "Anna", "object": "Eva"}]}),
            (1, {"relations": [["Paul", "Anna"]]}),
            (1, {"relations": ["Paul is the brother of Anna"]}),
            (2, {"obsolete": [True]}),
            (2, {"obsolete": [{"reason": "Paul is a brother."}]}),
            (2, {"obsolete": {"verdict": "wrong"}}),
        ],
        ids=str,
    )
    def test_what_is_unclear_is_asked_for_again_and_counted(self, at: int, reply: Any) -> None:
        replies = [ENTITIES[0], RELATIONS[0], OBSOLETE[0]]
        replies[at:] = [reply]
        env, model = observe("mem0g", replies, stored=[STORED])
        assert len(model.requests) == at + 2
        assert faults(env) == ["malformed_reply"] * 2
        assert len(env.memory) == (2 if at == 2 else 1)
        assert all(entry.metadata["valid"] for entry in env.memory)


CARDS: list[Any] = [
    {"keywords": ["violin", "attic"], "context": "It was moved.", "tags": ["places"]},
    {"keywords": "violin, attic", "context": "It was moved.", "tags": "#places"},
    {"keywords": [{"keyword": "violin"}, {"word": "attic", "score": 0.5}], "context": ["It was moved."], "tags": [{"tag": "places"}]},
    {"keywords": [["violin", "attic"]], "context": {"text": "It was moved."}, "tags": [["places"], None]},
    {"Keywords": {"1": "violin", "2": "attic"}, "Context": "It was moved.", "Tag": "places"},
    {"note": {"key_words": ["violin", "attic"], "summary": "It was moved.", "tags": ["places"]}},
    'My card:\n```\n{"keywords": ["violin", "attic"], "context": "It was moved.", "tags": ["places"],}\n```',
]  # fmt: skip
EVOLUTIONS: list[Any] = [
    {"links": ["mem_a"], "tags": ["now"], "neighbours": [{"id": "mem_a", "context": "It was there.", "tags": ["past"]}]},
    {"links": [{"id": "mem_a", "reason": "both"}], "tags": "now", "neighbors": [{"memory_id": "mem_a", "context": "It was there.", "tags": "past"}]},
    {"links": "mem_a", "tags": [["now"]], "neighbours": {"id": "mem_a", "context": ["It was there."], "tags": [{"tag": "past"}]}},
    {"links": {"mem_a": "both"}, "tags": [{"name": "now"}], "neighbours": {"mem_a": {"context": "It was there.", "tags": ["past"]}}},
    {"links": [["mem_a"]], "tags": ["now"], "neighbours": [[{"id": ["mem_a"], "new_context": "It was there.", "new_tags": ["past"]}], None]},
    {"evolution": {"Links": ["mem_a: violin"], "Tags": ["now"], "Neighbours": [{"ID": "mem_a", "Context": "It was there.", "Tags": ["past"]}]}},
]  # fmt: skip


class TestNotes:
    @staticmethod
    def notes(*replies: Any) -> tuple[MemoryEntry, MemoryEntry, AgeMemEnv]:
        env, _ = observe("a-mem", replies, stored=[(OLD,)])
        old, new = env.memory
        return old, new, env

    @pytest.mark.parametrize("reply", CARDS, ids=str)
    def test_cards_are_read_in_every_form(self, reply: Any) -> None:
        _, new, env = self.notes(reply, {"links": None, "neighbours": None})
        kept = {key: new.metadata[key] for key in ("keywords", "context", "tags", "links")}
        assert kept == {"keywords": ["violin", "attic"], "context": "It was moved.", "tags": ["places"], "links": []}
        assert faults(env) == []

    @pytest.mark.parametrize("reply", EVOLUTIONS, ids=str)
    def test_evolutions_are_read_in_every_form(self, reply: Any) -> None:
        old, new, env = self.notes(CARDS[0], reply)
        assert (new.metadata["links"], new.metadata["tags"]) == ([old.id], ["now"])
        assert (old.metadata["context"], old.metadata["tags"]) == ("It was there.", ["past"])
        assert faults(env) == []

    def test_a_card_may_be_bare(self) -> None:
        _, new, env = self.notes({"keywords": None, "context": None, "tags": None}, {"links": []})
        assert new.content == new.metadata["text"]
        assert faults(env) == []

    @pytest.mark.parametrize(
        "reply",
        [
            {"tags": ["places"]},
            {"keywords": 3},
            {"keywords": [{"violin": "attic"}]},
            {"keywords": ["violin"], "context": 3},
            {"keywords": ["violin"], "context": "a", "summary": "b"},
            {"keywords": ["violin"], "tags": [True]},
            {"keywords": ["violin"], "keyword": ["attic"]},
        ],
        ids=str,
    )
    def test_unclear_cards_are_asked_for_again_and_counted(self, reply: Any) -> None:
        env, model = observe("a-mem", [reply])
        assert len(model.requests) == 2
        assert (contents(env), faults(env)) == ([], ["malformed_reply"] * 2)

    @pytest.mark.parametrize(
        "reply",
        [
            {"links": [True]},
            {"links": [{"reason": "both"}]},
            {"links": [], "neighbours": ["mem_a"]},
            {"links": [], "neighbours": [{"context": "It was there."}]},
            {"links": [], "neighbours": [{"id": "mem_a", "context": 3}]},
            {"links": [], "neighbours": [{"id": ["mem_a", "mem_00000000"], "tags": ["past"]}]},
            {"links": [], "tags": 3},
            {"links": [], "neighbours": [{"id": "mem_a", "text": "Another text."}]},
            {"tags": ["now"]},
        ],
        ids=str,
    )
    def test_unclear_evolutions_are_asked_for_again_and_counted(self, reply: Any) -> None:
        env, model = observe("a-mem", [CARDS[0], reply], stored=[(OLD,)])
        assert len(model.requests) == 3
        assert faults(env) == ["malformed_reply"] * 2
        old, new = env.memory
        assert old.content == OLD
        assert (new.metadata["links"], new.metadata["tags"]) == ([], ["places"])


@pytest.mark.parametrize(
    ("name", "first"), [("mem0", {"facts": [PAUL]}), ("langmem", None), ("a-mem", CARDS[0]), ("mem0g", ENTITIES[0])]
)
def test_no_reply_of_any_shape_breaks_a_system(name: str, first: Any) -> None:
    values: list[Any] = [None, True, 0, -1, 1.5, "", "x", "mem_a", [], {}, [[]], [{}], {"": ""}, [None], {"id": None}]
    keys = [
        "facts",
        "memory",
        "operations",
        "keywords",
        "links",
        "neighbours",
        "entities",
        "relations",
        "obsolete",
        "event",
        "text",
        "id",
        "tags",
        "ADD",
    ]
    deep: Any = "x"
    for _ in range(40):
        deep = [deep]
    shapes: list[Any] = [{key: value} for key in keys for value in (*values, [deep], '{"a": ' * 500)]
    shapes += [{key: [{inner: value}]} for key in keys for inner in keys for value in ("", 0, ["x"])]
    for shape in (*shapes, [shapes[0], None], '[{"a": ' * 500):
        replies = [shape] if first is None else [first, shape]
        env, model = observe(name, replies, stored=[(OLD,)])
        assert len(model.requests) <= 5
        assert all(re.fullmatch(r"malformed_reply|unknown_\w+", fault) for fault in faults(env))
