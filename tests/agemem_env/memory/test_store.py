from __future__ import annotations

import copy
import json
import pickle
import re
import time
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from agemem_env.errors import DataError, ServiceError
from agemem_env.memory import store
from agemem_env.memory.store import FORMAT, LongTermMemory, MemoryEntry
from agemem_env.memory.vector_index import VectorIndex
from agemem_env.services.encoders import HashingEncoder

ID = "mem_0000002a"


class CountingEncoder:
    """A random unit vector per text; remembers what it was asked."""

    name = "counting"
    default_threshold = 0.5

    def __init__(self, dim: int = 16) -> None:
        self.dim = dim
        self.asked: list[list[str]] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked.append(list(texts))
        rows = np.stack([np.random.default_rng(zlib.crc32(t.encode())).standard_normal(self.dim) for t in texts])
        return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


class Scripted(np.random.Generator):
    """Draws the given numbers in turn."""

    def __init__(self, *numbers: int) -> None:
        super().__init__(np.random.PCG64(0))
        self.numbers = list(numbers)

    def integers(self, *args: Any, **kwargs: Any) -> Any:
        return self.numbers.pop(0)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def filled(*contents: str, **metadata: Any) -> LongTermMemory:
    memory, draws = LongTermMemory(CountingEncoder()), rng()
    for content in contents:
        memory.add(content, metadata, 1, draws)
    return memory


def found(memory: LongTermMemory, query: str, k: int = 1, where: Mapping[str, Any] | None = None) -> list[str]:
    return [hit.entry.content for hit in memory.search(query, k, where)]


class TestEntries:
    def test_add(self) -> None:
        memory = LongTermMemory(CountingEncoder())
        entry = memory.add("mug", {"source": "agent"}, 3, rng())
        assert entry == MemoryEntry(entry.id, "mug", {"source": "agent"}, created=3, modified=None)
        assert list(memory) == [entry]
        assert (len(memory), entry.id in memory, memory.get(entry.id), memory.get(ID)) == (1, True, entry, None)

    def test_update_replaces_content_and_keeps_metadata(self) -> None:
        memory = filled("mug", "key", colour="red")
        first = next(iter(memory))
        new = memory.update(first.id, "cup", None, 7)
        assert new == MemoryEntry(first.id, "cup", {"colour": "red", "timestamp": 7}, created=1, modified=7)
        assert [e.content for e in memory] == ["cup", "key"]

    def test_update_replaces_metadata_if_given(self) -> None:
        memory = filled("mug", colour="red")
        new = memory.update(next(iter(memory)).id, "cup", {"size": 2}, 7)
        assert new.metadata == {"size": 2, "timestamp": 7}

    def test_delete(self) -> None:
        memory = filled("mug", "key")
        first, second = memory
        assert memory.delete(first.id) == first
        assert list(memory) == [second]

    @pytest.mark.parametrize("change", [lambda m: m.update(ID, "x", None, 1), lambda m: m.delete(ID)])
    def test_unknown_ids_raise(self, change: Callable[[LongTermMemory], Any]) -> None:
        with pytest.raises(KeyError, match=ID):
            change(filled("mug"))

    def test_entries_can_be_changed_while_iterating(self) -> None:
        memory = filled("mug", "key")
        for entry in memory:
            memory.delete(entry.id)
        assert len(memory) == 0


class TestIds:
    def test_look_like_the_papers_and_repeat_with_the_generator(self) -> None:
        one, other = (["a", "b", "c"], ["x", "y", "z"])
        ids = [e.id for e in filled(*one)]
        assert ids == [e.id for e in filled(*other)]
        assert len(set(ids)) == 3
        assert all(re.fullmatch("mem_[0-9a-f]{8}", i) for i in ids)

    def test_are_padded_and_cover_the_range(self) -> None:
        memory = LongTermMemory(CountingEncoder())
        draws = Scripted(0, 2**32 - 1)
        assert [memory.add("x", {}, 1, draws).id for _ in range(2)] == ["mem_00000000", "mem_ffffffff"]
        assert {h.entry.id for h in memory.search("x", 2)} == {"mem_00000000", "mem_ffffffff"}

    def test_a_collision_draws_again(self) -> None:
        memory = LongTermMemory(CountingEncoder())
        draws = Scripted(42, 42, 42, 43)
        assert [memory.add(c, {}, 1, draws).id for c in "ab"] == [ID, "mem_0000002b"]
        assert draws.numbers == []
        assert [e.content for e in memory] == ["a", "b"]


