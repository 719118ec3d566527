from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gymnasium as gym
import pytest

from agemem_env.errors import ConfigurationError, DataError, ReplayMissError, StorageError
from agemem_env.services.cassette.cassette import (
    Cassette,
    Exchange,
    active_cassette,
    lane,
    read_cassette,
    request_key,
    tidy,
)
from agemem_env.services.chat import ChatRequest
from agemem_env.services.encoders import OpenAIEncoder, make_encoder
from agemem_env.services.judges import make_judge
from agemem_env.services.openai.client import OpenAIModel
from agemem_env.services.openai.options import OpenAIOptions
from agemem_env.services.summarizers import make_summarizer
from agemem_env.services.tokens import make_token_counter
from baselines import make, rollout
from baselines.llm.preflight import preflight
from benchmarks.speed.fake_server import OpenAIServer, failure
from tests import loopback as fake
from tests.full_disk import room_for
from tests.openai_server import KEY, server

__all__ = ["server"]


def ask(text: str) -> ChatRequest:
    return ChatRequest([{"role": "system", "content": "Be brief."}, {"role": "user", "content": text}])


def model(cassette: Cassette | None = None, **options: Any) -> OpenAIModel:
    return OpenAIModel("m", OpenAIOptions(cassette=cassette, first_wait=0.01, **options))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "runs" / "tape.jsonl"


