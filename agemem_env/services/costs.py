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

from collections.abc import Callable
from contextvars import ContextVar

from agemem_env.types import Usage

Account = Callable[[str, Usage], None]
"""Takes what a call was for (``"judge"``, ``"summary"``, ``"embedding"``) and what it cost."""

_ACCOUNT: ContextVar[Account | None] = ContextVar("agemem_account", default=None)


class charged_to:
    """Send what is charged inside, in this thread or task, to an account.

    Args:
        account: Takes what calls cost.
    """

    __slots__ = ("_account", "_token")

    def __init__(self, account: Account) -> None:
        self._account = account

    def __enter__(self) -> None:
        self._token = _ACCOUNT.set(self._account)

    def __exit__(self, *raised: object) -> None:
        _ACCOUNT.reset(self._token)


def charge(what: str, usage: Usage) -> None:
    """Charge the cost of a call to the account that is open; without one it is not counted.

    Args:
        what: What the call was for.
        usage: What it cost.
    """
    account = _ACCOUNT.get()
    if account is not None:
        account(what, usage)