class TestSearch:
    def test_best_first_with_cosines(self) -> None:
        memory = filled("a", "b", "c")
        hits = memory.search("b", 3)
        assert hits[0].entry.content == "b"
        assert hits[0].score == pytest.approx(1, abs=1e-6)
        rows = CountingEncoder().encode(["a", "b", "c"])
        expected = sorted((rows @ rows[1]).tolist(), reverse=True)
        assert [h.score for h in hits] == pytest.approx(expected, abs=1e-6)

    @pytest.mark.parametrize(("k", "count"), [(-1, 0), (0, 0), (1, 1), (2, 2), (3, 3), (99, 3)])
    def test_number_of_hits(self, k: int, count: int) -> None:
        assert len(filled("a", "b", "c").search("a", k)) == count

    def test_an_empty_store_finds_nothing_and_asks_nothing(self) -> None:
        memory = LongTermMemory(CountingEncoder())
        assert memory.search("a", 3) == []
        assert memory._encoder.asked == []  # type: ignore[attr-defined]

    def test_emptied_store(self) -> None:
        memory = filled("a")
        memory.search("a", 1)
        memory.delete(next(iter(memory)).id)
        assert memory.search("a", 1) == []
        memory.add("b", {}, 1, rng())
        assert found(memory, "a") == ["b"]

    @pytest.mark.parametrize("searched_before", [False, True])
    def test_finds_the_updated_content_and_not_the_old(self, searched_before: bool) -> None:
        memory = filled("mug", "key", "door")
        if searched_before:
            memory.search("mug", 1)
        memory.update(next(iter(memory)).id, "cup", None, 2)
        assert found(memory, "cup") == ["cup"]
        assert memory.search("cup", 1)[0].score == pytest.approx(1, abs=1e-6)
        assert memory.search("mug", 1)[0].score < 0.99
        assert sorted(found(memory, "mug", 9)) == ["cup", "door", "key"]

    @pytest.mark.parametrize("searched_before", [False, True])
    def test_does_not_find_deleted_entries(self, searched_before: bool) -> None:
        memory = filled("mug", "key")
        if searched_before:
            memory.search("mug", 1)
        memory.delete(next(iter(memory)).id)
        assert found(memory, "mug", 2) == ["key"]

    def test_equal_contents_are_different_entries(self) -> None:
        assert len({h.entry.id for h in filled("a", "a", "a").search("a", 3)}) == 3

    def test_texts_without_features_are_found_with_similarity_zero(self) -> None:
        memory = LongTermMemory(HashingEncoder())
        memory.add("…", {}, 1, rng())
        assert [h.score for h in memory.search("mug", 1)] == [0.0]


class TestEncoding:
    def test_nothing_is_embedded_before_a_search(self) -> None:
        memory = filled("a", "b")
        memory.update(next(iter(memory)).id, "c", None, 2)
        memory.copy()
        assert memory._encoder.asked == []  # type: ignore[attr-defined]

    def test_everything_new_is_embedded_in_one_call(self) -> None:
        memory = filled("a", "b", "c")
        asked: list[list[str]] = memory._encoder.asked  # type: ignore[attr-defined]
        first, second, _ = memory
        memory.delete(first.id)
        memory.update(second.id, "d", None, 2)
        memory.search("q", 1)
        assert asked == [["d", "c"], ["q"]] or asked == [["c", "d"], ["q"]]
        memory.search("r", 1)
        assert asked[2:] == [["r"]]
        memory.update(second.id, "e", None, 3)
        memory.add("f", {}, 3, rng(1))
        memory.search("s", 1)
        assert asked[3:] == [["e", "f"], ["s"]]

    def test_a_search_that_no_entry_matches_asks_nothing(self) -> None:
        memory = filled("a", x=1)
        assert memory.search("q", 1, {"x": 2}) == memory.search("q", 0) == []
        assert memory._encoder.asked == []  # type: ignore[attr-defined]

    def test_an_encoder_with_wrong_shapes_is_named(self) -> None:
        encoder = CountingEncoder()
        memory = LongTermMemory(encoder)
        memory.add("a", {}, 1, rng())
        encoder.encode = lambda texts: np.zeros((1, 3), np.float32)  # type: ignore[method-assign]
        with pytest.raises(ServiceError, match=r"'counting' returned shape \(1, 3\), expected \(1, 16\)"):
            memory.search("q", 1)


