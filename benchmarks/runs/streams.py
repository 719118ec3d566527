"""Streams of episodes whose memory is kept: each is played after the one before it, and goes on with its store.

What the store held is taken from the trajectory of the episode before, so that a run that was ended goes on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

from agemem_env.errors import AgeMemError, DataError
from agemem_env.memory.store import LongTermMemory
from agemem_env.services.encoders import Encoder
from benchmarks.specs import RunSpec
from benchmarks.trajectories.file import SUFFIX
from benchmarks.trajectories.rebuild import read_episode


class BrokenStreamError(AgeMemError, RuntimeError):
    """The episode before this one was not played to its end, so that nobody knows what memory would hold."""


class InOrder(Iterator[RunSpec]):
    """Gives episodes, those of a stream one after the other.

    There is none to give while all that are left wait for others to end; when those have, there are further ones.

    Args:
        specs: The episodes.
    """

    def __init__(self, specs: Iterable[RunSpec]) -> None:
        chosen = list(specs)
        here = {spec.config_hash for spec in chosen}
        self._ready = deque(spec for spec in chosen if spec.after not in here)
        self._waiting = {spec.after: spec for spec in chosen if spec.after in here}

    def __next__(self) -> RunSpec:
        """Return the next episode that can be played now."""
        if not self._ready:
            raise StopIteration
        return self._ready.popleft()

    def __iter__(self) -> InOrder:
        return self

    @property
    def empty(self) -> bool:
        """Whether all have been given."""
        return not self._ready and not self._waiting

    def ended(self, key: str) -> None:
        """Let the episode after this one be played next."""
        follower = self._waiting.pop(key, None)
        if follower is not None:
            self._ready.appendleft(follower)


class KeptMemories:
    """What memory held at the end of the last episode of each stream.

    Args:
        folder: Folder of trajectories; None if there are none.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._held: dict[str, LongTermMemory] = {}

    def keep(self, spec: RunSpec, memory: LongTermMemory) -> None:
        """Keep what an episode left."""
        self._held.pop(spec.after or "", None)
        self._held[spec.config_hash] = memory.copy()

    def before(self, spec: RunSpec, encoder: Encoder) -> LongTermMemory:
        """Return what an episode starts with.

        Raises:
            BrokenStreamError: If the episode before it was not played to its end.
        """
        if spec.after is None:
            return LongTermMemory(encoder)
        if spec.after in self._held:
            return self._held[spec.after]
        broken = BrokenStreamError(f"episode {spec.after}, which comes before this one, was not played to its end")
        if self._folder is None:
            raise broken
        try:
            entries = read_episode(self._folder / f"{spec.after}{SUFFIX}").view().entries
        except DataError as error:
            raise broken from error
        return LongTermMemory.of(entries, encoder)
