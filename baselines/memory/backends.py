"""Systems that exist twice: as an implementation of ours without a dependency, and as a driver of their library."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar, Protocol

from agemem_env.episode.desk import MemoryDesk
from agemem_env.errors import MissingExtraError, unknown_name
from agemem_env.services.chat import ChatModel
from baselines.base import Policy
from baselines.memory.base import MemoryPolicy

BACKENDS = ("embedded", "library")

MESSAGE_SHARE = 0.25
"""Share of the budget that a message may fill: the libraries' own instructions take up to 2,000 tokens."""


class Pipeline(Protocol):
    """What makes memories of a message."""

    def observe(self, desk: MemoryDesk, message: str) -> None:
        """Bring the store up to date with a message."""
        ...


class BackendPolicy(MemoryPolicy):
    """A system whose storing is done by one of two pipelines; both work on the environment's store.

    Args:
        inner: Plays the turns.
        model: The model that the pipeline asks.
        backend: ``"embedded"``, or ``"library"``, which needs the extra of the system's name.
        learn_from_task: Also store what the task says in stage 3.

    Raises:
        ConfigurationError: If the backend is unknown.
        MissingExtraError: If the library is not installed.
    """

    needs_model = True

    package: ClassVar[str]
    """Name of the library."""

    def __init__(
        self, inner: Policy, model: ChatModel, *, backend: str = "embedded", learn_from_task: bool = False
    ) -> None:
        super().__init__(inner, model, learn_from_task=learn_from_task)
        if backend not in BACKENDS:
            raise unknown_name(f"backend of {self.system}", backend, BACKENDS)
        if backend == "embedded":
            self._pipeline = self.embedded(model)
            return
        try:
            self._pipeline = self.library(model)
        except ImportError as error:
            raise MissingExtraError(self.package, self.system, f"backend='library' of {self.system}") from error

    def observe(self, desk: MemoryDesk, message: str) -> None:
        """Let the pipeline bring the store up to date."""
        self._pipeline.observe(desk, message)

    @abstractmethod
    def embedded(self, model: ChatModel) -> Pipeline:
        """Return our pipeline."""

    @abstractmethod
    def library(self, model: ChatModel) -> Pipeline:
        """Import the library's driver and return it."""
