"""Drives mem0ai 1.x, the last series with the pipeline of the paper: extract, then ADD, UPDATE, DELETE or NONE.

The library's model is our `ChatModel`, its embedder our encoder, and its vector store the environment's own (FAISS
under it), so its operations are in the ledger and nothing of an episode lives outside of it. Its history database is
not used: the ledger is the history. Telemetry is off and no file is left behind.
"""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

from agemem_env.context.context import MESSAGE_OVERHEAD
from agemem_env.data.environment import environment_variables
from agemem_env.episode.desk import MemoryDesk
from agemem_env.errors import ConfigurationError, ServiceError, install_hint
from agemem_env.services.chat import ChatModel, ChatRequest
from baselines.memory.backends import MESSAGE_SHARE
from baselines.memory.mem0.reading import read_decisions, read_facts
from baselines.memory.questions import AGAIN, TRIES
from baselines.memory.reading.operations import Operation
from baselines.memory.reading.replies import Reading, read_reply

# mem0 reads both variables when it is imported and writes a file of its own into the folder.
with (
    tempfile.TemporaryDirectory() as _folder,
    environment_variables({"MEM0_TELEMETRY": "False", "MEM0_DIR": _folder}),
):
    import mem0
    from mem0.configs.base import MemoryConfig
    from mem0.memory import telemetry
    from mem0.vector_stores.base import VectorStoreBase
    from mem0.vector_stores.faiss import OutputData

# Without a handler Python would print the library's log to the terminal; what matters of it is in the ledger.
logging.getLogger("mem0").addHandler(logging.NullHandler())

SERIES = "1."
USER = "user"


class LibraryMem0:
    """The library's `Memory.add`, on the environment's store.

    Args:
        model: Answers the library's prompts.

    Raises:
        ConfigurationError: If another series of mem0ai is installed, or it was imported before with telemetry on.
    """

    def __init__(self, model: ChatModel) -> None:
        if not mem0.__version__.startswith(SERIES):
            raise ConfigurationError(
                f"mem0ai {mem0.__version__} has another pipeline: {install_hint('mem0')} for series 1"
            )
        if telemetry.MEM0_TELEMETRY:
            raise ConfigurationError(
                "mem0 was imported with telemetry on: set MEM0_TELEMETRY=False before importing it"
            )
        self._model = model

    def observe(self, desk: MemoryDesk, message: str) -> None:
        """Bring the store up to date with a message."""
        text = desk.services.counter.truncate(message, int(desk.max_tokens * MESSAGE_SHARE))
        answers = _Answers(self._model, desk)
        done = _Memory(answers, desk).add(text, user_id=USER)["results"]
        if answers.error is not None:
            raise answers.error
        wanted = [operation for operation in answers.decisions if operation.kind != "none"]
        for _ in wanted[len(done) :]:
            desk.fault("skipped_operation", f"the library carried out {len(done)} of {wanted}")


class _Memory(mem0.Memory):  # type: ignore[misc]
    """The library's class with parts of ours.

    Its own constructor is not called: it would make a client, a vector store and a database that are not used.
    """

    def __init__(self, answers: _Answers, desk: MemoryDesk) -> None:
        self.config = MemoryConfig()
        self.custom_fact_extraction_prompt = self.custom_update_memory_prompt = None
        self.llm, self.embedding_model, self.vector_store = answers, _Embedder(desk), _Store(desk)
        self.db = _NoHistory()
        self.collection_name, self.api_version = "agemem", self.config.version
        self.reranker = self.graph = None
        self.enable_graph = False


