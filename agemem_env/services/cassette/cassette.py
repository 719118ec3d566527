"""Record and replay of what language models and embedding models were asked and said.

A cassette is a JSONL file with one line per exchange. It sits below every client, at the level of HTTP, so that a run
with API models, judges, summarisers and encoders can be repeated offline, without a key, and compared line by line.
A request is known by the digest of its method, path and canonical JSON body: no header, no key, no host.

Equal requests get their replies in the order in which they were recorded. Order means something only within one
episode, so each episode has a **lane**: with ``with lane("PDDL/mem0/7"):`` its requests are counted apart from
those of the episodes beside it, and a replay does not depend on which of them is quicker. A request that its lane has
not recorded, such as one whose answer was cached for an episode before, gets what the other lanes recorded, in the
order of the file.

Recorded are the responses that a client acts on; those after which it tries again (408, 409, 429 and most 5xx) are not.
``tidy`` sorts a file by lane and order, so that two recordings can be compared with ``diff``.

Other processes find the cassette in the environment variable ``AGEMEM_CASSETTE``: ``record:FILE`` or
``replay:FILE``. `active_cassette` reads it wherever a client is made.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from agemem_env.data.files import append_line, drop_torn_line, read_text, whole_file
from agemem_env.data.ownership import real_file, reason
from agemem_env.errors import ConfigurationError, DataError, ReplayMissError, StorageError
from agemem_env.services.cassette.difference import first_difference, most_alike

Mode = Literal["record", "replay"]

VARIABLE = "AGEMEM_CASSETTE"

_LANE: ContextVar[_Lane | None] = ContextVar("agemem_lane", default=None)
_MAX_COMPARED = 200


@dataclass(eq=False)
class _Lane:
    """A run through a lane; leaving and entering it again starts another one."""

    name: str


@contextmanager
def lane(name: str) -> Iterator[None]:
    """Count the requests made inside, in this thread or task, as those of one episode.

    Args:
        name: Names the episode, equal in the recording and the replay.
    """
    token = _LANE.set(_Lane(name))
    try:
        yield
    finally:
        _LANE.reset(token)


@dataclass(frozen=True)
class Exchange:
    """One request and its response.

    Attributes:
        lane: Name of the episode; empty for none.
        order: Number of the request in its lane, from 0.
        method: HTTP method.
        path: Path below the base URL's host, for example ``/v1/chat/completions``.
        request: The body, as a JSON value.
        status: HTTP status of the response.
        response: Its body: a JSON value, or text if it was none.
    """

    lane: str
    order: int
    method: str
    path: str
    request: Any
    status: int
    response: Any

    @property
    def key(self) -> str:
        """Digest that a request is known by."""
        return request_key(self.method, self.path, self.request)

    def to_json(self) -> str:
        """Return the exchange as one line, with the digest."""
        fields = ("lane", "order", "method", "path", "request", "status", "response")
        return json.dumps({"key": self.key, **{f: getattr(self, f) for f in fields}}, ensure_ascii=False)


def request_key(method: str, path: str, body: Any) -> str:
    """Return the digest of a request, which does not depend on the order of names in its body.

    >>> request_key("POST", "/v1/x", {"a": 1, "b": 2}) == request_key("POST", "/v1/x", {"b": 2, "a": 1})
    True
    """
    canonical = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(f"{method} {path}\n{canonical}".encode("utf-8", "replace"), digest_size=16).hexdigest()


class Cassette:
    """A file of exchanges that is being recorded or replayed; safe to use from many threads.

    Args:
        path: The file.
        mode: ``"record"`` adds to the file, ``"replay"`` reads it.

    Raises:
        DataError: If a file to be replayed is missing, or a line is no exchange.
        ConfigurationError: If the mode is unknown, or a file to be recorded to cannot be written or holds something
            else.
    """

    def __init__(self, path: str | Path, mode: Mode) -> None:
        if mode not in ("record", "replay"):
            raise ConfigurationError(f"cassette mode {mode!r} is not allowed; use 'record' or 'replay'")
        self.path = Path(path)
        self.mode = mode
        self._lock = threading.Lock()
        self._starts: dict[str, _Lane | None] = {}
        self._orders: defaultdict[str, int] = defaultdict(int)
        self._asked: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._replies: defaultdict[str, list[Exchange]] = defaultdict(list)
        if self.replays:
            for exchange in read_cassette(self.path):
                self._replies[exchange.key].append(exchange)
        else:
            prepare(self.path)

    def __deepcopy__(self, memo: dict[int, Any]) -> Cassette:
        return self  # one file, one count of what was asked

    def __reduce__(self) -> tuple[type[Cassette], tuple[Path, Mode]]:
        return Cassette, (self.path, self.mode)

    @property
    def replays(self) -> bool:
        """Whether nothing is sent anywhere."""
        return self.mode == "replay"

    def begin(self) -> tuple[str, int]:
        """Return lane and order of the request that is about to be made."""
        current = _LANE.get()
        name = current.name if current else ""
        with self._lock:
            if name not in self._starts or self._starts[name] is not current:
                self._starts[name] = current
                self._orders[name] = 0
                for asked in [a for a in self._asked if a[0] == name]:
                    del self._asked[asked]
                if not self.replays and name:
                    self._append(json.dumps({"lane": name}))
            order = self._orders[name]
            self._orders[name] += 1
        return name, order

    def add(self, exchange: Exchange) -> None:
        """Write an exchange to the file."""
        with self._lock:
            self._append(exchange.to_json())

    def find(self, lane_name: str, method: str, path: str, body: Any) -> Exchange:
        """Return the recorded exchange of a request.

        Raises:
            ReplayMissError: If there is none, or no further one.
        """
        key = request_key(method, path, body)
        with self._lock:
            nth = self._asked[lane_name, key]
            self._asked[lane_name, key] += 1
        known = self._replies.get(key, [])
        replies = [e for e in known if e.lane == lane_name] or known
        if nth < len(replies):
            return replies[nth]
        if replies:
            raise ReplayMissError(
                f"{self.path} has {len(replies)} replies to a request of {method} {path} that was made a "
                f"{nth + 1}th time; record the run again"
            )
        raise ReplayMissError(f"{self.path} has no reply to a request of {method} {path}; {self._nearest(path, body)}")

    def _nearest(self, path: str, body: Any) -> str:
        """Return how the recorded request that is most like this one differs from it."""
        candidates = [e[0] for e in self._replies.values() if e[0].path == path][-_MAX_COMPARED:]
        if not candidates:
            return "no request of this path was recorded"
        nearest = candidates[most_alike([e.request for e in candidates], body)]
        difference = first_difference(nearest.request, body)
        return f"the nearest one (lane {nearest.lane!r}, order {nearest.order}) differs at {difference}"

    def _append(self, line: str) -> None:
        try:
            append_line(self.path, line)
        except OSError as error:
            raise StorageError(
                f"cannot record to {self.path}: {reason(error)}; what was recorded before is there"
            ) from error


def prepare(path: Path) -> None:
    """Make a file ready to be recorded to: it is there, and a last line that was cut off is gone.

    Raises:
        ConfigurationError: If it cannot be written or holds something else than exchanges; it is left as it was.
    """
    real = real_file(path)
    try:
        real.parent.mkdir(parents=True, exist_ok=True)
        if real.exists():
            with real.open("rb") as file:
                start = file.read(64)
            if not (_START.match(start) or any(mark.startswith(start) for mark in _TORN_STARTS)):
                raise ConfigurationError(f"{path} is no cassette: it is left as it is; name another file to record to")
        drop_torn_line(real)
    except OSError as error:
        raise ConfigurationError(f"cannot record to {path}: {reason(error)}; name another file") from None


_START = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"(?:lane|key)"')
_TORN_STARTS = (b'{"lane"', b'{"key"')


def read_cassette(path: Path) -> list[Exchange]:
    """Return the exchanges of a file, sorted by lane and order.

    A lane that was begun again counts from there on; a last line that was cut off is left out.

    Raises:
        DataError: If the file is missing or a line is no exchange.
    """
    try:
        lines = read_text(path).split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read the cassette {path}: {reason(error)}; record it first") from error
    found: dict[str, list[Exchange]] = defaultdict(list)
    for number, line in enumerate(lines[:-1], start=1):
        try:
            fields = json.loads(line)
            if len(fields) == 1:
                found[fields["lane"]] = []
                continue
            del fields["key"]
            exchange = Exchange(**fields)
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise DataError(f"{path}, line {number} is no exchange ({error}); delete the line") from error
        found[exchange.lane].append(exchange)
    return [e for name in sorted(found) for e in sorted(found[name], key=lambda e: e.order)]


def tidy(path: str | Path) -> None:
    """Sort a recorded file by lane and order. Call it when nobody records to it any more.

    Raises:
        DataError: If the file is missing or a line is no exchange.
        StorageError: If it cannot be written; the exchanges are all there, as they were.
    """
    target = Path(path)
    lines = [exchange.to_json() + "\n" for exchange in read_cassette(target)]
    try:
        with whole_file(target) as file:
            file.write("".join(lines).encode("utf-8", "replace"))
    except OSError as error:
        raise StorageError(f"{path} is complete but could not be sorted: {reason(error)}") from error


def active_cassette() -> Cassette | None:
    """Return the cassette that ``AGEMEM_CASSETTE`` names, or None; one object per process and value.

    Raises:
        ConfigurationError: If the variable has another form.
        DataError: If the file cannot be replayed.
    """
    value = os.environ.get(VARIABLE, "")
    if not value:
        return None
    mode, _, path = value.partition(":")
    if mode not in ("record", "replay") or not path:
        raise ConfigurationError(f"{VARIABLE}={value!r} is not allowed; use record:FILE or replay:FILE")
    with _opening:
        return _opened(path, mode, os.getpid())


_opening = threading.Lock()


@lru_cache(maxsize=8)
def _opened(path: str, mode: Mode, process: int) -> Cassette:
    del process  # a forked process has a cassette of its own
    return Cassette(path, mode)
