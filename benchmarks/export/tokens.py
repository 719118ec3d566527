"""Lines of ``--format rows``: token rows, of token ids that were recorded or that a tokenizer gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from agemem_env.errors import ConfigurationError, DataError, MissingExtraError
from baselines.integrations.rows import Generation, split
from benchmarks.export.choose import ExportedEpisode
from benchmarks.export.turns import Exchange, exchanges, plain, tools_of

Tools = Sequence[Mapping[str, Any]]
Tokenize = Callable[[Exchange, Tools], Generation]
"""Returns the tokens of a turn."""


def row_lines(episode: ExportedEpisode, tokenize: Tokenize | None) -> Iterator[dict[str, Any]]:
    """Yield the token rows of an episode.

    Args:
        episode: The episode.
        tokenize: Gives the tokens; None: they were recorded.

    Raises:
        DataError: If they were not recorded, or the template cannot tell a reply from its prompt.
    """
    tools = tools_of(episode.episode) if tokenize else ()
    turns = list(exchanges(episode.episode))
    generations = [tokenize(turn, tools) if tokenize else recorded(turn) for turn in turns]
    numbers = [turn.turn.number for turn in turns]
    about = episode.about()
    for row in split(generations, reward=about["reward"], group=episode.group, run=episode.rollout):
        line = asdict(row)
        line["rollout"] = line.pop("run")
        line["turn"] = numbers[line.pop("step")]
        yield {**line, "tokens": "tokenizer" if tokenize else "recorded", **about}


def recorded(exchange: Exchange) -> Generation:
    """Return the tokens that a policy put into its message.

    Raises:
        DataError: If it did not.
    """
    action = exchange.turn.action
    held: Mapping[str, Any] = action if isinstance(action, Mapping) else {}
    names = ("prompt_token_ids", "token_ids", "logprobs")
    given: list[list[Any]] = [held[name] if isinstance(held.get(name), list) else [None] for name in names]
    prompt, sampled, logprobs = given
    if not (_whole(prompt) and prompt and _whole(sampled)):
        raise DataError(
            "no token ids were recorded; with --tokenizer PATH they are those of a tokenizer, without log-probabilities"
        )
    known = len(logprobs) == len(sampled) and all(map(_number, logprobs))
    return Generation("", tuple(prompt), tuple(sampled), tuple(map(float, logprobs)) if known else None)


def _whole(ids: Sequence[Any]) -> bool:
    return all(type(token) is int for token in ids)


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def load_tokenizer(path: str) -> Any:
    """Return the tokenizer with a name or path.

    Raises:
        ConfigurationError: If it cannot be loaded or has no chat template.
        MissingExtraError: If transformers is not installed.
    """
    try:
        from transformers import AutoTokenizer
    except ImportError as error:
        raise MissingExtraError("transformers", "local", "--tokenizer") from error
    try:
        tokenizer: Any = AutoTokenizer.from_pretrained(path)
    except Exception as error:  # a folder without a tokenizer fails in as many ways as there are kinds of them
        raise ConfigurationError(f"--tokenizer {path} cannot be loaded ({str(error)[:200]})") from error
    if not tokenizer.chat_template:
        raise ConfigurationError(f"--tokenizer {path} has no chat template; use that of an instruction-tuned model")
    return tokenizer


def tokenizing(tokenizer: Any) -> Tokenize:
    """Return what gives the tokens of a turn: those of its prompt, and those that its reply adds to them."""

    def tokenize(exchange: Exchange, tools: Tools) -> Generation:
        """Return the tokens of one exchange, up to the end token of its reply."""
        prompt = _ids(tokenizer, exchange.prompt, tools, prompted=True)
        whole = _ids(tokenizer, (*exchange.prompt, exchange.reply), tools, prompted=False)
        if whole[: len(prompt)] != prompt:
            raise DataError(
                "the chat template writes a prompt anew once it is answered, so that no reply can be told from it; "
                "take a tokenizer whose template only appends"
            )
        sampled = whole[len(prompt) :]
        end = tokenizer.eos_token_id
        if end in sampled:  # what the template writes after it was not sampled
            sampled = sampled[: len(sampled) - sampled[::-1].index(end)]
        return Generation("", prompt, sampled)

    return tokenize


def _ids(tokenizer: Any, messages: Sequence[Mapping[str, Any]], tools: Tools, *, prompted: bool) -> tuple[int, ...]:
    ids = tokenizer.apply_chat_template(
        plain(messages),
        tools=[dict(tool) for tool in tools] or None,
        add_generation_prompt=prompted,
        tokenize=True,
        return_dict=False,
    )
    return tuple(int(token) for token in ids)