FILTERS: list[tuple[Any, Any, bool]] = [
    ({"a": 1}, {"a": 1}, True),
    ({"a": 1, "b": 2}, {"a": 1}, True),
    ({"a": 1}, {"a": 1.0}, True),
    ({"a": 1}, {"a": 2}, False),
    ({"a": 1}, {"a": "1"}, False),
    ({"a": 1}, {"a": True}, False),
    ({"a": True}, {"a": 1}, False),
    ({"a": False}, {"a": 0}, False),
    ({"a": True}, {"a": True}, True),
    ({"a": None}, {"a": None}, True),
    ({}, {"a": None}, False),
    ({"b": 1}, {"a": 1}, False),
    ({"a": {"b": {"c": 1}, "d": 2}}, {"a": {"b": {"c": 1}}}, True),
    ({"a": {"b": {"c": 1}}}, {"a": {"b": {"c": 2}}}, False),
    ({"a": {"b": True}}, {"a": {"b": 1}}, False),
    ({"a": 1}, {"a": {"b": 1}}, False),
    ({"a": {"b": 1}}, {"a": 1}, False),
    ({"a": {}}, {"a": {}}, True),
    ({"a": [1, 2]}, {"a": [1, 2]}, True),
    ({"a": (1, 2)}, {"a": [1, 2]}, True),
    ({"a": [1, 2]}, {"a": [2, 1]}, False),
    ({"a": [1, 2]}, {"a": [1]}, False),
    ({"a": [1, 2]}, {"a": 1}, False),
    ({"a": 1}, {"a": [1]}, False),
    ({"a": [1]}, {"a": [True]}, False),
    ({"a": [{"b": 1, "c": 2}]}, {"a": [{"b": 1}]}, True),
    ({"a": "Zürich"}, {"a": "Zürich"}, True),
    ({"a": "zürich"}, {"a": "Zürich"}, False),
]


@pytest.mark.parametrize(("metadata", "where", "matches"), FILTERS)
def test_filter(metadata: Any, where: Any, matches: bool) -> None:
    memory, draws = LongTermMemory(CountingEncoder()), rng()
    memory.add("other", {"unlike": "any"}, 1, draws)
    memory.add("this", metadata, 1, draws)
    assert found(memory, "this", 9, where) == ["this"] * matches


def test_filter_ranks_and_counts_only_what_matches() -> None:
    memory, draws = LongTermMemory(CountingEncoder()), rng()
    for i in range(20):
        memory.add(f"text {i}", {"odd": i % 2 == 1}, 1, draws)
    assert len(memory.search("text 4", 50, {})) == 20
    everything = found(memory, "text 4", 20)
    assert everything[0] == "text 4"
    odd = [c for c in everything if int(c.split()[1]) % 2]
    assert found(memory, "text 4", 20, {"odd": True}) == odd
    assert found(memory, "text 4", 3, {"odd": True}) == odd[:3]


