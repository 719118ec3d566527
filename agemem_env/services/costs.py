"""Who pays for the model calls of judges, summarisers and encoders: whoever opened an account around them.

The environment opens one around each of its operations, so that what services cost comes into its ledger, whoever
else shares them. A service says `charge` after each call; a service of your own that costs something does the same,
and one that costs nothing does nothing.

>>> spent = []
>>> with charged_to(lambda what, usage: spent.append((what, usage.calls))):
...     charge("judge", Usage(calls=1))
>>> spent
[('judge', 1)]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from agemem_env.types import Usage

Account = Callable[[str, Usage], None]
"""Takes what a call was for (``"judge"``, ``"summary"``, ``"embedding"``) and what it cost."""

_ACCOUNT: ContextVar[Account | None] = ContextVar("agemem_account", default=None)


@contextmanager
def charged_to(account: Account) -> Iterator[None]:
    """Send what is charged inside, in this thread or task, to an account."""
    token = _ACCOUNT.set(account)
    try:
        yield
    finally:
        _ACCOUNT.reset(token)


def charge(what: str, usage: Usage) -> None:
    """Charge the cost of a call to the account that is open; without one it is not counted.

    Args:
        what: What the call was for.
        usage: What it cost.
    """
    account = _ACCOUNT.get()
    if account is not None:
        account(what, usage)
