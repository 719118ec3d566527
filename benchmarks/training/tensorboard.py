"""Writes learning curves for TensorBoard, as training goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agemem_env.errors import MissingExtraError
from baselines.grpo.curve import Rows

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
        folder: Where TensorBoard looks; made if missing.
        before: Rows of the curve so far. They are logged again, in place of what is there, when the run goes on; what
            was trained without a log is logged too.

    Raises:
        MissingExtraError: If tensorboardX is not installed.
    """

    def __init__(self, folder: Path, before: Rows = ()) -> None:
        check_installed()
        self._folder, self._before = folder, before
        self._new = not folder.exists()
        self._writer: Any = None
        self._last: Mapping[str, Any] | None = None

    def add(self, row: Mapping[str, Any]) -> None:
        """Take a row of the curve."""
        if self._writer is None:
            self._open([old for old in self._before if int(old["update"]) < int(row["update"])])
        self._write(self._last)
        self._last = row

    def close(self) -> None:
        """Write the last row."""
        if self._writer is None and self._new and self._before:
            self._open(self._before)
        self._write(self._last)
        self._last = None
        if self._writer is not None:
            self._writer.close()

    def _open(self, rows: Rows) -> None:
        from tensorboardX import SummaryWriter

        self._writer = SummaryWriter(logdir=str(self._folder), purge_step=None if self._new else 1)
        for row in rows:
            self._write(row)

    def _write(self, row: Mapping[str, Any] | None) -> None:
        if row is None:
            return
        for name, value in row.items():
            if name not in _SKIPPED and value not in ("", None):
                self._writer.add_scalar(tag(name), float(value), int(row["update"]))


def tag(name: str) -> str:
    """Return what TensorBoard calls a column of the curve.

    >>> tag("score"), tag("calls Add_memory")
    ('training/score', 'calls/Add_memory')
    """
    group, _, rest = name.partition(" ")
    return f"{group}/{rest.replace(' ', '_')}" if rest else f"training/{name}"


@contextmanager
def logged(
    tell: Callable[[Mapping[str, Any]], None], folder: Path | None, before: Rows = ()
) -> Iterator[Callable[[Mapping[str, Any]], None]]:
    """Lend what takes rows of a curve: it tells them, and logs them after those before if there is a folder."""
    if folder is None:
        yield tell
        return
    log = TensorBoardLog(folder, before)

    def both(row: Mapping[str, Any]) -> None:
        log.add(row)
        tell(row)

    try:
        yield both
    finally:
        log.close()