class TestState:
    def test_does_not_depend_on_the_order(self) -> None:
        one, other = LongTermMemory(CountingEncoder()), LongTermMemory(CountingEncoder())
        for content, number in (("a", 1), ("b", 2)):
            one.add(content, {"x": 1, "y": 2}, 1, Scripted(number))
        for content, number in (("b", 2), ("a", 1)):
            other.add(content, {"y": 2, "x": 1}, 1, Scripted(number))
        assert one.state() == other.state()
        one.search("a", 1)
        assert one.state() == other.state()

    def test_changes_with_every_mutation_and_returns_when_undone(self) -> None:
        memory, draws = LongTermMemory(CountingEncoder()), rng()
        seen = [memory.state()]
        entry = memory.add("a", {}, 1, draws)
        seen.append(memory.state())
        for content, metadata, step in (("b", None, 2), ("b", None, 3), ("b", {"x": 1}, 3), ("b", {"x": True}, 3)):
            memory.update(entry.id, content, metadata, step)
            seen.append(memory.state())
        twin = memory.add("b", {"x": True}, 1, draws)
        seen.append(memory.state())
        assert len(set(seen)) == len(seen)
        memory.delete(twin.id)
        assert memory.state() == seen[-2]
        memory.delete(entry.id)
        assert memory.state() == seen[0] == 0

    def test_depends_on_the_id(self) -> None:
        one, other = LongTermMemory(CountingEncoder()), LongTermMemory(CountingEncoder())
        one.add("a", {}, 1, Scripted(1))
        other.add("a", {}, 1, Scripted(2))
        assert one.state() != other.state()


COPIES: list[Callable[[LongTermMemory], LongTermMemory]] = [
    lambda memory: memory.copy(),
    copy.deepcopy,
    lambda memory: pickle.loads(pickle.dumps(memory)),
]


@pytest.mark.parametrize("make_copy", COPIES, ids=["copy", "deepcopy", "pickle"])
@pytest.mark.parametrize("searched_before", [False, True])
def test_copies_are_independent(make_copy: Callable[[LongTermMemory], LongTermMemory], searched_before: bool) -> None:
    memory = filled("a", "b", "c")
    if searched_before:
        memory.search("a", 1)
    twin = make_copy(memory)
    assert list(twin) == list(memory)
    assert twin.state() == memory.state()
    first, second, _ = memory
    twin.delete(first.id)
    twin.update(second.id, "changed", None, 5)
    twin.add("d", {}, 5, rng(1))
    memory.add("e", {}, 5, rng(2))
    assert sorted(found(memory, "a", 9)) == ["a", "b", "c", "e"]
    assert sorted(found(twin, "a", 9)) == ["c", "changed", "d"]
    assert found(memory, "a") == ["a"]
    assert found(twin, "d") == ["d"]


operations = st.lists(
    st.tuples(st.sampled_from(["add", "update", "delete", "search", "copy"]), st.integers(0, 30), st.integers(0, 5)),
    max_size=40,
)


def test_a_copy_shares_the_vectors_until_one_of_the_two_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    copies: list[VectorIndex] = []
    copy = VectorIndex.copy
    monkeypatch.setattr(VectorIndex, "copy", lambda index: copies.append(index) or copy(index))
    memory = filled("one mug", "blue cup")
    found(memory, "one mug")
    twin = memory.copy()
    assert found(twin, "one mug") == found(memory, "one mug") == ["one mug"]
    assert copies == []
    twin.delete(next(iter(twin)).id)
    memory.add("green mug", {}, 1, rng(9))
    assert (found(memory, "green mug"), found(twin, "one mug")) == (["green mug"], ["blue cup"])
    assert len(copies) == 2
    memory.add("yellow mug", {}, 1, rng(10))
    assert found(memory, "yellow mug") == ["yellow mug"]
    assert len(copies) == 2


