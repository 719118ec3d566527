"""Full context: what stage 1 told stays in the prompt, as if the context had never been cleared."""

from __future__ import annotations

from agemem_env.episode.desk import MemoryDesk
from agemem_env.services.chat import ChatModel
from baselines.base import Info, Policy
from baselines.memory.base import MemoryPolicy

HEADING = "What was said before:"


class FullContext(MemoryPolicy):
    """Shows everything that was told in stage 1 again when stage 2 has cleared the context.

    What stage 2 says stays in the context anyway. Of a conversation that does not fit the oldest messages are left out.
    The store stays empty; the policy itself remembers what was said, so a branched episode needs a copy of the policy.
    """

    system = "full-context"

    def __init__(self, inner: Policy, model: ChatModel | None = None) -> None:
        super().__init__(inner, model)
        self._messages: list[str] = []
        self._shown = False

    def reset(self, info: Info) -> None:
        """Forget the last episode."""
        super().reset(info)
        self._messages, self._shown = [], False

    def prepare(self, desk: MemoryDesk) -> None:
        """Note what is said in stage 1; show it once after the context was cleared."""
        if desk.stage == 1:
            self._messages += desk.news
        elif not self._shown:
            self._shown = True
            desk.show("\n".join(self._fitting(desk)), HEADING)

    def _fitting(self, desk: MemoryDesk) -> list[str]:
        """Return the newest messages that fit beside what the context holds."""
        counter = desk.services.counter
        room = desk.room - counter.count(f"{HEADING}\n")
        kept: list[str] = []
        for message in reversed(self._messages):
            room -= counter.count(message) + 1
            if room < 0:
                break
            kept.append(message)
        return kept[::-1]
