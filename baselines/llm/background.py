"""One event loop per process, in a thread of its own, that all clients of language models share."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine
from functools import lru_cache
from typing import Any, TypeVar

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in the background loop and wait for it; callable from many threads at once.

    An exception that ends the waiting, such as Ctrl-C, cancels the work.
    """
    future = asyncio.run_coroutine_threadsafe(work, background_loop())
    try:
        return future.result()
    except BaseException:
        future.cancel()
        raise


def background_loop() -> asyncio.AbstractEventLoop:
    """Return the loop of this process; it is started when first asked for."""
    with _starting:
        return _loop_of(os.getpid())


_starting = threading.Lock()


@lru_cache(maxsize=1)
def _loop_of(process: int) -> asyncio.AbstractEventLoop:
    del process  # after a fork the thread is gone, so that a new one is needed
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="agemem-llm", daemon=True).start()
    return loop
