"""Training of a language model: it is loaded, cloned from a teacher, trained, tested, and kept."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agemem_env.engines import engine_class
from agemem_env.errors import ConfigurationError, MissingExtraError
from baselines.grpo.curriculum import check_untaught
from baselines.grpo.curve import draw
from baselines.grpo.folder import RunFolder
from baselines.grpo.settings import Budget, Settings
from benchmarks.training.exam import BEST, RESULT, WAYS, earlier, summary
from benchmarks.training.run import TRAINED, UNTRAINED, TrainingResult

if TYPE_CHECKING:
    from baselines.language_model.grpo import GRPOSettings
    from baselines.language_model.policy import LanguagePolicy

Tell = Callable[[Mapping[str, Any]], None]
Say = Callable[[str], None]


@dataclass(frozen=True)
class LanguageRun:
    """A training run of a language model.

    Attributes:
        model: Folder or name of the model.
        benchmark: Name of the benchmark.
        budget: Of training.
        seed: Of everything that is drawn.
        curriculum: ``progressive``, ``all`` or ``stage-3-only``.
        beta: Weight of the KL term.
        rate: Step size.
        rank: Rank of the adapters (LoRA); None trains all weights.
        demonstrations: Episodes of the teacher that are cloned; 0 for none.
        arguments: Further arguments of the environment.
        groups: Tasks of an update.
        new_tokens: Tokens of a turn at most.
        context: Tokens of a prompt with its turn at most; the model's own limit if that is lower.
    """

    model: str
    benchmark: str
    budget: Budget
    seed: int = 0
    curriculum: str = "progressive"
    beta: float = 0.01
    rate: float = 1e-5
    rank: int | None = None
    demonstrations: int = 32
    arguments: Mapping[str, Any] = field(default_factory=dict)
    groups: int = 4
    new_tokens: int = 256
    context: int = 8192

    def __post_init__(self) -> None:
        """Check what can be checked before the model is loaded.

        Raises:
            ConfigurationError: If a value is not allowed.
        """
        engine_class(self.benchmark)
        check_untaught(self.curriculum)
        for name in ("rate", "beta"):
            value = getattr(self, name)
            if not 0 <= value < float("inf"):
                raise ConfigurationError(f"{name}={value} is not allowed; use a number from 0 on")

    def make(self, split: str, changes: Mapping[str, Any]) -> Any:
        """Return an environment of a split, with changed arguments."""
        world = Settings(self.benchmark, self.budget, arguments={"tool_format": "tags", **self.arguments})
        return world.world(split).make(**changes)


def train_language_model(run: LanguageRun, folder: Path, tests: int, tell: Tell, say: Say) -> TrainingResult:
    """Clone the teacher, train by step-wise GRPO, test, and keep the model in ``folder/model``; a run there goes on.

    Args:
        run: The run.
        folder: Where it is kept.
        tests: Number of test tasks.
        tell: Called with each row of the curve.
        say: Called with a line about what is done.

    Raises:
        MissingExtraError: If torch or transformers is not installed.
        ConfigurationError: If the model cannot be loaded, or the folder holds another run.
    """
    policy, settings = loaded(run)
    from baselines.language_model.checkpoint import Checkpoint, ModelFolder
    from baselines.language_model.grpo import adam, train

    kept = ModelFolder(folder)
    with kept.claim(asdict(run)):
        about = RunFolder(folder)
        exam = _Exam(policy, run, settings, tests, about)
        done = kept.load(policy, adam(policy, settings))
        if done is None:
            _clone(policy, run, say)
            done = Checkpoint()
            kept.save(policy, adam(policy, settings), done)  # cloning and the test after it may take long
        if not done.curve:
            say(f"testing on {tests} tasks, before training")
            exam.take(UNTRAINED)
        curve = train(policy, run.make, settings, kept, tell)
        draw(curve, folder / "curve.png", f"{run.benchmark}, {Path(run.model).name}, seed {run.seed}")
        say(f"testing on {tests} tasks, after training")
        exam.take(TRAINED)
        policy.save(folder / "model")
    say(f"model: {folder / 'model'}, curve: {folder / 'curve.png'}")
    last = curve[-1]
    figures: dict[str, Any] = {
        "score": engine_class(run.benchmark).main_score,
        **{name: last[name] for name in ("cpu_seconds", "seconds", "problem")},
        "updates": last["update"],
        "tests": exam.found,
    }
    about.write_json(RESULT, figures)
    return TrainingResult(**figures)


def loaded(run: LanguageRun) -> tuple[LanguagePolicy, GRPOSettings]:
    """Return the model of a run, on a GPU if there is one, and the settings of its training.

    Raises:
        MissingExtraError: If torch or transformers is not installed.
        ConfigurationError: If the model cannot be loaded.
    """
    for package in ("torch", "transformers"):
        if importlib.util.find_spec(package) is None:
            raise MissingExtraError(package, "train", f"training of the model {run.model!r}")
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from baselines.language_model.grpo import GRPOSettings
    from baselines.language_model.playing import Limits
    from baselines.language_model.policy import LanguagePolicy

    torch.manual_seed(run.seed)
    gpu = torch.cuda.is_available()
    dtype = torch.bfloat16 if gpu and run.rank is not None else torch.float32
    try:
        tokenizer = AutoTokenizer.from_pretrained(run.model)
        model = AutoModelForCausalLM.from_pretrained(run.model, dtype=dtype).to("cuda" if gpu else "cpu")
    except (OSError, ValueError) as error:
        reason = str(error).strip().split("\n")[0]
        raise ConfigurationError(f"cannot load --model {run.model!r}: {reason}; give a folder or a name") from error
    policy = LanguagePolicy(model, tokenizer, rank=run.rank)
    limits = Limits(run.new_tokens, min(run.context, policy.context))
    return policy, GRPOSettings(
        run.budget, groups=run.groups, limits=limits, rate=run.rate, beta=run.beta, curriculum=run.curriculum,
        seed=run.seed, memory="Add_memory" in run.arguments.get("tools", ("Add_memory",)),
    )  # fmt: skip


def _clone(policy: LanguagePolicy, run: LanguageRun, say: Say) -> None:
    """Teach a policy what the teacher says in some episodes of training tasks."""
    from baselines.language_model.cloning import clone, demonstrate

    if not run.demonstrations:
        return
    env, stop = run.make("train", {}), min(policy.stops)
    seeds = range(run.seed * 1_000_003, run.seed * 1_000_003 + run.demonstrations)
    rows = [row for seed in seeds for row in demonstrate(env, seed=seed).rows(policy.prompter, stop)]
    env.close()
    say(f"cloning {len(rows)} rows of {run.demonstrations} episodes of the teacher")
    losses = clone(policy, rows, rate=run.rate, epochs=2, seed=run.seed)
    say(f"loss per token {losses[0]:.3f}, then {losses[-1]:.3f}")


class _Exam:
    """Tests of a policy on test tasks, drawn and with the most probable tokens; what is kept is not tested again."""

    def __init__(
        self, policy: LanguagePolicy, run: LanguageRun, settings: GRPOSettings, tasks: int, kept: RunFolder
    ) -> None:
        self._policy, self._run, self._settings, self._kept = policy, run, settings, kept
        with closing(run.make("test", {})) as env:
            self._tasks = min(tasks, len(env.unwrapped.tasks))
        self.found: dict[str, Any] = {**earlier(kept)}

    def take(self, who: str) -> None:
        """Test the policy as it is now."""
        from baselines.language_model.grpo import evaluate

        score = engine_class(self._run.benchmark).main_score
        for way in WAYS:
            name = f"{who}, {way}"
            if len(self.found.get(name, {}).get("tasks", ())) == self._tasks:
                continue
            greedy = way == BEST
            played = evaluate(self._policy, self._run.make, self._settings, "test", self._tasks, greedy=greedy)
            self.found[name] = {**summary(played, score), "key": f"{who} {self._run.seed} {way}"}
            self._kept.write_json(RESULT, {"tests": self.found})