@pytest.fixture
def offline(server: OpenAIServer, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return what takes key and server away."""

    def leave() -> None:
        monkeypatch.delenv("OPENAI_API_KEY")
        monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
        server.requests.clear()

    return leave


def counting(server: OpenAIServer) -> None:
    """Let the server never say the same twice."""
    numbers = itertools.count()
    server.speak = lambda messages, tools: f"reply {next(numbers)}"


class TestExchange:
    def test_equal_requests_keep_their_order(
        self, path: Path, server: OpenAIServer, offline: Callable[[], None]
    ) -> None:
        counting(server)
        recorder = model(Cassette(path, "record"))
        said = [recorder.chat(ask(text)).text for text in ("a", "b", "a", "a")]
        offline()
        player = model(Cassette(path, "replay"))
        assert [player.chat(ask(text)).text for text in ("a", "a", "b", "a")] == [said[0], said[2], said[1], said[3]]
        with pytest.raises(ReplayMissError, match=r"has 3 replies to a request .* was made a 4th time"):
            player.chat(ask("a"))

    def test_tokens_tools_and_errors_are_replayed(
        self, path: Path, server: OpenAIServer, offline: Callable[[], None]
    ) -> None:
        server.say(
            {"role": "assistant", "content": "x", "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}
        )
        server.say(fake.REFUSED_PROMPT)
        prices = {"m": {"input": 1.0, "output": 1.0}}

        def play(mode: Any) -> list[Any]:
            made = model(Cassette(path, mode), prices=prices)
            return [made.chat(ask("a")), made.chat(ask("b"))]

        recorded = play("record")
        offline()
        assert play("replay") == recorded
        assert recorded[0].tool_calls
        assert recorded[1].finish_reason == "content_filter"

    def test_a_reply_that_came_as_a_failure_is_replayed(
        self, path: Path, server: OpenAIServer, offline: Callable[[], None]
    ) -> None:
        server.say(failure(500, "error parsing tool call: raw='{oops', err=x"))
        server.say(failure(400, "temperature is not supported", "unsupported_parameter"), "0.5")

        def play(mode: Any) -> list[Any]:
            made = model(Cassette(path, mode), temperature=0)
            return [made.chat(ask("a")), made.chat(ask("b"))]

        recorded = play("record")
        offline()
        assert play("replay") == recorded
        assert (recorded[0].text, recorded[1].text) == ("{oops", "0.5")

    def test_what_is_tried_again_is_not_recorded(self, path: Path, server: OpenAIServer) -> None:
        server.say(failure(429, "slow down"), failure(500, "oops"), fake.CUT, "at last")
        model(Cassette(path, "record")).chat(ask("a"))
        assert [e.status for e in read_cassette(path)] == [200]

    def test_a_line_holds_no_key_no_header_and_no_host(self, path: Path, server: OpenAIServer) -> None:
        model(Cassette(path, "record")).chat(ask("ä"))
        text = path.read_text()
        assert KEY not in text
        assert "127.0.0.1" not in text
        (line,) = map(json.loads, text.splitlines())
        assert list(line) == ["key", "lane", "order", "method", "path", "request", "status", "response"]
        assert line["key"] == request_key("POST", "/v1/chat/completions", line["request"])
        assert line["request"]["messages"][1]["content"] == "ä"

    def test_streams_are_replayed(self, path: Path, server: OpenAIServer, offline: Callable[[], None]) -> None:
        server.say("one two")
        recorded = model(Cassette(path, "record"), extra_body={"stream": True}).chat(ask("a"))
        offline()
        replayed = model(Cassette(path, "replay"), extra_body={"stream": True}).chat(ask("a"))
        assert (replayed, replayed.text) == (recorded, "one two")


class TestMiss:
    @pytest.fixture
    def player(self, path: Path, server: OpenAIServer, offline: Callable[[], None]) -> OpenAIModel:
        recorder = model(Cassette(path, "record"))
        long = "The mug is in cabinet 3, behind the plates, and the key is red."
        for text in ("Where is the violin?", long):
            recorder.chat(ask(text))
        offline()
        return model(Cassette(path, "replay"))

    @pytest.mark.parametrize(
        ("request_", "message"),
        [
            (
                ask("The mug is in cabinet 3, behind the plates, and the key is blue."),
                r"differs at messages\[1\]\.content: recorded '….* the key is red\.', asked '….* the key is blue\.'",
            ),
            (
                ChatRequest(ask("Where is the violin?").messages[:1]),
                "differs at the length of messages: recorded 2, asked 1",
            ),
            (
                ChatRequest(ask("Where is the violin?").messages, json_reply=True),
                r"differs at response_format: recorded None",
            ),
        ],
    )
    def test_the_nearest_request_is_shown(self, request_: ChatRequest, message: str, player: OpenAIModel) -> None:
        with pytest.raises(ReplayMissError, match=message) as caught:
            player.chat(request_)
        assert "\n" not in str(caught.value)

    def test_nothing_of_this_kind(self, path: Path, player: OpenAIModel) -> None:
        encoder = OpenAIEncoder("small", cassette=Cassette(path, "replay"))
        with pytest.raises(ReplayMissError, match="no request of this path was recorded"):
            encoder.encode(["a"])

    def test_a_miss_is_not_tried_again_and_sends_nothing(self, server: OpenAIServer, player: OpenAIModel) -> None:
        with pytest.raises(ReplayMissError):
            player.chat(ask("unheard of"))
        assert not server.requests

    def test_a_preflight_has_nothing_to_check(self, player: OpenAIModel) -> None:
        preflight(player)


@contextmanager
def tape(value: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AGEMEM_CASSETTE", value)
    yield
    monkeypatch.delenv("AGEMEM_CASSETTE")


class TestRuns:
    def test_services_use_the_cassette_of_the_process(
        self, path: Path, server: OpenAIServer, offline: Callable[[], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def use() -> list[Any]:
            server.say("0.5", "A summary.")
            counter = make_token_counter()
            return [
                make_judge("openai:j").answer("q", "a", "b"),
                make_summarizer("openai:s", counter).summarize(["some text"], 20),
                make_encoder("openai:e").encode(["text"]).tolist(),
            ]

        with tape(f"record:{path}", monkeypatch):
            recorded = use()
        offline()
        with tape(f"replay:{path}", monkeypatch):
            assert use() == recorded
            with pytest.raises(ReplayMissError, match=r"differs at messages\[1\]\.content"):
                make_judge("openai:j").answer("another question", "a", "b")
        assert not server.requests

    def test_a_concurrent_run_is_repeated_whatever_is_quicker(
        self, path: Path, server: OpenAIServer, offline: Callable[[], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # Two seeds play the same task, so that equal requests come from several episodes and get unequal replies.
        counting(server)
        options = {"judge": "openai:j", "encoder": "openai:e", "source": "generated"}

        def play(number: int) -> Any:
            with lane(f"episode {number}"):
                policy = make("openai:m", extra_body={"number": number % 2})
                env = gym.make("AgeMem-HotpotQA-v0", **options, **policy.env_kwargs)
                texts: list[Any] = []
                result = rollout(env, policy, seed=0, task=0, spectator=lambda action, *_: texts.append(action))
                return texts, result, policy.usage

        def reply(messages: Sequence[Any], tools: Sequence[Any]) -> str:
            if "grade" in messages[0]["content"]:
                return (
                    '{"notes": [], "quality": 0.5}' if "notes" in messages[0]["content"] else f"0.{next(numbers) % 10}"
                )
            return f"<answer>reply {next(numbers)}</answer>"

        numbers = itertools.count(1)
        server.speak = reply
        with tape(f"record:{path}", monkeypatch), ThreadPoolExecutor(4) as pool:
            recorded = list(pool.map(play, range(4)))
        offline()
        with tape(f"replay:{path}", monkeypatch):
            replayed = [play(number) for number in (2, 0, 3, 1)]
        assert replayed == [recorded[number] for number in (2, 0, 3, 1)]
        assert len({json.dumps(texts) for texts, *_ in recorded}) == 4
        assert not server.requests

    def test_two_recordings_of_one_run_are_equal_files(self, tmp_path: Path, server: OpenAIServer) -> None:
        def play(job: tuple[Cassette, int]) -> None:
            cassette, number = job
            with lane(f"episode {number}"):
                for text in ("a", "b", "a"):
                    model(cassette).chat(ask(f"{number} {text}"))

        texts = []
        for order in (range(5), reversed(range(5))):
            path = tmp_path / f"{len(texts)}.jsonl"
            cassette = Cassette(path, "record")
            with ThreadPoolExecutor(5) as pool:
                list(pool.map(play, [(cassette, number) for number in order]))
            tidy(path)
            texts.append(path.read_text())
        assert texts[0] == texts[1]
        assert [json.loads(line)["order"] for line in texts[0].splitlines()] == [0, 1, 2] * 5

    def test_an_episode_that_is_played_again_replaces_what_it_recorded(self, path: Path, server: OpenAIServer) -> None:
        counting(server)
        cassette = Cassette(path, "record")
        for texts in (("a", "b", "c"), ("a", "d")):
            with lane("seed 0"):
                for text in texts:
                    model(cassette).chat(ask(text))
        replayed = [e.request["messages"][1]["content"] for e in read_cassette(path)]
        assert replayed == ["a", "d"]
        with lane("seed 0"):
            assert model(Cassette(path, "replay")).chat(ask("a")).text == "reply 3"

    def test_what_another_episode_has_cached_is_found_in_its_lane(self, path: Path, server: OpenAIServer) -> None:
        cassette = Cassette(path, "record")
        with lane("seed 0"):
            model(cassette).chat(ask("a"))
        player = model(Cassette(path, "replay"))
        for seed in (1, 0):
            with lane(f"seed {seed}"):
                assert player.chat(ask("a")).text == "ok"

    def test_processes_and_threads_append_whole_lines(self, path: Path, server: OpenAIServer) -> None:
        server.speak = lambda messages, tools: "x" * 20000
        cassettes = [Cassette(path, "record") for _ in range(4)]
        threads = [threading.Thread(target=lambda c=c: [model(c).chat(ask("a")) for _ in range(5)]) for c in cassettes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(read_cassette(path)) == 20


class TestFile:
    def test_the_variable_names_one_cassette_per_process(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("AGEMEM_CASSETTE", raising=False)
        assert active_cassette() is None
        monkeypatch.setenv("AGEMEM_CASSETTE", f"record:{path}")
        assert active_cassette() is active_cassette()
        monkeypatch.setenv("AGEMEM_CASSETTE", str(path))
        with pytest.raises(ConfigurationError, match="use record:FILE or replay:FILE"):
            active_cassette()

    def test_a_missing_file(self, path: Path) -> None:
        with pytest.raises(DataError, match=r"cannot read the cassette .*; record it first"):
            Cassette(path, "replay")

    def test_an_unknown_mode(self, path: Path) -> None:
        with pytest.raises(ConfigurationError, match="cassette mode 'rec' is not allowed; use 'record' or 'replay'"):
            Cassette(path, "rec")  # type: ignore[arg-type]

    @pytest.mark.parametrize("line", ["{", "[]", '{"key": "x"}x', '{"a": 1, "b": 2}'])
    def test_a_line_that_is_no_exchange(self, line: str, path: Path) -> None:
        path.parent.mkdir()
        path.write_text(f"{line}\n")
        with pytest.raises(DataError, match="line 1 is no exchange"):
            read_cassette(path)

    def test_a_mark_at_the_beginning_and_separators_in_texts(self, path: Path, server: OpenAIServer) -> None:
        server.say("one\u2028two\u0085three")
        said = model(Cassette(path, "record")).chat(ask("a")).text
        path.write_text("\ufeff" + path.read_text(encoding="utf-8"), encoding="utf-8")
        assert model(Cassette(path, "replay")).chat(ask("a")).text == said == "one\u2028two\u0085three"

    def test_a_last_line_that_was_cut_off_is_left_out(self, path: Path, server: OpenAIServer) -> None:
        model(Cassette(path, "record")).chat(ask("a"))
        with path.open("a") as file:
            file.write('{"key": "abc", "la')
        assert len(read_cassette(path)) == 1
        model(Cassette(path, "record")).chat(ask("b"))
        assert len(read_cassette(path)) == 2

    def test_a_full_disk_is_an_error_that_is_not_tried_again(self, path: Path, server: OpenAIServer) -> None:
        recorder = model(Cassette(path, "record"))
        recorder.chat(ask("a"))
        asked, before = len(server.requests), path.read_bytes()
        with room_for(len(before) + 20), pytest.raises(StorageError, match=r"cannot record to .*: File too large"):
            recorder.chat(ask("b"))
        assert len(server.requests) == asked + 1
        assert path.read_bytes() == before

    @pytest.mark.parametrize("content", ["notes", "a,b\n1,2\n", '{"schema": 4}\n'])
    def test_what_is_no_cassette_is_left_alone(self, path: Path, content: str) -> None:
        path.parent.mkdir()
        path.write_text(content)
        with pytest.raises(ConfigurationError, match="is no cassette: it is left as it is"):
            Cassette(path, "record")
        assert path.read_text() == content

    def test_a_recording_that_cannot_be_sorted_is_complete(self, path: Path) -> None:
        path.parent.mkdir()
        exchanges = [Exchange(name, 0, "POST", "/v1/x", {}, 200, {}).to_json() for name in "ba"]
        path.write_text("\n".join(exchanges) + "\n")
        before = path.read_bytes()
        with room_for(50), pytest.raises(StorageError, match="is complete but could not be sorted"):
            tidy(path)
        assert path.read_bytes() == before
        assert list(path.parent.iterdir()) == [path]
        (path.parent / "link").symlink_to(path)
        tidy(path.parent / "link")
        assert (path.parent / "link").is_symlink()
        assert [e.lane for e in read_cassette(path)] == ["a", "b"]