class _Answers:
    """The library's view of a `ChatModel`: prompts within the budget, charged; what cannot be read is asked for again.

    The library gets a reply in the one form that it reads, whatever form the model wrote it in. It catches what its
    model raises; `error` keeps it.
    """

    def __init__(self, model: ChatModel, desk: MemoryDesk) -> None:
        self._model, self._desk = model, desk
        self.error: ServiceError | None = None
        self.decisions: Sequence[Operation] = ()
        self._calls = 0

    def generate_response(self, messages: Sequence[Mapping[str, Any]], **options: Any) -> str:
        """Return what the model replied, or an empty text, which the library takes for nothing to do."""
        self._calls += 1
        what = "extract" if self._calls == 1 else "decide"
        prompt = [{**message, "content": _without_date(str(message["content"]))} for message in messages]
        size = sum(self._desk.services.counter.count(m["content"]) + MESSAGE_OVERHEAD for m in prompt)
        if size + self._desk.services.counter.count(AGAIN) + MESSAGE_OVERHEAD > self._desk.max_tokens:
            self._desk.fault("no_room", f"{what}: the library's prompt has {size} tokens")
            return ""
        partly = ""
        for attempt in range(TRIES):
            again = [{"role": "user", "content": AGAIN}] if attempt else []
            try:
                reply = self._model.chat(ChatRequest([*prompt, *again], purpose="memory", json_reply=True))
            except ServiceError as error:
                self.error = error
                return ""
            self._desk.charge(reply.usage, what)
            reading = self._read(reply.text)
            if reading is not None:
                partly = reading.value
                if not reading.unread:
                    return partly
            self._desk.fault("malformed_reply", f"{what}: {reply.text}")
        return partly

    def _read(self, text: str) -> Reading[str] | None:
        """Return a reply as the JSON that the library reads."""
        if self._calls == 1:
            facts = read_reply(text, read_facts)
            return None if facts is None else Reading(json.dumps({"facts": facts.value}), facts.unread)
        decisions = read_reply(text, read_decisions)
        if decisions is None:
            return None
        self.decisions = decisions.value
        # The library skips what has no text, even a deletion.
        items = [{"event": d.kind.upper(), "text": d.text or d.kind, "id": d.memory_id} for d in decisions.value]
        return Reading(json.dumps({"memory": items}), decisions.unread)


class _Embedder:
    """The environment's encoder."""

    def __init__(self, desk: MemoryDesk) -> None:
        self._encoder = desk.services.encoder
        self.config = None

    def embed(self, text: str, memory_action: str | None = None) -> list[float]:
        """Return the row of a text."""
        row: list[float] = self._encoder.encode([text])[0].tolist()
        return row


class _NoHistory:
    """Stands for the library's database of past versions."""

    def add_history(self, *args: Any, **values: Any) -> None:
        """Keep nothing."""


class _Store(VectorStoreBase):  # type: ignore[misc]
    """The environment's store; the library's ids of an episode are mapped to the environment's."""

    def __init__(self, desk: MemoryDesk) -> None:
        self._desk = desk
        self._ids: dict[str, str] = {}

    def insert(self, vectors: Any, payloads: Any = None, ids: Any = None) -> None:
        """Add entries."""
        for theirs, payload in zip(ids, payloads, strict=True):
            self._ids[theirs] = self._desk.add(payload["data"], {"source": "mem0"}).id

    def search(self, query: str, vectors: Any, limit: int = 5, filters: Any = None) -> list[Any]:
        """Return the entries most similar to the query."""
        return [self._output(hit.entry.id, hit.entry.content, hit.score) for hit in self._desk.search(query, limit)]

    def update(self, vector_id: str, vector: Any = None, payload: Any = None) -> None:
        """Replace the content of an entry."""
        self._desk.update(self._ours(vector_id), payload["data"])

    def delete(self, vector_id: str) -> None:
        """Remove an entry."""
        self._desk.delete(self._ours(vector_id))

    def get(self, vector_id: str) -> Any:
        """Return an entry, or None."""
        entry = self._desk.get(self._ours(vector_id))
        return None if entry is None else self._output(entry.id, entry.content, None)

    def _ours(self, theirs: str) -> str:
        return self._ids.get(theirs, theirs)

    def _output(self, memory_id: str, content: str, score: float | None) -> Any:
        return OutputData(id=memory_id, score=score, payload={"data": content, "user_id": USER})

    def create_col(self, name: Any, vector_size: Any, distance: Any) -> None:
        """There is one collection."""

    def list_cols(self) -> list[str]:
        """There is one collection."""
        return []

    def delete_col(self) -> None:
        """There is one collection."""

    def col_info(self) -> dict[str, Any]:
        """There is one collection."""
        return {}

    def list(self, filters: Any = None, limit: Any = None) -> list[Any]:
        """The pipeline lists nothing."""
        return []

    def reset(self) -> None:
        """The environment resets its store."""


def _without_date(text: str) -> str:
    """Return a prompt of the library without today's date, so that equal episodes send equal prompts."""
    lines = text.split("\n")
    return "\n".join(line for line in lines if not line.startswith("- Today's date is "))
