"""What comes into the context from outside: the messages of the three stages, memories before them, and the query."""

from __future__ import annotations

from dataclasses import dataclass

from agemem_env.context import prompts
from agemem_env.context.messages import Message
from agemem_env.episode.ledger import Effect
from agemem_env.episode.state import Episode
from agemem_env.errors import ConfigurationError
from agemem_env.memory.store import list_hits, shown
from agemem_env.services.costs import charged_to


@dataclass(frozen=True, slots=True)
class Delivery:
    """Puts the messages of an episode's plan into its context, one per turn.

    Attributes:
        system: The system message.
        top_k: Memories shown before a message of stage 1.
        threshold: Similarity that these must exceed.
        tells_turns: Whether the query is followed by the turn limit.
    """

    system: str
    top_k: int
    threshold: float
    tells_turns: bool

    def next(self, episode: Episode) -> None:
        """Put the next incoming message into the context.

        Raises:
            ConfigurationError: As `open` does.
        """
        incoming = episode.plan[episode.position + 1]
        if episode.position >= 0 and episode.stage == 1 and incoming.stage != 1:
            self.open(episode)
        episode.position += 1
        if incoming.stage == 1 and len(episode.memory):
            self._introspect(episode, incoming.text)
        text = incoming.text
        if incoming.origin == "query":
            episode.stored = tuple(episode.memory)
            text = self._query(text, episode.max_rounds)
        episode.append(Message(incoming.origin, text), protected=incoming.origin == "query")
        if incoming.origin == "query" and episode.opening:
            episode.append(Message("observation", episode.opening))

    def open(self, episode: Episode) -> None:
        """Empty the context but for the system message.

        Raises:
            ConfigurationError: If system message and query alone exceed the budget.
        """
        context = episode.context
        context.clear()
        system = Message("system", self.system)
        query = Message("query", self._query(episode.task.query, episode.max_rounds))
        needed = context.size([system, query])
        if needed > context.max_tokens:
            raise ConfigurationError(
                f"max_tokens={context.max_tokens} is too small: the system message and the query of task "
                f"{episode.task.id!r} alone take {needed} tokens"
            )
        context.append(system, protected=True)

    def _query(self, text: str, turns: int) -> str:
        """Return the query as it is told: with the turn limit, unless the protocol has words of its own."""
        return prompts.QUERY.format(query=text, turns=turns) if self.tells_turns else text

    def _introspect(self, episode: Episode, text: str) -> None:
        """Show the memories closest to an incoming message, as Algorithm 3 does before each turn; none if unrelated."""
        with charged_to(episode.charge):
            found = episode.memory.search(text, self.top_k)
        hits = [hit for hit in found if hit.score > self.threshold]
        if not hits:
            return
        note = Message("retrieval", prompts.MEMORIES.format(hits=list_hits(hits)), memories=shown(hits))
        before = episode.context.tokens
        episode.append(note)
        episode.record(Effect("retrieve", after=tuple(hit.entry for hit in hits)), before)
