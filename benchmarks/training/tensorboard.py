"""Writes learning curves for TensorBoard, as training goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agemem_env.errors import MissingExtraError

_SKIPPED = ("update", "phase", "problem")


def check_installed() -> None:
    """Check that logs can be written.

    Raises:
        MissingExtraError: If tensorboardX is not installed.
    """
    try:
        import tensorboardX  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("tensorboardX", "tensorboard", "the log for TensorBoard") from error


class TensorBoardLog:
    """The log of one run. A row is written when the next one comes, with what validation has added to it by then.

    Args:
        folder: Where TensorBoard looks; made if missing. What a run wrote beyond the checkpoint from which it is
            continued is taken back.

    Raises:
        MissingExtraError: If tensorboardX is not installed.
    """

    def __init__(self, folder: Path) -> None:
        check_installed()
        self._folder = folder
        self._writer: Any = None
        self._last: Mapping[str, Any] | None = None

    def add(self, row: Mapping[str, Any]) -> None:
        """Take a row of the curve."""
        if self._writer is None:
            from tensorboardX import SummaryWriter

            first = int(row["update"])
            self._writer = SummaryWriter(logdir=str(self._folder), purge_step=first if first > 1 else None)
        self._write()
        self._last = row

    def close(self) -> None:
        """Write the last row."""
        self._write()
        self._last = None
        if self._writer is not None:
            self._writer.close()

    def _write(self) -> None:
        if self._last is None:
            return
        step = int(self._last["update"])
        for name, value in self._last.items():
            if name not in _SKIPPED:
                self._writer.add_scalar(tag(name), float(value), step)


def tag(name: str) -> str:
    """Return what TensorBoard calls a column of the curve.

    >>> tag("score"), tag("calls Add_memory")
    ('training/score', 'calls/Add_memory')
    """
    group, _, rest = name.partition(" ")
    return f"{group}/{rest.replace(' ', '_')}" if rest else f"training/{name}"


@contextmanager
def logged(
    tell: Callable[[Mapping[str, Any]], None], folder: Path | None
) -> Iterator[Callable[[Mapping[str, Any]], None]]:
    """Lend what takes rows of a curve: it tells them, and logs them if there is a folder for that."""
    if folder is None:
        yield tell
        return
    log = TensorBoardLog(folder)

    def both(row: Mapping[str, Any]) -> None:
        log.add(row)
        tell(row)

    try:
        yield both
    finally:
        log.close()
