"""The contracts that every benchmark keeps, for the project's own benchmarks and for anybody's.

They hold an environment against the expert, the random policy and the red team, hence their place among the baselines.
On the command line: ``agemem check HotpotQA`` or ``agemem check my_package.engine:MyEngine``.

>>> from baselines.conformance import check
>>> [result.passed for result in check("HotpotQA", only=["facts_are_well_formed"], source="generated")]
[True]

`common` holds what contracts share; each other module is one kind of contract. A new contract is a function with a
docstring and one line of `_CONTRACTS`.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gymnasium as gym

from agemem_env.engines import engine_class
from agemem_env.env import AgeMemEnv
from agemem_env.errors import unknown_name
from agemem_env.registration import env_id
from baselines.conformance import actions, copies, desk, determinism, form, learner, rewards, tasks, vector
from baselines.conformance.common import BrokenContractError, Make

__all__ = ["BrokenContractError", "Contract", "Make", "Maker", "Result", "check", "contracts"]

_CONTRACTS: tuple[Callable[[Make], None], ...] = (
    tasks.the_benchmark_describes_itself,
    tasks.facts_are_well_formed,
    form.passes_gymnasium_checker,
    form.observations_and_info_keep_their_form,
    form.context_rewritten_tells_the_truth,
    form.stepping_after_the_end_raises,
    determinism.same_seed_same_episode,
    determinism.a_named_task_gives_the_same_episode,
    determinism.different_seeds_different_tasks,
    determinism.reset_leaves_nothing_behind,
    determinism.snapshots_branch_an_episode,
    copies.copies_continue_the_episode,
    vector.vector_environments_agree,
    vector.async_vector_environments_agree,
    vector.pool_vector_environments_agree,
    actions.tool_formats_give_the_same_episode,
    actions.dialects_give_the_same_episode,
    rewards.reward_is_the_weighted_sum,
    rewards.the_turn_limit_pays_the_reward,
    rewards.cheats_are_not_paid,
    tasks.the_expert_solves_every_task,
    desk.desk_is_recorded_and_branches,
    learner.info_tells_who_said_what,
    learner.info_tells_what_is_shown_and_what_changed,
    learner.an_episode_starts_with_a_given_memory,
    learner.the_answer_need_not_be_offered,
    learner.idle_commands_change_nothing,
    learner.suggested_commands_hold_the_experts,
)


@dataclass(frozen=True)
class Result:
    """What came of one contract.

    Attributes:
        contract: Its name.
        passed: Whether the benchmark keeps it.
        message: What was wrong; empty if nothing was.
        seconds: How long it took.
    """

    contract: str
    passed: bool
    message: str
    seconds: float


@dataclass(frozen=True)
class Contract:
    """One promise of an environment.

    Attributes:
        name: Its name.
        description: What it promises, in one line.
        hold: Raises if an environment breaks it.
    """

    name: str
    description: str
    hold: Callable[[Make], None]

    def check(self, make: Maker) -> Result:
        """Hold a benchmark to the contract; whatever it raises is the message."""
        start = time.perf_counter()
        try:
            self.hold(make)
            message = ""
        except Exception as error:  # an engine of somebody else's may fail in any way
            message = _told(error)
        finally:
            make.close()
        return Result(self.name, not message, message, time.perf_counter() - start)


class Maker:
    """Makes environments of one benchmark and closes them.

    Args:
        benchmark: Name of a registered benchmark, or ``"module:Class"`` of a `TaskEngine`.
        **kwargs: Arguments of every environment.

    Raises:
        ConfigurationError: If the benchmark or an argument is not allowed.
        DataError: If the benchmark lacks data.
        MissingExtraError: If it lacks a package.
    """

    def __init__(self, benchmark: str, **kwargs: Any) -> None:
        self._registered = env_id(benchmark) in gym.registry
        if not self._registered:
            engine_class(benchmark)
        self._benchmark, self._kwargs = benchmark, kwargs
        self._made: list[gym.Env[Any, Any]] = []
        self()
        self.close()

    def __call__(self, **kwargs: Any) -> gym.Env[Any, Any]:
        """Return a new environment with further arguments."""
        arguments = {**self._kwargs, **kwargs}
        if self._registered:
            made = gym.make(env_id(self._benchmark), **arguments)
        else:
            made = AgeMemEnv(self._benchmark, **arguments)
        self._made.append(made)
        return made

    def __getstate__(self) -> dict[str, Any]:
        # Other processes make environments of their own.
        return {**self.__dict__, "_made": []}

    def close(self) -> None:
        """Close the environments made so far."""
        while self._made:
            self._made.pop().close()


def contracts(only: Sequence[str] = ()) -> list[Contract]:
    """Return the contracts.

    Args:
        only: Names of contracts; empty means all.

    Raises:
        ConfigurationError: If there is no contract with a name.
    """
    known = {hold.__name__: Contract(hold.__name__, (hold.__doc__ or "").strip(), hold) for hold in _CONTRACTS}
    for name in only:
        if name not in known:
            raise unknown_name("contract", name, known)
    return [known[name] for name in only or known]


def check(benchmark: str, *, only: Sequence[str] = (), **kwargs: Any) -> list[Result]:
    """Hold a benchmark to the contracts.

    Args:
        benchmark: Name of a registered benchmark, or ``"module:Class"`` of a `TaskEngine`.
        only: Names of contracts; empty means all.
        **kwargs: Arguments of the environments, for example ``source="generated"``.

    Returns:
        One result per contract, in order; a benchmark that is sound passes all of them.

    Raises:
        ConfigurationError: If the benchmark, a contract or an argument is not allowed.
        DataError: If the benchmark lacks data.
        MissingExtraError: If it lacks a package.
    """
    chosen = contracts(only)
    make = Maker(benchmark, **kwargs)
    return [contract.check(make) for contract in chosen]


def _told(error: Exception) -> str:
    """Return what a contract's exception says, with its place unless a contract was found broken."""
    text = " ".join(str(error).split()) or "no message"
    if isinstance(error, AssertionError):
        return text
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {text} ({place.filename}:{place.lineno}, in {place.name})"
