"""Exceptions on their way between processes."""

from __future__ import annotations

import pickle
import traceback
from dataclasses import dataclass


class RemoteTraceback(Exception):
    """The traceback in the other process, as the cause of an exception that is raised here."""

    def __str__(self) -> str:
        return f"in a worker process:\n{self.args[0]}"


@dataclass(frozen=True)
class Failure:
    """An exception, packed.

    Attributes:
        packed: The exception's class, arguments and attributes, pickled; None if they cannot be.
        text: Its class and message.
        trace: Its traceback.
    """

    packed: bytes | None
    text: str
    trace: str

    @classmethod
    def of(cls, error: BaseException) -> Failure:
        """Pack an exception."""
        try:
            packed = pickle.dumps((type(error), error.args, error.__dict__))
            _build(*pickle.loads(packed))
        except Exception:
            packed = None
        trace = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        return cls(packed, f"{type(error).__name__}: {error}", trace)

    def exception(self) -> BaseException:
        """Return the exception, of its own class if that can be."""
        try:
            error = RuntimeError(self.text) if self.packed is None else _build(*pickle.loads(self.packed))
        except Exception:
            error = RuntimeError(self.text)
        error.__cause__ = RemoteTraceback(self.trace)
        return error


def _build(kind: type[BaseException], arguments: tuple[object, ...], attributes: dict[str, object]) -> BaseException:
    """Make an exception without its constructor, whose parameters need not be its arguments."""
    error: BaseException = kind.__new__(kind, *arguments)
    error.args = arguments
    error.__dict__.update(attributes)
    return error
