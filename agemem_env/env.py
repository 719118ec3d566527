"""`AgeMemEnv`: the Gymnasium environment of the suite.

This module orchestrates. It names no benchmark, no memory tool and no reward part: those live in the tables of
`agemem_env.engines`, `agemem_env.tools` and `agemem_env.rewards`.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from functools import partial
from typing import Any

import gymnasium as gym
from gymnasium.error import ResetNeeded

from agemem_env.actions.blank import blank_command
from agemem_env.actions.names import with_names_meant
from agemem_env.actions.parsing import Reading, read
from agemem_env.config import EnvConfig, check_snapshot, describe, split_options
from agemem_env.context import prompts
from agemem_env.context.context import Context
from agemem_env.context.messages import Message
from agemem_env.context.transcript import Transcript
from agemem_env.engines import TaskSet, engine_class
from agemem_env.episode.delivery import Delivery
from agemem_env.episode.desk import MemoryDesk, Services
from agemem_env.episode.info import InfoWriter, admissible
from agemem_env.episode.ledger import Ledger
from agemem_env.episode.one_thread import OneThread, one_at_a_time
from agemem_env.episode.stages import schedule
from agemem_env.episode.state import Episode, Snapshot
from agemem_env.episode.streams import engine_task, streams_of
from agemem_env.episode.view import EpisodeView
from agemem_env.errors import ConfigurationError, unknown_name
from agemem_env.memory.store import LongTermMemory
from agemem_env.rewards import Scores, make_profile, measure
from agemem_env.services.costs import charged_to
from agemem_env.services.encoders import ChargedEncoder, make_encoder
from agemem_env.services.guarded_judge import GuardedJudge
from agemem_env.services.judges import make_judge
from agemem_env.services.summarizers import make_summarizer
from agemem_env.services.tokens import make_token_counter
from agemem_env.spaces import Count, MessageSpace, ToolCallSpace
from agemem_env.text.numbers import from_numpy
from agemem_env.tools import ToolBox, ToolResult, ToolState
from agemem_env.tools.turns import TurnWriter, play
from agemem_env.types import Task, ToolCall

Observation = dict[str, Any]

RESET_OPTIONS = ("task", "memory")
"""What `AgeMemEnv.reset` takes as ``options``."""


class AgeMemEnv(gym.Env[Observation, Any]):
    """A text benchmark whose actions include six memory tools and whose episodes have three stages.

    ## Description

    In stage 1 somebody tells facts, one message per turn; the task is not known yet. Then the context is cleared,
    and stage 2 brings related but useless messages. Stage 3 brings the task, which needs some of the facts. The
    agent keeps what matters with `Add_memory`, `Update_memory` and `Delete_memory` on a long-term store, and uses
    `Retrieve_memory`, `Summary_context` and `Filter_context` on its context.

    ## Action Space

    `ToolCallSpace`. A call ``{"name": ..., "arguments": {...}}``, a list of calls, an OpenAI message with
    `tool_calls`, model text in the paper's format (``<think>``, ``<tool_call>``, ``<answer>``), Hermes style or another
    dialect (`agemem_env.actions.dialects`), or plain text: a command in stage 3 of a benchmark with commands, a reply
    without effect elsewhere. Any object is taken: what cannot be understood is answered with a text that says what to
    do and counted in ``info["errors"]``. ``action_space.tools()`` returns the function schemas.

    ## Observation Space

    `Dict` of:

    | key | space | meaning |
    |---|---|---|
    | `messages` | `MessageSpace` | the prompt, ready for a chat API; one system message first |
    | `stage` | `Discrete(3, start=1)` | 1, 2 or 3 |
    | `round` | `Count` | turns taken, from 0 |
    | `tokens` | `Count` | size of the prompt with the tool schemas, in tokens of the token counter |
    | `memory_size` | `Count` | entries in long-term memory |

    Observations should not be changed; what is changed in one is seen neither by the environment nor in others.

    ## Rewards

    ``R = w_task·R_task + w_context·R_context + w_memory·R_memory + P`` (Eq. 7), paid when the episode ends, truncated
    or not; with ``dense=True`` each step pays the change of the running score, so that the sum over the episode is
    the same number. Parts and profiles are defined in `agemem_env.rewards.profiles`.

    ## Starting State

    `reset` draws a task of the split, or takes ``options={"task": <id or index>}``. The context holds the system
    message and the first message; long-term memory is empty unless ``memory`` says otherwise. Equal seed and task
    give an equal episode, bit for bit.

    ## Episode End

    Termination: the engine ends the task, or the agent answers in stage 3. Truncation: `max_rounds` turns were taken
    in stage 3, or `finish` was called. The environment owns its limit; it is registered without `TimeLimit`.

    ## Information

    A fresh dict at each step with JSON values only. A key has one type over the whole episode, or is absent until it
    applies, so that vector environments can merge the dicts of episodes that end at different times:

    | key | meaning |
    |---|---|
    | `stage` | as observed |
    | `source` | `official` or `generated` |
    | `task_id` | id of the task, which may name its type: absent before stage 3, in which the query comes |
    | `success` | whether the task is solved |
    | `progress` | best progress so far, in [0, 1] |
    | `reward_components` | `task`, `context`, `memory`, `penalty` and their parts; None: not scored (yet) |
    | `tool_calls` | calls by tool, 0 for those not called |
    | `errors` | the agent's mistakes by kind |
    | `tokens` | as observed |
    | `token_counter` | name of the counter, which tells an estimate from an exact count |
    | `judge` | name of the judge, which J and MQ depend on |
    | `overflow` | whether the context ever exceeded its budget |
    | `admissible_commands` | commands allowed now; absent where the engine does not list them |
    | `origins` | by message, its parts as (origin, characters): see `agemem_env.context.origins` |
    | `shown_memories` | the memories in the prompt, each as shown last: `id`, `score` (or None), `content` |
    | `last_effect` | what each call of the last turn changed: `tool`, `kind`, `memories`, `messages`, `tokens` |
    | `candidate_commands` | where too many are allowed: commands about what was mentioned; else absent |
    | `idle_commands` | those of them that cost a turn and change nothing; absent together with them |
    | `context_rewritten` | whether `messages` is not those last acted on, the agent's message as sent, and new ones |
    | `state_hash` | equal exactly for equal states |
    | `engine_error` | why the simulator or its process was lost, and the episode with it; absent if it was not |
    | `metrics` | at the end: SR, PR, J, MQ, TN, TN/turn, TC, MC, MT, MO, MF and the benchmark's own; absent before |

    ## Arguments

    ``benchmark`` is a name in `agemem_env.engines.ENGINES` (set by the registered id). All others are the fields of
    `agemem_env.config.EnvConfig` and the benchmark's own options. ``render_mode="ansi"`` makes `render` return the
    prompt as text.

    ## References

    Yu et al., "Agentic Memory: Learning Unified Long-Term and Short-Term Memory Management for Large Language Model
    Agents", arXiv 2601.01885.

    ## Version History

    * v0: initial version.

    Example:
        >>> import gymnasium, agemem_env
        >>> env = gymnasium.make("AgeMem-HotpotQA-v0", source="generated")
        >>> observation, info = env.reset(seed=7)
        >>> observation["stage"], observation["messages"][0]["role"]
        (1, 'system')
        >>> action = {"name": "Add_memory", "arguments": {"content": "the mug is in cabinet 3"}}
        >>> observation, reward, terminated, truncated, info = env.step(action)
        >>> info["tool_calls"]["Add_memory"], observation["memory_size"]
        (1, 1)
    """

    metadata: dict[str, Any] = {"render_modes": ["ansi"], "render_fps": 4}  # noqa: RUF012 - Gymnasium's own declaration

    def __init__(self, benchmark: str, *, render_mode: str | None = None, **options: Any) -> None:
        if render_mode not in (None, "ansi"):
            raise unknown_name("render_mode", render_mode, ["ansi"])
        engine = engine_class(benchmark)
        self._arguments: dict[str, Any] = {"benchmark": benchmark, "render_mode": render_mode, **options}
        options["split"] = engine.resolve_split(options.get("split", EnvConfig.split))
        self.config, engine_options = split_options(options, engine.options)
        config = self.config
        self.render_mode = render_mode
        self._engine = engine(split=config.split, source=config.source, protocol=config.protocol, **engine_options)
        tasks = self._engine.tasks
        self._tasks = streams_of(tasks) if config.streams else tasks
        self._encoder = make_encoder(config.encoder)
        self._counter = make_token_counter(config.token_counter)
        self._summarizer = make_summarizer(config.summarizer, self._counter)
        self._judge = make_judge(config.judge)
        self._profile = make_profile(config.reward)
        self._no_scores = Scores.unscored(self._profile)
        if not (config.offer_answer or engine.has_commands):
            raise ConfigurationError(f"offer_answer=False is not allowed: {benchmark} is solved by answering")
        self._tools = ToolBox(config.tools, commands=engine.has_commands, answer=config.offer_answer)
        self._start = self._first_memory()
        self._setting = describe(
            benchmark, config, engine_options, (self._encoder, self._counter, self._summarizer, self._judge)
        )
        self._system = prompts.SystemMessage.of(
            self._engine.instructions, config.stages, self._tools.schemas(), self._tools.advice()
        )
        self._delivery = Delivery(
            self._system.canonical,
            config.top_k,
            self._encoder.default_threshold,
            tells_turns=config.protocol == "agemem",
        )
        self._transcript = Transcript(config.tool_format, self._system)
        self._info_writer = InfoWriter(
            self._engine, self._transcript, self._tools.names, self._counter.name, self._judge.name
        )
        self._writer = TurnWriter(config.tool_format, config.history, config.keep_think)
        self._episode: Episode | None = None
        self._open = True
        self.alone = OneThread()
        self.action_space = ToolCallSpace(
            config.tools,
            commands=engine.has_commands,
            answer=config.offer_answer,
            admissible=self.admissible_commands,
        )
        self.observation_space = gym.spaces.Dict(
            {
                "messages": MessageSpace(),
                "stage": gym.spaces.Discrete(3, start=1),
                "round": Count(),
                "tokens": Count(),
                "memory_size": Count(),
            }
        )

    @property
    def tasks(self) -> TaskSet:
        """The tasks of the split, or of its streams, as a sequence."""
        return self._tasks

    @property
    def task(self) -> Task:
        """The task being played, expected answer included. For experts and analysis, not for agents."""
        return self._current().task

    @property
    def memory(self) -> LongTermMemory:
        """The episode's long-term memory. For analysis; agents change it with tools."""
        return self._current().memory

    @property
    def ledger(self) -> Ledger:
        """What was done in the episode. For experts and analysis."""
        return self._current().ledger

    @property
    def context(self) -> Context:
        """The episode's context, which is not to be changed. For analysis."""
        return self._current().context

    @property
    def view(self) -> EpisodeView:
        """What rewards and metrics may look at now. For analysis."""
        return self._view(self._current())

    @property
    def memory_tools(self) -> tuple[str, ...]:
        """Names of the memory tools that are offered, in order."""
        return self._tools.memory_names

    @property
    def over(self) -> bool:
        """Whether the episode has ended."""
        return self._current().over

    @property
    def engine(self) -> Any:
        """The engine. For experts and analysis."""
        return self._engine

    def admissible_commands(self) -> Sequence[str]:
        """Return the commands that are allowed now; none outside stage 3 or if the benchmark has none."""
        return admissible(self._engine, self._episode)

    @one_at_a_time
    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Observation, dict[str, Any]]:
        """Start an episode.

        Args:
            seed: Seeds the environment's generator, which draws the task, the memory ids and the engine's seed.
            options: ``{"task": <id or index>}`` selects a task; ``{"memory": <LongTermMemory>}`` lets this episode
                start with a copy of a store, whatever the argument ``memory`` says.

        Raises:
            ConfigurationError: If an option or the task is unknown, or system message and query alone exceed
                ``max_tokens``.
        """
        super().reset(seed=from_numpy(seed))
        options = options or {}
        for name in options:
            if name not in RESET_OPTIONS:
                raise unknown_name("reset option", name, RESET_OPTIONS)
        given = self._given_memory(options["memory"]) if "memory" in options else None
        # Drawn in any case, so that naming the task that a seed draws gives the same episode.
        drawn = int(self.np_random.integers(len(self.tasks)))
        task = self.tasks.get(options.get("task", drawn))
        config = self.config
        engine_rng = self.np_random.spawn(1)[0]
        opening = self._engine.reset(engine_task(task), engine_rng, briefed=1 in config.stages)
        self._open = True
        memory = self._start.copy()
        if config.memory == "lifetime" and self._episode is not None:
            memory = self._episode.memory
        if given is not None:
            memory = given.copy()
        self._episode = Episode(
            task=task,
            plan=schedule(task, config.stages, config.facts_per_turn),
            opening=opening,
            max_rounds=config.max_rounds or task.max_rounds or self._engine.max_rounds,
            context=Context(config.max_tokens, self._counter, gap=Message("notice", prompts.GAP)),
            memory=memory,
            ledger=Ledger(),
        )
        self._delivery.open(self._episode)
        self._delivery.next(self._episode)
        self._episode.context.mark()
        return self._unscored()

    @one_at_a_time
    def step(self, action: Any) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Take one turn of the agent.

        Raises:
            ResetNeeded: If the episode is over or was never started.
        """
        episode = self._current()
        if episode.over:
            raise ResetNeeded("the episode is over: call reset() before step()")
        episode.round += 1
        episode.task_rounds += episode.stage == 3
        episode.ledger.prompt_tokens.append(episode.context.tokens)
        episode.context.mark()
        commands = episode.stage == 3 and self._engine.has_commands
        reading = read(action, commands=commands, tools=self._tools.names)
        turn = with_names_meant(reading.turn, self._tools.names)
        if episode.stage == 3 and self._engine.takes_blank:
            turn = blank_command(turn)
        with charged_to(episode.charge):
            message, results = self._play(episode, Reading(turn, reading.sent), action)
            self._advance(episode, results)
            episode.mended = episode.mended or not episode.context.follows_mark(message)
            return self._outcome(episode)

    @one_at_a_time
    def finish(self) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """End the episode as it stands, as truncated, and score it; for rollouts that stop early.

        Returns:
            What `step` returns, with all metrics.

        Raises:
            ResetNeeded: If the episode is over or was never started.
        """
        episode = self._current()
        if episode.over:
            raise ResetNeeded("the episode is over: call reset() before finish()")
        episode.truncated = True
        with charged_to(episode.charge):
            return self._outcome(episode)

    def snapshot(self) -> Snapshot:
        """Return the full state of the episode; `restore` brings it back, any number of times."""
        rng = self.np_random.bit_generator.state
        return Snapshot(self._current().copy(), self._engine.snapshot(), rng, self._setting)

    @one_at_a_time
    def restore(self, snapshot: Snapshot) -> tuple[Observation, dict[str, Any]]:
        """Return to a snapshot of this environment, or of one with the same arguments; return its observation and info.

        Raises:
            ConfigurationError: If it is a snapshot of something else; the episode in progress goes on then.
        """
        check_snapshot(snapshot, self._setting, self.tasks)
        self._engine.restore(snapshot.engine)
        self._episode = snapshot.episode.copy()
        self._open = True
        self.np_random.bit_generator.state = snapshot.rng
        return self._unscored()

    def desk(self) -> MemoryDesk:
        """Return what a memory system may do before the agent's next turn. It is no action: agents cannot reach it.

        Raises:
            ResetNeeded: If the episode is over or was never started.
        """
        episode = self._current()
        if episode.over:
            raise ResetNeeded("the episode is over: call reset() before desk()")
        encoder = ChargedEncoder(self._encoder, episode.charge)
        services = Services(self.np_random, encoder, self._counter, self.config.top_k)
        return MemoryDesk(episode, services, self._current, self._unscored)

    def render(self) -> str | None:
        """Return the prompt as text if ``render_mode="ansi"``."""
        if self.render_mode is None:
            return None
        return "\n\n".join(f"[{m.role}: {m.origin}] {m.full_text}" for m in self._current().context.messages())

    def close(self) -> None:
        """Close the engine; `reset` opens it again."""
        self._open = False
        self._engine.close()

    def __getstate__(self) -> dict[str, Any]:
        """Return how a copy is made: the arguments, the episode, and the generators of environment and actions.

        The copy has an engine of its own; whatever that needs, such as a simulator, it starts when it needs it. The
        copy of a closed environment has no episode.
        """
        return {
            "arguments": {**self._arguments, "source": self._engine.source},
            "spec": self.spec,
            "snapshot": self.snapshot() if self._open and self._episode is not None else None,
            "generator": (self._np_random, self._np_random_seed),
            "actions": self.action_space.np_random.bit_generator.state,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        AgeMemEnv.__init__(self, **state["arguments"])
        self.spec = state["spec"]
        self._np_random, self._np_random_seed = state["generator"]
        self.action_space.np_random.bit_generator.state = state["actions"]
        if state["snapshot"] is not None:
            self.restore(state["snapshot"])

    def __deepcopy__(self, memo: dict[int, Any]) -> AgeMemEnv:
        # Services and tasks, which episodes do not change, are shared.
        state = self.__getstate__()
        twin = memo[id(self)] = type(self).__new__(type(self))
        twin.__setstate__({**state, "spec": deepcopy(state["spec"]), "generator": deepcopy(state["generator"])})
        return twin

    def _first_memory(self) -> LongTermMemory:
        """Return the store of which each episode starts with a copy."""
        given = self.config.memory
        return self._given_memory(given) if isinstance(given, LongTermMemory) else LongTermMemory(self._encoder)

    def _given_memory(self, given: object) -> LongTermMemory:
        """Return a store that was given, if an episode may start with it."""
        if not isinstance(given, LongTermMemory):
            raise ConfigurationError(f"memory={given!r:.80} is not allowed here; use a LongTermMemory")
        if given.encoder_name != self._encoder.name:
            raise ConfigurationError(
                f"memory is a store of encoder {given.encoder_name!r}, expected {self._encoder.name!r}: "
                f"pass encoder={given.encoder_name!r}"
            )
        return given

    def _current(self) -> Episode:
        if self._episode is None:
            raise ResetNeeded("there is no episode: call reset() first")
        return self._episode

    def _play(self, episode: Episode, reading: Reading, action: Any) -> tuple[Message, list[ToolResult]]:
        """Execute the calls of a turn and append it to the context; return the agent's message and the results."""
        turn = reading.turn
        played = play(turn, lambda call: self._run(episode, call), in_task=episode.stage == 3)
        for violation in played.violations:
            episode.ledger.count_error(violation)
        written = self._writer.write(reading, action, played, episode.call_ids, self._reminder(episode))
        episode.mended = not written.verbatim
        episode.append(*written.messages, join=not turn.calls and not episode.context.answered)
        return written.messages[0], played.results

    def _reminder(self, episode: Episode) -> str:
        """Return how many turns are left, if that is to be shown."""
        left = episode.max_rounds - episode.task_rounds
        shown = self.config.show_turns_left and episode.stage == 3 and left
        return prompts.TURNS_LEFT.format(turns=left) if shown else ""

    def _run(self, episode: Episode, call: ToolCall) -> ToolResult:
        """Execute one call and record it."""
        state = ToolState(
            memory=episode.memory,
            context=episode.context,
            engine=self._engine,
            encoder=self._encoder,
            summarizer=self._summarizer,
            rng=self.np_random,
            step=episode.round,
            stage=episode.stage,
            top_k=self.config.top_k,
            threshold=self._threshold(),
        )
        before = episode.context.tokens
        result = self._tools.run(call, state)
        if call.name in self._tools.names:
            episode.record(result.effect, before, call.name, call.arguments, actor="agent")
        if result.answer is not None:
            episode.ledger.answer = result.answer
        return result

    def _threshold(self) -> float:
        chosen = self.config.filter_threshold
        return self._encoder.default_threshold if chosen is None else chosen

    def _advance(self, episode: Episode, results: Sequence[ToolResult]) -> None:
        """Go on to the next message of stages 1 and 2, or decide whether stage 3 has ended."""
        if episode.stage != 3:
            if self.config.answer_ends_stage and any(r.effect.kind == "answer" for r in results):
                episode.skip_stage()
            self._delivery.next(episode)
            return
        for result in results:
            if result.outcome is not None:
                episode.progress = max(episode.progress, float(result.outcome.progress))
                episode.success = bool(result.outcome.success)
                episode.terminated = bool(result.outcome.done)
                episode.engine_error = result.outcome.error
        episode.truncated = not episode.terminated and episode.task_rounds >= episode.max_rounds

    def _score(self, episode: Episode) -> tuple[Scores, float, dict[str, Any] | None]:
        """Return the scores to show, the reward of this step, and at the end the metrics."""
        if not (episode.over or self.config.dense):
            return self._no_scores, 0.0, None
        judge = GuardedJudge(self._judge, partial(episode.fault, "judge"))
        scores = self._profile.score(self._view(episode), judge, self.config.weights)
        reward = scores.total - episode.score
        if self.config.dense:
            episode.score = scores.total
        metrics = measure(self._view(episode), judge, self._engine.metrics) if episode.over else None
        return scores, reward, metrics

    def _outcome(self, episode: Episode) -> tuple[Observation, float, bool, bool, dict[str, Any]]:
        """Return what a step returns."""
        scores, reward, metrics = self._score(episode)
        return self._observe(), reward, episode.terminated, episode.truncated, self._info(scores, metrics)

    def _view(self, episode: Episode) -> EpisodeView:
        return episode.view(self.config.stages, self._tools.memory_names, self.config.facts_per_turn)

    def _unscored(self) -> tuple[Observation, dict[str, Any]]:
        """Return observation and info of a state that no action has led to."""
        return self._observe(), self._info(self._no_scores, None)

    def _observe(self) -> Observation:
        episode = self._current()
        return {
            "messages": self._transcript.messages(episode.context),
            "stage": episode.stage,
            "round": episode.round,
            "tokens": episode.context.tokens,
            "memory_size": len(episode.memory),
        }

    def _info(self, scores: Scores, metrics: dict[str, Any] | None) -> dict[str, Any]:
        return self._info_writer.write(self._current(), scores.components, metrics)
