"""The table of language models and `make_model`, which turns a name into one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any

from agemem_env.errors import ConfigurationError, unknown_name
from agemem_env.services.chat import ChatModel
from agemem_env.services.openai.client import OpenAIModel, OpenAIOptions
from baselines.llm.recording import RecordedModel
from baselines.llm.scripted import ScriptedModel, ScriptedReply
from baselines.reader import Reader


def _openai(model: str, options: Mapping[str, Any]) -> ChatModel:
    """A model behind OpenAI's API or a server that speaks it."""
    return OpenAIModel(model, OpenAIOptions.of("openai:", options))


def _scripted(path: str, options: Mapping[str, Any]) -> ChatModel:
    """The replies in a file, one after the other."""
    check_options("scripted:", options, ())
    return ScriptedModel.read(path)


def _transformers(path: str, options: Mapping[str, Any]) -> ChatModel:
    """A model that runs in this process, by name or path."""
    from baselines.llm.local import LocalModel, LocalOptions

    check_options("transformers:", options, _local_options())
    chosen = LocalOptions(**options)
    return RecordedModel(f"transformers:{path}", chosen.sampling(), lambda: LocalModel.load(path, chosen))


def _reader(model: str, options: Mapping[str, Any]) -> ChatModel:
    """A chat model that follows rules and sees only the messages."""
    check_options("reader", options, ())
    return Reader()


def _openai_options() -> tuple[str, ...]:
    return tuple(field.name for field in fields(OpenAIOptions))


def _local_options() -> tuple[str, ...]:
    from baselines.llm.local import LocalOptions

    return tuple(field.name for field in fields(LocalOptions))


def _no_options() -> tuple[str, ...]:
    return ()


@dataclass(frozen=True)
class ModelKind:
    """A kind of language model.

    Attributes:
        make: Returns a model, given what stands behind the colon, and options.
        options: Returns the names of the options that it takes.
        remote: Whether it is reached over a network: it takes the options that say how.
        heavy: Whether it takes long to load, so that one is kept for many episodes.
    """

    make: Callable[[str, Mapping[str, Any]], ChatModel]
    options: Callable[[], tuple[str, ...]] = _no_options
    remote: bool = False
    heavy: bool = False


MODELS: Mapping[str, ModelKind] = MappingProxyType(
    {
        "openai:": ModelKind(_openai, _openai_options, remote=True),
        "transformers:": ModelKind(_transformers, _local_options, heavy=True),
        "scripted:": ModelKind(_scripted),
        "reader": ModelKind(_reader),
    }
)
"""Name -> kind. A kind whose name ends with a colon needs a model behind it. A new kind is one line here."""


def model_forms() -> list[str]:
    """Return how the name of a model of each kind is written, for messages.

    >>> model_forms()
    ['openai:<model>', 'transformers:<model>', 'scripted:<model>', 'reader']
    """
    return [f"{kind}<model>" if kind.endswith(":") else kind for kind in MODELS]


def make_model(spec: str | ChatModel | Sequence[ScriptedReply], **options: Any) -> ChatModel:
    """Return a language model. It is cheap: models of one service share its connections.

    Args:
        spec: ``"openai:<model>"``, ``"transformers:<name or path>"``, ``"scripted:<file>"``, a list of replies, or a
            `ChatModel`, which is returned as it is.
        **options: See `OpenAIOptions` and `LocalOptions`.

    Raises:
        ConfigurationError: If the name is unknown or lacks its model, or an option is not allowed.

    >>> make_model("openai:gpt-4o-mini", temperature=0).name
    'openai:gpt-4o-mini'
    """
    if isinstance(spec, str):
        kind, colon, model = spec.partition(":")
        made = model_kind(spec)
        if colon and not model.strip():
            raise ConfigurationError(f"model {spec!r} names no model; write '{kind}:<model>'")
        return made.make(model.strip(), options)
    if options:
        raise ConfigurationError(f"options {', '.join(options)} are only for models given by name")
    return ScriptedModel(spec) if isinstance(spec, Sequence) else spec


def model_kind(name: str) -> ModelKind:
    """Return the kind of a model.

    >>> model_kind("openai:gpt-4o").remote
    True

    Raises:
        ConfigurationError: If the name is that of no model.
    """
    if not is_model(name):
        raise unknown_name("model", name, model_forms())
    kind, colon, _ = name.partition(":")
    return MODELS[kind + colon]


def is_model(name: str) -> bool:
    """Whether a name is that of a model of some kind.

    >>> is_model("openai:gpt-4o"), is_model("mem0")
    (True, False)
    """
    kind, colon, _ = name.partition(":")
    return kind + colon in MODELS


def check_options(kind: str, options: Mapping[str, Any], allowed: Sequence[str]) -> None:
    """Check the names of options.

    Raises:
        ConfigurationError: If one is unknown.
    """
    for name in options:
        if name not in allowed:
            raise unknown_name(f"option of {kind}", name, allowed)