@settings(max_examples=50, deadline=None)
@given(operations)
def test_any_sequence_agrees_with_brute_force(steps: list[tuple[str, int, int]]) -> None:
    encoder, draws = CountingEncoder(), rng()
    memory = LongTermMemory(encoder)
    model: dict[str, str] = {}
    for number, (operation, which, k) in enumerate(steps):
        chosen = sorted(model)[which % len(model)] if model else None
        if operation == "add":
            entry = memory.add(f"text {which}", {}, number, draws)
            model[entry.id] = entry.content
        elif operation == "copy":
            memory = memory.copy()
        elif operation == "search":
            hits = memory.search("query", k)
            rows = encoder.encode(["query", *model.values()])
            best = np.sort(rows[1:] @ rows[0])[::-1][:k]
            assert [h.score for h in hits] == pytest.approx(best.tolist(), abs=1e-5)
            assert all(model[h.entry.id] == h.entry.content for h in hits)
            assert len({h.entry.id for h in hits}) == len(hits)
        elif chosen is not None and operation == "update":
            model[chosen] = memory.update(chosen, f"new {number}", None, number).content
        elif chosen is not None:
            memory.delete(chosen)
            del model[chosen]
    assert {e.id: e.content for e in memory} == model


def test_ten_thousand_entries() -> None:
    start = time.perf_counter()
    encoder, draws = CountingEncoder(), rng()
    memory = LongTermMemory(encoder)
    ids = [memory.add(f"text {i}", {"group": i % 10}, 1, draws).id for i in range(10_000)]
    assert len(set(ids)) == 10_000
    contents = {i: e.content for i, e in zip(ids, memory, strict=True)}

    def check(query: str, group: int | None = None) -> None:
        allowed = [i for i in contents if group is None or int(contents[i].split()[1]) % 10 == group]
        rows = vectors[[int(contents[i].split()[1]) for i in allowed]]
        scores = rows @ encoder.encode([query])[0]
        order = np.argsort(-scores, kind="stable")[:20]
        hits = memory.search(query, 20, None if group is None else {"group": group})
        assert [h.entry.id for h in hits] == [allowed[j] for j in order]
        assert [h.score for h in hits] == pytest.approx(scores[order].tolist(), abs=1e-5)

    vectors = encoder.encode([f"text {i}" for i in range(10_200)])
    check("query")
    check("text 77")
    check("query", group=3)
    for number, memory_id in enumerate(ids[:2000:10]):
        contents[memory_id] = memory.update(memory_id, f"text {10_000 + number}", {"group": number % 10}, 2).content
    for memory_id in ids[5000:5200]:
        memory.delete(memory_id)
        del contents[memory_id]
    assert len(memory) == 9800
    for query in ("query", "text 10007", "text 5100", "text 0"):
        check(query)
    check("text 10007", group=7)
    assert time.perf_counter() - start < 10


