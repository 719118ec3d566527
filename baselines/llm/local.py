"""Models that run in this process, with the transformers library (extra ``local``)."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agemem_env.errors import ConfigurationError, ContextLengthError, MissingExtraError, ServiceError
from agemem_env.services.chat import ChatReply, ChatRequest
from agemem_env.services.checks import check_number, check_object, check_whole, texts
from agemem_env.services.openai.wire import split_reasoning
from agemem_env.types import Usage


@dataclass(frozen=True)
class LocalOptions:
    """How a local model is loaded and sampled.

    Attributes:
        temperature: Sampling temperature; 0 takes the most probable token each time.
        top_p: Probability mass sampled from.
        seed: Seed of the sampling; each call is seeded with it and the number of the call.
        stop: Texts that end a reply.
        max_tokens: Longest reply, in tokens.
        device: ``"auto"``, ``"cpu"``, ``"cuda"`` and so on.
        dtype: ``"auto"``, ``"bfloat16"`` and so on.
        template: Further variables of the chat template, for example ``{"enable_thinking": false}``.
    """

    temperature: float = 0.0
    top_p: float = 1.0
    seed: int = 0
    stop: Sequence[str] | str = ()
    max_tokens: int = 2048
    device: str = "auto"
    dtype: str = "auto"
    template: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        """Check the values.

        Raises:
            ConfigurationError: If one is out of range or of another type.
        """
        check_number("temperature", self.temperature)
        check_number("top_p", self.top_p, above=True, most=1)
        check_whole("max_tokens", self.max_tokens)
        check_whole("seed", self.seed, least=0)
        check_object("template", self.template or {})
        object.__setattr__(self, "stop", texts("stop", self.stop))

    def sampling(self) -> dict[str, Any]:
        """Return what replies depend on, as JSON: all but where and how exactly the model is computed."""
        names = ("temperature", "top_p", "seed", "max_tokens")
        chosen = {name: getattr(self, name) for name in names}
        return {**chosen, "stop": list(self.stop), "template": dict(self.template or {})}


class LocalModel:
    """A causal language model behind its chat template. Calls from many threads are answered one at a time.

    The reply is text: calls that the model writes in tags stay in it, and the environment reads them. That a reply is
    JSON or a call is left to the prompt.

    Args:
        name: Name or path of the model.
        tokenizer: Its tokenizer, as `transformers.AutoTokenizer` gives it.
        model: The model, as `transformers.AutoModelForCausalLM` gives it.
        options: How it is sampled.
    """

    def __init__(self, name: str, tokenizer: Any, model: Any, options: LocalOptions | None = None) -> None:
        self.name = f"transformers:{name}"
        self._tokenizer = tokenizer
        self._model = model
        self._options = options or LocalOptions()
        self._lock = threading.Lock()
        self._calls = 0
        if not tokenizer.chat_template:
            raise ConfigurationError(f"model {self.name!r} has no chat template; use an instruction-tuned model")

    @classmethod
    def load(cls, path: str, options: LocalOptions) -> LocalModel:
        """Return the model with a name or path.

        Raises:
            MissingExtraError: If transformers or torch is not installed.
            ServiceError: If the model cannot be loaded.
        """
        try:
            import torch
            import transformers
        except ImportError as error:
            package = error.name or "transformers"
            raise MissingExtraError(package, "local", f"model 'transformers:{path}'") from error
        device = ("cuda" if torch.cuda.is_available() else "cpu") if options.device == "auto" else options.device
        try:
            tokenizer = transformers.AutoTokenizer.from_pretrained(path)
            model = transformers.AutoModelForCausalLM.from_pretrained(path, dtype=options.dtype).to(device)
        except (OSError, ValueError) as error:
            raise ServiceError(
                f"model 'transformers:{path}' cannot be loaded; give the name of a model that can be downloaded or "
                f"the path of one on disk ({error})"
            ) from error
        return cls(path, tokenizer, model.eval(), options)

    @property
    def takes_tools(self) -> bool:
        """Whether the chat template shows tools to the model."""
        return "tools" in str(self._tokenizer.chat_template)

    def chat(self, request: ChatRequest) -> ChatReply:
        """Return the reply.

        Raises:
            ContextLengthError: If prompt and reply do not fit into the model's context.
        """
        start = time.monotonic()
        with self._lock:
            text, prompt, completion, cut = self._generate(request)
        reasoning, text = split_reasoning(text)
        usage = Usage(1, prompt, completion, 0.0, time.monotonic() - start)
        return ChatReply(text, (), reasoning, "length" if cut else "stop", usage)

    def _generate(self, request: ChatRequest) -> tuple[str, int, int, bool]:
        """Return the text, the tokens of prompt and reply, and whether the reply was cut at the limit."""
        inputs = self._tokenizer.apply_chat_template(
            [_plain(message) for message in request.messages],
            tools=[dict(tool) for tool in request.tools] or None,
            add_generation_prompt=True,
            return_dict=True,
            return_tensors="pt",
            **(self._options.template or {}),
        ).to(self._model.device)
        prompt = int(inputs["input_ids"].shape[1])
        room = int(self._model.config.max_position_embeddings) - prompt
        if room < 1:
            raise ContextLengthError(
                f"model {self.name!r}: the prompt of {prompt} tokens exceeds its context of {room + prompt}; lower the "
                "environment's max_tokens"
            )
        limit = min(self._options.max_tokens, room)
        produced = self._sample(inputs, limit)[prompt:]
        text = str(self._tokenizer.decode(produced, skip_special_tokens=True))
        for stop in self._options.stop:
            text = text.partition(stop)[0]
        ended = len(produced) < limit or produced[-1] == self._tokenizer.eos_token_id
        return text.strip(), prompt, len(produced), not ended

    def _sample(self, inputs: Any, limit: int) -> list[int]:
        """Return the tokens of prompt and reply."""
        options = self._options
        settings: dict[str, Any] = {"max_new_tokens": limit, "do_sample": options.temperature > 0}
        if options.stop:
            settings |= {"stop_strings": list(options.stop), "tokenizer": self._tokenizer}
        self._calls += 1
        if not options.temperature > 0:
            return [int(t) for t in self._model.generate(**inputs, **settings)[0]]
        import torch

        settings |= {"temperature": options.temperature, "top_p": options.top_p}
        # The library draws from the global generator: a fork leaves that of the caller as it was.
        with torch.random.fork_rng():
            torch.manual_seed(options.seed + self._calls)
            return [int(t) for t in self._model.generate(**inputs, **settings)[0]]


def _plain(message: Mapping[str, Any]) -> dict[str, Any]:
    """Return a message as chat templates expect it: arguments as objects, and no content that is None."""
    plain = {**message, "content": message.get("content") or ""}
    if "tool_calls" in plain:
        plain["tool_calls"] = [
            {**call, "function": {**call["function"], "arguments": json.loads(call["function"]["arguments"])}}
            for call in plain["tool_calls"]
        ]
    return plain
