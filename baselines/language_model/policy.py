"""A causal language model under training, and the frozen one that it is compared with."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch

from agemem_env.errors import ConfigurationError, MissingExtraError
from baselines.integrations.rows import TokenRow
from baselines.language_model.prompts import Prompter

_ADAPTED = "all-linear"
_PADDING = 0
"""Any token: what stands after the end of a row is not looked at."""


class LanguagePolicy:
    """A model, its tokenizer and its reference.

    Without adapters all weights are trained, and the reference is a frozen copy. With adapters (LoRA) it is the model
    with the adapters switched off, which takes no further memory.

    Args:
        model: As `transformers.AutoModelForCausalLM` gives it.
        tokenizer: As `transformers.AutoTokenizer` gives it.
        instructions: Stands for the content of the system message; None leaves that as it is.
        rank: Rank of the adapters; None trains all weights.

    Attributes:
        prompter: Writes prompts.
        stops: Tokens that end a reply.

    Raises:
        ConfigurationError: If the tokenizer has no chat template, or nothing ends a reply.
        MissingExtraError: If adapters are wanted and ``peft`` is not installed.
    """

    def __init__(self, model: Any, tokenizer: Any, *, instructions: str | None = None, rank: int | None = None) -> None:
        self.prompter = Prompter(tokenizer, instructions)
        self.stops = _stops(model, tokenizer)
        self._rank = rank
        self.model = model.eval()  # no dropout: the probabilities trained on are those sampled with
        self._frozen: Any = None
        if rank is not None:
            self.model = _adapted(self.model, rank)

    @property
    def device(self) -> Any:
        """Where the model is."""
        return next(self.model.parameters()).device

    @property
    def context(self) -> int:
        """Tokens of the longest prompt with its reply."""
        return int(getattr(self.model.config, "max_position_embeddings", 4096))

    def trainable(self) -> list[Any]:
        """Return the parameters that are trained."""
        return [weight for weight in self.model.parameters() if weight.requires_grad]

    def finite(self) -> bool:
        """Whether all that is trained is a number."""
        return all(bool(torch.isfinite(weight).all()) for weight in self.trainable())

    def freeze_reference(self) -> None:
        """Take the model as it is as the reference from now on."""
        if self._rank is None:
            self._frozen = copy.deepcopy(self.model).requires_grad_(False)
        else:
            self.model = _adapted(self.model.merge_and_unload(), self._rank)

    def logits(self, rows: Sequence[TokenRow]) -> torch.Tensor:
        """Return the logits before each sampled token of some rows, one after another: ``(tokens, vocabulary)``."""
        return _sampled_logits(self.model, rows, self.device)

    def reference_logits(self, rows: Sequence[TokenRow]) -> torch.Tensor:
        """Return the same of the reference, without a gradient."""
        with torch.no_grad():
            if self._frozen is not None:
                return _sampled_logits(self._frozen, rows, self.device)
            with self.model.disable_adapter():
                return _sampled_logits(self.model, rows, self.device)

    def state(self) -> dict[str, Any]:
        """Return what training changes: weights, and the reference where it is a copy."""
        return {
            "model": {name: weight.detach().clone() for name, weight in self.model.state_dict().items()},
            "reference": None if self._frozen is None else self._frozen.state_dict(),
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Take over a state."""
        self.model.load_state_dict(state["model"])
        if state["reference"] is not None:
            self.freeze_reference()
            self._frozen.load_state_dict(state["reference"])

    def save(self, folder: Any) -> None:
        """Write the model, adapters merged, and the tokenizer, as `from_pretrained` reads them."""
        whole = self.model if self._rank is None else copy.deepcopy(self.model).merge_and_unload()
        whole.save_pretrained(folder)
        self.prompter.tokenizer.save_pretrained(folder)


def microbatches(rows: Sequence[TokenRow], tokens: int) -> Iterator[list[int]]:
    """Yield places of rows that are computed together: of like length, at most so many tokens with their padding.

    A row that is longer than that is alone.
    """
    lengths = [len(row.prompt_ids) + len(row.response_ids) for row in rows]
    together: list[int] = []
    for place in sorted(range(len(rows)), key=lambda i: -lengths[i]):
        if together and lengths[together[0]] * (len(together) + 1) > tokens:
            yield together
            together = []
        together.append(place)
    if together:
        yield together


def sampled_tokens(rows: Sequence[TokenRow]) -> list[int]:
    """Return the sampled tokens of rows, in the order of `LanguagePolicy.logits`."""
    return [token for row in rows for token, kept in zip(row.response_ids, row.mask, strict=True) if kept]


def _sampled_logits(model: Any, rows: Sequence[TokenRow], device: Any) -> torch.Tensor:
    whole = [row.prompt_ids + row.response_ids for row in rows]
    width = max(map(len, whole))
    ids = torch.tensor([[*tokens, *[_PADDING] * (width - len(tokens))] for tokens in whole], device=device)
    before = [[len(row.prompt_ids) + i - 1 for i, kept in enumerate(row.mask) if kept] for row in rows]
    # The vocabulary is the largest of all dimensions: no logits but those that are needed by some row.
    kept = torch.tensor(sorted({place for places in before for place in places}), device=device)
    column = {int(place): i for i, place in enumerate(kept.tolist())}
    with mixed_precision(device):
        found = model(input_ids=ids, use_cache=False, logits_to_keep=kept).logits
    picked = [(i, column[place]) for i, places in enumerate(before) for place in places]
    lines, columns = torch.tensor(picked, device=device).T
    return found[lines, columns].float()


@contextmanager
def mixed_precision(device: Any) -> Iterator[None]:
    """Compute in bfloat16 on a GPU, where tokens are drawn as where they are learned; weights keep their precision."""
    with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
        yield


def _adapted(model: Any, rank: int) -> Any:
    try:
        from peft import LoraConfig, get_peft_model
    except ImportError as error:
        raise MissingExtraError("peft", "train", "training with adapters") from error
    with torch.random.fork_rng(
        range(torch.cuda.device_count())
    ):  # new adapters are alike, be it a run that goes on or one that never stopped
        torch.manual_seed(torch.initial_seed())
        return get_peft_model(model, LoraConfig(r=rank, lora_alpha=2 * rank, target_modules=_ADAPTED, lora_dropout=0.0))


def _stops(model: Any, tokenizer: Any) -> frozenset[int]:
    named = model.generation_config.eos_token_id
    stops = {*(named if isinstance(named, list) else [named]), tokenizer.eos_token_id} - {None}
    if not stops:
        raise ConfigurationError("the tokenizer has no token that ends a reply; set its eos_token")
    return frozenset(int(token) for token in stops)