class TestFiles:
    def test_round_trip(self, tmp_path: Path) -> None:
        memory, draws = LongTermMemory(CountingEncoder()), rng()
        memory.add("Zürich 東京 🔑", {"tags": ["a", {"b": None}], "ключ": {"x": 1.5, "y": True}}, 1, draws)
        memory.add("", {}, 2, draws)
        memory.update(memory.add("mug", {}, 2, draws).id, "cup", None, 4)
        path = tmp_path / "store.bin"
        memory.save(path)
        encoder = CountingEncoder()
        loaded = LongTermMemory.load(str(path), encoder)
        assert list(loaded) == list(memory)
        assert loaded.state() == memory.state()
        assert loaded.search("cup", 3) == memory.search("cup", 3)
        assert encoder.asked == [["cup"]]
        loaded.delete(next(iter(loaded)).id)
        loaded.add("new", {}, 5, rng(1))
        assert found(loaded, "new") == ["new"]
        assert list(tmp_path.iterdir()) == [path]

    def test_empty_store(self, tmp_path: Path) -> None:
        LongTermMemory(CountingEncoder()).save(tmp_path / "x")
        loaded = LongTermMemory.load(tmp_path / "x", CountingEncoder())
        assert len(loaded) == loaded.state() == 0
        loaded.add("a", {}, 1, rng())
        assert found(loaded, "a") == ["a"]

    def test_order_and_index_agree_after_updates(self, tmp_path: Path) -> None:
        memory = filled("a", "b", "c")
        memory.search("a", 1)
        memory.update(next(iter(memory)).id, "z", None, 2)
        memory.save(tmp_path / "x")
        loaded = LongTermMemory.load(tmp_path / "x", CountingEncoder())
        assert [e.content for e in loaded] == ["z", "b", "c"]
        assert found(loaded, "z") == ["z"]

    def test_another_encoder_is_refused(self, tmp_path: Path) -> None:
        filled("a").save(tmp_path / "x")
        with pytest.raises(DataError, match=r"x' holds format .* with encoder 'counting'; .* encoder 'hashing'"):
            LongTermMemory.load(tmp_path / "x", HashingEncoder())

    def test_another_dimension_is_refused(self, tmp_path: Path) -> None:
        filled("a").save(tmp_path / "x")
        with pytest.raises(DataError, match=r"x' is damaged: vectors of shape \(1, 16\) do not fit 1 entries"):
            LongTermMemory.load(tmp_path / "x", CountingEncoder(8))

    def test_a_missing_file_and_a_folder(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="gone' is not a memory file"):
            LongTermMemory.load(tmp_path / "gone", CountingEncoder())
        with pytest.raises(DataError, match=f"{re.escape(str(tmp_path))}' is not a memory file"):
            LongTermMemory.load(tmp_path, CountingEncoder())

    def test_truncated_and_damaged_files(self, tmp_path: Path) -> None:
        path = tmp_path / "x"
        filled("a", "b", "c").save(path)
        whole = path.read_bytes()
        for size in (0, 1, 10, len(whole) // 2, len(whole) - 1):
            path.write_bytes(whole[:size])
            with pytest.raises(DataError, match="x' is not a memory file"):
                LongTermMemory.load(path, CountingEncoder())
        refused = 0
        for i in range(0, len(whole), 5):
            path.write_bytes(whole[:i] + bytes([whole[i] ^ 0xFF]) + whole[i + 1 :])
            try:  # a flipped bit in a time stamp harms nothing; whatever is refused is refused as DataError
                assert list(LongTermMemory.load(path, CountingEncoder())) == list(filled("a", "b", "c"))
            except DataError as error:
                assert str(path) in str(error)
                refused += 1
        assert refused > 10

    @settings(max_examples=60, deadline=None)
    @given(
        noise=st.binary(max_size=200), start=st.sampled_from([b"", b"PK\x03\x04", b"\x93NUMPY\x01\x00", b"\x80\x04"])
    )
    def test_random_bytes(self, tmp_path_factory: pytest.TempPathFactory, noise: bytes, start: bytes) -> None:
        path = tmp_path_factory.getbasetemp() / "noise.npz"
        path.write_bytes(start + noise)
        with pytest.raises(DataError, match=r"noise\.npz' is not a memory file"):
            LongTermMemory.load(path, CountingEncoder())

    def test_pickles_are_not_run(self, tmp_path: Path) -> None:
        path = tmp_path / "x"
        path.write_bytes(pickle.dumps({"entries": [Trap(tmp_path / "ran")]}))
        with pytest.raises(DataError, match="x' is not a memory file"):
            LongTermMemory.load(path, CountingEncoder())
        with path.open("wb") as file:
            np.savez(file, entries=np.array([Trap(tmp_path / "ran")], dtype=object), vectors=np.zeros((0, 16)))
        with pytest.raises(DataError, match="x' is not a memory file"):
            LongTermMemory.load(path, CountingEncoder())
        assert not (tmp_path / "ran").exists()

    def test_an_array_of_another_kind(self, tmp_path: Path) -> None:
        np.save(tmp_path / "x.npy", np.zeros(3))
        with pytest.raises(DataError, match="is not a memory file"):
            LongTermMemory.load(tmp_path / "x.npy", CountingEncoder())

    @pytest.mark.parametrize(
        "memory_id",
        ["5", "mem_5", "mem_0000002A", "mem_-000002a", "mem_0x00002a", "mem_0000002a\n", "nem_0000002a", 7, None],
    )
    def test_malformed_ids(self, tmp_path: Path, memory_id: Any) -> None:
        write(tmp_path / "x", [{"id": memory_id, "content": "a"}])
        with pytest.raises(DataError, match=f"x' is damaged: {re.escape(repr(memory_id))} is not a memory id"):
            LongTermMemory.load(tmp_path / "x", CountingEncoder())

    @pytest.mark.parametrize(
        "item",
        [
            {"id": ID},
            {"id": ID, "content": "a", "colour": "red"},
            {"id": ID, "content": None},
            {"id": ID, "content": "a", "metadata": [1]},
            {"id": ID, "content": "a", "created": "1"},
            {"id": ID, "content": "a", "modified": "1"},
            [ID, "a"],
            "entry",
        ],
    )
    def test_malformed_entries(self, tmp_path: Path, item: Any) -> None:
        write(tmp_path / "x", [item])
        with pytest.raises(DataError, match="x' is damaged: "):
            LongTermMemory.load(tmp_path / "x", CountingEncoder())

    def test_equal_ids(self, tmp_path: Path) -> None:
        write(tmp_path / "x", [{"id": ID, "content": "a"}, {"id": ID, "content": "b"}])
        with pytest.raises(DataError, match=f"x' is damaged: two entries have the id '{ID}'"):
            LongTermMemory.load(tmp_path / "x", CountingEncoder())

    @pytest.mark.parametrize(
        "vectors", [np.zeros(16), np.zeros((2, 16)), np.zeros((1, 16)) + np.nan, np.array([["a"] * 16])]
    )
    def test_vectors_that_do_not_fit(self, tmp_path: Path, vectors: NDArray[Any]) -> None:
        write(tmp_path / "x", [{"id": ID, "content": "a"}], vectors=vectors)
        with pytest.raises(DataError, match="x' is damaged: "):
            LongTermMemory.load(tmp_path / "x", CountingEncoder())

    @pytest.mark.parametrize("change", [{"format": "other/1"}, {"format": None}, {"encoder": "other"}])
    def test_another_format(self, tmp_path: Path, change: dict[str, Any]) -> None:
        write(tmp_path / "x", [], **change)
        with pytest.raises(DataError, match=f"x' holds format .* expected '{FORMAT}' with encoder 'counting'"):
            LongTermMemory.load(tmp_path / "x", CountingEncoder())


class Trap:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def write(path: Path, entries: list[Any], vectors: NDArray[Any] | None = None, **head: Any) -> None:
    text = json.dumps({"format": FORMAT, "encoder": "counting", "entries": entries, **head}).encode()
    rows = np.zeros((len(entries), 16), np.float32) if vectors is None else vectors
    with path.open("wb") as file:
        np.savez_compressed(file, entries=np.frombuffer(text, dtype=np.uint8), vectors=rows)


def test_a_filtered_search_in_many_entries_finds_what_looking_at_each_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    memory = LongTermMemory(HashingEncoder())
    for i in range(1500):
        metadata = {"source": "agent" if rng.random() < 0.5 else "system", "n": int(rng.integers(3))}
        memory.add(f"Person {i % 40} walked to place {i % 7}.", metadata, 0, rng)
    looked_at = []
    matching = store._matching

    def watched(entries: Iterable[MemoryEntry], where: Mapping[str, Any]) -> Iterable[MemoryEntry]:
        listed = list(entries)
        looked_at.append(len(listed))
        return matching(listed, where)

    monkeypatch.setattr(store, "_matching", watched)
    for i in range(60):
        query = f"who walked to place {i % 9}, person {int(rng.integers(50))}?"
        where = ({"source": "agent"}, {"source": "system", "n": 1}, {"source": "nobody"}, {"n": 2})[i % 4]
        k = int(rng.integers(1, 140))
        monkeypatch.setattr(store, "_MANY", 1_000)
        found = memory.search(query, k, where)
        monkeypatch.setattr(store, "_MANY", 10**9)
        assert found == memory.search(query, k, where)
    looked_at.clear()
    monkeypatch.setattr(store, "_MANY", 1_000)
    memory.search("who walked to place 3?", 3, {"source": "agent"})
    assert max(looked_at) <= 24, "not every entry is looked at"
