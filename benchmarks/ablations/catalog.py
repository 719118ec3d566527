"""Which comparisons there are: for each, the runs, who of them is tested, and what the paper reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agemem_env.errors import unknown_name
from benchmarks.ablations.published import COMPONENTS, RETURNS, PaperLine, methods, tool_use
from benchmarks.training.run import TRAINED, UNTRAINED, WITHOUT_TOOLS
from benchmarks.training.study import AGEMEM, NO_MEMORY

ALL = "all"
"""Stands for every comparison."""


@dataclass(frozen=True)
class Line:
    """A line of a comparison.

    Attributes:
        label: What it is called.
        variant: Name of the run.
        who: Is tested after it.
    """

    label: str
    variant: str
    who: str = TRAINED


@dataclass(frozen=True)
class Ablation:
    """A comparison.

    Attributes:
        about: The question.
        lines: What is compared.
        published: What the paper reports.
        not_comparable: What has to be known of this comparison, beside what holds for all.
        by_tool: Whether calls are shown by tool.
        elsewhere: Whether the weights are tested on all benchmarks.
    """

    about: str
    lines: Sequence[Line]
    published: Sequence[PaperLine] = ()
    not_comparable: Sequence[str] = ()
    by_tool: bool = False
    elsewhere: bool = False

    @property
    def variants(self) -> list[str]:
        """Names of the runs, each once."""
        return list(dict.fromkeys(line.variant for line in self.lines))


ABLATIONS: Mapping[str, Ablation] = {
    "memory": Ablation(
        "Does memory help, and is it the tools that help?",
        (
            Line("untrained", AGEMEM, UNTRAINED),
            Line("no memory, trained", NO_MEMORY),
            Line("trained", AGEMEM),
            Line("trained, tools taken away", AGEMEM, WITHOUT_TOOLS),
        ),
        methods({"No-Memory": "no memory", "AgeMem-noRL": "untrained", "AgeMem": "trained"}),
        ("The paper's model without memory is not trained; ours is, from the same clone with the same budget.",),
    ),
    "components": Ablation(
        "What do long-term tools, training and short-term tools add?",
        (
            Line("base", NO_MEMORY, UNTRAINED),
            Line("base, RL", NO_MEMORY),
            Line("+ long-term", "long-term", UNTRAINED),
            Line("+ long-term, RL", "long-term"),
            Line("+ both, RL", AGEMEM),
        ),
        COMPONENTS,
        (
            "Long-term tools are Add, Update, Delete and Retrieve, without which nothing stored would be seen again; "
            "the paper counts Retrieve among the short-term tools.",
            "The paper does not report a base model that was trained.",
        ),
    ),
    "returns": Ablation(
        "Do rewards for memory and context add to the reward of the answer?",
        (Line("answer-only", "answer-only"), Line("all", AGEMEM)),
        RETURNS,
        ("The reward is strict here: an operation pays if it improved memory or context. The paper's pays for any.",),
    ),
    "curriculum": Ablation(
        "Do stages 1 and 2 in training help the three-stage task?",
        (Line("untrained", AGEMEM, UNTRAINED), Line("stage 3 only", "stage-3-only"), Line("three stages", AGEMEM)),
        not_comparable=("The paper has no such comparison.",),
    ),
    "groups": Ablation(
        "Which advantages: of steps, of trajectories, or of steps that began in the same state?",
        (
            Line("step-wise GRPO", AGEMEM),
            Line("GRPO, per trajectory", "per-trajectory"),
            Line("GiGPO groups of steps", "gigpo"),
        ),
        not_comparable=("The paper has no such comparison.",),
    ),
    "transfer": Ablation(
        "Does what was learned on one benchmark carry over to the others?",
        (Line("untrained", AGEMEM, UNTRAINED), Line("trained", AGEMEM)),
        methods({"AgeMem-noRL": "untrained", "AgeMem": "trained"}),
        (
            "A linear scorer that was trained on one benchmark knows no commands of another. What training changed is "
            "added to the other benchmark's own clone of its commands or answers; a language model needs no clone.",
        ),
        elsewhere=True,
    ),
    "tool-use": Ablation(
        "Which tools are used before and after training?",
        (Line("before", AGEMEM, UNTRAINED), Line("after", AGEMEM)),
        tool_use(),
        ("Before training our use of tools is uniform over what is on the menu, not that of a language model.",),
        by_tool=True,
    ),
}
"""Comparisons by name."""

ALWAYS = (
    "Ours is a linear scorer over a menu of complete actions, started from a clone of commands or answers, trained for "
    "seconds or minutes; the paper's are language models that write their actions.",
)
"""What is not comparable in any of them."""


def chosen(names: Sequence[str]) -> dict[str, Ablation]:
    """Return the comparisons of some names, in their order.

    Raises:
        ConfigurationError: If a name is unknown.
    """
    for name in names:
        if name != ALL and name not in ABLATIONS:
            raise unknown_name("comparison", name, [*ABLATIONS, ALL])
    return {name: found for name, found in ABLATIONS.items() if ALL in names or name in names}
